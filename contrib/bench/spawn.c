/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn COUNT[:STATUS] PROGRAM [ARG...]: milliseconds from spawn to exit, the median over COUNT,
 * and the most memory that one of them had resident, in KiB. Each has to end with that status (0).
 * Input is the caller's.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>

extern char **environ;

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	char *rest = NULL;
	int count = argc > 2 ? (int)strtol(argv[1], &rest, 10) : 0;
	int expected = rest && *rest == ':' ? (int)strtol(rest + 1, NULL, 10) : 0;
	double *took = count > 0 ? calloc((size_t)count, sizeof(*took)) : NULL;
	posix_spawn_file_actions_t quiet;
	struct rusage usage;
	long memory = 0;
	pid_t child;
	int status;

	if (!took || posix_spawn_file_actions_init(&quiet) ||
	    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0) ||
	    posix_spawn_file_actions_adddup2(&quiet, 1, 2))
		return 2;
	for (int i = 0; i < count; i++) {
		double start = now();

		if (posix_spawnp(&child, argv[2], &quiet, NULL, argv + 2, environ) ||
		    wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != expected) {
			fprintf(stderr, "spawn: %s failed\n", argv[2]);
			return 1;
		}
		took[i] = now() - start;
		if (usage.ru_maxrss > memory)
			memory = usage.ru_maxrss;
	}
	qsort(took, (size_t)count, sizeof(*took), compare);
	printf("%.3f %ld\n", took[count / 2], memory);
	free(took);
	return 0;
}
