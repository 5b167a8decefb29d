/* SPDX-License-Identifier: Apache-2.0 */
#include "model/syscalls.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

static void test_sorted_and_round_trip(void **state)
{
	(void)state;
	for (unsigned a = 0; a < SNUG_ARCH_MAX; a++) {
		enum snug_arch arch = (enum snug_arch)a;
		size_t count;
		const struct snug_syscall *calls = snug_syscall_table(arch, &count);

		assert_in_range(count, 320, 500);
		for (size_t i = 0; i < count; i++) {
			if (i > 0)
				assert_true(calls[i - 1].nr < calls[i].nr);
			assert_in_range(calls[i].nr & ~SNUG_X32_BIT, 0, SNUG_SYSCALL_NR_MAX);
			assert_int_equal((calls[i].nr & SNUG_X32_BIT) != 0, arch == SNUG_ARCH_X32);
			assert_ptr_equal(snug_syscall_by_name(arch, calls[i].name), &calls[i]);
			assert_ptr_equal(snug_syscall_by_nr(arch, calls[i].nr), &calls[i]);
			assert_true(snug_syscall_is_known(calls[i].name));
		}
	}
}

static const uint32_t scmp[SNUG_ARCH_MAX] = {
	[SNUG_ARCH_X86_64] = SCMP_ARCH_X86_64,
	[SNUG_ARCH_I386] = SCMP_ARCH_X86,
	[SNUG_ARCH_X32] = SCMP_ARCH_X32,
	[SNUG_ARCH_ARM64] = SCMP_ARCH_AARCH64,
};

/* Both ways: what libseccomp names by number is ours, and what it resolves by name is. */
static void test_agrees_with_libseccomp(void **state)
{
	(void)state;
	for (unsigned a = 0; a < SNUG_ARCH_MAX; a++) {
		uint32_t bit = a == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0;
		size_t count;
		const struct snug_syscall *calls = snug_syscall_table((enum snug_arch)a, &count);

		for (uint32_t nr = 0; nr <= SNUG_SYSCALL_NR_MAX; nr++) {
			char *name = seccomp_syscall_resolve_num_arch(scmp[a], (int)(nr | bit));
			const struct snug_syscall *ours =
				snug_syscall_by_nr((enum snug_arch)a, nr | bit);

			if (name != NULL) {
				if (ours == NULL)
					fail_msg("%s: no %s (%u)", snug_arch_word(a), name, nr);
				assert_string_equal(ours->name, name);
			}
			free(name);
		}
		for (size_t i = 0; i < count; i++) {
			int nr = seccomp_syscall_resolve_name_arch(scmp[a], calls[i].name);

			if (nr >= 0 && (uint32_t)nr != calls[i].nr)
				fail_msg("%s: %s is %d", snug_arch_word(a), calls[i].name, nr);
		}
	}
}

