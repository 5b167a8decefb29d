/* SPDX-License-Identifier: Apache-2.0 */
/* clock: milliseconds since boot. Linked statically, so that this is among the first that a
 * container does. */
#include <stdio.h>
#include <time.h>

int main(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	printf("%.2f\n", (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6);
	return 0;
}
