/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/apparmor_parser.h"
#include "apply/child.h"
#include "base/cleanup.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int compile(const char *text, struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_buf buf = { .data = (char *)(uintptr_t)text, .len = strlen(text) };

	if (access("/sbin/apparmor_parser", X_OK) < 0)
		skip();
	return snug_apparmor_compile(&buf, "the text", ret, err);
}

static void test_compiles(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(compile("profile x {\n  /a r,\n}\n", &policy, &err), 0);
	assert_true(policy.len > 100);
	assert_memory_equal(policy.data + 3, "version", 7);
}

static void test_says_where(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_true(compile("profile x {\n  /a r,\n  bogus rule,\n}\n", &policy, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.file, "the text");
	assert_int_equal(err.line, 3);
	assert_non_null(strstr(err.what, "apparmor_parser: syntax error"));
	assert_non_null(strstr(err.what, ": 'bogus rule,'"));
	assert_int_equal(policy.len, 0);
}

static void test_says_which_file(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_true(compile("include \"/nowhere\"\nprofile x {\n}\n", &policy, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "/nowhere"));
}

/* A group, since parsers have children. */
static void test_what_never_ends_is_killed(void **state)
{
	int ends[2], status;
	struct snug_error err;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		setpgid(0, 0);
		(void)!write(ends[1], "x", 1);
		fork();
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(snug_child_await(pid, 1, &status, &err), 1);
	assert_true(WIFSIGNALED(status));
	/* The child's child held the pipe as well. */
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_says_where),
		cmocka_unit_test(test_says_which_file),
		cmocka_unit_test(test_what_never_ends_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
