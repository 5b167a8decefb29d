/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ARGS_MAX 8

static int run(struct snug_error *err, const char *a, const char *b, const char *c)
{
	char *argv[ARGS_MAX] = { (char *)"snug", (char *)a, (char *)b, (char *)c };
	int argc = 1 + !!a + !!b + !!c;

	*err = (struct snug_error){ 0 };
	return snug_cli_run(argc, argv, err);
}

static void a_wrong_command_line_is_a_usage_error(void **state)
{
	static const struct {
		const char *args[3], *what;
	} rows[] = {
		{ { NULL }, "no command given" },
		{ { "--root" }, "--root wants a folder" },
		{ { "--root=" }, "--root wants a folder" },
		{ { "--root", "" }, "--root wants a folder" },
		{ { "--root", "/tmp" }, "no command given" },
		{ { "--rot", "/tmp" }, "unknown option '--rot'" },
		{ { "xyzzy" }, "unknown command 'xyzzy'" },
		{ { "help", "xyzzy" }, "unknown command 'xyzzy'" },
		{ { "help", "a", "b" }, "one command at a time" },
	};
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(run(&err, rows[i].args[0], rows[i].args[1], rows[i].args[2]) < 0);
		assert_int_equal(err.code, SNUG_USAGE);
		assert_string_equal(err.what, rows[i].what);
		assert_string_equal(err.remedy, "see snug help");
	}
}

static void an_option_that_getopt_refuses_is_named(void **state)
{
	static const struct option longs[] = { { "exact", no_argument, NULL, 'e' },
					       { "output", required_argument, NULL, 'o' },
					       { 0 } };
	static const struct {
		const char *arg, *what;
	} rows[] = {
		{ "--output", "--output wants a value" },
		{ "-o", "-o wants a value" },
		{ "--what", "unknown option '--what'" },
		{ "-x", "unknown option '-x'" },
		{ "--exact=1", "--exact=1: this option takes no value" },
	};
	struct snug_error err;

	(void)state;
	opterr = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *argv[] = { (char *)"generate", (char *)rows[i].arg, NULL };
		int result;

		optind = 0;
		result = getopt_long(2, argv, ":o:", longs, NULL);
		assert_true(result == '?' || result == ':');
		assert_true(snug_usage_option(&err, "generate", result, argv) < 0);
		assert_string_equal(err.what, rows[i].what);
		assert_string_equal(err.remedy, "see snug generate --help");
	}
}

static void root_behind_the_command_is_told_where_it_goes(void **state)
{
	struct snug_error err;

	(void)state;
	assert_true(run(&err, "explain", "web", "--root=/tmp") < 0);
	assert_int_equal(err.code, SNUG_USAGE);
	assert_string_equal(err.what, "unknown option '--root=/tmp'");
	assert_string_equal(err.remedy, "it goes first: snug --root DIR explain");
}

static void formats_are_text_and_json(void **state)
{
	enum snug_format format;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_format_parse("text", &format, &err), 0);
	assert_int_equal(format, SNUG_FORMAT_TEXT);
	assert_int_equal(snug_format_parse("json", &format, &err), 0);
	assert_int_equal(format, SNUG_FORMAT_JSON);
	assert_true(snug_format_parse("yaml", &format, &err) < 0);
	assert_int_equal(err.code, SNUG_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_command_line_is_a_usage_error),
		cmocka_unit_test(root_behind_the_command_is_told_where_it_goes),
		cmocka_unit_test(an_option_that_getopt_refuses_is_named),
		cmocka_unit_test(formats_are_text_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
