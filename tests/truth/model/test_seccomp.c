/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp, a target, a call → its answer. What runtimes and libseccomp really do. */
#include "model/oci/seccomp.h"
#include "model/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define ALL_X86 "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
#define NATIVE	"\"architectures\":[\"SCMP_ARCH_X86_64\"],"
#define DENY	"\"defaultAction\":\"SCMP_ACT_ERRNO\","
#define ALLOWS(names, args)                                                                        \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define REFUSES(names, number, args)                                                               \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":" number                \
	",\"args\":[" args "]}"
#define ARG(index, op, value)                                                                      \
	"{\"index\":" #index ",\"op\":\"SCMP_CMP_" #op "\",\"value\":" #value "}"
#define MASKED(index, mask, value)                                                                 \
	"{\"index\":" #index ",\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" #mask                     \
	",\"valueTwo\":" #value "}"
#define SECTION(head, entries) "{" head "\"syscalls\":[" entries "]}"

/* Docker's rules against AF_ALG (38) and AF_VSOCK (40). */
#define DOCKER                                                                                     \
	SECTION(DENY ALL_X86,                                                                      \
		ALLOWS("\"socket\"", ARG(0, LT, 38)) "," ALLOWS(                                   \
			"\"socket\"", ARG(0, EQ, 39)) "," ALLOWS("\"socket\"", ARG(0, GT, 40)))
#define SOCKET_INET SECTION(DENY ALL_X86, ALLOWS("\"socket\"", ARG(0, EQ, 2)))
#define TWICE	    SECTION(DENY NATIVE, ALLOWS("\"socket\"", ARG(0, EQ, 2) "," ARG(0, EQ, 10)))
#define FIRST                                                                                      \
	SECTION(DENY NATIVE, ALLOWS("\"getpid\"", ARG(0, EQ, 1)) "," REFUSES(                      \
				     "\"getpid\"", "5", "") "," REFUSES("\"getpid\"", "6", ""))
#define MASK_0                                                                                     \
	SECTION(DENY ALL_X86, REFUSES("\"getpid\"", "5", MASKED(0, 0, 1)) "," REFUSES(             \
				      "\"getuid\"", "6", MASKED(0, 18446744069414584320, 0)))
#define OUTSIDE SECTION(DENY NATIVE, ALLOWS("\"getpid\"", MASKED(1, 15, 18)))
#define SKIPPED                                                                                    \
	SECTION(DENY NATIVE, REFUSES("\"openat2\"", "1", "") "," REFUSES("\"read\"", "38", ""))
#define PERMITS	 SECTION("\"defaultAction\":\"SCMP_ACT_LOG\"," NATIVE, REFUSES("\"read\"", "1", ""))
#define UNLISTED SECTION("\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\"," NATIVE, "")
#define SHM	 SECTION(DENY ALL_X86, ALLOWS("\"shmat\"", ARG(2, EQ, 0)))
#define ALIAS	 SECTION("\"defaultAction\":\"SCMP_ACT_KILL\"," NATIVE, REFUSES("\"read\"", "1", ""))

