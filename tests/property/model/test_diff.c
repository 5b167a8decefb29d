/* SPDX-License-Identifier: Apache-2.0 */
/* A diff is exact: nothing that differs is left out, and each change has a call that shows it. */
#include "model/diff.h"

#include "cases.h"

#include "../seccomp_cases.h"

#define CASES	 random_cases(10000u)
#define SECTIONS 3000u
#define VECTORS	 40u

static void random_split(struct snug_split *ret)
{
	struct snug_error err;

	assert_int_equal(snug_split_init(ret, random_action(), &err), 0);
	for (unsigned n = random_below(4); n > 0; n--) {
		const struct snug_cube cube = random_cube();

		assert_int_equal(snug_split_assign(ret, &cube, random_action(), &err), 0);
	}
}

/* Near each other, near the end of the tables, anywhere. */
static uint32_t random_nr(enum snug_arch arch)
{
	uint32_t limit = snug_abi_last(arch) - snug_abi_first(arch);
	uint32_t nr = random_below(8)	? random_below(8) * 60 + random_below(3)
		      : random_below(2) ? limit - random_below(4)
					: random_below(limit);

	return snug_abi_first(arch) + nr;
}

static void change(struct snug_seccomp *policy)
{
	enum snug_arch arch = (enum snug_arch)random_below(SNUG_ARCH_MAX);
	uint32_t first = random_nr(arch), last = random_nr(arch);
	struct snug_split split;
	struct snug_error err;

	if (random_below(3) == 0 && first <= last) {
		assert_int_equal(
			snug_seccomp_fill(policy, arch, first, last, random_action(), &err), 0);
		return;
	}
	random_split(&split);
	assert_int_equal(snug_seccomp_put(policy, arch, first, &split, &err), 0);
}

/* Two policies that have changes in common, and each some of its own. */
static void random_pair(struct snug_seccomp *a, struct snug_seccomp *b)
{
	struct snug_error err;

	assert_int_equal(snug_seccomp_init(a, random_action(), &err), 0);
	for (unsigned n = random_below(8); n > 0; n--)
		change(a);
	assert_int_equal(snug_seccomp_join(a, a, b, &err), 0); /* a copy */
	for (unsigned n = random_below(4); n > 0; n--)
		change(random_below(2) ? a : b);
}

static bool is_known_run(const struct snug_call_change *one)
{
	size_t count;
	const struct snug_syscall *table = snug_syscall_table(one->arch, &count);

	for (size_t i = 0; i < count && one->first != one->last; i++)
		if (table[i].nr >= one->first && table[i].nr <= one->last)
			return true;
	return false;
}

/* Each change by itself: its call is decided as it says, its numbers are one call or no call. */
static void check_changes(const struct snug_seccomp *a, const struct snug_seccomp *b,
			  const struct snug_call_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct snug_call_change *one = &changes->at[i], *before = one - 1;

		CHECK(one->a != one->b && !one->undecided);
		CHECK(one->witness.arch == one->arch && one->witness.nr == one->first);
		CHECK(snug_seccomp_decide(a, &one->witness) == one->a);
		CHECK(snug_seccomp_decide(b, &one->witness) == one->b);
		CHECK(one->first <= one->last && !is_known_run(one));
		CHECK(i == 0 || before->arch < one->arch || before->last < one->first ||
		      (before->first == one->first && before->last == one->last &&
		       one->by_argument));
	}
}

static const struct snug_call_change *find(const struct snug_call_changes *changes,
					   const struct snug_call_data *call, snug_action a,
					   snug_action b)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct snug_call_change *one = &changes->at[i];

		if (one->arch == call->arch && one->first <= call->nr && call->nr <= one->last &&
		    one->a == a && one->b == b)
			return one;
	}
	return NULL;
}

/* Of a call that is not by argument any arguments get its answers. */
static void check_whole(const struct snug_call_changes *changes, const struct snug_call_data *call,
			snug_action a, snug_action b)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct snug_call_change *one = &changes->at[i];

		if (one->arch == call->arch && one->first <= call->nr && call->nr <= one->last &&
		    !one->by_argument)
			CHECK(one->a == a && one->b == b);
	}
}

