/* SPDX-License-Identifier: Apache-2.0 */
/* To audit a profile's seccomp: what it denies is logged, and nothing is denied that was not. */
#include "base/cleanup.h"
#include "model/harden_part.h"

#include <stdio.h>
#include <string.h>

/* Can a kernel that runs the native ABI run this one too? */
static bool is_of_host(enum snug_arch arch)
{
	return (arch == SNUG_ARCH_ARM64) == (snug_arch_native() == SNUG_ARCH_ARM64);
}

/* What it denies is logged. An ABI that it does not list is left alone: a section cannot log the
 * calls of one ABI and not the same names of another. */
int snug_audit_soften(struct snug_seccomp *policy, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp logged = { 0 };
	struct snug_seccomp softer;

	if (snug_seccomp_init(&logged, SNUG_LOG, err) < 0)
		return -1;
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		bool unlisted = snug_abi_is_flat(policy, arch, SNUG_UNLISTED);

		if (unlisted &&
		    snug_seccomp_fill(&logged, arch, snug_abi_first(arch), snug_abi_last(arch),
				      is_of_host(arch) ? SNUG_ALLOW : SNUG_UNLISTED, err) < 0)
			return -1;
	}
	if (snug_seccomp_join(policy, &logged, &softer, err) < 0)
		return -1;
	snug_seccomp_clear(policy);
	*policy = softer;
	return 0;
}

/* Is inner nowhere looser than outer, where no argument has a bit in its upper half? Beside a
 * 32-bit ABI no rule can rest on those, and what has conditions at all is read as an int. */
static int within_low(const struct snug_split *inner, const struct snug_split *outer, bool *ret,
		      struct snug_call_data *call, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split low = { 0 };

	*ret = snug_split_within(inner, outer, call->args);
	if (*ret)
		return 0;
	if (snug_split_copy(inner, &low, err) < 0)
		return -1;
	for (unsigned arg = 0; arg < SNUG_ARGS; arg++)
		for (unsigned bit = 32; bit < 64; bit++) {
			struct snug_cube cube = { 0 };

			cube.mask[arg] = cube.value[arg] = UINT64_C(1) << bit;
			if (snug_split_assign(&low, &cube, SNUG_KILL_PROCESS, err) < 0)
				return -1;
		}
	*ret = snug_split_within(&low, outer, call->args);
	return 0;
}

static int all_within_low(const struct snug_seccomp *inner, const struct snug_seccomp *outer,
			  bool *ret, struct snug_call_data *call, struct snug_error *err)
{
	for (call->arch = 0; call->arch < SNUG_ARCH_MAX; call->arch++) {
		struct snug_walk walk = snug_walk_start(inner, outer, call->arch);

		do {
			call->nr = walk.first;
			if (within_low(walk.split_a, walk.split_b, ret, call, err) < 0)
				return -1;
			if (!*ret)
				return 0;
		} while (snug_walk_next(&walk));
	}
	return 0;
}

/* The least that has to be left of a policy: what it permits runs, and may be logged. */
static void keep_least(struct snug_seccomp *policy)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		for (size_t i = 0; i < policy->abi[arch].spans.count; i++) {
			struct snug_split *split = &policy->abi[arch].spans.at[i].split;

			for (size_t j = 0; j < split->count; j++)
				split->at[j].action = snug_action_permits(split->at[j].action)
							      ? SNUG_LOG
							      : SNUG_KILL_PROCESS;
		}
}

int snug_audit_check(struct snug_seccomp *config, const struct snug_seccomp *written,
		     struct snug_error *err)
{
	struct snug_call_data call;
	bool within = true;
	char words[160];

	keep_least(config);
	if (all_within_low(config, written, &within, &call, err) < 0)
		return -1;
	if (within)
		return 0;
	snug_call_words(&call, words, sizeof(words));
	snug_fail(err, SNUG_INPUT,
		  "linux.seccomp cannot log what the profile denies without denying %s", words);
	return snug_remedy(err, "enforce the profile, or audit it under a simpler section");
}

/* To log a call that was allowed is what audit is for: no loss, on whatever ABI. */
void snug_audit_forget_logged(struct snug_losses *losses)
{
	char allow[32], log[32], tail[80];
	size_t kept = 0;

	snug_action_words(SNUG_ALLOW, allow, sizeof(allow));
	snug_action_words(SNUG_LOG, log, sizeof(log));
	snprintf(tail, sizeof(tail), ": %s instead of %s", log, allow);
	for (size_t i = 0; i < losses->count; i++) {
		const char *text = losses->at[i].text;
		const size_t len = strlen(text);

		if (len < strlen(tail) || strcmp(text + len - strlen(tail), tail) != 0)
			losses->at[kept++] = losses->at[i];
	}
	losses->count = kept;
}
