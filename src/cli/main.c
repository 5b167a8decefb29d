/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct snug_error err = { 0 };
	char line[2048];

	if (snug_cli_open_stdio(&err) == 0 && snug_cli_run(argc, argv, &err) == 0 &&
	    snug_cli_flush(&err) == 0)
		return SNUG_DONE;
	/* What was printed before the failure is still the user's; the first error counts. */
	(void)fflush(stdout);
	snug_error_line(&err, line, sizeof(line));
	if (line[0])
		(void)fprintf(stderr, "snug: %s\n", line);
	return err.code;
}
