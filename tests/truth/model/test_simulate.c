/* SPDX-License-Identifier: Apache-2.0 */
/* One section, many calls: what it answers, and which entry says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/simulate.h"

#include <errno.h>
#include <string.h>

#define DIRTY 0x100000000ull

/* Docker's socket rules, which a dirty upper half passes; a MASKED_EQ, which it does not; one
 * index twice; a call beside one of its own with conditions; an entry equal to the default. */
static const char text[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_64\","
	"\"SCMP_ARCH_X86\"],\"syscalls\":["
	"{\"names\":[\"read\",\"openat2\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"value\":38,"
	"\"op\":\"SCMP_CMP_NE\"}]},"
	"{\"names\":[\"unshare\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
	"\"value\":2114060416,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
	"{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,\"value\":3,"
	"\"op\":\"SCMP_CMP_EQ\"},{\"index\":0,\"value\":4,\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":1,\"value\":9,"
	"\"op\":\"SCMP_CMP_EQ\"}]},"
	"{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	"{\"names\":[\"futex_requeue\"],\"action\":\"SCMP_ACT_ERRNO\"}]}";

static const struct {
	enum snug_runtime runtime;
	enum snug_arch arch;
	const char *name; /* NULL: nr */
	uint32_t nr;
	uint64_t args[SNUG_ARGS];
	snug_action action;
	enum snug_rule rule;
	const char *path;
	unsigned dirty;
} rows[] = {
#define ENTRY(n)	 SNUG_RULE_ENTRY, "$.syscalls[" #n "]"
#define EPERM_BY_DEFAULT SNUG_ERRNO(EPERM), SNUG_RULE_DEFAULT, NULL
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "read", 0, { 0 }, SNUG_ALLOW, ENTRY(0), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "openat2", 0, { 0 }, SNUG_ALLOW, ENTRY(0), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "write", 0, { 0 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "socket", 0, { 2 }, SNUG_ALLOW, ENTRY(1), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "socket", 0, { 38 }, EPERM_BY_DEFAULT, 1 },
	{ SNUG_RUNTIME_CRUN,
	  SNUG_ARCH_X86_64,
	  "socket",
	  0,
	  { 38 | DIRTY },
	  SNUG_ALLOW,
	  ENTRY(1),
	  1 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "unshare", 0, { 0 }, SNUG_ALLOW, ENTRY(2), 0 },
	{ SNUG_RUNTIME_CRUN,
	  SNUG_ARCH_X86_64,
	  "unshare",
	  0,
	  { DIRTY | 1 },
	  SNUG_ALLOW,
	  ENTRY(2),
	  0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "unshare", 0, { 0x10000000 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "prctl", 0, { 3 }, SNUG_LOG, ENTRY(3), 1 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "prctl", 0, { 4 }, SNUG_LOG, ENTRY(3), 1 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "prctl", 0, { 5 }, EPERM_BY_DEFAULT, 0 },
	/* Without conditions wins, wherever it stands. */
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "kill", 0, { 1, 9 }, SNUG_ALLOW, ENTRY(5), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, "futex_requeue", 0, { 0 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_X86_64, NULL, 500, { 0 }, EPERM_BY_DEFAULT, 0 },
	/* runc's stub: above futex_requeue, which counts although it is skipped. */
	{ SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, "futex_requeue", 0, { 0 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_RUNC,
	  SNUG_ARCH_X86_64,
	  NULL,
	  457,
	  { 0 },
	  SNUG_ERRNO(ENOSYS),
	  SNUG_RULE_STUB,
	  NULL,
	  0 },
	{ SNUG_RUNTIME_RUNC, SNUG_ARCH_X86_64, "read", 0, { 0 }, SNUG_ALLOW, ENTRY(0), 0 },
	/* i386: 32 bits, and socketcall speaks for socket. */
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, "read", 0, { 0 }, SNUG_ALLOW, ENTRY(0), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, "socket", 0, { 38 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, "socketcall", 0, { 1 }, SNUG_ALLOW, ENTRY(1), 0 },
	{ SNUG_RUNTIME_CRUN, SNUG_ARCH_I386, "socketcall", 0, { 2 }, EPERM_BY_DEFAULT, 0 },
	{ SNUG_RUNTIME_CRUN,
	  SNUG_ARCH_X32,
	  "read",
	  0,
	  { 0 },
	  SNUG_UNLISTED,
	  SNUG_RULE_UNLISTED,
	  NULL,
	  0 },
	{ SNUG_RUNTIME_RUNC,
	  SNUG_ARCH_ARM64,
	  "read",
	  0,
	  { 0 },
	  SNUG_UNLISTED,
	  SNUG_RULE_UNLISTED,
	  NULL,
	  0 },
};

static void check_row(const struct snug_oci_seccomp *section, size_t i)
{
	struct snug_call_data call = { .arch = rows[i].arch, .nr = rows[i].nr };
	struct snug_target target;
	struct snug_simulation said = { 0 };
	struct snug_buf path = { 0 };
	struct snug_error err = { 0 };

	snug_target_init(&target, rows[i].runtime, 6, 7);
	if (rows[i].name)
		call.nr = snug_syscall_by_name(call.arch, rows[i].name)->nr;
	memcpy(call.args, rows[i].args, sizeof(call.args));
	if (snug_simulate(section, &target, &call, &said, &err) < 0)
		fail_msg("row %zu: %s", i, err.what);
	/* The machine's own ABI is one that every filter lists. */
	if (rows[i].rule == SNUG_RULE_UNLISTED && call.arch == snug_arch_native())
		return;
	if (said.action != rows[i].action || said.rule != rows[i].rule ||
	    said.dirty != rows[i].dirty)
		fail_msg("row %zu: action %#x, rule %d, dirty %#x", i, said.action, (int)said.rule,
			 said.dirty);
	assert_int_equal(said.entry != NULL, said.rule == SNUG_RULE_ENTRY);
	if (said.entry)
		snug_json_path(said.entry->node, &path);
	assert_string_equal(snug_buf_text(&path), rows[i].path ? rows[i].path : "");
	snug_buf_clear(&path);
}

static void test_rows(void **state)
{
	struct snug_json *doc = NULL;
	struct snug_oci_seccomp section = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_json_parse(&doc, text, strlen(text), NULL, &err), 0);
	if (snug_oci_seccomp_read(snug_json_root(doc), &section, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&section, i);
	snug_oci_seccomp_clear(&section);
	snug_json_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
