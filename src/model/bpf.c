/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bpf.h"

#include "base/cleanup.h"
#include "model/bpf_walk.h"

#include <string.h>

static struct snug_bpf_path start_at(uint32_t token, uint32_t nr)
{
	return snug_bpf_start((struct snug_bpf_range){ token, token },
			      (struct snug_bpf_range){ nr, nr });
}

static int leaf_action(void *to, const struct snug_bpf_path *path, snug_action action,
		       struct snug_error *err)
{
	(void)path;
	(void)err;
	*(snug_action *)to = action;
	return 0;
}

int snug_program_run(const struct snug_program *program, uint32_t token, uint32_t nr,
		     const uint64_t args[SNUG_ARGS], snug_action *ret, struct snug_error *err)
{
	struct snug_bpf_path start = start_at(token, nr);

	memset(start.cube.mask, 0xff, sizeof(start.cube.mask));
	memcpy(start.cube.value, args, sizeof(start.cube.value));
	return snug_bpf_walk(program, &start, leaf_action, ret, err);
}

static int leaf_piece(void *to, const struct snug_bpf_path *path, snug_action action,
		      struct snug_error *err)
{
	struct snug_split *split = to;
	struct snug_piece piece = { path->cube, action };

	if (split->count >= SNUG_SPLIT_MAX)
		return snug_fail(err, SNUG_INPUT,
				 "the filter needs more than %u pieces for one call",
				 SNUG_SPLIT_MAX);
	return snug_vec_push(split, piece) < 0 ? snug_fail_memory(err) : 0;
}

int snug_program_split(const struct snug_program *program, uint32_t token, uint32_t nr,
		       struct snug_split *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	struct snug_bpf_path start = start_at(token, nr);

	if (snug_bpf_walk(program, &start, leaf_piece, &split, err) < 0)
		return -1;
	snug_split_simplify(&split);
	*ret = split;
	split = (struct snug_split){ 0 };
	return 0;
}

/* ---- the proof ---- */

struct proof {
	const struct snug_seccomp *policy;
	struct snug_call_data *witness;
	bool within; /* to be no looser than the policy will do */
	/* The paths of one range of tokens and numbers so far. */
	struct snug_bpf_range token, nr;
	struct snug_split split;
};

static int disprove(struct proof *proof, const struct snug_call_data *call, snug_action policy,
		    struct snug_error *err)
{
	char words[160], is[40], should[40];

	*proof->witness = *call;
	snug_call_words(call, words, sizeof(words));
	snug_action_words(snug_split_decide(&proof->split, call->args), is, sizeof(is));
	snug_action_words(policy, should, sizeof(should));
	return snug_fail(err, SNUG_INPUT, "the filter is not %s policy: %s gets %s, not %s",
			 proof->within ? "within the" : "the", words, is, should);
}

static bool agrees(const struct proof *proof, const struct snug_split *wanted,
		   uint64_t witness[SNUG_ARGS])
{
	return proof->within ? snug_split_within(&proof->split, wanted, witness)
			     : snug_split_same(&proof->split, wanted, witness);
}

/* One ABI's share of the range: each span that its numbers meet. */
static int prove_abi(struct proof *proof, enum snug_arch arch, struct snug_error *err)
{
	const struct snug_abi_policy *abi = &proof->policy->abi[arch];

	for (size_t i = 0; i < abi->spans.count; i++) {
		const struct snug_span *span = &abi->spans.at[i];
		uint32_t last = i + 1 < abi->spans.count ? span[1].first - 1 : snug_abi_last(arch);
		struct snug_call_data call = { .arch = arch };

		if (last < proof->nr.low || span->first > proof->nr.high ||
		    agrees(proof, &span->split, call.args))
			continue;
		call.nr = span->first > proof->nr.low ? span->first : proof->nr.low;
		return disprove(proof, &call, snug_split_decide(&span->split, call.args), err);
	}
	return 0;
}

static int prove_range(struct proof *proof, struct snug_error *err)
{
	struct snug_call_data call = { .arch = SNUG_ARCH_MAX, .nr = proof->nr.low };
	uint64_t unknown = (uint64_t)proof->token.high - proof->token.low + 1;

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		uint32_t of = snug_arch_token((enum snug_arch)arch);

		if (of < proof->token.low || of > proof->token.high)
			continue;
		unknown -= arch != SNUG_ARCH_X32; /* its token is x86_64's */
		if (prove_abi(proof, (enum snug_arch)arch, err) < 0)
			return -1;
	}
	/* Nobody can make a call by a token that is none. */
	if (!unknown || proof->within ||
	    snug_split_is_all(&proof->split, &(struct snug_cube){ 0 }, SNUG_UNLISTED, call.args))
		return 0;
	return disprove(proof, &call, SNUG_UNLISTED, err);
}

static bool is_same_range(struct snug_bpf_range a, struct snug_bpf_range b)
{
	return a.low == b.low && a.high == b.high;
}

static int leaf_prove(void *to, const struct snug_bpf_path *path, snug_action action,
		      struct snug_error *err)
{
	struct proof *proof = to;

	if (!is_same_range(proof->nr, path->field[SNUG_BPF_NR]) ||
	    !is_same_range(proof->token, path->field[SNUG_BPF_TOKEN])) {
		if (proof->split.count && prove_range(proof, err) < 0)
			return -1;
		proof->split.count = 0;
		proof->nr = path->field[SNUG_BPF_NR];
		proof->token = path->field[SNUG_BPF_TOKEN];
	}
	return leaf_piece(&proof->split, path, action, err);
}

static void proof_clear(struct proof *proof)
{
	snug_split_clear(&proof->split);
}

static int prove(const struct snug_program *program, struct proof *proof, struct snug_error *err)
{
	struct snug_bpf_path start = snug_bpf_start((struct snug_bpf_range){ 0, UINT32_MAX },
						    (struct snug_bpf_range){ 0, SNUG_CALL_NR_MAX });

	*proof->witness = (struct snug_call_data){ .arch = SNUG_ARCH_MAX };
	if (snug_bpf_walk(program, &start, leaf_prove, proof, err) < 0)
		return -1;
	return prove_range(proof, err);
}

int snug_program_prove(const struct snug_program *program, const struct snug_seccomp *policy,
		       struct snug_call_data *witness, struct snug_error *err)
{
	SNUG_AUTO(proof_clear) struct proof proof = { .policy = policy, .witness = witness };

	return prove(program, &proof, err);
}

int snug_program_within(const struct snug_program *program, const struct snug_seccomp *policy,
			struct snug_call_data *witness, struct snug_error *err)
{
	SNUG_AUTO(proof_clear)
	struct proof proof = { .policy = policy, .witness = witness, .within = true };

	return prove(program, &proof, err);
}
