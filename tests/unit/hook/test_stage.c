/* SPDX-License-Identifier: Apache-2.0 */
/* How a hook is called. What it then does is tests/live's. */
#include "hook/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 8

static int read_words(const char *const words[WORDS_MAX], struct snug_hook_options *ret,
		      struct snug_error *err)
{
	int count = 0;

	while (count < WORDS_MAX && words[count])
		count++;
	return snug_hook_options_read(count, (char *const *)words, ret, err);
}

static void test_taken(void **state)
{
	static const char *const plain[WORDS_MAX] = { "poststop" };
	static const char *const profile[WORDS_MAX] = { "prestart", "--profile", "web" };
	static const char *const all[WORDS_MAX] = { "createRuntime",	   "--without-guard",
						    "--profile=web",	   "--allow-exec",
						    "--accept-incomplete", "--without-apparmor" };
	static const char *const traces[WORDS_MAX] = { "poststop", "--allow-trace-syscall", "/d" };
	static const char *const both[WORDS_MAX] = { "prestart", "--allow-trace-syscall=/d",
						     "--profile", "web" };
	struct snug_hook_options got;
	struct snug_error err;

	(void)state;
	assert_int_equal(read_words(traces, &got, &err), 0);
	assert_string_equal(got.traces, "/d");
	assert_null(got.boundary.profile);
	assert_int_equal(read_words(both, &got, &err), 0);
	assert_string_equal(got.traces, "/d");
	assert_string_equal(got.boundary.profile, "web");
	assert_int_equal(read_words(plain, &got, &err), 0);
	assert_string_equal(got.stage, "poststop");
	assert_null(got.boundary.profile);
	assert_null(got.traces);
	assert_int_equal(read_words(profile, &got, &err), 0);
	assert_string_equal(got.boundary.profile, "web");
	assert_false(got.boundary.accept_incomplete || got.boundary.without_apparmor ||
		     got.boundary.without_guard || got.boundary.allow_exec);
	assert_int_equal(read_words(all, &got, &err), 0);
	assert_string_equal(got.stage, "createRuntime");
	assert_string_equal(got.boundary.profile, "web");
	assert_true(got.boundary.accept_incomplete && got.boundary.without_apparmor &&
		    got.boundary.without_guard && got.boundary.allow_exec);
}

/* Never a container that somebody thinks confined. */
static void test_refused(void **state)
{
	static const char *const rows[][WORDS_MAX] = {
		{ NULL },
		{ "start" },
		{ "prestart", "--profile" },
		{ "prestart", "--profil", "web" },
		{ "prestart", "web" },
		{ "prestart", "--allow-exec" },
		{ "poststop", "--profile", "web" },
		{ "poststop", "--without-guard" },
		{ "prestart", "--allow-trace-syscall" },
		{ "prestart", "--allow-trace-syscall", "d" },
		{ "prestart", "--allow-trace-syscall=" },
		{ "prestart", "--allow-trace-syscalls", "/d" },
		{ "prestart", "--allow-trace-syscall", "/d", "--allow-exec" },
	};
	struct snug_hook_options got;
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_words(rows[i], &got, &err), -1);
		assert_int_equal(err.code, SNUG_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
