/* SPDX-License-Identifier: Apache-2.0 */
#include "model/boundary.h"

#include "base/cleanup.h"
#include "model/argspec.h"
#include "model/syscalls.h"
#include "model/target.h"

#include <stdio.h>
#include <string.h>

/* What provenance.syscalls says of the call; NULL: nothing. */
static const struct snug_json_node *reason_of(const struct snug_profile *profile, const char *call)
{
	return snug_json_member(snug_json_member(profile->provenance, "syscalls"), call);
}

static bool says(const struct snug_json_node *reason, const char *key, const char *start)
{
	const struct snug_json_node *node = snug_json_member(reason, key);
	struct snug_error ignored;
	const char *text;

	return node && snug_json_type(node) == SNUG_JSON_STRING &&
	       snug_json_string(node, &text, &ignored) == 0 &&
	       strncmp(text, start, strlen(start)) == 0;
}

static bool is_runtimes(const struct snug_json_node *reason)
{
	return says(reason, "why", "floor:") || says(reason, "phase", "runtime");
}

/* One of floorArgs: values by argument index. A shape that is none of ours takes nothing away. */
static bool tuple_cube(const struct snug_json_node *tuple, const struct snug_argspec *spec,
		       struct snug_cube *ret)
{
	struct snug_error ignored;
	char key[12];

	*ret = (struct snug_cube){ 0 };
	for (unsigned i = 0; i < spec->count; i++) {
		const struct snug_json_node *node;
		uint64_t value;

		snprintf(key, sizeof(key), "%u", spec->index[i]);
		node = snug_json_member(tuple, key);
		if (!node || snug_json_u64(node, &value, &ignored) < 0)
			return false;
		ret->mask[spec->index[i]] |= spec->mask[i];
		ret->value[spec->index[i]] |= value & spec->mask[i];
	}
	return true;
}

/* What is left of the call: everything, or these of its arguments, get the action. */
static int split_without(const struct snug_json_node *tuples, const struct snug_argspec *spec,
			 snug_action action, const struct snug_split *now, struct snug_split *ret,
			 struct snug_error *err)
{
	int result = 0;

	if (!tuples)
		return snug_split_init(ret, action, err);
	if (snug_split_copy(now, ret, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(tuples); n && result == 0;
	     n = snug_json_next(n)) {
		struct snug_cube cube;

		if (tuple_cube(n, spec, &cube))
			result = snug_split_assign(ret, &cube, action, err);
	}
	if (result < 0)
		snug_split_clear(ret);
	return result;
}

/* Where the profile answers more strictly than by what it does not list, that stands. */
static int take_away(const struct snug_json_node *tuples, const struct snug_argspec *spec,
		     const struct snug_syscall *call, enum snug_arch arch, snug_action action,
		     struct snug_seccomp *policy, struct snug_error *err)
{
	const struct snug_split *now = snug_seccomp_split(policy, arch, call->nr);
	SNUG_AUTO(snug_split_clear) struct snug_split without = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split both = { 0 };

	if (split_without(tuples, spec, action, now, &without, err) < 0 ||
	    snug_split_meet(now, &without, &both, err) < 0)
		return -1;
	return snug_seccomp_put(policy, arch, call->nr, &both, err);
}

static int leave_out(const struct snug_profile *profile, enum snug_arch arch,
		     const struct snug_syscall *call, struct snug_seccomp *policy,
		     struct snug_error *err)
{
	const struct snug_json_node *reason = reason_of(profile, call->name);
	const struct snug_json_node *tuples = snug_json_member(reason, "floorArgs");
	snug_action action = profile->seccomp.fallback;
	struct snug_argspec spec;

	if (!reason)
		return 0;
	if (is_runtimes(reason))
		return take_away(NULL, NULL, call, arch, action, policy, err);
	if (tuples && snug_json_type(tuples) == SNUG_JSON_ARRAY &&
	    snug_argspec_of(call->name, &spec))
		return take_away(tuples, &spec, call, arch, action, policy, err);
	return 0;
}

/* An ABI that the section does not list is flat already, and stays. */
static bool is_open(const struct snug_profile *profile, enum snug_arch arch)
{
	return arch == snug_arch_native() || snug_oci_seccomp_lists(&profile->seccomp, arch);
}

/* A profile that permits what it does not list takes nothing away by this. */
static int leave_out_all(const struct snug_profile *profile, struct snug_seccomp *policy,
			 struct snug_error *err)
{
	if (!snug_action_looser(SNUG_TRACE(0), profile->seccomp.fallback))
		return 0;
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		size_t count;
		const struct snug_syscall *table = snug_syscall_table(arch, &count);

		for (size_t i = 0; is_open(profile, arch) && i < count; i++)
			if (leave_out(profile, arch, &table[i], policy, err) < 0)
				return -1;
	}
	return 0;
}

int snug_boundary_policy(const struct snug_profile *profile, struct snug_seccomp *ret,
			 struct snug_error *err)
{
	struct snug_target target;

	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	if (snug_oci_seccomp_mean(&profile->seccomp, &target, ret, err) < 0)
		return -1;
	if (leave_out_all(profile, ret, err) == 0)
		return 0;
	snug_seccomp_clear(ret);
	return -1;
}
