/* SPDX-License-Identifier: Apache-2.0 */
#include "model/explain.h"

#include "base/cleanup.h"
#include "model/argspec.h"
#include "model/syscalls.h"

#include <errno.h>
#include <string.h>

/* What the kernel reads of an argument that is an int to it. */
#define LOWER UINT64_C(0xffffffff)

static bool has_version(const struct snug_syscall *call, unsigned major, unsigned minor)
{
	return call->major < major || (call->major == major && call->minor <= minor);
}

static enum snug_reach reach_of(const struct snug_seccomp *policy, enum snug_arch arch, uint32_t nr)
{
	const struct snug_split *split;
	bool some = false, all = true;

	if (!policy)
		return SNUG_REACH_ALL;
	split = snug_seccomp_split(policy, arch, nr);
	for (size_t i = 0; i < split->count; i++) {
		bool permits = snug_action_permits(split->at[i].action);

		some |= permits;
		all &= permits;
	}
	return all ? SNUG_REACH_ALL : some ? SNUG_REACH_SOME : SNUG_REACH_NONE;
}

void snug_count_calls(const struct snug_seccomp *policy, enum snug_arch arch, unsigned major,
		      unsigned minor, struct snug_call_counts *ret)
{
	const struct snug_syscall *table;
	size_t count;

	*ret = (struct snug_call_counts){ 0 };
	table = snug_syscall_table(arch, &count);
	for (size_t i = 0; i < count; i++) {
		enum snug_reach reach;

		if (!has_version(&table[i], major, minor))
			continue;
		reach = reach_of(policy, arch, table[i].nr);
		ret->known++;
		ret->allowed += reach != SNUG_REACH_NONE;
		ret->by_argument += reach == SNUG_REACH_SOME;
	}
}

/* The same split with but two answers: permitted, and not. So that a refusal by another errno is no
 * difference. */
static int flatten(const struct snug_seccomp *policy, enum snug_arch arch, uint32_t nr,
		   struct snug_split *ret, struct snug_error *err)
{
	if (snug_split_copy(snug_seccomp_split(policy, arch, nr), ret, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->count; i++)
		ret->at[i].action =
			snug_action_permits(ret->at[i].action) ? SNUG_ALLOW : SNUG_ERRNO(EPERM);
	return 0;
}

static int compare_engines(const struct snug_explain *what, struct snug_explained_call *call,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split ours = { 0 }, theirs = { 0 };
	uint64_t witness[SNUG_ARGS];

	if (!what->engines)
		return 0;
	call->engines = reach_of(what->engines, call->arch, call->nr);
	if (!what->policy) {
		call->beyond = call->engines != SNUG_REACH_ALL;
		return 0;
	}
	if (flatten(what->policy, call->arch, call->nr, &ours, err) < 0 ||
	    flatten(what->engines, call->arch, call->nr, &theirs, err) < 0)
		return -1;
	call->narrowed = !snug_split_within(&theirs, &ours, witness);
	call->beyond = !snug_split_within(&ours, &theirs, witness);
	return 0;
}

/* Can a vector within `permitted` be one of `denied` to the kernel, which reads the lower half of
 * the ints alone? Then the denial is passed by a dirty upper half, and *ret is such a vector. */
static bool passes(const struct snug_cube *permitted, const struct snug_cube *denied, unsigned ints,
		   uint64_t ret[SNUG_ARGS])
{
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		uint64_t read = ints & 1u << i ? LOWER : UINT64_MAX;
		uint64_t both = permitted->mask[i] & denied->mask[i] & read;

		if ((permitted->value[i] ^ denied->value[i]) & both)
			return false;
		if (denied->value[i] & ~read)
			return false;
		ret[i] = permitted->value[i] | (denied->value[i] & read);
	}
	return true;
}

/* Keeps the lowest vector: the same one however the split is cut, and the easiest to read. */
static void keep_lowest(struct snug_explained_call *call, const uint64_t args[SNUG_ARGS])
{
	unsigned i = 0;

	while (call->dirty && i < SNUG_ARGS - 1 && args[i] == call->dirty_call.args[i])
		i++;
	if (call->dirty && args[i] >= call->dirty_call.args[i])
		return;
	call->dirty = true;
	memcpy(call->dirty_call.args, args, sizeof(call->dirty_call.args));
}

static int find_dirty(const struct snug_explain *what, struct snug_explained_call *call,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split pieces = { 0 };
	struct snug_argspec spec;
	uint64_t args[SNUG_ARGS];
	unsigned ints = 0;

	/* A 32-bit ABI has no upper halves. */
	if (!what->policy || snug_arch_bits(call->arch) == 32 ||
	    !snug_argspec_of(call->name, &spec))
		return 0;
	for (unsigned i = 0; i < spec.count; i++)
		ints |= 1u << spec.index[i];
	if (snug_split_disjoint(snug_seccomp_split(what->policy, call->arch, call->nr),
				SNUG_SKIP_NONE, &pieces, err) < 0)
		return -1;
	for (size_t i = 0; i < pieces.count; i++)
		for (size_t j = 0; j < pieces.count; j++)
			if (snug_action_permits(pieces.at[i].action) &&
			    !snug_action_permits(pieces.at[j].action) &&
			    passes(&pieces.at[i].cube, &pieces.at[j].cube, ints, args))
				keep_lowest(call, args);
	call->dirty_call.arch = call->arch;
	call->dirty_call.nr = call->nr;
	return 0;
}

