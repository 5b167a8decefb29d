/* SPDX-License-Identifier: Apache-2.0 */
#include "model/seccomp.h"

#include "base/cleanup.h"
#include "model/syscalls.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

uint32_t snug_abi_first(enum snug_arch arch)
{
	return arch == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0;
}

uint32_t snug_abi_last(enum snug_arch arch)
{
	return arch == SNUG_ARCH_X86_64 ? SNUG_X32_BIT - 1 : SNUG_CALL_NR_MAX;
}

/* Puts split (taken over on success) behind the abi's last span. */
static int push_span(struct snug_abi_policy *abi, uint32_t first, struct snug_split *split,
		     struct snug_error *err)
{
	struct snug_span span = { first, *split };

	if (snug_vec_push(&abi->spans, span) < 0)
		return snug_fail_memory(err);
	*split = (struct snug_split){ 0 };
	return 0;
}

int snug_seccomp_init(struct snug_seccomp *ret, snug_action action, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };

		if (snug_split_init(&split, action, err) < 0 ||
		    push_span(&policy.abi[arch], snug_abi_first((enum snug_arch)arch), &split,
			      err) < 0)
			return -1;
	}
	*ret = policy;
	policy = (struct snug_seccomp){ 0 };
	return 0;
}

void snug_seccomp_clear(struct snug_seccomp *policy)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		struct snug_abi_policy *abi = &policy->abi[arch];

		for (size_t i = 0; i < abi->spans.count; i++)
			snug_split_clear(&abi->spans.at[i].split);
		snug_vec_clear(&abi->spans);
	}
}

/* The place of the span that nr is in. */
static size_t find(const struct snug_abi_policy *abi, uint32_t nr)
{
	size_t low = 0, high = abi->spans.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (abi->spans.at[middle].first <= nr)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const struct snug_split *snug_seccomp_split(const struct snug_seccomp *policy, enum snug_arch arch,
					    uint32_t nr)
{
	const struct snug_abi_policy *abi = &policy->abi[arch];

	assert(nr >= snug_abi_first(arch) && nr <= snug_abi_last(arch));
	return &abi->spans.at[find(abi, nr)].split;
}

snug_action snug_seccomp_decide(const struct snug_seccomp *policy,
				const struct snug_call_data *call)
{
	return snug_split_decide(snug_seccomp_split(policy, call->arch, call->nr), call->args);
}

/* Makes nr the first number of a span; *ret is the span's place. Changes no decision. */
static int cut(struct snug_abi_policy *abi, uint32_t nr, size_t *ret, struct snug_error *err)
{
	size_t at = find(abi, nr);
	struct snug_span span = { .first = nr };

	*ret = at;
	if (abi->spans.at[at].first == nr)
		return 0;
	if (snug_vec_reserve(&abi->spans, abi->spans.count + 1) < 0)
		return snug_fail_memory(err);
	if (snug_split_copy(&abi->spans.at[at].split, &span.split, err) < 0)
		return -1;
	at++;
	memmove(&abi->spans.at[at + 1], &abi->spans.at[at],
		(abi->spans.count - at) * sizeof(*abi->spans.at));
	abi->spans.at[at] = span;
	abi->spans.count++;
	*ret = at;
	return 0;
}

/* Every number from first to last gets split (taken over on success). */
static int replace(struct snug_abi_policy *abi, uint32_t first, uint32_t last, uint32_t abi_last,
		   struct snug_split *split, struct snug_error *err)
{
	size_t from, to;

	if (cut(abi, first, &from, err) < 0)
		return -1;
	to = abi->spans.count;
	if (last < abi_last && cut(abi, last + 1, &to, err) < 0)
		return -1;
	for (size_t i = from; i < to; i++)
		snug_split_clear(&abi->spans.at[i].split);
	memmove(&abi->spans.at[from + 1], &abi->spans.at[to],
		(abi->spans.count - to) * sizeof(*abi->spans.at));
	abi->spans.count -= to - from - 1;
	abi->spans.at[from].split = *split;
	*split = (struct snug_split){ 0 };
	return 0;
}

int snug_seccomp_put(struct snug_seccomp *policy, enum snug_arch arch, uint32_t nr,
		     struct snug_split *split, struct snug_error *err)
{
	assert(nr >= snug_abi_first(arch) && nr <= snug_abi_last(arch));
	return replace(&policy->abi[arch], nr, nr, snug_abi_last(arch), split, err);
}

int snug_seccomp_fill(struct snug_seccomp *policy, enum snug_arch arch, uint32_t first,
		      uint32_t last, snug_action action, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };

	assert(first >= snug_abi_first(arch) && first <= last && last <= snug_abi_last(arch));
	if (snug_split_init(&split, action, err) < 0)
		return -1;
	return replace(&policy->abi[arch], first, last, snug_abi_last(arch), &split, err);
}

/* The number before the next span's of either. */
static uint32_t last_of(const struct snug_walk *walk)
{
	uint32_t last = walk->abi_last;

	if (walk->i + 1 < walk->a->spans.count)
		last = walk->a->spans.at[walk->i + 1].first - 1;
	if (walk->j + 1 < walk->b->spans.count && walk->b->spans.at[walk->j + 1].first - 1 < last)
		last = walk->b->spans.at[walk->j + 1].first - 1;
	return last;
}

