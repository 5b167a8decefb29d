/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/argspec.h"
#include "model/recording.h"
#include "model/recording_part.h"
#include "model/syscalls.h"

#include <stdlib.h>
#include <string.h>

typedef const struct snug_json_node node_t;

static int read_gate(node_t *node, enum snug_gate *ret, struct snug_error *err)
{
	const char *text;

	if (snug_json_string(node, &text, err) < 0)
		return -1;
	for (unsigned i = 0; i < SNUG_GATE_MAX; i++) {
		if (strcmp(snug_gate_name(i), text) == 0) {
			*ret = i;
			return 0;
		}
	}
	return snug_json_fail(node, err, "no gate is called '%.40s'", text);
}

/* "runs" of the recording: the ids that are kept, and how many there were. */
static int read_run_ids(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	node_t *runs, *ids, *id, *count;

	if (snug_part_need(root, "runs", &runs, err) < 0 ||
	    snug_part_need(runs, "count", &count, err) < 0 ||
	    snug_json_u64(count, &ret->run_count, err) < 0 ||
	    snug_part_need(runs, "ids", &ids, err) < 0 ||
	    snug_json_expect(ids, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (id = snug_json_first(ids); id; id = snug_json_next(id)) {
		uint64_t value;

		if (snug_part_id(id, &value, err) < 0)
			return -1;
		if (ret->run_ids.count && value <= ret->run_ids.at[ret->run_ids.count - 1])
			return snug_json_fail(id, err, "ids ascend, each once");
		if (ret->run_ids.count == SNUG_RUN_IDS_MAX)
			return snug_json_fail(id, err, "more than %u ids", SNUG_RUN_IDS_MAX);
		if (snug_vec_push(&ret->run_ids, value) < 0)
			return snug_fail_memory(err);
	}
	if (ret->run_ids.count == 0)
		return snug_json_fail(ids, err, "a recording is of one run at least");
	if (ret->run_count > SNUG_RUN_IDS_MAX && ret->run_ids.count == SNUG_RUN_IDS_MAX)
		ret->run_count = snug_runs_estimate(ret->run_ids.at[SNUG_RUN_IDS_MAX - 1]);
	else if (ret->run_count != ret->run_ids.count)
		return snug_json_fail(count, err, "this is not the number of ids");
	return 0;
}

static bool is_kept(const struct snug_recording *recording, uint64_t run)
{
	for (size_t i = 0; i < recording->run_ids.count; i++)
		if (recording->run_ids.at[i] == run)
			return true;
	return false;
}

static int read_args(node_t *node, struct snug_source *ret, struct snug_error *err)
{
	node_t *arg;

	if (snug_part_list(node, "args", &arg, err) < 0)
		return -1;
	for (; arg; arg = snug_json_next(arg)) {
		char *copy = NULL;

		if (snug_json_expect(arg, SNUG_JSON_STRING, err) < 0 ||
		    snug_part_copy(arg, &copy, err) < 0)
			return -1;
		if (ret->args.count == SNUG_SOURCE_ARGS_MAX) {
			free(copy);
			return snug_json_fail(arg, err, "more than %u arguments",
					      SNUG_SOURCE_ARGS_MAX);
		}
		if (snug_vec_push(&ret->args, copy) < 0) {
			free(copy);
			return snug_fail_memory(err);
		}
	}
	return 0;
}

static int read_source(node_t *node, struct snug_source *ret, struct snug_error *err)
{
	node_t *run, *gate, *exit_node = snug_json_member(node, "exit");
	uint64_t status;

	ret->exit = -1;
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_part_need(node, "run", &run, err) < 0 || snug_part_id(run, &ret->run, err) < 0 ||
	    snug_part_need(node, "gate", &gate, err) < 0 || read_gate(gate, &ret->gate, err) < 0 ||
	    snug_part_flag(snug_json_member(node, "ended"), &ret->ended, err) < 0)
		return -1;
	if (exit_node) {
		if (snug_json_u64(exit_node, &status, err) < 0)
			return -1;
		if (status > 255)
			return snug_json_fail(exit_node, err, "an exit status is at most 255");
		ret->exit = (int)status;
	}
	if (snug_part_copy(snug_json_member(node, "kernel"), &ret->kernel, err) < 0 ||
	    snug_part_copy(snug_json_member(node, "runtime"), &ret->runtime, err) < 0 ||
	    snug_part_copy(snug_json_member(node, "image"), &ret->image, err) < 0 ||
	    snug_part_copy(snug_json_member(node, "started"), &ret->started, err) < 0)
		return -1;
	return read_args(node, ret, err);
}

static int read_sources(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(root, "sources", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		SNUG_AUTO(snug_source_clear) struct snug_source source = { 0 };
		size_t count = ret->sources.count;

		if (read_source(node, &source, err) < 0)
			return -1;
		if (!is_kept(ret, source.run) ||
		    (count && ret->sources.at[count - 1].run >= source.run))
			return snug_json_fail(node, err,
					      "sources are of the kept ids, in their order");
		if (snug_vec_push(&ret->sources, source) < 0)
			return snug_fail_memory(err);
		source = (struct snug_source){ 0 };
		ret->gates |= 1u << ret->sources.at[count].gate;
	}
	return 0;
}

static int read_gates(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	enum snug_gate gate;
	node_t *node;

	if (snug_part_list(root, "gates", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		if (read_gate(node, &gate, err) < 0)
			return -1;
		ret->gates |= 1u << gate;
	}
	return 0;
}

/* Words that this version does not know are facts about something else: passed over. */
static int read_observed(node_t *root, unsigned *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(root, "observed", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		const char *text;

		if (snug_json_string(node, &text, err) < 0)
			return -1;
		*ret |= snug_observed_parse(text);
	}
	return 0;
}

static int read_lost(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	const struct {
		const char *key;
		uint64_t *count;
	} rows[] = {
		{ "syscalls", &ret->lost_syscalls },
		{ "capabilities", &ret->lost_caps },
		{ "files", &ret->lost_files },
	};
	node_t *lost = snug_json_member(root, "lost");

	if (lost && snug_json_expect(lost, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		node_t *node = snug_json_member(lost, rows[i].key);

		if (node && snug_json_u64(node, rows[i].count, err) < 0)
			return -1;
	}
	return 0;
}

static int read_phases(node_t *object, unsigned *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(object, "phase", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		const char *text;

		if (snug_json_string(node, &text, err) < 0)
			return -1;
		if (strcmp(text, "runtime") == 0)
			*ret |= SNUG_PHASE_RUNTIME;
		else if (strcmp(text, "workload") == 0)
			*ret |= SNUG_PHASE_WORKLOAD;
		else
			return snug_json_fail(node, err, "no phase is called '%.40s'", text);
	}
	return 0;
}

/* The number of a call by "name", "nr" or both. */
static int read_number(node_t *node, enum snug_arch arch, uint32_t *ret, struct snug_error *err)
{
	node_t *name_node = snug_json_member(node, "name"), *nr_node = snug_json_member(node, "nr");
	const struct snug_syscall *call = NULL;
	const char *name, *near;
	uint64_t nr;

	if (!name_node && !nr_node)
		return snug_json_fail(node, err, "a call has a \"name\" or an \"nr\"");
	if (name_node) {
		if (snug_json_string(name_node, &name, err) < 0)
			return -1;
		call = snug_syscall_by_name(arch, name);
		near = call || nr_node ? NULL : snug_syscall_suggest(name);
		if (!call && !nr_node)
			return snug_json_fail(name_node, err, "%s has no call '%.40s'%s%s%s",
					      snug_arch_word(arch), name, near ? ": is it '" : "",
					      near ? near : "", near ? "'?" : "");
	}
	if (!nr_node) {
		*ret = call->nr;
		return 0;
	}
	if (snug_json_u64(nr_node, &nr, err) < 0)
		return -1;
	if (nr > UINT32_MAX || (call && call->nr != nr))
		return snug_json_fail(nr_node, err, "this is not the number of %s",
				      call ? call->name : "a call");
	*ret = (uint32_t)nr;
	return 0;
}

static int read_tuple(node_t *node, const struct snug_argspec *spec, struct snug_tuple *ret,
		      struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	for (unsigned i = 0; i < spec->count; i++) {
		const char key[] = { (char)('0' + spec->index[i]), '\0' };
		node_t *value;

		if (snug_part_need(node, key, &value, err) < 0 ||
		    snug_json_u64(value, &ret->value[i], err) < 0)
			return -1;
		if (ret->value[i] & ~spec->mask[i])
			return snug_json_fail(value, err,
					      "bits outside 0x%llx, the argument's mask",
					      (unsigned long long)spec->mask[i]);
	}
	return 0;
}

static int read_tuples(node_t *node, struct snug_seen_call *call, struct snug_error *err)
{
	node_t *any_node = snug_json_member(node, "anyArgs"), *tuple;
	struct snug_argspec spec;
	bool any = false;

	if ((!any_node && !snug_json_member(node, "args")) ||
	    !snug_argspec_of_nr(call->arch, call->nr, &spec))
		return 0;
	if (snug_part_flag(any_node, &any, err) < 0 ||
	    snug_part_list(node, "args", &tuple, err) < 0)
		return -1;
	for (; tuple; tuple = snug_json_next(tuple)) {
		struct snug_tuple values = { 0 };

		if (read_tuple(tuple, &spec, &values, err) < 0)
			return -1;
		if (snug_seen_call_tuple(call, &values) < 0)
			return snug_fail_memory(err);
	}
	if (any) {
		call->any_args = true;
		snug_vec_clear(&call->tuples);
	}
	return 0;
}

static int read_call(node_t *node, enum snug_arch arch, struct snug_recording *ret,
		     struct snug_error *err)
{
	struct snug_seen_call *call;
	bool refused = false;
	uint32_t nr = 0;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    read_number(node, arch, &nr, err) < 0 ||
	    snug_part_flag(snug_json_member(node, "refused"), &refused, err) < 0)
		return -1;
	if (arch != SNUG_ARCH_ARM64 &&
	    (nr & SNUG_X32_BIT) != (arch == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0))
		return snug_json_fail(node, err, "no number of %s", snug_arch_word(arch));
	call = snug_recording_call(ret, arch, nr, refused);
	if (!call)
		return snug_fail_memory(err);
	if (read_phases(node, &call->phases, err) < 0 || snug_part_runs(node, &call->runs, err) < 0)
		return -1;
	return read_tuples(node, call, err);
}

static int read_calls(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	node_t *archs = snug_json_member(root, "syscalls"), *list, *node;
	enum snug_arch arch;

	if (!archs)
		return 0;
	if (snug_json_expect(archs, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	for (list = snug_json_first(archs); list; list = snug_json_next(list)) {
		if (!snug_arch_parse(snug_json_key(list), &arch))
			return snug_json_fail(list, err,
					      "snug has no call table of this architecture");
		if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
			return -1;
		for (node = snug_json_first(list); node; node = snug_json_next(node)) {
			if (ret->calls.count >= SNUG_RECORDING_CALLS_MAX)
				return snug_json_fail(node, err, "more than %u calls",
						      SNUG_RECORDING_CALLS_MAX);
			if (read_call(node, arch, ret, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int read_caps(node_t *root, struct snug_recording *ret, struct snug_error *err)
{
	node_t *node, *name;

	if (snug_part_list(root, "capabilities", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		struct snug_seen_cap *cap;
		const char *text;
		unsigned number;

		if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
		    snug_part_need(node, "name", &name, err) < 0 ||
		    snug_json_string(name, &text, err) < 0)
			return -1;
		if (!snug_cap_parse(text, &number))
			return snug_json_fail(name, err, "no capability is called '%.40s'", text);
		cap = snug_recording_cap(ret, number);
		if (!cap)
			return snug_fail_memory(err);
		if (snug_part_runs(node, &cap->runs, err) < 0 ||
		    snug_cap_needs_read(node, &cap->needed, err) < 0)
			return -1;
	}
	return 0;
}

static int read_version(node_t *root, struct snug_error *err)
{
	node_t *node = snug_json_member(root, "snugRecording");
	uint64_t version;

	if (!node)
		return snug_json_fail(root, err, "this is no recording: no \"snugRecording\"");
	if (snug_json_u64(node, &version, err) < 0)
		return -1;
	if (version == 0)
		return snug_json_fail(node, err, "versions begin at 1");
	if (version > SNUG_RECORDING_VERSION) {
		snug_json_fail(node, err, "format %llu is newer than this snug reads (%d)",
			       (unsigned long long)version, SNUG_RECORDING_VERSION);
		return snug_remedy(err, "use a newer snug");
	}
	return 0;
}

int snug_recording_read(const struct snug_json_node *root, struct snug_recording *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };

	if (snug_json_expect(root, SNUG_JSON_OBJECT, err) < 0 || read_version(root, err) < 0 ||
	    snug_part_copy(snug_json_member(root, "name"), &read.name, err) < 0 ||
	    read_run_ids(root, &read, err) < 0 || read_sources(root, &read, err) < 0 ||
	    read_gates(root, &read, err) < 0 || read_observed(root, &read.observed, err) < 0 ||
	    read_lost(root, &read, err) < 0 ||
	    snug_part_flag(snug_json_member(root, "raisedCredentials"), &read.raised_creds, err) <
		    0 ||
	    read_calls(root, &read, err) < 0 || read_caps(root, &read, err) < 0 ||
	    snug_part_files(root, &read.files, err) < 0 ||
	    snug_part_acts(root, &read.acts, err) < 0)
		return -1;
	*ret = read;
	read = (struct snug_recording){ 0 };
	return 0;
}

int snug_recording_parse(const char *text, size_t len, const char *file, struct snug_recording *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

	if (snug_json_parse_own(&doc, text, len, file, err) < 0)
		return -1;
	return snug_recording_read(snug_json_root(doc), ret, err);
}
