/* SPDX-License-Identifier: Apache-2.0 */
#include "model/recording.h"

#include <stdlib.h>
#include <string.h>

static const char *const gate_names[SNUG_GATE_MAX] = {
	[SNUG_GATE_FILTER_LOAD] = "filter-load",
	[SNUG_GATE_EXECVE] = "execve",
	[SNUG_GATE_ATTACH] = "attach",
};

const char *snug_gate_name(enum snug_gate gate)
{
	return gate_names[gate];
}

void snug_source_clear(struct snug_source *source)
{
	free(source->kernel);
	free(source->runtime);
	free(source->image);
	free(source->started);
	for (size_t i = 0; i < source->args.count; i++)
		free(source->args.at[i]);
	snug_vec_clear(&source->args);
}

void snug_recording_clear(struct snug_recording *recording)
{
	int saved = errno;

	free(recording->name);
	for (size_t i = 0; i < recording->sources.count; i++)
		snug_source_clear(&recording->sources.at[i]);
	for (size_t i = 0; i < recording->calls.count; i++)
		snug_vec_clear(&recording->calls.at[i].tuples);
	for (size_t i = 0; i < recording->caps.count; i++)
		snug_vec_clear(&recording->caps.at[i].needed);
	snug_vec_clear(&recording->run_ids);
	snug_vec_clear(&recording->sources);
	snug_vec_clear(&recording->calls);
	snug_vec_clear(&recording->caps);
	snug_seen_files_clear(&recording->files);
	snug_seen_acts_clear(&recording->acts);
	*recording = (struct snug_recording){ 0 };
	errno = saved;
}

static int compare_calls(const struct snug_seen_call *a, const struct snug_seen_call *b)
{
	if (a->arch != b->arch)
		return a->arch < b->arch ? -1 : 1;
	if (a->nr != b->nr)
		return a->nr < b->nr ? -1 : 1;
	return (int)a->refused - (int)b->refused;
}

struct snug_seen_call *snug_recording_call(struct snug_recording *recording, enum snug_arch arch,
					   uint32_t nr, bool refused)
{
	struct snug_seen_call call = { .arch = arch, .nr = nr, .refused = refused };
	size_t low = 0, high = recording->calls.count;

	/* What comes in order goes to the end at once. */
	if (high && compare_calls(&recording->calls.at[high - 1], &call) < 0)
		low = high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_calls(&recording->calls.at[middle], &call);

		if (order == 0)
			return &recording->calls.at[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (snug_vec_push(&recording->calls, call) < 0)
		return NULL;
	memmove(&recording->calls.at[low + 1], &recording->calls.at[low],
		(recording->calls.count - 1 - low) * sizeof(call));
	recording->calls.at[low] = call;
	return &recording->calls.at[low];
}

struct snug_seen_cap *snug_recording_cap(struct snug_recording *recording, unsigned cap)
{
	struct snug_seen_cap seen = { .cap = cap };
	size_t at = 0;

	while (at < recording->caps.count && recording->caps.at[at].cap < cap)
		at++;
	if (at < recording->caps.count && recording->caps.at[at].cap == cap)
		return &recording->caps.at[at];
	if (snug_vec_push(&recording->caps, seen) < 0)
		return NULL;
	memmove(&recording->caps.at[at + 1], &recording->caps.at[at],
		(recording->caps.count - 1 - at) * sizeof(seen));
	recording->caps.at[at] = seen;
	return &recording->caps.at[at];
}

int snug_tuple_compare(const struct snug_tuple *a, const struct snug_tuple *b)
{
	for (unsigned i = 0; i < SNUG_TUPLE_ARGS; i++)
		if (a->value[i] != b->value[i])
			return a->value[i] < b->value[i] ? -1 : 1;
	return 0;
}

int snug_seen_call_tuple(struct snug_seen_call *call, const struct snug_tuple *tuple)
{
	size_t at = 0;

	if (call->any_args)
		return 0;
	while (at < call->tuples.count && snug_tuple_compare(&call->tuples.at[at], tuple) < 0)
		at++;
	if (at < call->tuples.count && snug_tuple_compare(&call->tuples.at[at], tuple) == 0)
		return 0;
	if (call->tuples.count == SNUG_TUPLES_MAX) {
		call->any_args = true;
		snug_vec_clear(&call->tuples);
		return 0;
	}
	if (snug_vec_push(&call->tuples, *tuple) < 0)
		return -1;
	memmove(&call->tuples.at[at + 1], &call->tuples.at[at],
		(call->tuples.count - 1 - at) * sizeof(*tuple));
	call->tuples.at[at] = *tuple;
	return 0;
}

int snug_recording_set_run(struct snug_recording *recording, uint64_t run)
{
	recording->run_ids.count = 0;
	if (snug_vec_push(&recording->run_ids, run) < 0)
		return -1;
	recording->run_count = 1;
	return 0;
}
