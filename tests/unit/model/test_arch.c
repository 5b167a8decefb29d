/* SPDX-License-Identifier: Apache-2.0 */
#include "model/arch.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/audit.h>
#include <seccomp.h>

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SNUG_ARCH_MAX; i++) {
		enum snug_arch arch = (enum snug_arch)i, got;
		uint32_t nr = arch == SNUG_ARCH_X32 ? SNUG_X32_BIT | 1 : 1;

		assert_true(snug_arch_parse(snug_arch_name(arch), &got));
		assert_int_equal(got, arch);
		assert_true(snug_arch_is_oci(snug_arch_name(arch)));
		assert_true(snug_arch_of(snug_arch_token(arch), nr, &got));
		assert_int_equal(got, arch);
		assert_non_null(snug_arch_word(arch));
		assert_int_equal(snug_arch_bits(arch), arch == SNUG_ARCH_I386 ? 32 : 64);
	}
}

static void test_tokens(void **state)
{
	enum snug_arch arch;

	(void)state;
	assert_int_equal(snug_arch_token(SNUG_ARCH_I386), SCMP_ARCH_X86);
	assert_int_equal(snug_arch_token(SNUG_ARCH_ARM64), SCMP_ARCH_AARCH64);
	assert_int_equal(snug_arch_token(SNUG_ARCH_X32), AUDIT_ARCH_X86_64);
	assert_true(snug_arch_of(AUDIT_ARCH_X86_64, 0x3fffffff, &arch));
	assert_int_equal(arch, SNUG_ARCH_X86_64);
	assert_true(snug_arch_of(AUDIT_ARCH_X86_64, 0x40000000, &arch));
	assert_int_equal(arch, SNUG_ARCH_X32);
	assert_true(snug_arch_of(AUDIT_ARCH_I386, 0x40000000, &arch));
	assert_int_equal(arch, SNUG_ARCH_I386);
	assert_false(snug_arch_of(AUDIT_ARCH_S390X, 1, &arch));
}

static void test_foreign(void **state)
{
	enum snug_arch arch;

	(void)state;
	assert_true(snug_arch_is_oci("SCMP_ARCH_S390X"));
	assert_true(snug_arch_is_oci("SCMP_ARCH_ARM"));
	assert_true(snug_arch_is_oci("SCMP_ARCH_SHEB"));
	assert_false(snug_arch_parse("SCMP_ARCH_S390X", &arch));
	assert_false(snug_arch_is_oci("SCMP_ARCH_I386"));
	assert_false(snug_arch_is_oci("x86_64"));
}

static void test_native(void **state)
{
	(void)state;
	assert_int_equal(snug_arch_token(snug_arch_native()), seccomp_arch_native());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
