/* SPDX-License-Identifier: Apache-2.0 */
/* The algebra of cubes and splits against brute force on vectors near every boundary. */
#include "cases.h"

#include "base/cleanup.h"

#include <stdio.h>

#define CASES	random_cases(10000u)
#define VECTORS 24u
#define RULES	4u

static unsigned holding(const struct snug_cubes *cubes, const uint64_t args[SNUG_ARGS])
{
	unsigned count = 0;

	for (size_t i = 0; i < cubes->count; i++)
		count += snug_cube_holds(&cubes->at[i], args);
	return count;
}

static void check_cubes(void)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes less = { 0 };
	struct snug_cube a = random_cube(), b = random_cube(), both;
	bool meet = snug_cube_meet(&a, &b, &both);
	uint64_t args[SNUG_ARGS];
	struct snug_error err;

	assert_int_equal(snug_cube_less(&a, &b, &less, &err), 0);
	CHECK(snug_cube_within(&a, &b) == (less.count == 0));
	CHECK(!meet || (snug_cube_within(&both, &a) && snug_cube_within(&both, &b)));
	CHECK(!meet || (snug_cube_holds(&a, both.value) && snug_cube_holds(&b, both.value)));
	for (unsigned i = 0; i < VECTORS; i++) {
		bool in_a, in_b;

		random_args(args, i & 1 ? &a : &b);
		in_a = snug_cube_holds(&a, args);
		in_b = snug_cube_holds(&b, args);
		CHECK((in_a && in_b) == (meet && snug_cube_holds(&both, args)));
		CHECK(holding(&less, args) == (in_a && !in_b));
	}
}

static bool compare(enum snug_op op, uint64_t a, uint64_t value, uint64_t value2)
{
	switch (op) {
	case SNUG_OP_NE:
		return a != value;
	case SNUG_OP_LT:
		return a < value;
	case SNUG_OP_LE:
		return a <= value;
	case SNUG_OP_EQ:
		return a == value;
	case SNUG_OP_GE:
		return a >= value;
	case SNUG_OP_GT:
		return a > value;
	case SNUG_OP_MASKED_EQ:
		return (a & value) == (value2 & value);
	case SNUG_OP_MAX:
		break;
	}
	return false;
}

static void check_operators(void)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes cubes = { 0 };
	enum snug_op op = (enum snug_op)random_below(SNUG_OP_MAX);
	uint64_t value = random_value(), value2 = random_value(), args[SNUG_ARGS];
	unsigned index = random_below(SNUG_ARGS), bits = random_below(2) ? 64 : 32;
	uint64_t width = bits == 64 ? UINT64_MAX : UINT32_MAX;
	struct snug_error err;

	assert_int_equal(snug_cubes_of(index, op, value, value2, bits, &cubes, &err), 0);
	for (unsigned i = 0; i < VECTORS; i++) {
		random_args(args, NULL);
		if (i < 3)
			args[index] = value + i - 1;
		CHECK(holding(&cubes, args) ==
		      compare(op, args[index] & width, value & width, value2 & width));
	}
}

/* A split, and the rules that made it: the last that holds decides. */
struct history {
	struct snug_split split;
	snug_action base;
	struct snug_piece rule[RULES];
	unsigned rules;
};

static void history_clear(struct history *history)
{
	snug_split_clear(&history->split);
}

static struct history random_history(void)
{
	struct history ret = { .base = random_action(), .rules = random_below(RULES + 1) };
	struct snug_error err;

	assert_int_equal(snug_split_init(&ret.split, ret.base, &err), 0);
	for (unsigned i = 0; i < ret.rules; i++) {
		ret.rule[i] = (struct snug_piece){ random_cube(), random_action() };
		assert_int_equal(
			snug_split_assign(&ret.split, &ret.rule[i].cube, ret.rule[i].action, &err),
			0);
	}
	if (random_below(2))
		snug_split_simplify(&ret.split);
	return ret;
}

static snug_action judge(const struct history *history, const uint64_t args[SNUG_ARGS])
{
	for (unsigned i = history->rules; i-- > 0;)
		if (snug_cube_holds(&history->rule[i].cube, args))
			return history->rule[i].action;
	return history->base;
}