static const struct row {
	const char *text;
	enum snug_runtime runtime;
	enum snug_arch arch;
	uint32_t nr;
	uint64_t args[SNUG_ARGS];
	snug_action answer;
} rows[] = {
	/* 64-bit comparisons of an int: the kernel reads AF_ALG of the second. */
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 41, { 0x26 }, SNUG_ERRNO(1) },
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 41, { 0x100000026 }, SNUG_ALLOW },
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 41, { 0x28 }, SNUG_ERRNO(1) },
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 41, { 0x100000028 }, SNUG_ALLOW },
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 41, { 39 }, SNUG_ALLOW },
	/* x32 is compared at 32 bits, as i386. */
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_X32, 41, { 0x100000026 }, SNUG_ERRNO(1) },
	{ DOCKER, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 359, { 0x100000026 }, SNUG_ERRNO(1) },
	/* i386's socketcall: its first argument is the call, the others are not socket's. */
	{ SOCKET_INET, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 359, { 2 }, SNUG_ALLOW },
	{ SOCKET_INET, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 359, { 3 }, SNUG_ERRNO(1) },
	{ SOCKET_INET, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 102, { 1, 0xbffff000 }, SNUG_ALLOW },
	{ SOCKET_INET, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 102, { 2 }, SNUG_ERRNO(1) },
	{ SHM, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 117, { 21, 7, 0 }, SNUG_ALLOW },
	{ SHM, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 117, { 21, 7, 1 }, SNUG_ERRNO(1) },
	{ SHM, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 117, { 22, 7, 0 }, SNUG_ERRNO(1) },
	{ SHM, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 397, { 0 }, SNUG_ALLOW },
	/* One index twice: either. */
	{ TWICE, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 41, { 10 }, SNUG_ALLOW },
	{ TWICE, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 41, { 3 }, SNUG_ERRNO(1) },
	/* Without conditions beats with; the first of two. */
	{ FIRST, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 39, { 1 }, SNUG_ERRNO(5) },
	/* A mask of nothing is no condition, on the ABI that it is nothing on. */
	{ MASK_0, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 39, { 1 }, SNUG_ERRNO(5) },
	{ MASK_0, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 102, { 1ull << 32 }, SNUG_ERRNO(1) },
	{ MASK_0, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 24, { 1ull << 32 }, SNUG_ERRNO(6) },
	/* valueTwo outside of the mask is dropped: 18 is 2. */
	{ OUTSIDE, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 39, { 0, 0x32 }, SNUG_ALLOW },
	/* Equal to the default, errno included: skipped; runc's stub counts its name. */
	{ SKIPPED, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 437, { 0 }, SNUG_ERRNO(1) },
	{ SKIPPED, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 0, { 0 }, SNUG_ERRNO(38) },
	{ SKIPPED, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 437, { 0 }, SNUG_ERRNO(1) },
	{ SKIPPED, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 438, { 0 }, SNUG_ERRNO(38) },
	{ SKIPPED, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 438, { 0 }, SNUG_ERRNO(1) },
	{ SKIPPED, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 0x3fffffff, { 0 }, SNUG_ERRNO(38) },
	{ SKIPPED, SNUG_RUNTIME_RUNC, SNUG_ARCH_X32, 39, { 0 }, SNUG_KILL_THREAD },
	/* i386's socket calls are negative numbers to the stub, so nothing here starts it. */
	{ SOCKET_INET, SNUG_RUNTIME_RUNC, SNUG_ARCH_I386, 359, { 2 }, SNUG_ALLOW },
	/* No stub under a default that lets calls run. */
	{ PERMITS, SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, 438, { 0 }, SNUG_LOG },
	/* An ABI that is not listed is killed by thread, whatever the default. */
	{ UNLISTED, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 1, { 0 }, SNUG_KILL_PROCESS },
	{ UNLISTED, SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, 1, { 0 }, SNUG_KILL_THREAD },
	{ ALIAS, SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, 1, { 0 }, SNUG_KILL_THREAD },
};

static void mean(const char *text, const struct snug_target *target, struct snug_seccomp *ret)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp seccomp = { 0 };
	struct snug_error err = { 0 };

	if (snug_json_parse(&doc, text, strlen(text), NULL, &err) < 0 ||
	    snug_oci_seccomp_read(snug_json_root(doc), &seccomp, &err) < 0 ||
	    snug_oci_seccomp_mean(&seccomp, target, ret, &err) < 0)
		fail_msg("%s: %s", err.what, text);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
		const struct row *row = &rows[i];
		struct snug_call_data call = { .arch = row->arch,
					       .nr = row->nr | snug_abi_first(row->arch) };
		struct snug_target target;
		char words[160];
		snug_action answer;

		snug_target_init(&target, row->runtime, 6, 7);
		mean(row->text, &target, &policy);
		memcpy(call.args, row->args, sizeof(call.args));
		answer = snug_seccomp_decide(&policy, &call);
		snug_call_words(&call, words, sizeof(words));
		if (answer != row->answer)
			fail_msg("%s: %#x, not %#x: %s", words, answer, row->answer, row->text);
	}
}

