/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/PID/cgroup says, of paths that containers may shape. */
#include "flow/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void read_text(const char *text, struct snug_cgroups *ret)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(file);
	snug_cgroups_read(file, ret);
	assert_int_equal(fclose(file), 0);
}

static void finds_both_hierarchies(void **state)
{
	struct snug_cgroups got;

	(void)state;
	read_text("5:cpu,cpuacct:/x\n4:pids:/a:b\n0::/c\n", &got);
	assert_string_equal(got.pids, "/a:b\n");
	assert_string_equal(got.v2, "/c\n");
	read_text("4:memory:/a\nnonsense\n", &got);
	assert_string_equal(got.pids, "");
	assert_string_equal(got.v2, "");
}

/* A long path with "::/another" in it, wherever a buffer might end. */
static void a_long_path_is_one_line(void **state)
{
	static char text[5000], path[4000];
	struct snug_cgroups got, whole;

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(path); i += 4)
		memcpy(path + i, "0::/", 4);
	(void)snprintf(text, sizeof(text), "0::/%s\n", path);
	read_text(text, &got);
	read_text("0::/0::/0::/0::/\n", &whole);
	assert_memory_equal(got.v2, whole.v2, 12);
	(void)snprintf(text, sizeof(text), "7:memory:/%s\n4:pids:/p\n", path);
	read_text(text, &got);
	assert_string_equal(got.v2, "");
	assert_string_equal(got.pids, "/p\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_both_hierarchies),
		cmocka_unit_test(a_long_path_is_one_line),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
