/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What starting any program costs: nothing is in it but that it reads its input to the end, for a
 * hook that does not can make crun, which writes the state there, fail. Linked statically.
 */
#include <unistd.h>

int main(void)
{
	char input[4096];

	while (read(0, input, sizeof(input)) > 0)
		;
	return 0;
}
