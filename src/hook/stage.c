/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/stage.h"

#include "base/cleanup.h"
#include "flow/confine.h"
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

/* AppArmor first: what is refused need not be learned. */
static int begin(const struct snug_hooked *context, const struct snug_state *state, char *ret_note,
		 struct snug_error *err)
{
	if (snug_confine_begin(context, state, err) < 0) {
		note(context, state, err);
		return snug_context(err, "container %s", state->id);
	}
	if (snug_hooked_begin(context, state, err) == 0)
		return 0;
	note(context, state, err);
	snug_error_line(err, ret_note, 1024);
	return 0;
}

static int end(const struct snug_hooked *context, const struct snug_state *state,
	       struct snug_error *err)
{
	struct snug_error later;
	int failed = snug_hooked_end(context, state, err);

	if (failed)
		note(context, state, err);
	if (snug_confine_end(context, state, &later) < 0) {
		note(context, state, &later);
		if (!failed)
			*err = later;
		failed = -1;
	}
	return failed;
}

int snug_hook_stage(const struct snug_hooked *context, const char *stage, int state_fd,
		    char ret_note[1024], struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_state state;
	bool ends = strcmp(stage, "poststop") == 0;

	ret_note[0] = '\0';
	if (!ends && strcmp(stage, "prestart") != 0 && strcmp(stage, "createRuntime") != 0)
		return snug_fail(err, SNUG_USAGE,
				 "'%.40s' is no stage: prestart, createRuntime, poststop", stage);
	if (snug_hook_read_state(state_fd, &doc, &state, err) < 0)
		return -1;
	return ends ? end(context, &state, err) : begin(context, &state, ret_note, err);
}