/* Does the section name the call, and permit it? */
static void find_entries(const struct snug_explain *what, struct snug_explained_call *call)
{
	const struct snug_oci_seccomp *section = what->section;
	bool permitted = false;

	for (size_t i = 0; section && i < section->entries.count; i++) {
		const struct snug_oci_entry *entry = &section->entries.at[i];

		for (size_t j = 0; j < entry->names.count; j++) {
			if (strcmp(entry->names.at[j], call->name) != 0)
				continue;
			call->named = true;
			permitted |= snug_action_permits(entry->action);
		}
	}
	call->unresolved = permitted && call->reach == SNUG_REACH_NONE &&
			   !snug_target_resolves(what->target, call->arch, call->nr);
}

static void find_why(const struct snug_profile *profile, struct snug_explained_call *call)
{
	const struct snug_json_node *node, *phase, *any;
	const char *word;
	struct snug_error err;

	if (!profile)
		return;
	call->why = snug_profile_why(profile, call->name);
	node = snug_json_member(snug_json_member(profile->provenance, "syscalls"), call->name);
	phase = snug_json_member(node, "phase");
	any = snug_json_member(node, "anyArgs");
	call->runtime_only =
		phase && snug_json_string(phase, &word, &err) == 0 && strcmp(word, "runtime") == 0;
	if (any && snug_json_bool(any, &call->any_args, &err) < 0)
		call->any_args = false;
}

static int explain_call(const struct snug_explain *what, const struct snug_syscall *known,
			enum snug_arch arch, struct snug_explained *ret, struct snug_error *err)
{
	struct snug_explained_call call = { .name = known->name, .arch = arch, .nr = known->nr };
	const struct snug_split *split;

	call.reach = reach_of(what->policy, arch, known->nr);
	find_entries(what, &call);
	if (what->policy && call.reach == SNUG_REACH_NONE) {
		split = snug_seccomp_split(what->policy, arch, known->nr);
		if (!snug_split_is_flat(split, &call.answer))
			call.answer = what->section->fallback;
	}
	find_why(what->profile, &call);
	if (find_dirty(what, &call, err) < 0 || compare_engines(what, &call, err) < 0)
		return -1;
	return snug_vec_push(&ret->calls, call) < 0 ? snug_fail_memory(err) : 0;
}

static bool has_arch(const struct snug_explain *what, enum snug_arch arch)
{
	if (arch == snug_arch_native())
		return true;
	for (size_t i = 0; what->section && i < what->section->archs.count; i++)
		if (strcmp(what->section->archs.at[i], snug_arch_name(arch)) == 0)
			return true;
	return false;
}

/* Was the name explained with the native ABI, or one before this? */
static bool is_explained(const struct snug_explain *what, enum snug_arch arch, const char *name)
{
	if (arch == snug_arch_native())
		return false;
	if (snug_syscall_by_name(snug_arch_native(), name))
		return true;
	for (unsigned before = 0; before < arch; before++)
		if (has_arch(what, before) && snug_syscall_by_name(before, name))
			return true;
	return false;
}

static int explain_arch(const struct snug_explain *what, enum snug_arch arch,
			struct snug_explained *ret, struct snug_error *err)
{
	const struct snug_syscall *table;
	size_t count;

	table = snug_syscall_table(arch, &count);
	for (size_t i = 0; i < count; i++) {
		if (!has_version(&table[i], what->major, what->minor) ||
		    is_explained(what, arch, table[i].name))
			continue;
		if (explain_call(what, &table[i], arch, ret, err) < 0)
			return -1;
	}
	return 0;
}

static void read_runs(const struct snug_profile *profile, struct snug_explained *ret)
{
	const struct snug_json_node *runs, *once, *twice;
	struct snug_error err;

	if (!profile || !profile->provenance)
		return;
	runs = snug_json_member(profile->provenance, "runs");
	once = snug_json_member(profile->provenance, "seenInOneRun");
	twice = snug_json_member(profile->provenance, "seenInTwoRuns");
	/* What somebody wrote there by hand is no reason to explain nothing. */
	if (!runs || !once || snug_json_u64(runs, &ret->seen.runs, &err) < 0 ||
	    snug_json_u64(once, &ret->seen.once, &err) < 0 ||
	    (twice && snug_json_u64(twice, &ret->seen.twice, &err) < 0))
		ret->seen.runs = 0;
}

int snug_explain_make(const struct snug_explain *what, struct snug_explained *ret,
		      struct snug_error *err)
{
	const enum snug_arch native = snug_arch_native();
	int result = explain_arch(what, native, ret, err);

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX && result == 0; arch++)
		if (arch != native && has_arch(what, arch))
			result = explain_arch(what, arch, ret, err);
	if (result < 0) {
		snug_explained_clear(ret);
		return -1;
	}
	ret->of = what;
	snug_count_calls(what->policy, native, what->major, what->minor, &ret->counts);
	if (what->engines)
		snug_count_calls(what->engines, native, what->major, what->minor, &ret->engines);
	read_runs(what->profile, ret);
	return 0;
}

void snug_explained_clear(struct snug_explained *explained)
{
	snug_vec_clear(&explained->calls);
}
