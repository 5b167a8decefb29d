/* SPDX-License-Identifier: Apache-2.0 */
#include "model/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"

static struct snug_cube word(unsigned index, uint64_t mask, uint64_t value)
{
	struct snug_cube cube = { 0 };

	cube.mask[index] = mask;
	cube.value[index] = value;
	return cube;
}

static void test_everything_is_a_cube(void **state)
{
	struct snug_cube all = { 0 };

	(void)state;
	assert_true(snug_cube_is_all(&all));
	assert_true(snug_cube_holds(&all, (uint64_t[6]){ 1, 2, 3, 4, 5, UINT64_MAX }));
	all.mask[5] = 1ull << 63;
	assert_false(snug_cube_is_all(&all));
	assert_false(snug_cube_holds(&all, (uint64_t[6]){ 0, 0, 0, 0, 0, UINT64_MAX }));
}

static void test_disjoint_cubes_do_not_meet(void **state)
{
	struct snug_cube a = word(1, 0xff, 0x26), b = word(1, 0xf, 0x5), ret = word(2, 1, 1);

	(void)state;
	assert_false(snug_cube_meet(&a, &b, &ret));
	assert_int_equal(ret.mask[2], 1);
	b = word(1, 0xf0f, 0x106);
	assert_true(snug_cube_meet(&a, &b, &a));
	assert_int_equal(a.mask[1], 0xfff);
	assert_int_equal(a.value[1], 0x126);
}

static size_t pieces_of(enum snug_op op, uint64_t value, unsigned bits)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes cubes = { 0 };
	struct snug_error err;

	assert_int_equal(snug_cubes_of(0, op, value, 0, bits, &cubes, &err), 0);
	return cubes.count;
}

static void test_ranges_take_few_pieces(void **state)
{
	(void)state;
	assert_int_equal(pieces_of(SNUG_OP_EQ, 5, 64), 1);
	assert_int_equal(pieces_of(SNUG_OP_NE, 5, 64), 64);
	assert_int_equal(pieces_of(SNUG_OP_NE, 5, 32), 32);
	assert_int_equal(pieces_of(SNUG_OP_LT, 0, 64), 0);
	assert_int_equal(pieces_of(SNUG_OP_GT, UINT64_MAX, 64), 0);
	assert_int_equal(pieces_of(SNUG_OP_LE, UINT64_MAX, 64), 1);
	assert_int_equal(pieces_of(SNUG_OP_GE, 0, 64), 1);
	assert_int_equal(pieces_of(SNUG_OP_LE, 0xff, 64), 1);
	assert_int_equal(pieces_of(SNUG_OP_GE, 0x100, 64), 56);
	/* 0x1_ffffffff is UINT32_MAX where 32 bits pass */
	assert_int_equal(pieces_of(SNUG_OP_LE, 0x1ffffffffull, 32), 1);
}

static void test_too_many_pieces_are_refused(void **state)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };
	struct snug_error err;
	int ret = snug_split_init(&split, SNUG_ALLOW, &err);

	(void)state;
	for (unsigned i = 0; ret == 0 && i < 8; i++) {
		struct snug_cube cube = word(i % SNUG_ARGS, UINT64_MAX, i);

		ret = snug_split_assign(&split, &cube, SNUG_TRAP, &err);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(snug_split_disjoint(&split, SNUG_TRAP, &list, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	for (unsigned i = 0; ret == 0 && i < SNUG_SPLIT_MAX; i++) {
		struct snug_cube cube = word(0, UINT64_MAX, i);

		ret = snug_split_assign(&split, &cube, SNUG_TRAP, &err);
	}
	assert_int_equal(ret, -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_int_equal(split.count, SNUG_SPLIT_MAX);
}

static void test_neighbours_join(void **state)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	struct snug_cube cube;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_split_init(&split, SNUG_ERRNO(1), &err), 0);
	for (uint64_t i = 0; i < 4; i++) {
		cube = word(3, 0x3, i);
		assert_int_equal(snug_split_assign(&split, &cube, SNUG_ALLOW, &err), 0);
	}
	cube = word(0, 1, 1);
	assert_int_equal(snug_split_assign(&split, &cube, SNUG_ERRNO(1), &err), 0);
	assert_true(split.count > 2);
	snug_split_simplify(&split);
	assert_int_equal(split.count, 2);
	assert_int_equal(snug_split_decide(&split, (uint64_t[6]){ 1 }), SNUG_ERRNO(1));
	assert_int_equal(snug_split_decide(&split, (uint64_t[6]){ 2 }), SNUG_ALLOW);
}

static void test_flat_is_one_piece(void **state)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	struct snug_cube cube = word(0, UINT64_MAX, 38);
	struct snug_error err;
	snug_action action;

	(void)state;
	assert_int_equal(snug_split_init(&split, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_split_assign(&split, &cube, SNUG_TRAP, &err), 0);
	assert_false(snug_split_is_flat(&split, &action));
	assert_int_equal(snug_split_assign(&split, &cube, SNUG_ALLOW, &err), 0);
	assert_true(snug_split_is_flat(&split, &action));
	assert_int_equal(action, SNUG_ALLOW);
	snug_split_simplify(&split);
	assert_int_equal(split.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_a_cube),
		cmocka_unit_test(test_disjoint_cubes_do_not_meet),
		cmocka_unit_test(test_ranges_take_few_pieces),
		cmocka_unit_test(test_too_many_pieces_are_refused),
		cmocka_unit_test(test_neighbours_join),
		cmocka_unit_test(test_flat_is_one_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
