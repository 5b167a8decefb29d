/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime as small as can be, for what real ones do not do:
 *
 *	starter HOW HOOK-PROGRAM HOOK-ARGUMENT... -- PROGRAM ARGUMENT...
 *
 * Forks the container's first process, in a mount namespace of its own, calls the hook with its
 * state, and lets it exec PROGRAM, HOW being
 *
 *	leader    as runtimes do
 *	thread    from a thread that was there when the hook was called
 *	later     from a thread that was made afterwards
 *	unseen    from one that hides from tracers (CLONE_UNTRACED), made afterwards
 *	forked    from a child, whose parent ends: not the container's first process
 *	hooks     the process runs /bin/true as a child first, as startContainer hooks are run
 *
 * Exits as the process did, 128 and the signal's number where one killed it; 125 where the hook
 * refused. With KILL=US in the environment, the tracer of the process (TracerPid) is killed by
 * SIGKILL so many microseconds after the process was let go, or, KILL=hook, before that.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **program;
static int go[2], ready[2];

static void run(void)
{
	execv(program[0], program);
	_exit(126);
}

/* By then its namespace is there, and its threads. */
static void await_go(void)
{
	char byte;

	if (write(ready[1], "!", 1) != 1 || read(go[0], &byte, 1) != 1)
		_exit(124);
}

static void *on_thread(void *early)
{
	if (early)
		await_go();
	run();
	return NULL;
}

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

static void make_thread(void *early)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, on_thread, early) != 0)
		_exit(123);
}

static int unseen(void *unused)
{
	(void)unused;
	syscall(SYS_execve, program[0], program, NULL);
	syscall(SYS_exit_group, 126);
	return 0;
}

static void make_unseen(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	clone(unseen, stack + sizeof(stack),
	      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_UNTRACED,
	      NULL);
}

static void run_child(char *path)
{
	char *argv[] = { path, NULL };
	int status;
	pid_t child = fork();

	if (child == 0) {
		execv(path, argv);
		_exit(126);
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		_exit(122);
}

static void first(const char *how)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(121);
	if (strcmp(how, "thread") == 0) {
		make_thread(program);
		sleep_for_ever();
	}
	await_go();
	if (strcmp(how, "later") == 0) {
		make_thread(NULL);
		sleep_for_ever();
	} else if (strcmp(how, "unseen") == 0) {
		make_unseen();
		sleep_for_ever();
	} else if (strcmp(how, "forked") == 0) {
		if (fork() == 0)
			run();
		_exit(0);
	} else if (strcmp(how, "hooks") == 0) {
		run_child((char *)"/bin/true");
	}
	run();
}

/* The hook's exit status, 255 where it was killed. */
static int call_hook(char **argv, pid_t pid)
{
	char state[256];
	int in[2], status, len;
	pid_t hook;

	len = snprintf(state, sizeof(state),
		       "{\"ociVersion\":\"1.0.2\",\"id\":\"starter\",\"status\":\"created\","
		       "\"pid\":%d,\"annotations\":{}}",
		       pid);
	if (pipe(in) < 0 || write(in[1], state, (size_t)len) != len)
		return 255;
	hook = fork();
	if (hook == 0) {
		dup2(in[0], 0);
		close(in[0]);
		close(in[1]);
		execv(argv[0], argv);
		_exit(126);
	}
	close(in[0]);
	close(in[1]);
	waitpid(hook, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static pid_t tracer_of(pid_t pid)
{
	char path[32], line[128];
	pid_t tracer = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (file)
		fclose(file);
	return tracer;
}

static int let_go(pid_t pid)
{
	const char *when = getenv("KILL");
	pid_t tracer = when ? tracer_of(pid) : 0;
	int status;

	if (tracer && strcmp(when, "hook") == 0)
		kill(tracer, SIGKILL);
	(void)!write(go[1], "!", 1);
	if (tracer && strcmp(when, "hook") != 0) {
		usleep((useconds_t)atoi(when));
		kill(tracer, SIGKILL);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int end = 2;
	char byte;
	pid_t pid;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc || pipe(go) < 0 || pipe(ready) < 0)
		return 120;
	program = argv + end + 1;
	argv[end] = NULL;
	pid = fork();
	if (pid == 0) {
		close(ready[0]);
		first(argv[1]);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 || call_hook(argv + 2, pid) != 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return 125;
	}
	return let_go(pid);
}
