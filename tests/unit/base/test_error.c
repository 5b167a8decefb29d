/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void line_has_where_what_and_remedy(void **state)
{
	struct snug_error err;
	char line[256];

	(void)state;
	snug_fail(&err, SNUG_INPUT, "unknown action \"%s\"", "SCMP_ACT_KIL");
	strcpy(err.file, "config.json");
	strcpy(err.path, "$.linux.seccomp.defaultAction");
	err.line = 3;
	err.column = 7;
	snug_remedy(&err, "write %s", "SCMP_ACT_KILL");
	snug_error_line(&err, line, sizeof(line));
	assert_string_equal(line, "config.json:3:7: $.linux.seccomp.defaultAction: "
				  "unknown action \"SCMP_ACT_KIL\"; write SCMP_ACT_KILL");
	assert_int_equal(err.code, SNUG_INPUT);
}

static void fail_clears_what_an_earlier_error_left(void **state)
{
	struct snug_error err;
	char line[64];

	(void)state;
	snug_fail(&err, SNUG_INPUT, "one");
	err.line = 9;
	snug_remedy(&err, "do");
	snug_fail(&err, SNUG_USAGE, "two");
	snug_error_line(&err, line, sizeof(line));
	assert_string_equal(line, "two");
}

static void context_goes_in_front(void **state)
{
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_fail_errno(&err, ENOSPC, "cannot write"), -1);
	assert_int_equal(snug_context(&err, "recording %d", 7), -1);
	assert_string_equal(err.what, "recording 7: cannot write: No space left on device");
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_int_equal(err.code, SNUG_SYSTEM);
}

static void long_text_is_cut_and_controls_are_masked(void **state)
{
	struct snug_error err;
	char huge[2048], line[32];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	snug_fail(&err, SNUG_INPUT, "%s", huge);
	assert_int_equal(strlen(err.what), sizeof(err.what) - 1);
	snug_context(&err, "%s", huge);
	assert_int_equal(strlen(err.what), sizeof(err.what) - 1);
	snug_error_line(&err, line, sizeof(line));
	assert_int_equal(strlen(line), sizeof(line) - 1);

	snug_fail(&err, SNUG_INPUT, "a\nb\033[31m");
	snug_error_line(&err, line, sizeof(line));
	assert_string_equal(line, "a?b?[31m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_where_what_and_remedy),
		cmocka_unit_test(fail_clears_what_an_earlier_error_left),
		cmocka_unit_test(context_goes_in_front),
		cmocka_unit_test(long_text_is_cut_and_controls_are_masked),
	};

	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
