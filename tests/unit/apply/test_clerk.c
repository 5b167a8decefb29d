/* SPDX-License-Identifier: Apache-2.0 */
/* apparmor_parser called by another process: the same policies, the same words, and no child left.
 */
#include "apply/apparmor_clerk.h"
#include "apply/apparmor_parser.h"
#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static int compile(const char *text, struct snug_buf *ret, struct snug_error *err)
{
	struct snug_buf buf = { .data = (char *)text, .len = strlen(text) };

	snug_buf_clear(ret);
	return snug_apparmor_compile(&buf, "the text", ret, err);
}

static void as_without_one(void **state)
{
	static const char good[] = "abi <abi/3.0>,\nprofile p { /etc/passwd r, }\n";
	static const char bad[] = "profile p {\n /etc/passwd r\n}\n";
	SNUG_AUTO(snug_buf_clear) struct snug_buf here = { 0 }, there = { 0 };
	struct snug_error a, b;
	int status;

	(void)state;
	if (access("/sbin/apparmor_parser", X_OK) < 0)
		skip();
	assert_int_equal(compile(good, &here, &a), 0);
	assert_int_equal(compile(bad, &there, &a), -1);
	assert_int_equal(snug_apparmor_clerk_start(&b), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(compile(good, &there, &b), 0);
		assert_int_equal(here.len, there.len);
		assert_memory_equal(here.data, there.data, here.len);
		assert_int_equal(compile(bad, &there, &b), -1);
		assert_string_equal(a.what, b.what);
		assert_int_equal(a.line, b.line);
		assert_int_equal(a.code, b.code);
	}
	snug_apparmor_clerk_end();
	assert_false(snug_apparmor_clerk_is_there());
	assert_int_equal(waitpid(-1, &status, __WALL | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(as_without_one) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
