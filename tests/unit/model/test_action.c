/* SPDX-License-Identifier: Apache-2.0 */
#include "model/action.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/seccomp.h>

/* Strictest first: the kernel's precedence. */
static const snug_action order[] = {
	SNUG_KILL_PROCESS, SNUG_KILL_THREAD, SNUG_TRAP, SNUG_ERRNO(EPERM),
	SNUG_USER_NOTIF,   SNUG_TRACE(7),    SNUG_LOG,	SNUG_ALLOW,
};
#define ORDER (sizeof(order) / sizeof(order[0]))

static void test_kernel_values(void **state)
{
	(void)state;
	assert_int_equal(SNUG_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(SNUG_KILL_THREAD, SECCOMP_RET_KILL_THREAD);
	assert_int_equal(SNUG_TRAP, SECCOMP_RET_TRAP);
	assert_int_equal(SNUG_ERRNO(1), SECCOMP_RET_ERRNO | 1);
	assert_int_equal(SNUG_USER_NOTIF, SECCOMP_RET_USER_NOTIF);
	assert_int_equal(SNUG_TRACE(0), SECCOMP_RET_TRACE);
	assert_int_equal(SNUG_LOG, SECCOMP_RET_LOG);
	assert_int_equal(SNUG_ALLOW, SECCOMP_RET_ALLOW);
}

static void test_order(void **state)
{
	(void)state;
	for (size_t a = 0; a < ORDER; a++) {
		for (size_t b = 0; b < ORDER; b++) {
			assert_int_equal(snug_action_looser(order[a], order[b]), a > b);
			assert_int_equal(snug_action_meet(order[a], order[b]),
					 order[a < b ? a : b]);
		}
	}
	assert_int_equal(snug_action_meet(SNUG_ERRNO(EPERM), SNUG_ERRNO(ENOSYS)),
			 SNUG_ERRNO(EPERM));
	assert_int_equal(snug_action_meet(SNUG_ERRNO(ENOSYS), SNUG_ERRNO(EPERM)),
			 SNUG_ERRNO(ENOSYS));
	assert_false(snug_action_looser(SNUG_ERRNO(2), SNUG_ERRNO(1)));
}

static void test_names_round_trip(void **state)
{
	snug_action action;

	(void)state;
	for (size_t i = 0; i < ORDER; i++) {
		assert_true(snug_action_parse(snug_action_name(order[i]), &action));
		assert_int_equal(action, snug_action_kind(order[i]));
		assert_int_equal(snug_action_permits(order[i]), i >= 6);
	}
	assert_true(snug_action_parse("SCMP_ACT_KILL", &action));
	assert_int_equal(action, SNUG_KILL_THREAD);
	assert_false(snug_action_parse("SCMP_ACT_allow", &action));
	assert_string_equal(snug_action_name(0x12340000u), "SCMP_ACT_KILL_PROCESS");
	assert_true(snug_action_has_data(SNUG_ERRNO(1)));
	assert_true(snug_action_has_data(SNUG_TRACE(0)));
	assert_false(snug_action_has_data(SNUG_ALLOW));
}

static void test_words(void **state)
{
	static const struct {
		snug_action action;
		const char *words;
	} cases[] = {
		{ SNUG_ALLOW, "allow" },
		{ SNUG_LOG, "allow and log" },
		{ SNUG_ERRNO(1), "EPERM" },
		{ SNUG_ERRNO(38), "ENOSYS" },
		{ SNUG_ERRNO(95), "EOPNOTSUPP" },
		{ SNUG_ERRNO(0), "errno 0" },
		{ SNUG_ERRNO(4095), "errno 4095" },
		{ SNUG_KILL_PROCESS, "kill process" },
		{ SNUG_TRACE(7), "trace 7" },
		{ SNUG_TRACE(0), "trace" },
	};
	char words[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snug_action_words(cases[i].action, words, sizeof(words));
		assert_string_equal(words, cases[i].words);
	}
	snug_action_words(SNUG_KILL_PROCESS, words, 5);
	assert_string_equal(words, "kill");
	assert_string_equal(snug_errno_name(2), "ENOENT");
	assert_null(snug_errno_name(0));
	assert_null(snug_errno_name(5000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_values),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_names_round_trip),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
