/* SPDX-License-Identifier: Apache-2.0 */
#include "model/task_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define KILL	  (UINT64_C(1) << 5)
#define SETPCAP	  (UINT64_C(1) << 8)
#define SYS_ADMIN (UINT64_C(1) << 21)

static const char status[] =
	"Name:\tNoNewPrivs:\t1\nUmask:\t0022\nPid:\t7\nTracerPid:\t12\nThreads:\t3\n"
	"CapInh:\t0000000000000001\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fa\n"
	"CapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000002\nNoNewPrivs:\t0\nSeccomp:\t2\n"
	"Seccomp_filters:\t4\nSpeculation_Store_Bypass:\tvulnerable\n";

static void test_read(void **state)
{
	struct snug_task_state got;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_task_state_read(status, &got, &err), 0);
	assert_int_equal(got.threads, 3);
	assert_int_equal(got.tracer, 12);
	assert_false(got.no_new_privs);
	assert_int_equal(got.filters, 4);
	assert_int_equal(got.seccomp, 2);
	assert_int_equal(got.caps[SNUG_CAP_INHERITABLE], 1);
	assert_int_equal(got.caps[SNUG_CAP_PERMITTED], 0xa80425fb);
	assert_int_equal(got.caps[SNUG_CAP_EFFECTIVE], 0xa80425fa);
	assert_int_equal(got.caps[SNUG_CAP_BOUNDING], 0x1ffffffffff);
	assert_int_equal(got.caps[SNUG_CAP_AMBIENT], 2);
}

/* Each line that is looked for, taken out. */
static void test_missing(void **state)
{
	static const char *const lines[] = { "TracerPid", "Threads",	  "CapInh",
					     "CapPrm",	  "CapEff",	  "CapBnd",
					     "CapAmb",	  "\nNoNewPrivs", "Seccomp_filters",
					     "\nSeccomp" };
	struct snug_task_state got;
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[sizeof(status)];

		memcpy(text, status, sizeof(text));
		strstr(text, lines[i])[1] = '?';
		assert_int_equal(snug_task_state_read(text, &got, &err), -1);
		assert_int_equal(err.code, SNUG_HOST);
		assert_non_null(strstr(err.what, lines[i] + (lines[i][0] == '\n')));
	}
}

static struct snug_task_state with(snug_caps caps, bool no_new_privs)
{
	struct snug_task_state state = { .threads = 1, .no_new_privs = no_new_privs };

	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		state.caps[set] = caps;
	return state;
}

/* Without no_new_privs a filter takes CAP_SYS_ADMIN, a smaller bounding set CAP_SETPCAP. */
static void test_privileges(void **state)
{
	static const struct {
		snug_caps has, most;
		bool has_nnp, nnp, filter, refused, keeps_bounding;
	} rows[] = {
		{ KILL, KILL, false, true, true, false, false },
		{ KILL | SETPCAP, KILL, false, true, true, false, false },
		{ KILL | SYS_ADMIN, KILL, false, true, true, false, true },
		{ KILL | SYS_ADMIN, KILL, true, false, true, false, true },
		{ KILL, KILL, false, false, true, true, false },
		{ KILL, KILL, false, false, false, false, false },
		{ KILL | SYS_ADMIN, KILL | SYS_ADMIN, false, false, true, false, false },
		{ KILL | SYS_ADMIN, KILL, false, false, true, true, false },
		{ KILL | SETPCAP, KILL, false, false, true, true, false },
		{ KILL | SETPCAP, KILL, false, false, false, false, false },
		{ KILL | SETPCAP | SYS_ADMIN, KILL, false, false, true, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_task_state now = with(rows[i].has, rows[i].has_nnp), got;
		struct snug_task_limits limits = { true, rows[i].most, rows[i].nnp,
						   rows[i].filter };
		struct snug_error err;

		assert_int_equal(snug_task_limit(&now, &limits, &got, &err),
				 rows[i].refused ? -1 : 0);
		if (rows[i].refused) {
			assert_int_equal(err.code, SNUG_HOST);
			continue;
		}
		assert_int_equal(got.no_new_privs, rows[i].has_nnp || rows[i].nnp);
		assert_int_equal(got.filters, rows[i].filter);
		for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
			assert_int_equal(got.caps[set],
					 set == SNUG_CAP_BOUNDING && rows[i].keeps_bounding
						 ? rows[i].has
						 : rows[i].has & rows[i].most);
	}
}

/* No opinion takes nothing away; an empty list takes all. */
static void test_no_opinion(void **state)
{
	struct snug_task_state now = with(KILL | SETPCAP, false), got;
	struct snug_task_limits limits = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_task_limit(&now, &limits, &got, &err), 0);
	assert_int_equal(snug_task_state_same(&now, &got, &err), 0);
	limits.has_caps = true;
	assert_int_equal(snug_task_limit(&now, &limits, &got, &err), 0);
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		assert_int_equal(got.caps[set], 0);
}