/* Calls near what the policies look at: a change is listed, and no other. */
static void check_vectors(const struct snug_seccomp *a, const struct snug_seccomp *b,
			  const struct snug_call_changes *changes)
{
	for (unsigned i = 0; i < VECTORS; i++) {
		struct snug_call_data call = { .arch = (enum snug_arch)random_below(
						       SNUG_ARCH_MAX) };
		const struct snug_split *split;
		snug_action of_a, of_b;

		call.nr = random_nr(call.arch);
		if (changes->count && random_below(2)) {
			const struct snug_call_change *one =
				&changes->at[random_below((unsigned)changes->count)];

			call.arch = one->arch;
			call.nr = random_below(2) ? one->first : one->last;
		}
		split = snug_seccomp_split(random_below(2) ? a : b, call.arch, call.nr);
		random_args(call.args, &split->at[random_below((unsigned)split->count)].cube);
		of_a = snug_seccomp_decide(a, &call);
		of_b = snug_seccomp_decide(b, &call);
		CHECK(of_a == of_b || find(changes, &call, of_a, of_b));
		check_whole(changes, &call, of_a, of_b);
	}
}

/* The policy with ALLOW for what permits, and KILL for all else. */
static void flatten(struct snug_seccomp *policy)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		for (size_t i = 0; i < policy->abi[arch].spans.count; i++) {
			struct snug_split *split = &policy->abi[arch].spans.at[i].split;

			for (size_t j = 0; j < split->count; j++)
				split->at[j].action = snug_action_permits(split->at[j].action)
							      ? SNUG_ALLOW
							      : SNUG_KILL_THREAD;
		}
}

static unsigned count(const struct snug_call_changes *changes, enum snug_change kind)
{
	unsigned ret = 0;

	for (size_t i = 0; i < changes->count; i++)
		ret += snug_change_of(&changes->at[i]) == kind;
	return ret;
}

/* Policies are flattened: only after all that looks at their answers. */
static void check_empty(struct snug_seccomp *a, struct snug_seccomp *b,
			const struct snug_call_changes *changes)
{
	struct snug_call_data witness;

	CHECK((changes->count == 0) == snug_seccomp_same(a, b, &witness));
	flatten(a);
	flatten(b);
	CHECK((count(changes, SNUG_CHANGE_A_ALLOWS) + count(changes, SNUG_CHANGE_B_ALLOWS) == 0) ==
	      snug_seccomp_same(a, b, &witness));
	CHECK((count(changes, SNUG_CHANGE_A_ALLOWS) == 0) == snug_seccomp_within(a, b, &witness));
	CHECK((count(changes, SNUG_CHANGE_B_ALLOWS) == 0) == snug_seccomp_within(b, a, &witness));
}

static void check_mirror(const struct snug_call_changes *changes,
			 const struct snug_call_changes *mirror)
{
	static const enum snug_change mirrored[SNUG_CHANGE_MAX] = {
		[SNUG_CHANGE_A_ALLOWS] = SNUG_CHANGE_B_ALLOWS,
		[SNUG_CHANGE_B_ALLOWS] = SNUG_CHANGE_A_ALLOWS,
		[SNUG_CHANGE_OTHERWISE] = SNUG_CHANGE_OTHERWISE,
		[SNUG_CHANGE_UNDECIDED] = SNUG_CHANGE_UNDECIDED,
	};

	CHECK(changes->count == mirror->count);
	for (size_t i = 0; i < changes->count; i++) {
		const struct snug_call_change *one = &changes->at[i];
		const struct snug_call_change *other = find(mirror, &one->witness, one->b, one->a);

		CHECK(other && other->first == one->first && other->last == one->last &&
		      other->by_argument == one->by_argument &&
		      snug_change_of(other) == mirrored[snug_change_of(one)]);
	}
}

/* Counts the kinds that it saw: cases that show none prove nothing. */
static void check_pair(struct snug_seccomp *a, struct snug_seccomp *b,
		       unsigned seen[SNUG_CHANGE_MAX + 1])
{
	struct snug_call_changes changes = { 0 }, mirror = { 0 };
	struct snug_error err;

	assert_int_equal(snug_policy_diff(a, b, &changes, &err), 0);
	assert_int_equal(snug_policy_diff(b, a, &mirror, &err), 0);
	check_changes(a, b, &changes);
	check_vectors(a, b, &changes);
	check_mirror(&changes, &mirror);
	check_empty(a, b, &changes);
	for (enum snug_change kind = 0; kind < SNUG_CHANGE_MAX; kind++)
		seen[kind] += count(&changes, kind) > 0;
	seen[SNUG_CHANGE_MAX] += changes.count == 0;
	snug_vec_clear(&changes);
	snug_vec_clear(&mirror);
}

static void check_seen(const unsigned seen[SNUG_CHANGE_MAX + 1], unsigned least)
{
	assert_true(seen[SNUG_CHANGE_A_ALLOWS] > least && seen[SNUG_CHANGE_B_ALLOWS] > least);
	assert_true(seen[SNUG_CHANGE_OTHERWISE] > least);
}

