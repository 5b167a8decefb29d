/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "hook/arm.h"

#include <string.h>
#include <unistd.h>

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	(void)context;
	if (argc == 3 && strcmp(argv[1], "arm") == 0)
		return snug_hook_arm(STDIN_FILENO, argv[2], err);
	return snug_usage(err, "hook", "the one stage there is: arm SOCKET");
}

const struct snug_command snug_cmd_hook = {
	.name = "hook",
	.arguments = "STAGE",
	.summary = "",
	.options = "",
	.run = run,
};