static void test_same(void **state)
{
	const struct snug_task_state wanted = with(KILL, true);
	struct snug_error err;

	(void)state;
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++) {
		struct snug_task_state is = wanted;

		is.caps[set] |= SETPCAP;
		assert_int_equal(snug_task_state_same(&wanted, &is, &err), -1);
		assert_non_null(strstr(err.what, snug_cap_set_name(set)));
	}
	for (unsigned i = 0; i < 3; i++) {
		struct snug_task_state is = wanted;

		is.no_new_privs = i != 0;
		is.filters += i == 1;
		is.threads += i == 2; /* no difference */
		assert_int_equal(snug_task_state_same(&wanted, &is, &err), i == 2 ? 0 : -1);
	}
}

static void test_user_ids(void **state)
{
	static const char text[] =
		"Name:\tUid:\t7\nPid:\t9\nUid:\t1000\t1001\t0\t1003\nGid:\t5\t5\t5\t5\n";
	uint32_t root = 7;

	(void)state;
	for (uint32_t uid = 1000; uid <= 1003; uid++)
		assert_int_equal(snug_task_has_uid(text, uid), uid != 1002);
	assert_true(snug_task_has_uid(text, 0));
	assert_false(snug_task_has_uid(text, 7));
	assert_false(snug_task_has_uid(text, 5));
	assert_false(snug_task_has_uid("Uid:\t\n", 0));
	assert_false(snug_task_has_uid("", 0));
	assert_false(snug_user_map_root("", &root));
	assert_false(snug_user_map_root("\n\n", &root));
	assert_false(snug_user_map_root("         1     100000      65536\n", &root));
	assert_int_equal(root, 7);
	assert_true(snug_user_map_root(
		"         1     100000      65536\n         0       1000          1\n", &root));
	assert_int_equal(root, 1000);
	assert_true(snug_user_map_root("         0          0 4294967295\n", &root));
	assert_int_equal(root, 0);
}

static void test_status_text(void **state)
{
	char comm[64], long_name[] = "Name:\t0123456789012345678901234567890123456789"
				     "012345678901234567890123456789\nState:\tS (sleeping)\n";

	(void)state;
	snug_task_comm("Name:\ta b\\nState:\tZ\nState:\tR (running)\n", comm);
	assert_string_equal(comm, "a b\\nState:\tZ");
	assert_false(snug_task_is_dead("Name:\ta\\nState:\tZ\nState:\tR (running)\n"));
	assert_true(snug_task_is_dead("Name:\ta\nState:\tZ (zombie)\n"));
	assert_true(snug_task_is_dead("Name:\ta\nState:\tX (dead)\n"));
	assert_false(snug_task_is_dead(""));
	snug_task_comm(long_name, comm);
	assert_int_equal(strlen(comm), 63);
	snug_task_comm("", comm);
	assert_string_equal(comm, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),	    cmocka_unit_test(test_missing),
		cmocka_unit_test(test_privileges),  cmocka_unit_test(test_no_opinion),
		cmocka_unit_test(test_same),	    cmocka_unit_test(test_user_ids),
		cmocka_unit_test(test_status_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
