/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/name.h"

#include <string.h>

static void a_name_can_be_a_files(void **state)
{
	static const char *const good[] = { "a", "9", "web-1.2_x", "A.json" };
	static const char *const bad[] = { "",	 ".",	"..",  "-a",	   "_a",
					   ".a", "a/b", "a b", "\xc3\xa9", "a\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(snug_name_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(snug_name_is_valid(bad[i]));
}

static void it_has_its_length(void **state)
{
	char longest[SNUG_NAME_MAX + 2];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[SNUG_NAME_MAX] = '\0';
	assert_true(snug_name_is_valid(longest));
	longest[SNUG_NAME_MAX] = 'a';
	longest[SNUG_NAME_MAX + 1] = '\0';
	assert_false(snug_name_is_valid(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_can_be_a_files),
		cmocka_unit_test(it_has_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
