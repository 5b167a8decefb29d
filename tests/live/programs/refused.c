/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refused WHAT: one way to meet a filter that refuses getpgrp, and more that the test says. Exits 0
 * when the program was told what a filter tells, 1 else. Only getpgrp, getppid and what WHAT needs.
 */
#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

static volatile sig_atomic_t caught;

static void catch (int number)
{
	(void)number;
	caught++;
}

static void handle(int number, int flags)
{
	struct sigaction action = { .sa_handler = catch, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

static int is_refused(void)
{
	return syscall(SYS_getpgrp) == -1 && errno == EPERM;
}

static void *in_thread(void *result)
{
	*(int *)result = is_refused();
	return NULL;
}

static int thread(void)
{
	int results[8] = { 0 }, good = 1;
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, in_thread, &results[i]);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		good &= results[i];
	}
	return good;
}

static int status_of(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, __WALL) < 0 && errno == EINTR)
		;
	return status;
}

static int in_child(int how)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t child = how == SYS_clone3	 ? (pid_t)syscall(SYS_clone3, &args, sizeof(args))
		      : how == SYS_clone ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
					 : (pid_t)syscall(how);

	if (child == 0)
		_exit(!is_refused());
	return status_of(child) == 0;
}

/* The children make no call but exit: their first return alone is looked at. */
static int born(void)
{
	static const int ways[] = { SYS_fork, SYS_clone, SYS_clone3 };
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t child;

	for (int i = 0; i < 3; i++) {
		child = ways[i] == SYS_clone3  ? (pid_t)syscall(SYS_clone3, &args, sizeof(args))
			: ways[i] == SYS_clone ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
					       : (pid_t)syscall(SYS_fork);
		if (child == 0)
			_exit(0);
		if (status_of(child) != 0)
			return 0;
	}
	child = vfork();
	if (child == 0)
		_exit(0);
	return status_of(child) == 0;
}

static int signals(void)
{
	handle(SIGUSR1, 0);
	for (int i = 0; i < 5; i++)
		raise(SIGUSR1);
	return caught == 5;
}

/* A child that waits is stopped and goes on: the kernel restarts what it was in. */
static int restart(void)
{
	struct timespec wait = { .tv_nsec = 400000000 }, step = { .tv_nsec = 100000000 };
	pid_t child = fork();

	if (child == 0)
		_exit(nanosleep(&wait, NULL) != 0 || poll(NULL, 0, 300) != 0);
	for (int i = 0; i < 4; i++) {
		nanosleep(&step, NULL);
		kill(child, SIGSTOP);
		kill(child, SIGCONT);
	}
	return status_of(child) == 0;
}

/* restart_syscall itself is refused: then nanosleep ends with that. */
static int norestart(void)
{
	struct timespec wait = { .tv_sec = 5 }, step = { .tv_nsec = 100000000 };
	pid_t child = fork();

	if (child == 0)
		_exit(nanosleep(&wait, NULL) == 0 || errno != EPERM);
	nanosleep(&step, NULL);
	kill(child, SIGSTOP);
	nanosleep(&step, NULL);
	kill(child, SIGCONT);
	return status_of(child) == 0;
}

static int sarestart(void)
{
	struct timespec step = { .tv_nsec = 100000000 };
	int ends[2];
	pid_t child;
	char byte;

	if (pipe(ends) < 0)
		return 0;
	child = fork();
	if (child == 0) {
		handle(SIGUSR1, SA_RESTART);
		_exit(read(ends[0], &byte, 1) != 1 || !caught);
	}
	nanosleep(&step, NULL);
	kill(child, SIGUSR1);
	nanosleep(&step, NULL);
	return write(ends[1], "x", 1) == 1 && status_of(child) == 0;
}

static int trap(void)
{
	handle(SIGSYS, 0);
	syscall(SYS_getpgrp);
	return caught == 1;
}

static void *only_call(void *unused)
{
	syscall(SYS_getpgrp);
	return unused;
}

/* The thread dies, and the process goes on. */
static int killed_thread(void)
{
	struct timespec step = { .tv_nsec = 300000000 };
	pthread_t thread;

	pthread_create(&thread, NULL, only_call, NULL);
	nanosleep(&step, NULL);
	return 1;
}

static int killed(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		syscall(SYS_getpgrp);
		_exit(0);
	}
	status = status_of(child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static pid_t traced(long call)
{
	pid_t child = fork();

	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(syscall(call) != 4242);
	}
	status_of(child);
	return child;
}

/* Steps to the child's next stop, calls' own or not. */
static int to_stop(pid_t child, int request)
{
	ptrace(request, child, 0, 0);
	return WIFSTOPPED(status_of(child));
}

static void answer(pid_t child, long number)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, child, 0, &regs);
	regs.orig_rax = (unsigned long)number;
	regs.rax = 4242;
	ptrace(PTRACE_SETREGS, child, 0, &regs);
}

/* The tracer answers getppid in the kernel's place. */
static int sysemu(void)
{
	pid_t child = traced(SYS_getppid);

	if (!to_stop(child, PTRACE_SYSEMU))
		return 0;
	answer(child, SYS_getppid);
	if (!to_stop(child, PTRACE_SYSEMU))
		return 0;
	ptrace(PTRACE_KILL, child, 0, 0);
	kill(child, SIGKILL);
	status_of(child);
	return 1;
}

/* The tracer takes getppid's number away at the entry. */
static int skip(void)
{
	pid_t child = traced(SYS_getppid);

	if (!to_stop(child, PTRACE_SYSCALL))
		return 0;
	answer(child, -1);
	if (!to_stop(child, PTRACE_SYSCALL))
		return 0;
	answer(child, -1);
	ptrace(PTRACE_CONT, child, 0, 0);
	return status_of(child) == 0;
}

/* Killed while the tracer holds it at the entry of getppid. */
static int held(void)
{
	pid_t child = traced(SYS_getppid);

	if (!to_stop(child, PTRACE_SYSCALL))
		return 0;
	kill(child, SIGKILL);
	return WIFSIGNALED(status_of(child));
}

/* A second filter, of its own: refuses getppid. */
static int second(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return 0;
	return syscall(SYS_getppid) == -1 && errno == EACCES && is_refused();
}

static char selector;

static void back(int number)
{
	selector = 0;
	catch (number);
}

/* Calls that the program itself catches, ahead of any filter (as Wine does). */
static int dispatch(void)
{
	struct sigaction action = { .sa_handler = back };

	sigaction(SIGSYS, &action, NULL);
	if (prctl(59 /* PR_SET_SYSCALL_USER_DISPATCH */, 1, 0, 0, &selector))
		return 0;
	selector = 1;
	syscall(SYS_getppid);
	return caught == 1;
}

static int forked(void)
{
	return in_child(SYS_fork) && in_child(SYS_clone) && in_child(SYS_clone3);
}

static const struct {
	const char *name;
	int (*run)(void);
} ways[] = {
	{ "thread", thread },	    { "forked", forked },   { "born", born },
	{ "signals", signals },	    { "restart", restart }, { "norestart", norestart },
	{ "sarestart", sarestart }, { "trap", trap },	    { "killed-thread", killed_thread },
	{ "killed", killed },	    { "sysemu", sysemu },   { "skip", skip },
	{ "held", held },	    { "second", second },   { "dispatch", dispatch },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[1], ways[i].name) == 0)
			return !ways[i].run();
	return 2;
}
