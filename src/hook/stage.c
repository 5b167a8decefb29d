/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/stage.h"

#include "base/cleanup.h"
#include "hook/state.h"

#include <string.h>

static int begin(const struct snug_hooked *context, const struct snug_state *state, char *ret_note,
		 struct snug_error *err)
{
	if (snug_hooked_begin(context, state, err) == 0)
		return 0;
	snug_error_line(err, ret_note, 1024);
	snug_hooked_note_failure(context->store, state->id, ret_note);
	return 0;
}

static int end(const struct snug_hooked *context, const struct snug_state *state,
	       struct snug_error *err)
{
	char line[1024];

	if (snug_hooked_end(context, state, err) == 0)
		return 0;
	snug_error_line(err, line, sizeof(line));
	snug_hooked_note_failure(context->store, state->id, line);
	return -1;
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
