/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/split.h"

/* Everything whose argument `at` is not value: a piece for each bit. */
static void assign_unequal(struct snug_split *split, unsigned at, uint64_t value,
			   snug_action action)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		struct snug_cube cube = { 0 };
		struct snug_error err;

		cube.mask[at] = UINT64_C(1) << bit;
		cube.value[at] = ~value & cube.mask[at];
		assert_int_equal(snug_split_assign(split, &cube, action, &err), 0);
	}
}

/* Podman's and Docker's section for socket: allowed if the protocol is not 9, or the domain not 16;
 * else EINVAL. */
static void engines_socket(struct snug_split *ret)
{
	struct snug_cube audit = { 0 };
	struct snug_error err;

	assert_int_equal(snug_split_init(ret, SNUG_ERRNO(38), &err), 0);
	assign_unequal(ret, 2, 9, SNUG_ALLOW);
	assign_unequal(ret, 0, 16, SNUG_ALLOW);
	audit.mask[0] = audit.mask[2] = UINT64_MAX;
	audit.value[0] = 16;
	audit.value[2] = 9;
	assert_int_equal(snug_split_assign(ret, &audit, SNUG_ERRNO(22), &err), 0);
}

static void test_exceptions_become_the_rule(void **state)
{
	const uint64_t refused[SNUG_ARGS] = { 16, 3, 9 }, other[SNUG_ARGS] = { 16, 3, 8 };
	struct snug_split split = { 0 }, both = { 0 };
	struct snug_error err;
	snug_action flat;

	(void)state;
	engines_socket(&split);
	assert_int_equal(split.count, 130);
	/* 130 x 130 pieces would be past the limit */
	snug_split_simplify(&split);
	assert_int_equal(split.count, 2);
	assert_int_equal(snug_split_meet(&split, &split, &both, &err), 0);
	assert_int_equal(both.count, 2);
	assert_true(snug_split_decide(&both, refused) == SNUG_ERRNO(22));
	assert_true(snug_split_decide(&both, other) == SNUG_ALLOW);
	assert_false(snug_split_is_flat(&both, &flat));
	snug_split_clear(&split);
	snug_split_clear(&both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exceptions_become_the_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