/* Written anew with a 32-bit ABI beside it, no rule rests on upper halves: the fault is gone. */
static void test_dirty_halves_do_not_survive(void **state)
{
	static const uint64_t families[] = { 0x26, 0x100000026, 0x28, 0x8000000000000028ull };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp anew = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_losses losses = { 0 };
	struct snug_target target;
	struct snug_error err;

	(void)state;
	snug_target_init(&target, SNUG_RUNTIME_RUNC, 6, 7);
	mean(DOCKER, &target, &policy);
	assert_int_equal(snug_oci_seccomp_write(&policy, &target, NULL, &text, &losses, &err), 0);
	mean(text.data, &target, &anew);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct snug_call_data call = { SNUG_ARCH_X86_64, 41, { families[i] } };

		assert_int_equal(snug_seccomp_decide(&anew, &call), SNUG_ERRNO(1));
	}
	assert_int_equal(
		snug_seccomp_decide(&anew, &(struct snug_call_data){ SNUG_ARCH_X86_64, 41, { 2 } }),
		SNUG_ALLOW);
	assert_true(losses.count > 0);
	assert_null(strstr(text.data, "SCMP_CMP_LT"));
	snug_vec_clear(&losses);
}

static void test_contradictions_are_named(void **state)
{
	static const char both[] = SECTION(
		DENY NATIVE,
		ALLOWS("\"socket\"", ARG(0, EQ, 2)) "," REFUSES("\"socket\"", "5", ARG(1, EQ, 1)));
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp seccomp = { 0 };
	struct snug_seccomp policy = { 0 };
	struct snug_target target;
	struct snug_error err = { 0 };

	(void)state;
	snug_target_init(&target, SNUG_RUNTIME_RUNC, 6, 7);
	assert_int_equal(snug_json_parse(&doc, both, strlen(both), "config.json", &err), 0);
	assert_int_equal(snug_oci_seccomp_read(snug_json_root(doc), &seccomp, &err), 0);
	assert_int_equal(snug_oci_seccomp_mean(&seccomp, &target, &policy, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.path, "$.syscalls[1]");
	assert_non_null(strstr(err.what, "$.syscalls[0]"));
	assert_non_null(strstr(err.what, "socket(0x2, 0x1) on x86_64"));
	assert_true(err.remedy[0] != '\0');
}

static void test_bad_sections_are_refused(void **state)
{
	static const struct {
		const char *text, *what;
	} bad[] = {
		{ "[]", "object" },
		{ "{}", "defaultAction" },
		{ "{\"defaultAction\":\"SCMP_ACT_NOPE\"}", "unknown action" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}", "no errno" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":65536}", "range" },
		{ "{\"DefaultAction\":\"SCMP_ACT_ALLOW\",\"defaultAction\":\"SCMP_ACT_TRAP\"}",
		  "" },
		{ "{" DENY "\"architectures\":[\"SCMP_ARCH_PDP11\"]}", "architecture" },
		{ SECTION(DENY, ALLOWS("\"raed\"", "")), "unknown syscall" },
		{ SECTION(DENY, ALLOWS("\"read\"", ARG(6, EQ, 1))), "arguments 0 to 5" },
		{ SECTION(DENY, ALLOWS("\"read\"", ARG(0, ALMOST, 1))), "unknown operator" },
		{ SECTION(DENY, ALLOWS("\"read\"", "{\"index\":0,\"op\":\"SCMP_CMP_EQ\"}")),
		  "value" },
		{ SECTION(DENY, ALLOWS("\"read\"", ARG(0, EQ, 18446744073709551616))), "" },
		{ SECTION(DENY, ALLOWS("\"read\"", ARG(0, EQ, -1))), "" },
		{ SECTION(DENY, "{\"action\":\"SCMP_ACT_ALLOW\"}"), "names" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_oci_seccomp seccomp = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(snug_json_parse(&doc, bad[i].text, strlen(bad[i].text), "c", &err),
				 0);
		if (snug_oci_seccomp_read(snug_json_root(doc), &seccomp, &err) == 0)
			fail_msg("taken: %s", bad[i].text);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_true(err.line > 0 && err.path[0] == '$');
		if (!strstr(err.what, bad[i].what))
			fail_msg("%s: %s", bad[i].text, err.what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_dirty_halves_do_not_survive),
		cmocka_unit_test(test_contradictions_are_named),
		cmocka_unit_test(test_bad_sections_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
