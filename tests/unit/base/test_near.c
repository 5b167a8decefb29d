/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/near.h"

static void test_counts_letters(void **state)
{
	(void)state;
	assert_int_equal(snug_near_distance("", ""), 0);
	assert_int_equal(snug_near_distance("rules", "rules"), 0);
	assert_int_equal(snug_near_distance("rule", "rules"), 1);
	assert_int_equal(snug_near_distance("kitten", "sitting"), 3);
	assert_int_equal(snug_near_distance("abc", ""), 3);
	assert_int_equal(snug_near_distance("aaaaaaaaaaaaaaaaaaaaaaaaa", "a"), SNUG_NEAR_WORD_MAX);
	assert_int_equal(snug_near_distance("a", "aaaaaaaaaaaaaaaaaaaaaaaaa"), SNUG_NEAR_WORD_MAX);
}

static void test_finds_the_nearest(void **state)
{
	static const char *const words[] = { "rules", "default", "mode", "node" };

	(void)state;
	assert_string_equal(snug_near("rule", words, 4), "rules");
	assert_string_equal(snug_near("dfeault", words, 4), "default");
	assert_string_equal(snug_near("bode", words, 4), "mode");
	assert_null(snug_near("profile", words, 4));
	assert_null(snug_near("rules", words, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_letters),
		cmocka_unit_test(test_finds_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
