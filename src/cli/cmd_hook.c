/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "flow/boundary.h"
#include "flow/confine.h"
#include "flow/load.h"
#include "hook/arm.h"
#include "hook/stage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	const struct snug_hooked hooked = { .store = &context->store,
					    .load = snug_load_pins,
					    .load_profile = snug_confine_load,
					    .settle = snug_confine_settle,
					    .plan = snug_boundary_make,
					    .load_guard = snug_load_guard };
	struct snug_hook_options options;
	char note[1024];

	/* `snug learn`'s own, and snug-hook's when it needs a recorder or a profile. */
	if (argc == 3 && strcmp(argv[1], "arm") == 0)
		return snug_hook_arm(STDIN_FILENO, argv[2], err);
	if (argc == 2 && strcmp(argv[1], "load") == 0)
		return snug_hooked_load(&hooked, STDIN_FILENO, err);
	if (argc == 3 && strcmp(argv[1], "load-profile") == 0)
		return snug_confine_load(&hooked, argv[2], STDIN_FILENO, err);
	if (argc == 2 && strcmp(argv[1], "settle") == 0)
		return snug_confine_settle(&hooked, STDIN_FILENO, err);
	if (argc == 3 && strcmp(argv[1], "plan") == 0)
		return snug_boundary_make(&hooked, argv[2], STDIN_FILENO, err);
	if (argc == 2 && strcmp(argv[1], "load-guard") == 0)
		return snug_load_guard(&hooked, STDIN_FILENO, err);
	if (argc < 2)
		return snug_usage(err, "hook", "one stage: prestart, createRuntime or poststop");
	if (snug_hook_options_read(argc - 1, argv + 1, &options, err) < 0 ||
	    snug_hook_stage(&hooked, &options, STDIN_FILENO, note, err) < 0)
		return -1;
	if (note[0])
		(void)fprintf(stderr, "snug: hook: %s\n", note);
	return 0;
}

const struct snug_command snug_cmd_hook = {
	.name = "hook",
	.arguments = "STAGE [--profile NAME [OPTION...]]",
	.summary = "what runtimes call: prestart, createRuntime, poststop",
	.options = "  --profile NAME       enforce this profile at the container's exec boundary\n"
		   "  --accept-incomplete  even if its recording was not whole\n"
		   "  --without-apparmor   but for its AppArmor part\n"
		   "  --without-guard      on a kernel that takes none: exec is not confined\n"
		   "  --allow-exec         exec is let run unconfined, and counted\n",
	.run = run,
};