static void test_spot_values(void **state)
{
	static const struct {
		enum snug_arch arch;
		const char *name;
		uint32_t nr;
		uint8_t major, minor;
	} cases[] = {
		{ SNUG_ARCH_X86_64, "read", 0, 0, 0 },
		{ SNUG_ARCH_X86_64, "openat", 257, 2, 6 },
		{ SNUG_ARCH_X86_64, "getcpu", 309, 3, 1 },
		{ SNUG_ARCH_X86_64, "clone3", 435, 5, 3 },
		{ SNUG_ARCH_X86_64, "futex_waitv", 449, 5, 16 },
		{ SNUG_ARCH_X86_64, "fchmodat2", 452, 6, 6 },
		{ SNUG_ARCH_X86_64, "map_shadow_stack", 453, 6, 6 },
		{ SNUG_ARCH_X86_64, "uretprobe", 335, 6, 11 },
		{ SNUG_ARCH_X86_64, "listns", 470, 6, 19 },
		{ SNUG_ARCH_I386, "_newselect", 142, 0, 0 },
		{ SNUG_ARCH_I386, "select", 82, 0, 0 },
		{ SNUG_ARCH_I386, "chown32", 212, 0, 0 },
		{ SNUG_ARCH_I386, "mmap2", 192, 0, 0 },
		{ SNUG_ARCH_I386, "socketcall", 102, 0, 0 },
		{ SNUG_ARCH_I386, "socket", 359, 4, 3 },
		{ SNUG_ARCH_I386, "clock_gettime64", 403, 5, 1 },
		{ SNUG_ARCH_I386, "semget", 393, 5, 1 },
		{ SNUG_ARCH_I386, "arch_prctl", 384, 4, 12 },
		{ SNUG_ARCH_I386, "map_shadow_stack", 453, 6, 7 },
		{ SNUG_ARCH_X32, "read", SNUG_X32_BIT, 3, 4 },
		{ SNUG_ARCH_X32, "execve", SNUG_X32_BIT | 520, 3, 4 },
		{ SNUG_ARCH_X32, "pwritev2", SNUG_X32_BIT | 547, 4, 6 },
		{ SNUG_ARCH_ARM64, "openat", 56, 3, 7 },
		{ SNUG_ARCH_ARM64, "mmap", 222, 3, 7 },
		{ SNUG_ARCH_ARM64, "newfstatat", 79, 3, 7 },
		{ SNUG_ARCH_ARM64, "fcntl", 25, 3, 7 },
		{ SNUG_ARCH_ARM64, "kexec_file_load", 294, 5, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snug_syscall *call =
			snug_syscall_by_name(cases[i].arch, cases[i].name);

		assert_non_null(call);
		assert_int_equal(call->nr, cases[i].nr);
		assert_int_equal(call->major, cases[i].major);
		assert_int_equal(call->minor, cases[i].minor);
	}
}

static void test_what_is_not_there(void **state)
{
	(void)state;
	assert_null(snug_syscall_by_name(SNUG_ARCH_ARM64, "open"));
	assert_null(snug_syscall_by_name(SNUG_ARCH_X86_64, "socketcall"));
	assert_null(snug_syscall_by_name(SNUG_ARCH_X86_64, ""));
	assert_null(snug_syscall_by_name(SNUG_ARCH_X32, "uprobe"));
	assert_null(snug_syscall_by_nr(SNUG_ARCH_X86_64, 336 + 1));
	assert_null(snug_syscall_by_nr(SNUG_ARCH_X32, 0));
	assert_null(snug_syscall_by_nr(SNUG_ARCH_X86_64, 0xffffffffu));
	assert_true(snug_syscall_is_known("s390_pci_mmio_read"));
	assert_true(snug_syscall_is_known("breakpoint"));
	assert_null(snug_syscall_by_name(SNUG_ARCH_ARM64, "breakpoint"));
	assert_false(snug_syscall_is_known("opennat"));
	assert_false(snug_syscall_is_known("arch_specific_syscall"));
	assert_false(snug_syscall_is_known("syscalls"));
}

static void walk_libseccomp(uint32_t arch)
{
	for (int nr = 0; nr < 8192; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(arch, nr);

		if (name != NULL && !snug_syscall_is_known(name))
			fail_msg("%s is not known", name);
		free(name);
	}
}

/* No name that libseccomp knows, of any architecture, is unknown here. */
static void test_knows_foreign_calls(void **state)
{
	static const uint32_t foreign[] = {
		SCMP_ARCH_ARM,	   SCMP_ARCH_MIPS,  SCMP_ARCH_MIPS64, SCMP_ARCH_MIPS64N32,
		SCMP_ARCH_PARISC,  SCMP_ARCH_PPC,   SCMP_ARCH_PPC64,  SCMP_ARCH_S390,
		SCMP_ARCH_RISCV64, SCMP_ARCH_S390X,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		walk_libseccomp(foreign[i]);
}

/* The kernel headers that this test was compiled with. */
static void test_agrees_with_headers(void **state)
{
	(void)state;
#define SAME(name)                                                                                 \
	assert_int_equal(snug_syscall_by_name(snug_arch_native(), #name)->nr, __NR_##name)
	SAME(read);
	SAME(rt_sigaction);
	SAME(execveat);
	SAME(preadv2);
	SAME(io_uring_setup);
	SAME(landlock_restrict_self);
	SAME(set_mempolicy_home_node);
#undef SAME
}

static void test_suggest(void **state)
{
	(void)state;
	assert_string_equal(snug_syscall_suggest("opennat"), "openat");
	assert_string_equal(snug_syscall_suggest("rread"), "read");
	assert_string_equal(snug_syscall_suggest("io_uring_setpu"), "io_uring_setup");
	assert_string_equal(snug_syscall_suggest("scoketcall"), "socketcall");
	assert_string_equal(snug_syscall_suggest("getrandm"), "getrandom");
	assert_null(snug_syscall_suggest("frobnicate"));
	assert_null(snug_syscall_suggest(""));
	assert_null(snug_syscall_suggest("a_name_that_is_longer_than_any_call_of_the_kernel_is"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted_and_round_trip),
		cmocka_unit_test(test_agrees_with_libseccomp),
		cmocka_unit_test(test_spot_values),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_knows_foreign_calls),
		cmocka_unit_test(test_agrees_with_headers),
		cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
