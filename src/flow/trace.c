/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/trace.h"

#include "base/cleanup.h"
#include "json/json.h"
#include "model/trace.h"
#include "store/digest.h"
#include "store/named.h"

#include <stdio.h>
#include <string.h>

/* The id is in it: no two containers share a recording, and an output is of one alone. */
void snug_trace_name(const char *id, const char *output, char ret[SNUG_TRACED_NAME_SIZE])
{
	char digits[2][SNUG_DIGEST_SIZE], both[SNUG_DIGEST_SIZE];

	snug_digest(id, strlen(id), digits[0]);
	snug_digest(output, strlen(output), digits[1]);
	snug_digest(digits, sizeof(digits), both);
	snprintf(ret, SNUG_TRACED_NAME_SIZE, "trace-%.16s", both);
}

int snug_trace_check(const char *output, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 };
	bool there;

	if (snug_named_read(output, SNUG_JSON_BYTES_MAX, &there, &now, err) < 0)
		return -1;
	if (!there || snug_trace_is_marked(&now))
		return 0;
	snug_fail(err, SNUG_INPUT,
		  "annotation " SNUG_ANNOTATION_TRACE
		  ": snug did not write what is there, and does not replace it");
	snprintf(err->file, sizeof(err->file), "%s", output);
	return snug_remedy(err, "name another file, or take it away");
}

bool snug_trace_is_asked(const struct snug_hooked *context, const struct snug_state *state)
{
	return context->traces && snug_state_annotation(state, SNUG_ANNOTATION_TRACE);
}

int snug_trace_begin(const struct snug_hooked *context, const struct snug_state *state,
		     char ret_name[SNUG_TRACED_NAME_SIZE], struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf base = { 0 };
	struct snug_trace trace;
	bool there = true;

	if (snug_trace_parse(snug_state_annotation(state, SNUG_ANNOTATION_TRACE), context->traces,
			     &trace, err) < 0 ||
	    snug_trace_check(trace.output, err) < 0)
		return -1;
	if (trace.base[0] &&
	    snug_named_read(trace.base, SNUG_JSON_BYTES_MAX, &there, &base, err) < 0)
		return -1;
	if (!there)
		return snug_fail(err, SNUG_INPUT,
				 "annotation " SNUG_ANNOTATION_TRACE ": no file %.200s",
				 trace.base);
	snug_trace_name(state->id, trace.output, ret_name);
	return 0;
}

/* An annotation that is none was noted at the container's start. */
int snug_trace_end(const struct snug_hooked *context, const struct snug_state *state,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths old = { 0 };
	const struct snug_traced traced = {
		.folder = context->traces,
		.id = state->id,
		.annotation = snug_state_annotation(state, SNUG_ANNOTATION_TRACE),
	};
	char name[SNUG_TRACED_NAME_SIZE];
	struct snug_error ignored;
	struct snug_trace trace;

	if (!snug_trace_is_asked(context, state) ||
	    snug_trace_parse(traced.annotation, traced.folder, &trace, &ignored) < 0)
		return 0;
	snug_trace_name(state->id, trace.output, name);
	if (snug_store_old_recordings(context->store, name, &old, err) < 0)
		return -1;
	return old.count ? context->trace(context, &traced, err) : 0;
}
