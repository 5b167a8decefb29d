/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp policy as what it means: for each ABI, an action for every call and every argument
 * vector. Made from linux.seccomp (model/oci/seccomp.h) for a target; compared exactly.
 *
 * For one ABI a policy is a step function over call numbers: spans, each from its first number to
 * the one before the next span's, with one split for all of them. So known calls, holes in the
 * table and "everything above" are one thing, and two policies are compared by walking their steps
 * side by side: no number is left out, none is sampled.
 *
 * Numbers are those of calls: 0 to SNUG_CALL_NR_MAX (struct seccomp_data.nr is an int, and the
 * kernel answers ENOSYS to every negative one whatever a filter permits; a tracer skips a call with
 * -1, which libseccomp's filters let through). x86_64's end where x32's begin, at SNUG_X32_BIT.
 */
#pragma once

#include "base/error.h"
#include "model/arch.h"
#include "model/split.h"

#define SNUG_CALL_NR_MAX 0x7fffffffu

struct snug_span {
	uint32_t first; /* as the kernel gets it (x32: with the bit) */
	struct snug_split split;
};

/* Sorted by first, which is snug_abi_first() in the first span: there is no number without one. */
struct snug_abi_policy {
	SNUG_VEC(struct snug_span) spans;
};

struct snug_seccomp {
	struct snug_abi_policy abi[SNUG_ARCH_MAX];
};

/* What a filter returns for an ABI that it does not list: libseccomp's "bad arch" action. */
#define SNUG_UNLISTED SNUG_KILL_THREAD

/* A call, as the kernel shows it to a filter (struct seccomp_data less the instruction pointer). */
struct snug_call_data {
	enum snug_arch arch; /* SNUG_ARCH_MAX: an ABI that snug does not know */
	uint32_t nr;
	uint64_t args[SNUG_ARGS];
};

/* The lowest and the highest number that is a call of the ABI's. */
uint32_t snug_abi_first(enum snug_arch arch);
uint32_t snug_abi_last(enum snug_arch arch);

/* Everything gets `action` on every ABI. ret is uninitialised before. */
int snug_seccomp_init(struct snug_seccomp *ret, snug_action action,
		      struct snug_error *err) SNUG_CHECKED;
void snug_seccomp_clear(struct snug_seccomp *policy);

snug_action snug_seccomp_decide(const struct snug_seccomp *policy,
				const struct snug_call_data *call);
/* What the policy says of one number; nr is one of arch's. */
const struct snug_split *snug_seccomp_split(const struct snug_seccomp *policy, enum snug_arch arch,
					    uint32_t nr);
/* Puts split (taken over, emptied) at (arch, nr), replacing what was there. */
int snug_seccomp_put(struct snug_seccomp *policy, enum snug_arch arch, uint32_t nr,
		     struct snug_split *split, struct snug_error *err) SNUG_CHECKED;
/* Every call from first to last (both included) gets action. */
int snug_seccomp_fill(struct snug_seccomp *policy, enum snug_arch arch, uint32_t first,
		      uint32_t last, snug_action action, struct snug_error *err) SNUG_CHECKED;

/* The stricter of both, for every call; of one kind, a's data. ret is uninitialised before. */
int snug_seccomp_meet(const struct snug_seccomp *a, const struct snug_seccomp *b,
		      struct snug_seccomp *ret, struct snug_error *err) SNUG_CHECKED;
/* The looser of both, for every call (action.h: snug_action_join). ret is uninitialised before. */
int snug_seccomp_join(const struct snug_seccomp *a, const struct snug_seccomp *b,
		      struct snug_seccomp *ret, struct snug_error *err) SNUG_CHECKED;
/* Same action, data included, for every call of every ABI? If not, witness is a call that differs.
 */
bool snug_seccomp_same(const struct snug_seccomp *a, const struct snug_seccomp *b,
		       struct snug_call_data *witness);
/* Is inner nowhere looser than outer? */
bool snug_seccomp_within(const struct snug_seccomp *inner, const struct snug_seccomp *outer,
			 struct snug_call_data *witness);
/*
 * Two policies of one ABI, side by side: at each step both have one split for all numbers from
 * first to last. Valid while neither policy changes.
 */
struct snug_walk {
	uint32_t first, last;
	const struct snug_split *split_a, *split_b;
	/* its own */
	const struct snug_abi_policy *a, *b;
	size_t i, j;
	uint32_t abi_last;
};
struct snug_walk snug_walk_start(const struct snug_seccomp *a, const struct snug_seccomp *b,
				 enum snug_arch arch);
/* On to the next step; false past the last. */
bool snug_walk_next(struct snug_walk *walk);

/* Does every call of the ABI's get `action`? (KILL_THREAD: as if it were not listed.) */
bool snug_abi_is_flat(const struct snug_seccomp *policy, enum snug_arch arch, snug_action action);

/* "socket(0x26, 0x5, 0x0) on x86_64", for messages: trailing zero arguments are left out. */
void snug_call_words(const struct snug_call_data *call, char *ret, unsigned size);
