/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/argspec.h"
#include "model/recording.h"
#include "model/recording_part.h"
#include "model/seen_json.h"
#include "model/syscalls.h"

#include <stdio.h>

static void pair_optional(struct snug_json_writer *w, const char *key, const char *text)
{
	if (text)
		snug_json_pair_string(w, key, text);
}

static void put_source(struct snug_json_writer *w, const struct snug_source *source)
{
	snug_json_open(w, '{');
	snug_json_put_key(w, "run");
	snug_part_put_id(w, source->run);
	snug_json_pair_string(w, "gate", snug_gate_name(source->gate));
	snug_json_pair_bool(w, "ended", source->ended);
	if (source->exit >= 0)
		snug_json_pair_u64(w, "exit", (uint64_t)source->exit);
	pair_optional(w, "kernel", source->kernel);
	pair_optional(w, "runtime", source->runtime);
	pair_optional(w, "image", source->image);
	if (source->args.count) {
		snug_json_put_key(w, "args");
		snug_json_open(w, '[');
		for (size_t i = 0; i < source->args.count; i++)
			snug_json_put_string(w, source->args.at[i]);
		snug_json_close(w);
	}
	pair_optional(w, "started", source->started);
	snug_json_close(w);
}

void snug_tuple_put(struct snug_json_writer *w, const struct snug_argspec *spec,
		    const struct snug_tuple *tuple)
{
	char index[4];

	snug_json_open(w, '{');
	for (unsigned i = 0; i < spec->count; i++) {
		(void)snprintf(index, sizeof(index), "%u", spec->index[i]);
		snug_json_pair_u64(w, index, tuple->value[i]);
	}
	snug_json_close(w);
}

static void put_tuples(struct snug_json_writer *w, const struct snug_seen_call *call)
{
	struct snug_argspec spec;

	if (!call->tuples.count || !snug_argspec_of_nr(call->arch, call->nr, &spec))
		return;
	snug_json_put_key(w, "args");
	snug_json_open(w, '[');
	for (size_t i = 0; i < call->tuples.count; i++)
		snug_tuple_put(w, &spec, &call->tuples.at[i]);
	snug_json_close(w);
}

static void put_call(struct snug_json_writer *w, const struct snug_seen_call *call)
{
	const struct snug_syscall *known = snug_syscall_by_nr(call->arch, call->nr);

	snug_json_open(w, '{');
	if (known)
		snug_json_pair_string(w, "name", known->name);
	else
		snug_json_pair_u64(w, "nr", call->nr);
	if (call->refused)
		snug_json_pair_bool(w, "refused", true);
	if (call->phases) {
		snug_json_put_key(w, "phase");
		snug_json_open(w, '[');
		if (call->phases & SNUG_PHASE_RUNTIME)
			snug_json_put_string(w, "runtime");
		if (call->phases & SNUG_PHASE_WORKLOAD)
			snug_json_put_string(w, "workload");
		snug_json_close(w);
	}
	snug_part_put_runs(w, &call->runs);
	if (call->any_args)
		snug_json_pair_bool(w, "anyArgs", true);
	put_tuples(w, call);
	snug_json_close(w);
}

static void put_calls(struct snug_json_writer *w, const struct snug_recording *recording)
{
	size_t i = 0;

	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '{');
	while (i < recording->calls.count) {
		enum snug_arch arch = recording->calls.at[i].arch;

		snug_json_put_key(w, snug_arch_name(arch));
		snug_json_open(w, '[');
		for (; i < recording->calls.count && recording->calls.at[i].arch == arch; i++)
			put_call(w, &recording->calls.at[i]);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_caps(struct snug_json_writer *w, const struct snug_recording *recording)
{
	snug_json_put_key(w, "capabilities");
	snug_json_open(w, '[');
	for (size_t i = 0; i < recording->caps.count; i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "name", snug_cap_name(recording->caps.at[i].cap));
		snug_part_put_runs(w, &recording->caps.at[i].runs);
		snug_cap_needs_put(w, &recording->caps.at[i].needed);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_gates(struct snug_json_writer *w, unsigned gates)
{
	snug_json_put_key(w, "gates");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < SNUG_GATE_MAX; i++)
		if (gates & 1u << i)
			snug_json_put_string(w, snug_gate_name(i));
	snug_json_close(w);
}

void snug_lost_put(struct snug_json_writer *w, const struct snug_recording *recording)
{
	snug_json_put_key(w, "lost");
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "syscalls", recording->lost_syscalls);
	snug_json_pair_u64(w, "capabilities", recording->lost_caps);
	snug_json_pair_u64(w, "files", recording->lost_files);
	snug_json_close(w);
}

static void put_head(struct snug_json_writer *w, const struct snug_recording *recording)
{
	snug_json_pair_u64(w, "snugRecording", SNUG_RECORDING_VERSION);
	pair_optional(w, "name", recording->name);
	snug_json_put_key(w, "runs");
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "count", recording->run_count);
	snug_json_put_key(w, "ids");
	snug_json_open(w, '[');
	for (size_t i = 0; i < recording->run_ids.count; i++)
		snug_part_put_id(w, recording->run_ids.at[i]);
	snug_json_close(w);
	snug_json_close(w);
	snug_json_put_key(w, "sources");
	snug_json_open(w, '[');
	for (size_t i = 0; i < recording->sources.count; i++)
		put_source(w, &recording->sources.at[i]);
	snug_json_close(w);
	put_gates(w, recording->gates);
	snug_json_put_key(w, "observed");
	snug_observed_put(w, recording->observed);
	snug_lost_put(w, recording);
	snug_json_pair_bool(w, "raisedCredentials", recording->raised_creds);
}

int snug_recording_render(const struct snug_recording *recording, struct snug_buf *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	put_head(&w, recording);
	put_calls(&w, recording);
	put_caps(&w, recording);
	if (recording->observed & (SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE) ||
	    recording->files.count)
		snug_seen_files_put(&w, &recording->files);
	snug_seen_acts_put(&w, &recording->acts, recording->observed);
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	return snug_json_pretty(text.data, text.len, ret, err);
}