static void diff_of_policies_is_exact(void **state)
{
	unsigned seen[SNUG_CHANGE_MAX + 1] = { 0 };

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp a = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp b = { 0 };

		random_case(i);
		random_pair(&a, &b);
		check_pair(&a, &b, seen);
	}
	check_seen(seen, CASES / 20);
	assert_true(seen[SNUG_CHANGE_MAX] > CASES / 20);
}

static int mean(const struct random_section *section, struct snug_seccomp *ret)
{
	struct snug_target target;
	struct snug_error err;

	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	return snug_oci_seccomp_mean(&section->seccomp, &target, ret, &err);
}

static void diff_of_sections_is_exact(void **state)
{
	unsigned seen[SNUG_CHANGE_MAX + 1] = { 0 };

	(void)state;
	for (unsigned i = 0; i < SECTIONS; i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp a = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp b = { 0 };

		random_case(i);
		SNUG_AUTO(random_section_clear) struct random_section of_a = random_section(false);
		SNUG_AUTO(random_section_clear) struct random_section of_b = random_section(false);

		if (mean(&of_a, &a) == 0 && mean(&of_b, &b) == 0)
			check_pair(&a, &b, seen);
	}
	check_seen(seen, SECTIONS / 20);
}

/* Bit `bit` of the 384 of a vector is `value`. */
static void fix_bit(struct snug_cube *cube, unsigned bit, bool value)
{
	cube->mask[bit / 64] |= UINT64_C(1) << bit % 64;
	cube->value[bit / 64] |= (uint64_t)value << bit % 64;
}

#define HOLES 8u

/* Cubes that cover every vector, which takes exponential time to see: of HOLES + 1 pigeons one has
 * no hole, or two share one (bit pigeon * HOLES + hole: it sits there). */
static void put_pigeons(struct snug_split *split, snug_action action)
{
	struct snug_error err;

	for (unsigned one = 0; one <= HOLES; one++) {
		struct snug_cube homeless = { 0 };

		for (unsigned hole = 0; hole < HOLES; hole++) {
			fix_bit(&homeless, one * HOLES + hole, false);
			for (unsigned other = 0; other < one; other++) {
				struct snug_cube shared = { 0 };

				fix_bit(&shared, one * HOLES + hole, true);
				fix_bit(&shared, other * HOLES + hole, true);
				assert_int_equal(snug_split_assign(split, &shared, action, &err),
						 0);
			}
		}
		assert_int_equal(snug_split_assign(split, &homeless, action, &err), 0);
	}
}

/* Where the search gives up the change is listed, without a call that would be none. */
static void what_is_not_decided_is_said_so(void **state)
{
	struct snug_seccomp a, b;
	struct snug_call_changes changes = { 0 };
	struct snug_split split;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_seccomp_init(&a, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_seccomp_init(&b, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_split_init(&split, SNUG_ERRNO(1), &err), 0);
	put_pigeons(&split, SNUG_ALLOW);
	assert_int_equal(snug_seccomp_put(&a, SNUG_ARCH_X86_64, 1, &split, &err), 0);
	assert_int_equal(snug_policy_diff(&a, &b, &changes, &err), 0);
	assert_int_equal(changes.count, 1);
	assert_int_equal(snug_change_of(&changes.at[0]), SNUG_CHANGE_UNDECIDED);
	assert_int_equal(changes.at[0].first, 1);
	snug_vec_clear(&changes);
	snug_seccomp_clear(&a);
	snug_seccomp_clear(&b);
}

/* Each of so many pieces answers both sides with an errno of its own. */
static void too_many_answers_are_refused(void **state)
{
	for (unsigned extra = 0; extra < 2; extra++) {
		struct snug_answers_list answers = { 0 };
		struct snug_split split, flat;
		struct snug_error err;

		(void)state;
		assert_int_equal(snug_split_init(&flat, SNUG_ALLOW, &err), 0);
		assert_int_equal(snug_split_init(&split, SNUG_ERRNO(1000), &err), 0);
		for (unsigned i = 0; i + 1 < SNUG_ANSWERS_MAX + extra; i++) {
			const struct snug_cube cube = { { UINT64_MAX }, { i } };

			assert_int_equal(snug_split_assign(&split, &cube, SNUG_ERRNO(i), &err), 0);
		}
		assert_int_equal(snug_split_answers(&split, &flat, &answers, &err), extra ? -1 : 0);
		assert_int_equal(answers.count, SNUG_ANSWERS_MAX);
		if (extra)
			assert_int_equal(err.code, SNUG_INPUT);
		snug_vec_clear(&answers);
		snug_split_clear(&split);
		snug_split_clear(&flat);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_of_policies_is_exact),
		cmocka_unit_test(diff_of_sections_is_exact),
		cmocka_unit_test(what_is_not_decided_is_said_so),
		cmocka_unit_test(too_many_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
