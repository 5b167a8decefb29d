/* SPDX-License-Identifier: Apache-2.0 */
/* A join permits what either does, and nothing else; it is a union. */
#include "cases.h"

#define CASES random_cases(10000u)

static void random_split(struct snug_split *ret)
{
	struct snug_error err;

	assert_int_equal(snug_split_init(ret, random_action(), &err), 0);
	for (unsigned n = random_below(4); n > 0; n--) {
		const struct snug_cube cube = random_cube();

		assert_int_equal(snug_split_assign(ret, &cube, random_action(), &err), 0);
	}
}

static void join(const struct snug_split *a, const struct snug_split *b, struct snug_split *ret)
{
	struct snug_error err;

	assert_int_equal(snug_split_join(a, b, ret, &err), 0);
}

static void check_vectors(const struct snug_split *a, const struct snug_split *b,
			  const struct snug_split *both)
{
	for (unsigned i = 0; i < 16; i++) {
		const struct snug_split *of = random_below(2) ? a : b;
		uint64_t args[SNUG_ARGS];

		random_args(args, &of->at[random_below((unsigned)of->count)].cube);
		CHECK(snug_split_decide(both, args) ==
		      snug_action_join(snug_split_decide(a, args), snug_split_decide(b, args)));
	}
}

static void join_is_union(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_split a, b, c, ab, ba, ab_c, bc, a_bc;
		uint64_t witness[SNUG_ARGS];

		random_case(i);
		random_split(&a);
		random_split(&b);
		random_split(&c);
		join(&a, &b, &ab);
		join(&b, &a, &ba);
		join(&ab, &c, &ab_c);
		join(&b, &c, &bc);
		join(&a, &bc, &a_bc);
		check_vectors(&a, &b, &ab);
		CHECK(snug_split_within(&a, &ab, witness) && snug_split_within(&b, &ab, witness));
		CHECK(snug_split_same(&ab, &ba, witness));
		CHECK(snug_split_same(&ab_c, &a_bc, witness));
		snug_split_clear(&ba);
		join(&ab, &ab, &ba);
		CHECK(snug_split_same(&ab, &ba, witness));
		for (unsigned j = 0; j < 8; j++)
			snug_split_clear((struct snug_split *[]){ &a, &b, &c, &ab, &ba, &ab_c, &bc,
								  &a_bc }[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(join_is_union) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
