/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/audited.h"

#include <stdio.h>
#include <string.h>

/* This machine's ABI, and a call of it. */
#if defined(__aarch64__)
#define NATIVE	"c00000b7"
#define MKDIRAT "34"
#else
#define NATIVE	"c000003e"
#define MKDIRAT "258"
#endif
/* As Linux 6.18 wrote them. */
#define SECCOMP(comm, arch, call, code)                                                            \
	" audit: type=1326 audit(1795640910.283:35255): auid=4294967295 uid=0 gid=0 "              \
	"ses=4294967295 pid=21675 comm=" comm " exe=\"/bin/busybox\" sig=0 arch=" arch             \
	" syscall=" call " compat=0 ip=0x47b567 code=" code
#define APPARMOR(what, profile)                                                                    \
	" audit: type=1400 audit(1.2:3): apparmor=\"" what "\" operation=\"open\" class=\"file\" " \
	"profile=\"" profile "\" name=\"/etc/shadow\" pid=7 comm=\"cat\" requested_mask=\"r\" "    \
	"denied_mask=\"r\" fsuid=0 ouid=0"

static void check(const char *line, const char *program, const char *what, const char *profile)
{
	struct snug_audited_list list = { 0 };
	struct snug_error err;

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(snug_audited_add(&list, line, &err), 0);
	assert_int_equal(list.of.count, program ? 1 : 0);
	if (program) {
		assert_string_equal(list.of.at[0].program, program);
		assert_string_equal(list.of.at[0].what, what);
		assert_string_equal(list.of.at[0].profile, profile);
		assert_int_equal(list.of.at[0].count, 3);
	}
	snug_audited_clear(&list);
}

static void test_reads_what_the_kernel_logs(void **state)
{
	(void)state;
	check(SECCOMP("\"mkdir\"", NATIVE, MKDIRAT, "0x7ffc0000"), "mkdir", "mkdirat", "");
	check(SECCOMP("\"x\"", "40000003", "39", "0x7ffc0000"), "x", "i386/mkdir", "");
	check(SECCOMP("\"x\"", NATIVE, "9999", "0x7ffc0000"), "x", "call 9999", "");
	check(SECCOMP("\"x\"", "c00000b8", "5", "0x7ffc0000"), "x", "call 5 on ABI c00000b8", "");
	check(SECCOMP("6120622063", NATIVE, MKDIRAT, "0x7ffc0000"), "6120622063", "mkdirat", "");
	check(APPARMOR("ALLOWED", "snug-web-0123456789abcdef"), "cat", "open /etc/shadow",
	      "snug-web-0123456789abcdef");
}

static void test_counts_nothing_else(void **state)
{
	(void)state;
	check(SECCOMP("\"mkdir\"", "c000003e", "83", "0x80000000"), NULL, NULL, NULL); /* killed */
	check(APPARMOR("DENIED", "snug-web-0123456789abcdef"), NULL, NULL, NULL);
	check(APPARMOR("ALLOWED", "another"), NULL, NULL, NULL);
	check(" audit: type=1400 audit(1.2:3): apparmor=\"ALLOWED\" operation= "
	      "profile=\"snug-web\" "
	      "comm=\"cat\" name=\"/a\"",
	      NULL, NULL, NULL);
	check(" usb 1-1: new device type=1326", NULL, NULL, NULL);
	check(" audit: type=1326 audit(1.2:3): arch=zz syscall=83 code=0x7ffc0000 comm=\"a\"", NULL,
	      NULL, NULL);
	check("", NULL, NULL, NULL);
}

static void test_has_a_limit(void **state)
{
	struct snug_audited_list list = { 0 };
	struct snug_error err;
	char line[512];

	(void)state;
	for (unsigned i = 0; i < SNUG_AUDITED_MAX + 5; i++) {
		snprintf(line, sizeof(line), SECCOMP("\"p%u\"", "c000003e", "83", "0x7ffc0000"), i);
		assert_int_equal(snug_audited_add(&list, line, &err), 0);
	}
	assert_int_equal(list.of.count, SNUG_AUDITED_MAX);
	assert_int_equal(list.left_out, 5);
	snug_audited_clear(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_the_kernel_logs),
		cmocka_unit_test(test_counts_nothing_else),
		cmocka_unit_test(test_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
