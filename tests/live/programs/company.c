/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of three threads with a child that lives and one that is dead and not waited for. At
 * SIGUSR1 the first thread calls umask and wakes another, which calls getppid and wakes the child,
 * which calls getsid and writes "done".
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static sigset_t first, second;
static pid_t child, self, woken;

static int wait_for(const sigset_t *set)
{
	int number;

	return sigwait(set, &number);
}

static void *wake_child(void *unused)
{
	woken = gettid();
	while (wait_for(&second) == 0) {
		syscall(SYS_getppid);
		kill(child, SIGUSR1);
	}
	return unused;
}

static void *idle(void *unused)
{
	pause();
	return unused;
}

static void be_child(void)
{
	while (wait_for(&first) == 0) {
		syscall(SYS_getsid, 0);
		if (write(STDOUT_FILENO, "done\n", 5) < 0)
			return;
	}
}

int main(void)
{
	pthread_t threads[2];

	self = getpid();
	sigemptyset(&first);
	sigaddset(&first, SIGUSR1);
	sigemptyset(&second);
	sigaddset(&second, SIGUSR2);
	sigprocmask(SIG_BLOCK, &first, NULL);
	sigprocmask(SIG_BLOCK, &second, NULL);
	if (fork() == 0)
		_exit(0);
	child = fork();
	if (child == 0) {
		be_child();
		_exit(1);
	}
	if (pthread_create(&threads[0], NULL, wake_child, NULL) != 0 ||
	    pthread_create(&threads[1], NULL, idle, NULL) != 0)
		return 1;
	while (!*(volatile pid_t *)&woken)
		usleep(1000);
	puts("ready");
	fflush(stdout);
	while (wait_for(&first) == 0) {
		syscall(SYS_umask, 022);
		syscall(SYS_tgkill, self, woken, SIGUSR2);
	}
	return 1;
}
