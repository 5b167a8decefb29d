/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/filter.h"
#include "base/cleanup.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/wait.h>

/* ---- sections, made by hand ---- */

static struct snug_oci_entry *entry(struct snug_oci_seccomp *section, const char *name,
				    snug_action action)
{
	struct snug_oci_entry new = { .action = action };

	assert_int_equal(snug_vec_push(&new.names, name), 0);
	assert_int_equal(snug_vec_push(&section->entries, new), 0);
	return &section->entries.at[section->entries.count - 1];
}

static void condition(struct snug_oci_entry *to, unsigned index, enum snug_op op, uint64_t value)
{
	struct snug_oci_arg arg = { index, op, value, 0 };

	assert_int_equal(snug_vec_push(&to->args, arg), 0);
}

static void clear(struct snug_oci_seccomp *section)
{
	for (size_t i = 0; i < section->entries.count; i++) {
		snug_vec_clear(&section->entries.at[i].names);
		snug_vec_clear(&section->entries.at[i].args);
	}
	snug_vec_clear(&section->entries);
	snug_vec_clear(&section->archs);
}

/* Native alone, by name: as snug writes sections. */
static struct snug_oci_seccomp section_with(snug_action fallback)
{
	struct snug_oci_seccomp section = { .fallback = fallback };

	assert_int_equal(snug_vec_push(&section.archs, snug_arch_name(SNUG_ARCH_X86_64)), 0);
	return section;
}

static void compile(const struct snug_oci_seccomp *section, enum snug_runtime runtime,
		    enum snug_filter_shape shape, struct snug_filter *ret)
{
	struct snug_target target;
	struct snug_error err = { 0 };

	snug_target_of_host(runtime, &target);
	if (snug_filter_compile(section, &target, shape, ret, &err) < 0)
		fail_msg("%s", err.what);
}

static snug_action decide(const struct snug_filter *filter, enum snug_arch arch, uint32_t nr,
			  uint64_t arg0)
{
	const uint64_t args[SNUG_ARGS] = { arg0 };
	struct snug_error err = { 0 };
	snug_action action = 0;

	if (snug_program_run(&filter->program, snug_arch_token(arch), nr, args, &action, &err) < 0)
		fail_msg("%s", err.what);
	return action;
}

static uint32_t number(const char *name)
{
	return snug_syscall_by_name(SNUG_ARCH_X86_64, name)->nr;
}

/* ---- the tests ---- */

static void test_both_shapes_decide(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ERRNO(EPERM));

	(void)state;
	entry(&section, "read", SNUG_ALLOW);
	condition(entry(&section, "socket", SNUG_ALLOW), 0, SNUG_OP_EQ, 2);
	entry(&section, "mount", SNUG_KILL_PROCESS);
	for (enum snug_filter_shape shape = 0; shape < SNUG_FILTER_SHAPE_MAX; shape++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };

		compile(&section, SNUG_RUNTIME_CRUN, shape, &filter);
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("read"), 7), SNUG_ALLOW);
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("socket"), 2),
				 SNUG_ALLOW);
		/* Dirty upper half: libseccomp compares all 64 bits. */
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("socket"), 0x100000002),
				 SNUG_ERRNO(EPERM));
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("mount"), 0),
				 SNUG_KILL_PROCESS);
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("open"), 0),
				 SNUG_ERRNO(EPERM));
		assert_int_equal(decide(&filter, SNUG_ARCH_I386, 3, 0), SNUG_UNLISTED);
		assert_int_equal(decide(&filter, SNUG_ARCH_X32, SNUG_X32_BIT, 0), SNUG_UNLISTED);
	}
}

