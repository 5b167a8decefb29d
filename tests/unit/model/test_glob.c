/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/glob.h"

#include "random.h"

#include <string.h>

static void test_matches_whole_texts(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool yes;
	} rows[] = {
		{ "web", "web", true },
		{ "web", "web2", false },
		{ "web", "aweb", false },
		{ "*", "", true },
		{ "*", "docker.io/library/nginx:1", true },
		{ "**", "a", true },
		{ "*/nginx:*", "docker.io/library/nginx:1.25", true },
		{ "*/nginx:*", "nginx:1.25", false },
		{ "*/nginx:*", "docker.io/nginx-evil:1", false },
		{ "?", "", false },
		{ "?", "/", true },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "*a*b", "xaxxbxb", true },
		{ "*a*b", "xbxa", false },
		{ "a*a", "a", false },
		{ "\\*", "*", true },
		{ "\\*", "x", false },
		{ "a\\?", "a?", true },
		{ "a\\?", "ab", false },
		{ "\\\\", "\\", true },
		{ "*\\*", "ab*", true },
		{ "[a]", "a", false },
		{ "[a]", "[a]", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(snug_glob_problem(rows[i].pattern));
		if (snug_glob_match(rows[i].pattern, rows[i].text) != rows[i].yes)
			fail_msg("%s on %s", rows[i].pattern, rows[i].text);
	}
}

static void test_refuses_what_is_no_pattern(void **state)
{
	char longer[SNUG_GLOB_MAX + 2];

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[SNUG_GLOB_MAX + 1] = '\0';
	assert_non_null(snug_glob_problem(""));
	assert_non_null(snug_glob_problem("a\\"));
	assert_non_null(snug_glob_problem("\\a"));
	assert_non_null(snug_glob_problem(longer));
	longer[SNUG_GLOB_MAX] = '\0';
	assert_null(snug_glob_problem(longer));
}

static bool within(const char *pattern, const char *a, const char *b)
{
	const char *const others[] = { a, b };
	struct snug_error err;
	bool ret = false;

	assert_int_equal(snug_glob_within(pattern, others, b ? 2 : 1, &ret, &err), 0);
	return ret;
}

static void test_decides_inclusion(void **state)
{
	(void)state;
	assert_true(within("web", "web", NULL));
	assert_true(within("web", "*", NULL));
	assert_true(within("*/nginx:*", "*nginx*", NULL));
	assert_false(within("*nginx*", "*/nginx:*", NULL));
	assert_true(within("a/*/b", "a*b", NULL));
	assert_true(within("?", "*", NULL));
	assert_false(within("*", "?", NULL));
	assert_true(within("/a/b", "/?/*", NULL));
	assert_true(within("\\*", "*", NULL));
	assert_true(within("\\*", "?", NULL));
	assert_false(within("*", "\\*", NULL));
	/* neither alone */
	assert_false(within("a*", "a", NULL));
	assert_true(within("a*", "a", "a?*"));
}

/* A random word over three letters, with or without what is special in a pattern. */
static void random_word(bool pattern, char ret[8])
{
	size_t len = random_below(7);

	for (size_t i = 0; i < len; i++)
		ret[i] = (pattern ? "ab/*?" : "ab/")[random_below(pattern ? 5 : 3)];
	ret[len] = '\0';
}

/* What the matcher takes for b it takes for a where b is within a; and that is no rare answer. */
static void test_inclusion_and_matching_agree(void **state)
{
	unsigned included = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char a[8], b[8], text[8];
		bool is_within;

		random_case(i);
		random_word(true, a);
		random_word(true, b);
		if (!a[0] || !b[0])
			continue;
		is_within = within(a, b, NULL);
		included += is_within;
		for (unsigned j = 0; j < 50; j++) {
			random_word(false, text);
			CHECK(!is_within || !snug_glob_match(a, text) || snug_glob_match(b, text));
		}
	}
	assert_true(included > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches_whole_texts),
		cmocka_unit_test(test_refuses_what_is_no_pattern),
		cmocka_unit_test(test_decides_inclusion),
		cmocka_unit_test(test_inclusion_and_matching_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
