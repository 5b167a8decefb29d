/* SPDX-License-Identifier: Apache-2.0 */
#include "model/boundary.h"

#include "base/cleanup.h"
#include "model/oci/seccomp.h"
#include "model/syscalls.h"
#include "model/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                       \
	"{\"snugProfile\":1,\"name\":\"web\",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\","   \
	"\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],"       \
	"\"syscalls\":["
#define CALLS                                                                                      \
	"{\"names\":[\"read\",\"write\",\"execve\",\"fstatfs\",\"exit\"],"                         \
	"\"action\":\"SCMP_ACT_ALLOW\"},"                                                          \
	"{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"             \
	"\"value\":4294967295,\"valueTwo\":15,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"                   \
	"{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"             \
	"\"value\":4294967295,\"valueTwo\":24,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}"
#define WHY                                                                                        \
	",\"provenance\":{\"syscalls\":{\"read\":{\"why\":\"seen\"},"                              \
	"\"write\":{\"why\":\"widened:read\"},\"execve\":{\"why\":\"seen\",\"phase\":"             \
	"\"runtime\"},\"fstatfs\":{\"why\":\"floor:runc\"},\"exit\":{\"why\":\"kernel\"},"         \
	"\"prctl\":{\"why\":\"seen\",\"floorArgs\":[{\"0\":24},{\"1\":15},7]}}}"

static struct snug_profile profile;
static struct snug_seccomp policy;

static void make(const char *text)
{
	struct snug_error err = { 0 };

	if (snug_profile_parse(text, strlen(text), "web.json", &profile, &err) < 0 ||
	    snug_boundary_policy(&profile, &policy, &err) < 0)
		fail_msg("%s %s", err.path, err.what);
}

static void drop(void)
{
	snug_seccomp_clear(&policy);
	snug_profile_clear(&profile);
}

static snug_action answer(enum snug_arch arch, const char *name, uint64_t first)
{
	struct snug_call_data call = { arch, snug_syscall_by_name(arch, name)->nr, { first } };

	return snug_seccomp_decide(&policy, &call);
}

static bool is_within_profile(void)
{
	struct snug_seccomp whole;
	struct snug_call_data witness;
	struct snug_target target;
	struct snug_error err;
	bool within;

	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	assert_int_equal(snug_oci_seccomp_mean(&profile.seccomp, &target, &whole, &err), 0);
	within = snug_seccomp_within(&policy, &whole, &witness);
	snug_seccomp_clear(&whole);
	return within;
}

/* What is in for the runtimes goes, in each ABI; all else stays. */
static void test_leaves_out(void **state)
{
	static const enum snug_arch archs[] = { SNUG_ARCH_X86_64, SNUG_ARCH_I386 };

	(void)state;
	make(HEAD CALLS "]}" WHY "}");
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(answer(archs[i], "read", 0), SNUG_ALLOW);
		assert_int_equal(answer(archs[i], "write", 0), SNUG_ALLOW);
		assert_int_equal(answer(archs[i], "exit", 0), SNUG_ALLOW);
		assert_int_equal(answer(archs[i], "execve", 0), SNUG_ERRNO(38));
		assert_int_equal(answer(archs[i], "fstatfs", 0), SNUG_ERRNO(38));
		assert_int_equal(answer(archs[i], "prctl", 15), SNUG_ALLOW);
		assert_int_equal(answer(archs[i], "prctl", 24), SNUG_ERRNO(38));
		assert_int_equal(answer(archs[i], "prctl", 24 | UINT64_C(1) << 40), SNUG_ERRNO(38));
	}
	assert_int_equal(answer(SNUG_ARCH_X32, "read", 0), SNUG_UNLISTED);
	assert_true(is_within_profile());
	drop();
}

/* What a profile forbids more strictly than what it does not list is not let off with that. */
static void test_stricter(void **state)
{
	(void)state;
	make(HEAD
	     "{\"names\":[\"execve\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"},"
	     "{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_KILL_PROCESS\",\"args\":[{\"index\":0,"
	     "\"value\":4294967295,\"valueTwo\":24,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}" WHY "}");
	assert_int_equal(answer(SNUG_ARCH_X86_64, "execve", 0), SNUG_KILL_PROCESS);
	assert_int_equal(answer(SNUG_ARCH_X86_64, "prctl", 24), SNUG_KILL_PROCESS);
	assert_int_equal(answer(SNUG_ARCH_X86_64, "prctl", 15), SNUG_ERRNO(38));
	assert_true(is_within_profile());
	drop();
}

/* A profile by hand says no reasons, and keeps all. */
static void test_no_reasons(void **state)
{
	(void)state;
	make(HEAD CALLS "]}}");
	assert_int_equal(answer(SNUG_ARCH_X86_64, "execve", 0), SNUG_ALLOW);
	assert_int_equal(answer(SNUG_ARCH_X86_64, "prctl", 24), SNUG_ALLOW);
	drop();
}

/* A list of what is forbidden: there is nothing that it is stricter to leave out. */
static void test_allowing(void **state)
{
	(void)state;
	make("{\"snugProfile\":1,\"name\":\"web\",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_"
	     "ALLOW\","
	     "\"syscalls\":[{\"names\":[\"execve\"],\"action\":\"SCMP_ACT_ERRNO\"}]}" WHY "}");
	/* Of what lists no ABI the machine's own is the one. */
	assert_int_equal(answer(snug_arch_native(), "execve", 0), SNUG_ERRNO(1));
	assert_int_equal(answer(snug_arch_native(), "fstatfs", 0), SNUG_ALLOW);
	assert_true(is_within_profile());
	drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaves_out),
		cmocka_unit_test(test_stricter),
		cmocka_unit_test(test_no_reasons),
		cmocka_unit_test(test_allowing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