/* What the runtimes skip: entries equal to the default, and names that do not resolve. */
static void test_skips(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ERRNO(EPERM));
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };

	(void)state;
	entry(&section, "read", SNUG_ERRNO(EPERM));
	entry(&section, "read", SNUG_ALLOW);
	entry(&section, "pciconfig_read", SNUG_ALLOW);
	entry(&section, "socketcall", SNUG_ALLOW); /* i386's alone */
	entry(&section, "mseal", SNUG_ALLOW);	   /* newer than libseccomp 2.5.4 */
	compile(&section, SNUG_RUNTIME_CRUN, SNUG_FILTER_LINEAR, &filter);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("read"), 0), SNUG_ALLOW);
}

static void test_target_decides_what_resolves(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ERRNO(EPERM));
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	struct snug_target old;
	struct snug_error err = { 0 };

	(void)state;
	entry(&section, "openat2", SNUG_ALLOW); /* Linux 5.6 */
	entry(&section, "read", SNUG_ALLOW);
	snug_target_init(&old, SNUG_RUNTIME_CRUN, 5, 4);
	assert_int_equal(snug_filter_compile(&section, &old, SNUG_FILTER_LINEAR, &filter, &err), 0);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("read"), 0), SNUG_ALLOW);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("openat2"), 0),
			 SNUG_ERRNO(EPERM));
}

/* One index twice: either condition is enough. */
static void test_index_twice(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ERRNO(EPERM));
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	struct snug_oci_entry *twice;

	(void)state;
	twice = entry(&section, "socket", SNUG_ALLOW);
	condition(twice, 0, SNUG_OP_EQ, 2);
	condition(twice, 0, SNUG_OP_EQ, 10);
	compile(&section, SNUG_RUNTIME_CRUN, SNUG_FILTER_LINEAR, &filter);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("socket"), 2), SNUG_ALLOW);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("socket"), 10), SNUG_ALLOW);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, number("socket"), 3), SNUG_ERRNO(EPERM));
}

static void test_runc_stub(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_KILL_PROCESS);
	SNUG_AUTO(snug_filter_clear) struct snug_filter runc = { 0 }, crun = { 0 };
	uint32_t last = number("openat2");

	(void)state;
	assert_int_equal(snug_vec_push(&section.archs, snug_arch_name(SNUG_ARCH_I386)), 0);
	assert_int_equal(snug_vec_push(&section.archs, snug_arch_name(SNUG_ARCH_X32)), 0);
	entry(&section, "read", SNUG_ALLOW);
	entry(&section, "openat2", SNUG_KILL_PROCESS); /* equal to the default, and still counts */
	compile(&section, SNUG_RUNTIME_RUNC, SNUG_FILTER_LINEAR, &runc);
	compile(&section, SNUG_RUNTIME_CRUN, SNUG_FILTER_LINEAR, &crun);
	for (enum snug_arch arch = SNUG_ARCH_X86_64; arch <= SNUG_ARCH_X32; arch++) {
		uint32_t base = snug_abi_first(arch);

		assert_int_equal(decide(&runc, arch, base + last, 0), SNUG_KILL_PROCESS);
		assert_int_equal(decide(&runc, arch, base + last + 1, 0), SNUG_ERRNO(ENOSYS));
		assert_int_equal(decide(&runc, arch, snug_abi_last(arch), 0), SNUG_ERRNO(ENOSYS));
		assert_int_equal(decide(&crun, arch, base + last + 1, 0), SNUG_KILL_PROCESS);
		assert_int_equal(decide(&runc, arch, snug_syscall_by_name(arch, "read")->nr, 0),
				 SNUG_ALLOW);
	}
	if (snug_arch_native() != SNUG_ARCH_ARM64) /* libseccomp lists the machine's own always */
		assert_int_equal(decide(&runc, SNUG_ARCH_ARM64, 1000, 0), SNUG_UNLISTED);
}

static void test_no_stub_where_calls_run_by_default(void **state)
{
	static const snug_action open[] = { SNUG_ALLOW, SNUG_LOG, SNUG_TRACE(1) };

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(open[i]);
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };

		entry(&section, "read", SNUG_ERRNO(EPERM));
		compile(&section, SNUG_RUNTIME_RUNC, SNUG_FILTER_LINEAR, &filter);
		assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, 1000, 0), open[i]);
	}
}

