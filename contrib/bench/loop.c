/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop COUNT [SECONDS]: nanoseconds that a getppid takes, COUNT times; then sleeps. The fastest of
 * thirty parts, since whatever else runs beside can only add.
 * loop COUNT both: "whole" and those of a getppid, "checked" and those of a personality that asks
 * and changes nothing, whose argument filters look at.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PARTS		30
#define PERSONALITY_ASK 0xffffffffUL

static double part(long count, bool is_checked)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (long i = 0; i < count; i++)
		is_checked ? syscall(SYS_personality, PERSONALITY_ASK) : syscall(SYS_getppid);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) /
	       (double)count;
}

static double fastest(long count, bool is_checked)
{
	double best = 0;

	for (int i = 0; i < PARTS; i++) {
		double took = part(count, is_checked);

		if (i == 0 || took < best)
			best = took;
	}
	return best;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) / PARTS : 0;
	bool is_both = argc > 2 && strcmp(argv[2], "both") == 0;

	if (count > 0 && is_both)
		printf("whole %.1f\nchecked %.1f\n", fastest(count, false), fastest(count, true));
	else if (count > 0)
		printf("%.1f\n", fastest(count, false));
	(void)fflush(stdout);
	if (argc > 2 && !is_both)
		sleep((unsigned)strtoul(argv[2], NULL, 10));
	return 0;
}
