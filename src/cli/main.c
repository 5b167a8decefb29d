/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "apply/apparmor_clerk.h"
#include "self/guest.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct snug_error err = { 0 }, unwritten;
	char line[2048];
	int result;

	snug_guest_invite();
	result = snug_cli_open_stdio(&err) < 0 ? -1 : snug_cli_run(argc, argv, &err);
	snug_apparmor_clerk_end();

	/* "No" is an answer too, and none until it is written. What was printed before a failure is
	 * still the user's; the first error counts. */
	if (snug_cli_flush(&unwritten) < 0 && (result == 0 || err.code == SNUG_NO)) {
		err = unwritten;
		result = -1;
	}
	if (result == 0)
		return SNUG_DONE;
	snug_error_line(&err, line, sizeof(line));
	if (line[0])
		(void)fprintf(stderr, "snug: %s\n", line);
	return err.code;
}
