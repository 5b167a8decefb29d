/* SPDX-License-Identifier: Apache-2.0 */
#include "model/target.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void test_names(void **state)
{
	enum snug_runtime got;

	(void)state;
	for (unsigned i = 0; i < SNUG_RUNTIME_MAX; i++) {
		assert_true(snug_runtime_parse(snug_runtime_name((enum snug_runtime)i), &got));
		assert_int_equal(got, i);
	}
	assert_false(snug_runtime_parse("RUNC", &got));
}

/* Debian 12's libseccomp 2.5.4 resolves up to 456, Linux 6.7. */
static void test_version(void **state)
{
	struct snug_target target;

	(void)state;
	snug_target_init(&target, SNUG_RUNTIME_RUNC, 6, 7);
	assert_true(snug_target_resolves(&target, SNUG_ARCH_X86_64, 0));
	assert_true(snug_target_resolves(&target, SNUG_ARCH_X86_64, 456));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X86_64, 457));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X86_64, 335));
	assert_string_equal(snug_target_newest(&target, SNUG_ARCH_X86_64)->name, "futex_requeue");
	assert_string_equal(snug_target_newest(&target, SNUG_ARCH_I386)->name, "futex_requeue");
	/* x32's last range lies above: its highest number is not its newest call. */
	assert_string_equal(snug_target_newest(&target, SNUG_ARCH_X32)->name, "pwritev2");

	snug_target_init(&target, SNUG_RUNTIME_CRUN, 5, 10);
	assert_string_equal(snug_target_newest(&target, SNUG_ARCH_ARM64)->name, "process_madvise");
	snug_target_init(&target, SNUG_RUNTIME_CRUN, 3, 6);
	assert_null(snug_target_newest(&target, SNUG_ARCH_ARM64));
}

static void test_edges(void **state)
{
	struct snug_target target;

	(void)state;
	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	assert_true(snug_target_resolves(&target, SNUG_ARCH_X86_64, 470));
	assert_true(snug_target_resolves(&target, SNUG_ARCH_X32, SNUG_X32_BIT | 520));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X32, 520));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X86_64, SNUG_X32_BIT));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X86_64, 0xffffffffu));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X86_64, SNUG_SYSCALL_NR_MAX + 1));
	assert_false(snug_target_resolves(&target, SNUG_ARCH_X32, 0xffffffffu));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
