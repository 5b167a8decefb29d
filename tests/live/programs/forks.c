/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fork storm: `forks DEPTH WIDTH` makes a tree of processes, all at once. Each leaf makes one
 * call that no other process makes, by turns.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const long calls[] = { SYS_getuid,  SYS_getgid,	    SYS_geteuid, SYS_getegid, SYS_getppid,
			      SYS_getpgrp, SYS_sched_yield, SYS_times,	 SYS_getsid,  SYS_alarm };

static void grow(int depth, int width, long *path)
{
	if (depth == 0) {
		syscall(calls[*path % 10], 0);
		_exit(0);
	}
	for (int i = 0; i < width; i++) {
		long here = *path * width + i;

		if (fork() == 0)
			grow(depth - 1, width, &here);
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	long path = 0;

	grow(argc > 1 ? atoi(argv[1]) : 2, argc > 2 ? atoi(argv[2]) : 4, &path);
}
