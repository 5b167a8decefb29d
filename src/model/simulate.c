/* SPDX-License-Identifier: Apache-2.0 */
#include "model/simulate.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

#define DIRTY (UINT64_C(1) << 32)

/* What the section says of the call if it had this entry alone, and no stub in front of it. */
static int decide_alone(const struct snug_oci_seccomp *seccomp, struct snug_oci_entry *entry,
			const struct snug_target *target, const struct snug_call_data *call,
			snug_action *ret, struct snug_error *err)
{
	struct snug_oci_seccomp alone = *seccomp;
	struct snug_target plain = *target;
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

	alone.entries.at = entry;
	alone.entries.count = 1;
	if (plain.runtime == SNUG_RUNTIME_RUNC)
		plain.runtime = SNUG_RUNTIME_SNUG;
	if (snug_oci_seccomp_mean(&alone, &plain, &policy, err) < 0)
		return -1;
	*ret = snug_seccomp_decide(&policy, call);
	return 0;
}

/* An entry speaks of the call by its name, or, on i386, of one that the call multiplexes. */
static bool speaks_of(const struct snug_oci_entry *entry, const struct snug_call_data *call)
{
	for (size_t i = 0; i < entry->names.count; i++) {
		const char *name = entry->names.at[i];
		const struct snug_syscall *named = snug_syscall_by_name(call->arch, name);
		uint32_t shared, number;

		if ((named && named->nr == call->nr) ||
		    (call->arch == SNUG_ARCH_I386 &&
		     snug_i386_multiplexed(name, &shared, &number) && shared == call->nr))
			return true;
	}
	return false;
}

/* The first entry that by itself gives this answer: one without conditions wins over the others,
 * the first of several such does, and those with conditions agree where they overlap. */
static int find_entry(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		      const struct snug_call_data *call, struct snug_simulation *ret,
		      struct snug_error *err)
{
	for (size_t i = 0; i < seccomp->entries.count; i++) {
		struct snug_oci_entry *entry = &seccomp->entries.at[i];
		snug_action action;

		if (entry->action != ret->action || entry->action == seccomp->fallback ||
		    !speaks_of(entry, call))
			continue;
		if (decide_alone(seccomp, entry, target, call, &action, err) < 0)
			return -1;
		if (action == ret->action) {
			ret->entry = entry;
			return 0;
		}
	}
	return 0;
}

static enum snug_rule rule_of(const struct snug_oci_seccomp *seccomp,
			      const struct snug_call_data *call, const struct snug_simulation *said)
{
	if (!snug_oci_seccomp_lists(seccomp, call->arch) && call->arch != snug_arch_native())
		return SNUG_RULE_UNLISTED;
	if (said->entry)
		return SNUG_RULE_ENTRY;
	return said->action == seccomp->fallback ? SNUG_RULE_DEFAULT : SNUG_RULE_STUB;
}

static void try_dirty(const struct snug_seccomp *policy, const struct snug_call_data *call,
		      struct snug_simulation *ret)
{
	for (unsigned i = 0; i < SNUG_ARGS && snug_arch_bits(call->arch) == 64; i++) {
		struct snug_call_data dirty = *call;

		dirty.args[i] ^= DIRTY;
		ret->dirty_action[i] = snug_seccomp_decide(policy, &dirty);
		ret->dirty |= (unsigned)(ret->dirty_action[i] != ret->action) << i;
	}
}

int snug_simulate(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		  const struct snug_call_data *call, struct snug_simulation *ret,
		  struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	struct snug_simulation said = { 0 };

	if (snug_oci_seccomp_mean(seccomp, target, &policy, err) < 0)
		return -1;
	said.action = snug_seccomp_decide(&policy, call);
	if (find_entry(seccomp, target, call, &said, err) < 0)
		return -1;
	said.rule = rule_of(seccomp, call, &said);
	try_dirty(&policy, call, &said);
	*ret = said;
	return 0;
}