/* libseccomp 2.5 makes a broken tree of no rules. */
static void test_no_rules(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ALLOW);
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };

	(void)state;
	compile(&section, SNUG_RUNTIME_CRUN, SNUG_FILTER_TREE, &filter);
	assert_int_equal(decide(&filter, SNUG_ARCH_X86_64, 1000, 0), SNUG_ALLOW);
	assert_int_equal(decide(&filter, SNUG_ARCH_I386, 1, 0), SNUG_UNLISTED);
}

/* Rules with which libseccomp 2.5 never ends; 2.6 may well. */
static void test_time_limit(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ALLOW);
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	const struct scmp_version *version = seccomp_version();
	struct snug_oci_entry *rule;
	struct snug_target target;
	struct snug_error err = { 0 };
	int result;

	(void)state;
	rule = entry(&section, "socket", SNUG_ERRNO(EPERM));
	condition(rule, 0, SNUG_OP_GT, 40);
	condition(rule, 1, SNUG_OP_GT, 0x100000026);
	rule = entry(&section, "socket", SNUG_ERRNO(EPERM));
	condition(rule, 0, SNUG_OP_GT, 40);
	condition(rule, 1, SNUG_OP_LT, 2);
	snug_target_of_host(SNUG_RUNTIME_CRUN, &target);
	result = snug_filter_compile(&section, &target, SNUG_FILTER_LINEAR, &filter, &err);
	if (version->major == 2 && version->minor <= 5)
		assert_int_equal(result, -1);
	if (result < 0) {
		assert_int_equal(err.code, SNUG_HOST);
		assert_non_null(strstr(err.what, "did not finish"));
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_refusal_names_the_call(void **state)
{
	SNUG_AUTO(clear) struct snug_oci_seccomp section = section_with(SNUG_ALLOW);
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	struct snug_target target;
	struct snug_error err = { 0 };

	(void)state;
	entry(&section, "socket", 0x12345678);
	snug_target_of_host(SNUG_RUNTIME_CRUN, &target);
	assert_int_equal(snug_filter_compile(&section, &target, SNUG_FILTER_LINEAR, &filter, &err),
			 -1);
	assert_int_equal(err.code, SNUG_HOST);
	assert_non_null(strstr(err.what, "socket"));
}

static void test_host_target(void **state)
{
	struct snug_target target;
	size_t count;
	const struct snug_syscall *table = snug_syscall_table(SNUG_ARCH_X86_64, &count);

	(void)state;
	snug_target_of_host(SNUG_RUNTIME_RUNC, &target);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(snug_target_resolves(&target, SNUG_ARCH_X86_64, table[i].nr),
				 seccomp_syscall_resolve_name_arch(
					 SCMP_ARCH_X86_64, table[i].name) == (int)table[i].nr);
	/* Pseudo numbers: i386's socket is negative to libseccomp, and can be named all the same.
	 */
	assert_true(snug_target_resolves(&target, SNUG_ARCH_I386, 359));
	snug_target_of_host(SNUG_RUNTIME_SNUG, &target);
	for (size_t i = 0; i < count; i++)
		assert_true(snug_target_resolves(&target, SNUG_ARCH_X86_64, table[i].nr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_shapes_decide),
		cmocka_unit_test(test_skips),
		cmocka_unit_test(test_target_decides_what_resolves),
		cmocka_unit_test(test_index_twice),
		cmocka_unit_test(test_runc_stub),
		cmocka_unit_test(test_no_stub_where_calls_run_by_default),
		cmocka_unit_test(test_no_rules),
		cmocka_unit_test(test_time_limit),
		cmocka_unit_test(test_refusal_names_the_call),
		cmocka_unit_test(test_host_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