/* Cut apart, each vector is held once, by a piece with its answer; or not, if that is skipped. */
static void check_disjoint(const struct snug_split *split, const struct snug_split *list,
			   snug_action skip, const uint64_t args[SNUG_ARGS])
{
	snug_action action = snug_split_decide(split, args);
	unsigned count = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool holds = snug_cube_holds(&list->at[i].cube, args);

		count += holds;
		CHECK(!holds || list->at[i].action == action);
	}
	CHECK(count == (action != skip));
}

static void check_laws(const struct snug_split *a, const struct snug_split *b,
		       const struct snug_split *meet)
{
	SNUG_AUTO(snug_split_clear) struct snug_split other = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split self = { 0 };
	uint64_t w[SNUG_ARGS];
	struct snug_error err;

	assert_int_equal(snug_split_meet(b, a, &other, &err), 0);
	assert_int_equal(snug_split_meet(a, meet, &self, &err), 0);
	CHECK(snug_split_within(meet, a, w) && snug_split_within(meet, b, w));
	CHECK(snug_split_within(&other, meet, w) && snug_split_within(meet, &other, w));
	CHECK(snug_split_same(&self, meet, w));
	CHECK(snug_split_within(a, b, w) == snug_split_within(a, meet, w));
	if (!snug_split_within(a, b, w))
		CHECK(snug_action_looser(snug_split_decide(a, w), snug_split_decide(b, w)));
	if (!snug_split_same(a, b, w))
		CHECK(snug_split_decide(a, w) != snug_split_decide(b, w));
}

static void check_splits(void)
{
	SNUG_AUTO(history_clear) struct history a = random_history();
	SNUG_AUTO(history_clear) struct history b = random_history();
	SNUG_AUTO(snug_split_clear) struct snug_split meet = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };
	uint64_t args[SNUG_ARGS], w[SNUG_ARGS];
	snug_action skip = random_action();
	struct snug_error err;
	bool cut;

	assert_int_equal(snug_split_meet(&a.split, &b.split, &meet, &err), 0);
	check_laws(&a.split, &b.split, &meet);
	cut = a.rules <= 2 && snug_split_disjoint(&a.split, skip, &list, &err) == 0;
	for (unsigned i = 0; i < VECTORS; i++) {
		const struct history *near = i & 1 ? &a : &b;

		random_args(args, near->rules ? &near->rule[random_below(near->rules)].cube : NULL);
		if (cut)
			check_disjoint(&a.split, &list, skip, args);
		CHECK(snug_split_decide(&a.split, args) == judge(&a, args));
		CHECK(snug_split_decide(&meet, args) ==
		      snug_action_meet(judge(&a, args), judge(&b, args)));
		CHECK(judge(&a, args) == judge(&b, args) ||
		      !snug_split_same(&a.split, &b.split, w));
		CHECK(!snug_action_looser(judge(&a, args), judge(&b, args)) ||
		      !snug_split_within(&a.split, &b.split, w));
	}
}

static void test_cubes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		random_case(i);
		check_cubes();
	}
}

static void test_operators(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		random_case(i);
		check_operators();
	}
}

static void test_splits(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		random_case(i);
		check_splits();
	}
}

static void test_meet_is_associative(void **state)
{
	uint64_t w[SNUG_ARGS];
	struct snug_error err;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		random_case(i);
		SNUG_AUTO(history_clear) struct history a = random_history();
		SNUG_AUTO(history_clear) struct history b = random_history();
		SNUG_AUTO(history_clear) struct history c = random_history();
		SNUG_AUTO(snug_split_clear) struct snug_split ab = { 0 };
		SNUG_AUTO(snug_split_clear) struct snug_split bc = { 0 };
		SNUG_AUTO(snug_split_clear) struct snug_split left = { 0 };
		SNUG_AUTO(snug_split_clear) struct snug_split right = { 0 };

		assert_int_equal(snug_split_meet(&a.split, &b.split, &ab, &err), 0);
		assert_int_equal(snug_split_meet(&b.split, &c.split, &bc, &err), 0);
		assert_int_equal(snug_split_meet(&ab, &c.split, &left, &err), 0);
		assert_int_equal(snug_split_meet(&a.split, &bc, &right, &err), 0);
		CHECK(snug_split_same(&left, &right, w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cubes),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_splits),
		cmocka_unit_test(test_meet_is_associative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
