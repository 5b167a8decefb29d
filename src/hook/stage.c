/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/stage.h"

#include "base/cleanup.h"
#include "base/near.h"
#include "flow/confine.h"
#include "flow/gate.h"
#include "flow/trace.h"
#include "hook/state.h"

#include <string.h>

/* Few look at what a hook says; `snug status` shows what is noted. */
static void note(const struct snug_hooked *context, const struct snug_state *state,
		 const struct snug_error *err)
{
	char line[1024];

	snug_error_line(err, line, sizeof(line));
	snug_hooked_note_failure(context->store, state->id, line);
}

/* The policy's wish, or the hook's own; two that differ cannot both be had. */
static int choose(const struct snug_gated *gate, const struct snug_boundary_request *own,
		  struct snug_boundary_request *ret, struct snug_error *err)
{
	*ret = gate->boundary.profile ? gate->boundary : *own;
	if (!own->profile || !gate->boundary.profile || strcmp(own->profile, ret->profile) == 0)
		return 0;
	snug_fail(err, SNUG_INPUT, "the hook wants profile %s and the policy profile %s",
		  own->profile, ret->profile);
	return snug_remedy(err, "take --profile out of the hook");
}

/* Where the policy says that a container starts in any case, the failure is noted. */
static int forgive(const struct snug_hooked *context, const struct snug_state *state,
		   const struct snug_gated *gate, const struct snug_boundary_request *own,
		   const struct snug_error *err)
{
	const struct snug_decision *decision = &gate->decided.decision;

	if (own->profile || !gate->policy.there || !decision->verdict.profile ||
	    decision->verdict.refuse_on_error || err->code == SNUG_NO)
		return -1;
	note(context, state, err);
	return 0;
}

static int confine(const struct snug_hooked *context, const struct snug_state *state,
		   const struct snug_boundary_request *own, struct snug_gated *gate,
		   struct snug_error *err)
{
	struct snug_boundary_request request;

	if (snug_confine_begin(context, state, err) < 0)
		return -1;
	if (snug_gate_look(context, state, gate, err) == 0 &&
	    choose(gate, own, &request, err) == 0 &&
	    (!request.profile || snug_boundary_begin(context, state, &request, err) == 0))
		return 0;
	return forgive(context, state, gate, own, err);
}

/* Without a policy the container's annotation asks for it; another one may in any case. */
static bool may_be_learned(const struct snug_hooked *context, const struct snug_state *state,
			   const struct snug_gated *gate)
{
	return !gate->policy.there || gate->decided.decision.learn ||
	       snug_trace_is_asked(context, state);
}

/* What is refused need not be learned. */
static int begin(const struct snug_hooked *context, const struct snug_state *state,
		 const struct snug_boundary_request *boundary, char *ret_note,
		 struct snug_error *err)
{
	SNUG_AUTO(snug_gate_clear) struct snug_gated gate = { 0 };

	if (confine(context, state, boundary, &gate, err) < 0) {
		note(context, state, err);
		return snug_context(err, "container %s", state->id);
	}
	if (!may_be_learned(context, state, &gate) || snug_hooked_begin(context, state, err) == 0)
		return 0;
	note(context, state, err);
	snug_error_line(err, ret_note, 1024);
	return 0;
}

/* Each of them, whatever becomes of the others; the first error is told. */
static int end(const struct snug_hooked *context, const struct snug_state *state,
	       struct snug_error *err)
{
	static int (*const ends[])(const struct snug_hooked *, const struct snug_state *,
				   struct snug_error *) = { snug_hooked_end, snug_trace_end,
							    snug_boundary_end, snug_confine_end };
	struct snug_error now;
	int failed = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (ends[i](context, state, &now) == 0)
			continue;
		note(context, state, &now);
		if (!failed)
			*err = now;
		failed = -1;
	}
	return failed;
}

/* ---- how it is called ---- */

static bool *flag_of(const char *word, struct snug_boundary_request *request)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{ "--accept-incomplete", &request->accept_incomplete },
		{ "--without-apparmor", &request->without_apparmor },
		{ "--without-guard", &request->without_guard },
		{ "--allow-exec", &request->allow_exec },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].word) == 0)
			return flags[i].flag;
	return NULL;
}

/* words: options of the boundary. */
static int check(const struct snug_hook_options *options, int words, struct snug_error *err)
{
	static const char *const stages[] = { "precreate", "prestart", "createRuntime",
					      "poststop" };
	bool ends = strcmp(options->stage, "poststop") == 0;
	const char *near = snug_near(options->stage, stages, sizeof(stages) / sizeof(stages[0]));

	if (!ends && strcmp(options->stage, "prestart") != 0 &&
	    strcmp(options->stage, "createRuntime") != 0) {
		snug_fail(err, SNUG_USAGE,
			  "'%.40s' is no stage: precreate, prestart, createRuntime, poststop",
			  options->stage);
		return near ? snug_remedy(err, "did you mean %s?", near) : -1;
	}
	if (options->traces && options->traces[0] != '/')
		return snug_fail(err, SNUG_USAGE, "--allow-trace-syscall wants an absolute path");
	/* A flag of a boundary that nobody asked for is one that somebody counts on. */
	if (words && (ends || !options->boundary.profile))
		return snug_fail(err, SNUG_USAGE, "options go with %s",
				 ends ? "prestart and createRuntime" : "--profile NAME");
	return 0;
}

/* "--option VALUE", "--option=VALUE" at argv[*at]; on to its last word. */
static bool take_value(int argc, char *const *argv, int *at, const char *option, const char **ret)
{
	size_t len = strlen(option);
	const char *word = argv[*at];

	if (strncmp(word, option, len) != 0 || (word[len] && word[len] != '='))
		return false;
	if (!word[len] && *at + 1 == argc)
		return false;
	*ret = word[len] ? word + len + 1 : argv[++*at];
	return true;
}

int snug_hook_options_read(int argc, char *const *argv, struct snug_hook_options *ret,
			   struct snug_error *err)
{
	struct snug_hook_options options = { .stage = argc > 0 ? argv[0] : "" };
	struct snug_boundary_request *boundary = &options.boundary;
	int words = 0; /* of the boundary's */

	for (int i = 1; i < argc; i++) {
		bool *flag = flag_of(argv[i], boundary);

		if (take_value(argc, argv, &i, "--allow-trace-syscall", &options.traces))
			continue;
		words++;
		if (flag)
			*flag = true;
		else if (!take_value(argc, argv, &i, "--profile", &boundary->profile))
			return snug_fail(err, SNUG_USAGE, "'%.80s': usage: " SNUG_HOOK_USAGE,
					 argv[i]);
	}
	if (check(&options, words, err) < 0)
		return -1;
	*ret = options;
	return 0;
}

int snug_hook_stage(const struct snug_hooked *context, const struct snug_hook_options *options,
		    int state_fd, char ret_note[1024], struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	bool begins = strcmp(options->stage, "poststop") != 0;
	struct snug_hooked with = *context;
	struct snug_state state;

	with.traces = options->traces;
	ret_note[0] = '\0';
	if (snug_hook_read_state(state_fd, with.store, begins, &doc, &state, err) < 0)
		return -1;
	if (!begins)
		return end(&with, &state, err);
	return begin(&with, &state, &options->boundary, ret_note, err);
}