static void walk_here(struct snug_walk *walk)
{
	uint32_t a = walk->a->spans.at[walk->i].first, b = walk->b->spans.at[walk->j].first;

	walk->first = a > b ? a : b;
	walk->last = last_of(walk);
	walk->split_a = &walk->a->spans.at[walk->i].split;
	walk->split_b = &walk->b->spans.at[walk->j].split;
}

struct snug_walk snug_walk_start(const struct snug_seccomp *a, const struct snug_seccomp *b,
				 enum snug_arch arch)
{
	struct snug_walk walk = { .a = &a->abi[arch],
				  .b = &b->abi[arch],
				  .abi_last = snug_abi_last(arch) };

	walk_here(&walk);
	return walk;
}

bool snug_walk_next(struct snug_walk *walk)
{
	bool more_a = walk->i + 1 < walk->a->spans.count;
	bool more_b = walk->j + 1 < walk->b->spans.count;
	uint32_t a = more_a ? walk->a->spans.at[walk->i + 1].first : UINT32_MAX;
	uint32_t b = more_b ? walk->b->spans.at[walk->j + 1].first : UINT32_MAX;

	walk->i += more_a && a <= b;
	walk->j += more_b && b <= a;
	if (more_a || more_b)
		walk_here(walk);
	return more_a || more_b;
}

typedef int split_operation(const struct snug_split *, const struct snug_split *,
			    struct snug_split *, struct snug_error *);

static int combine_abi(struct snug_walk walk, split_operation *operation,
		       struct snug_abi_policy *ret, struct snug_error *err)
{
	do {
		SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };

		if (operation(walk.split_a, walk.split_b, &split, err) < 0 ||
		    push_span(ret, walk.first, &split, err) < 0)
			return -1;
	} while (snug_walk_next(&walk));
	return 0;
}

static int combine(const struct snug_seccomp *a, const struct snug_seccomp *b,
		   split_operation *operation, struct snug_seccomp *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp both = { 0 };

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (combine_abi(snug_walk_start(a, b, (enum snug_arch)arch), operation,
				&both.abi[arch], err) < 0)
			return -1;
	*ret = both;
	both = (struct snug_seccomp){ 0 };
	return 0;
}

int snug_seccomp_meet(const struct snug_seccomp *a, const struct snug_seccomp *b,
		      struct snug_seccomp *ret, struct snug_error *err)
{
	return combine(a, b, snug_split_meet, ret, err);
}

int snug_seccomp_join(const struct snug_seccomp *a, const struct snug_seccomp *b,
		      struct snug_seccomp *ret, struct snug_error *err)
{
	return combine(a, b, snug_split_join, ret, err);
}

typedef bool split_question(const struct snug_split *, const struct snug_split *, uint64_t *);

/* Is the answer yes at every step? */
static bool everywhere(const struct snug_seccomp *a, const struct snug_seccomp *b,
		       split_question *ask, struct snug_call_data *witness)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		struct snug_walk walk = snug_walk_start(a, b, (enum snug_arch)arch);

		do {
			if (!ask(walk.split_a, walk.split_b, witness->args)) {
				witness->arch = (enum snug_arch)arch;
				witness->nr = walk.first;
				return false;
			}
		} while (snug_walk_next(&walk));
	}
	return true;
}

bool snug_seccomp_same(const struct snug_seccomp *a, const struct snug_seccomp *b,
		       struct snug_call_data *witness)
{
	return everywhere(a, b, snug_split_same, witness);
}

bool snug_seccomp_within(const struct snug_seccomp *inner, const struct snug_seccomp *outer,
			 struct snug_call_data *witness)
{
	return everywhere(inner, outer, snug_split_within, witness);
}

bool snug_abi_is_flat(const struct snug_seccomp *policy, enum snug_arch arch, snug_action action)
{
	const struct snug_abi_policy *abi = &policy->abi[arch];
	snug_action flat;

	for (size_t i = 0; i < abi->spans.count; i++)
		if (!snug_split_is_flat(&abi->spans.at[i].split, &flat) || flat != action)
			return false;
	return true;
}

void snug_call_words(const struct snug_call_data *call, char *ret, unsigned size)
{
	const struct snug_syscall *known =
		call->arch < SNUG_ARCH_MAX ? snug_syscall_by_nr(call->arch, call->nr) : NULL;
	char args[SNUG_ARGS * 20 + 1] = "", name[32];
	size_t at = 0;
	int shown = SNUG_ARGS;

	while (shown > 0 && call->args[shown - 1] == 0)
		shown--;
	for (int i = 0; i < shown; i++)
		at += (size_t)snprintf(args + at, sizeof(args) - at, "%s0x%llx", i ? ", " : "",
				       (unsigned long long)call->args[i]);
	snprintf(name, sizeof(name), "call %u", call->nr);
	snprintf(ret, size, "%s(%s) on %s", known ? known->name : name, args,
		 call->arch < SNUG_ARCH_MAX ? snug_arch_word(call->arch) : "an unknown ABI");
}
