/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop COUNT [SECONDS]: nanoseconds that a getppid takes, COUNT times; then sleeps. The fastest of
 * thirty parts, since whatever else runs beside can only add.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PARTS 30

static double part(long count)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) /
	       (double)count;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) / PARTS : 0;
	double best = 0;

	for (int i = 0; count > 0 && i < PARTS; i++) {
		double took = part(count);

		if (i == 0 || took < best)
			best = took;
	}
	if (count > 0)
		printf("%.1f\n", best);
	(void)fflush(stdout);
	if (argc > 2)
		sleep((unsigned)strtoul(argv[2], NULL, 10));
	return 0;
}
