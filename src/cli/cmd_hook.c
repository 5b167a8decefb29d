/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/self.h"

#include "base/cleanup.h"
#include "flow/apply.h"
#include "flow/boundary.h"
#include "flow/confine.h"
#include "flow/gate.h"
#include "flow/load.h"
#include "flow/trace.h"
#include "flow/wrap.h"
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
						    .tools = &snug_harden_tools,
						    .policy = &container.policy,
						    .decided = &container.decided,
						    .config = &container.config,
						    .path = SNUG_PRECREATE_CONFIG };

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

/* snug-runtime's: RUNTIME BUNDLE CONFIG, of a container. */
static int wrap_of(const struct snug_store *store, char **words, struct snug_wrap *ret,
		   struct snug_error *err)
{
	*ret = (struct snug_wrap){
		.store = store, .tools = &snug_harden_tools, .bundle = words[1], .config = words[2]
	};
	return snug_runtime_parse(words[0], &ret->runtime)
		       ? 0
		       : snug_usage(err, "hook", "'%.40s' is no runtime", words[0]);
}

static int harden_bundle(const struct snug_store *store, int argc, char **words,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	struct snug_wrap wrap;
	char failure[1024];

	if (wrap_of(store, words, &wrap, err) < 0 || snug_wrap_look(&wrap, &wrapped, err) < 0 ||
	    snug_wrap_apply(&wrap, &wrapped, failure, err) < 0)
		return -1;
	if (failure[0]) {
		snug_hooked_note_failure(store, argc > 3 ? words[3] : wrap.bundle, failure);
		(void)fprintf(stderr, "snug: %s\n", failure);
	}
	return 0;
}

static int harden_process(const struct snug_store *store, char **words, struct snug_error *err)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_wrap wrap;

	if (wrap_of(store, words, &wrap, err) < 0 || snug_wrap_look(&wrap, &wrapped, err) < 0 ||
	    snug_wrap_process(&wrap, &wrapped, words[3], &text, err) < 0)
		return -1;
	return snug_cli_write(snug_buf_text(&text), text.len, err);
}

/* FOLDER ID ANNOTATION */
static int trace(const struct snug_hooked *hooked, char **words, struct snug_error *err)
{
	const struct snug_traced traced = { words[0], words[1], words[2] };

	return snug_trace_write(hooked, &traced, err);
}

/* What computes for a hook: a bundle or a config is read, and written where it is to be hardened.
 */
static int confine(const struct snug_cli *context, const char *reads, const char *config,
		   const char *output, struct snug_error *err)
{
	const char *const words[] = { reads, config };
	const struct snug_cli_files files = {
		.reads = words, .count = 2, .output = output, .store = true, .apparmor = true
	};

	return snug_cli_confine(context, &files, err);
}

/* An exec's: what its container's policy looks at is the original, where there is one. */
static int confine_process(const struct snug_cli *context, const char *config, const char *process,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *orig = NULL;

	if (snug_wrap_orig_path(config, &orig, err) < 0)
		return -1;

	const char *const words[] = { config, process, orig };
	const struct snug_cli_files files = {
		.reads = words, .count = 3, .store = true, .apparmor = true
	};

	return snug_cli_confine(context, &files, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	const struct snug_hooked hooked = { .store = &context->store,
					    .load = snug_load_pins,
					    .load_profile = snug_confine_load,
					    .settle = snug_confine_settle,
					    .plan = snug_boundary_make,
					    .load_guard = snug_load_guard,
					    .judge = snug_gate_judge,
					    .trace = snug_trace_write };
	struct snug_hook_options options;
	char note[1024];

	/* Behind it no word is an option, whatever a container is called (hook/ask.c). */
	if (argc > 1 && strcmp(argv[1], "--") == 0) {
		argc--;
		argv++;
	}
	/* `snug learn`'s own, and snug-hook's when it needs a recorder or a profile. */
	if (argc == 3 && strcmp(argv[1], "arm") == 0)
		return snug_hook_arm(STDIN_FILENO, argv[2], err);
	if (argc == 2 && strcmp(argv[1], "load") == 0)
		return snug_hooked_load(&hooked, STDIN_FILENO, err);
	if (argc == 3 && strcmp(argv[1], "load-profile") == 0)
		return snug_confine_load(&hooked, argv[2], STDIN_FILENO, err);
	if (argc == 2 && strcmp(argv[1], "settle") == 0)
		return snug_confine_settle(&hooked, STDIN_FILENO, err);
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "harden-bundle") == 0)
		return confine(context, argv[3], argv[4], argv[4], err) < 0
			       ? -1
			       : harden_bundle(&context->store, argc - 2, argv + 2, err);
	if (argc == 6 && strcmp(argv[1], "harden-process") == 0)
		return confine_process(context, argv[4], argv[5], err) < 0
			       ? -1
			       : harden_process(&context->store, argv + 2, err);
	if (argc == 3 && strcmp(argv[1], "plan") == 0)
		return snug_boundary_make(&hooked, argv[2], STDIN_FILENO, err);
	if (argc == 3 && strcmp(argv[1], "judge") == 0)
		return confine(context, argv[2], NULL, NULL, err) < 0
			       ? -1
			       : snug_gate_judge(&hooked, argv[2], err);
	if (argc == 5 && strcmp(argv[1], "trace") == 0)
		return trace(&hooked, argv + 2, err);
	if (argc == 2 && strcmp(argv[1], "load-guard") == 0)
		return snug_load_guard(&hooked, STDIN_FILENO, err);
	if (argc == 2 && strcmp(argv[1], "precreate") == 0)
		return confine(context, NULL, NULL, NULL, err) < 0
			       ? -1
			       : precreate(&context->store, err);
	if (argc < 2)
		return snug_usage(err, "hook",
				  "one stage: precreate, prestart, createRuntime or poststop");
	if (snug_hook_options_read(argc - 1, argv + 1, &options, err) < 0 ||
	    snug_hook_stage(&hooked, &options, STDIN_FILENO, note, err) < 0)
		return -1;
	if (note[0])
		(void)fprintf(stderr, "snug: hook: %s\n", note);
	return 0;
}

const struct snug_command snug_cmd_hook = {
	.name = "hook",
	.arguments = "STAGE [--allow-trace-syscall DIR] [--profile NAME [OPTION...]]",
	.summary = "what engines and runtimes call: precreate, prestart, createRuntime, poststop",
	.options =
		"  --allow-trace-syscall DIR\n"
		"                       a container's annotation io.containers.trace-syscall may "
		"name a\n"
		"                       seccomp.json below DIR to be made of its calls\n"
		"  --profile NAME       enforce this profile at the container's exec boundary\n"
		"  --accept-incomplete  even if its recording was not whole\n"
		"  --without-apparmor   but for its AppArmor part\n"
		"  --without-guard      on a kernel that takes none: exec is not confined\n"
		"  --allow-exec         exec is let run unconfined, and counted\n",
	.run = run,
};
