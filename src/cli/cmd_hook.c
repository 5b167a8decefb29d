/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/apply.h"
#include "flow/confine.h"
#include "flow/load.h"
#include "hook/arm.h"
#include "hook/precreate.h"
#include "hook/stage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int apply(const struct snug_store *store, struct snug_applied *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_precreate_clear) struct snug_precreate container = { 0 };
	const struct snug_apply_request request = { .store = store,
						    .policy = &container.policy,
						    .decided = &container.decided,
						    .config = &container.config,
						    .path = "config" };

	return snug_precreate_read(store, STDIN_FILENO, &container, err) < 0
		       ? -1
		       : snug_flow_apply(&request, ret, err);
}

/* Nothing but the config on stdout: whoever reads it takes all of it for that. */
static int precreate(const struct snug_store *store, struct snug_error *err)
{
	SNUG_AUTO(snug_applied_clear) struct snug_applied applied = { 0 };
	char line[1024];

	if (apply(store, &applied, err) < 0) {
		snug_error_line(err, line, sizeof(line));
		snug_precreate_note(store, line);
		return -1;
	}
	if (applied.failure[0]) {
		snug_precreate_note(store, applied.failure);
		(void)fprintf(stderr, "snug: hook: %s\n", applied.failure);
	}
	return snug_cli_write(snug_buf_text(&applied.text), applied.text.len, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	const struct snug_hooked hooked = { .store = &context->store,
					    .load = snug_load_pins,
					    .load_profile = snug_confine_load,
					    .settle = snug_confine_settle };
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
	if (argc == 2 && strcmp(argv[1], "precreate") == 0)
		return precreate(&context->store, err);
	if (argc != 2)
		return snug_usage(err, "hook",
				  "one stage: precreate, prestart, createRuntime or poststop");
	if (snug_hook_stage(&hooked, argv[1], STDIN_FILENO, note, err) < 0)
		return -1;
	if (note[0])
		(void)fprintf(stderr, "snug: hook: %s\n", note);
	return 0;
}

const struct snug_command snug_cmd_hook = {
	.name = "hook",
	.arguments = "STAGE",
	.summary = "what engines and runtimes call: precreate, prestart, createRuntime, poststop",
	.options = "",
	.run = run,
};
