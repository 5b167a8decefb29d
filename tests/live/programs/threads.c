/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that each make a call of their own, and one that execs: the leader's number, its stack.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 32

static const long calls[] = { SYS_getuid,  SYS_getgid,	SYS_geteuid,	 SYS_getegid,
			      SYS_getppid, SYS_getpgrp, SYS_sched_yield, SYS_times };

static void *work(void *number)
{
	syscall(calls[(long)number % 8]);
	return NULL;
}

static void *change(void *program)
{
	execl("/proc/self/exe", program, "last", NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	if (argc > 1 && strcmp(argv[1], "last") == 0)
		return syscall(SYS_getsid, 0) < 0;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (long i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_create(&threads[0], NULL, change, argv[0]);
	pause();
	return 1;
}
