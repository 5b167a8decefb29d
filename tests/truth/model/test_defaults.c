/* SPDX-License-Identifier: Apache-2.0 */
/* profiles/baseline.json and restricted.json: call by call, under every target; and path by path.
 */
#include "base/cleanup.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/words.h"
#include "model/profile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define DIRTY UINT64_C(0xdeadbeef00000000)
#define ARM64 "\"architectures\": [\"SCMP_ARCH_AARCH64\"],"

static struct snug_profile baseline, restricted;
/* The same with arm64 listed, for which they are meant as well. */
static struct snug_profile baseline_arm64, restricted_arm64;

static void read_profile(const char *path, const char *members, struct snug_profile *ret)
{
	static const char head[] = "\"seccomp\": {";
	SNUG_AUTO(snug_buf_clear) struct snug_buf whole = { 0 };
	const char *at;

	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };
	char block[4096];
	size_t len;
	FILE *file = fopen(path, "re");

	if (!file)
		fail_msg("no %s: run from the top folder", path);
	while ((len = fread(block, 1, sizeof(block), file)) > 0)
		snug_buf_add(&text, block, len);
	assert_int_equal(fclose(file), 0);
	at = strstr(snug_buf_text(&text), head);
	assert_non_null(at);
	at += strlen(head);
	snug_buf_add(&whole, text.data, (size_t)(at - text.data));
	snug_buf_adds(&whole, members);
	snug_buf_adds(&whole, at);
	if (snug_profile_parse(snug_buf_text(&whole), whole.len, path, ret, &err) < 0)
		fail_msg("%s: %s: %s", path, err.path, err.what);
}

static int setup(void **state)
{
	(void)state;
	read_profile("profiles/baseline.json", "", &baseline);
	read_profile("profiles/restricted.json", "", &restricted);
	read_profile("profiles/baseline.json", ARM64, &baseline_arm64);
	read_profile("profiles/restricted.json", ARM64, &restricted_arm64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	snug_profile_clear(&baseline);
	snug_profile_clear(&restricted);
	snug_profile_clear(&baseline_arm64);
	snug_profile_clear(&restricted_arm64);
	return 0;
}

/* ---- calls ---- */

#define ALLOW 0

/* What baseline answers: 0 allows, else the errno. restricted: the same, or what is in the last
 * column. */
#define SAME (-1)
static const struct {
	const char *call;
	uint64_t args[3];
	int baseline, restricted;
} calls[] = {
	{ "read", { 0 }, ALLOW, SAME },
	{ "execve", { 0 }, ALLOW, SAME },
	{ "openat2", { 0 }, ALLOW, SAME },
	{ "setuid", { 0 }, ALLOW, SAME },
	{ "seccomp", { 1 }, ALLOW, SAME },
	{ "ptrace", { 0 }, ALLOW, EPERM },
	{ "process_vm_readv", { 0 }, ALLOW, EPERM },
	{ "chroot", { 0 }, ALLOW, EPERM },
	{ "mknodat", { 0 }, ALLOW, SAME },
	/* families */
	{ "socket", { AF_UNIX, SOCK_STREAM, 0 }, ALLOW, SAME },
	{ "socket", { AF_INET, SOCK_STREAM, 0 }, ALLOW, SAME },
	{ "socket", { AF_INET, SOCK_RAW, 1 }, ALLOW, SAME },
	{ "socket", { AF_INET6, SOCK_DGRAM, 17 }, ALLOW, SAME },
	{ "socket", { AF_NETLINK, SOCK_RAW, 0 }, ALLOW, SAME },
	{ "socket", { DIRTY | AF_INET, DIRTY | SOCK_STREAM, 0 }, ALLOW, SAME },
	{ "socket", { AF_PACKET, SOCK_RAW, 3 }, EAFNOSUPPORT, SAME },
	{ "socket", { DIRTY | AF_PACKET, SOCK_RAW, 3 }, EAFNOSUPPORT, SAME },
	{ "socket", { AF_ALG, SOCK_SEQPACKET, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { DIRTY | AF_ALG, SOCK_SEQPACKET, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { DIRTY | AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { AF_TIPC, SOCK_STREAM, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { AF_UNSPEC, 0, 0 }, EAFNOSUPPORT, SAME },
	{ "socket", { 64, 0, 0 }, ENOSYS, SAME },
	{ "socket", { 0xffffffff, 0, 0 }, ENOSYS, SAME },
	{ "socketpair", { AF_UNIX, SOCK_STREAM, 0 }, ALLOW, SAME },
	{ "socketpair", { AF_TIPC, SOCK_STREAM, 0 }, EAFNOSUPPORT, SAME },
	{ "socketpair", { DIRTY | AF_VSOCK, SOCK_STREAM, 0 }, EAFNOSUPPORT, SAME },
	/* TCP_ULP is 31 */
	{ "setsockopt", { 3, 6, 31 }, ENOPROTOOPT, SAME },
	{ "setsockopt", { DIRTY, DIRTY | 6, DIRTY | 31 }, ENOPROTOOPT, SAME },
	{ "setsockopt", { 3, 6, 1 }, ALLOW, SAME },
	{ "setsockopt", { 3, 6, 30 }, ALLOW, SAME },
	{ "setsockopt", { 3, DIRTY | 6, DIRTY | 32 }, ALLOW, SAME },
	{ "setsockopt", { 3, 6, 63 }, ALLOW, SAME },
	{ "setsockopt", { 3, 6, 64 }, ENOSYS, SAME },
	{ "setsockopt", { 3, 1, 31 }, ALLOW, SAME },
	{ "setsockopt", { 3, 0, 31 }, ALLOW, SAME },
	{ "setsockopt", { 3, 41, 26 }, ALLOW, SAME },
	{ "setsockopt", { 3, 270, 1 }, ALLOW, SAME },
	{ "setsockopt", { 3, 7, 0xffffffff }, ALLOW, SAME },
	{ "setsockopt", { 3, 512, 1 }, ENOSYS, SAME },
	/* TIOCSTI, TIOCLINUX */
	{ "ioctl", { 0, 0x5412 }, EPERM, SAME },
	{ "ioctl", { 0, DIRTY | 0x5412 }, EPERM, SAME },
	{ "ioctl", { 0, 0x541c }, EPERM, SAME },
	{ "ioctl", { 0, DIRTY | 0x541c }, EPERM, SAME },
	{ "ioctl", { 0, 0x5401 }, ALLOW, SAME },
	{ "ioctl", { 0, 0x5413 }, ALLOW, SAME },
	{ "ioctl", { 0, 0x541b }, ALLOW, SAME },
	{ "ioctl", { 0, DIRTY | 0xc0285412 }, ALLOW, SAME },
	{ "ioctl", { 0, 0xffffffff }, ALLOW, SAME },
	/* namespaces: NEWUSER, NEWNET, NEWCGROUP */
	{ "clone", { 0x11 }, ALLOW, SAME },
	{ "clone", { 0x003d0f00 }, ALLOW, SAME },
	{ "clone", { 0x10000011 }, EPERM, SAME },
	{ "clone", { DIRTY | 0x10000011 }, EPERM, SAME },
	{ "clone", { 0x40000000 }, EPERM, SAME },
	{ "clone", { 0x02000011 }, EPERM, SAME },
	{ "clone", { 0x7e020011 }, EPERM, SAME },
	{ "clone3", { 0 }, ENOSYS, SAME },
	{ "unshare", { 0x10000000 }, EPERM, SAME },
	{ "setns", { 0 }, EPERM, SAME },
	/* PER_LINUX, PER_LINUX32, asking; ADDR_NO_RANDOMIZE */
	{ "personality", { 0 }, ALLOW, SAME },
	{ "personality", { 8 }, ALLOW, SAME },
	{ "personality", { 0xffffffff }, ALLOW, SAME },
	{ "personality", { 0x40000 }, ENOSYS, SAME },
	{ "personality", { DIRTY }, ENOSYS, SAME },
	/* the rest of what is closed */
	{ "io_uring_setup", { 1 }, ENOSYS, SAME },
	{ "io_uring_enter", { 0 }, ENOSYS, SAME },
	{ "io_uring_register", { 0 }, ENOSYS, SAME },
	{ "keyctl", { 0 }, EPERM, SAME },
	{ "add_key", { 0 }, EPERM, SAME },
	{ "request_key", { 0 }, EPERM, SAME },
	{ "bpf", { 0 }, EPERM, SAME },
	{ "perf_event_open", { 0 }, EPERM, SAME },
	{ "userfaultfd", { 0 }, EPERM, SAME },
	{ "mount", { 0 }, EPERM, SAME },
	{ "vmsplice", { 0 }, ENOSYS, SAME },
	{ "modify_ldt", { 0 }, EPERM, SAME },
	{ "mseal", { 0 }, ENOSYS, SAME },
};

static void check_call(const struct snug_profile *profile, const struct snug_seccomp *policy,
		       enum snug_arch arch, size_t at, int want)
{
	const struct snug_syscall *call = snug_syscall_by_name(arch, calls[at].call);
	uint64_t args[SNUG_ARGS] = { calls[at].args[0], calls[at].args[1], calls[at].args[2] };
	snug_action got;

	if (!call) /* modify_ldt is x86's */
		return;
	got = snug_split_decide(snug_seccomp_split(policy, arch, call->nr), args);
	if (got != (want ? SNUG_ERRNO((uint32_t)want) : SNUG_ALLOW))
		fail_msg("%s on %s: %s(0x%llx, 0x%llx): %x, not errno %d", profile->name,
			 snug_arch_word(arch), calls[at].call, (unsigned long long)args[0],
			 (unsigned long long)args[1], got, want);
}

static void check_calls(const struct snug_profile *profile, enum snug_arch arch, bool is_restricted)
{
	for (enum snug_runtime runtime = 0; runtime < SNUG_RUNTIME_MAX; runtime++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
		struct snug_target target;
		struct snug_error err = { 0 };

		snug_target_init(&target, runtime, 6, 7);
		if (snug_oci_seccomp_mean(&profile->seccomp, &target, &policy, &err) < 0)
			fail_msg("%s: %s", err.path, err.what);
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			check_call(profile, &policy, arch, i,
				   is_restricted && calls[i].restricted != SAME
					   ? calls[i].restricted
					   : calls[i].baseline);
	}
}

static void test_calls(void **state)
{
	(void)state;
	check_calls(&baseline, snug_arch_native(), false);
	check_calls(&restricted, snug_arch_native(), true);
	check_calls(&baseline_arm64, SNUG_ARCH_ARM64, false);
	check_calls(&restricted_arm64, SNUG_ARCH_ARM64, true);
}

/* ---- restricted's AppArmor part ---- */

static const struct {
	const char *path, *access; /* all of these letters, and no other */
} files[] = {
	{ "/", "rwakmx" },
	{ "/etc/passwd", "rwakmx" },
	{ "/usr/bin/env", "rwakmx" },
	{ "/p", "rwakmx" },
	{ "/pr/x", "rwakmx" },
	{ "/process/x", "rwakmx" },
	{ "/procx", "rwakmx" },
	{ "/srv/", "rwakmx" },
	{ "/sys2/x", "rwakmx" },
	{ "/opt/proc/kcore", "rwakmx" },
	{ "/proc/", "r" },
	{ "/proc/version", "r" },
	{ "/proc/meminfo", "r" },
	{ "/proc/stat", "r" },
	{ "/proc/sysvipc/shm", "r" },
	{ "/proc/sys/kernel/core_pattern", "r" },
	{ "/proc/kcore", "" },
	{ "/proc/sysrq-trigger", "" },
	{ "/proc/1/oom_score_adj", "rwak" },
	{ "/proc/42/task/43/comm", "rwak" },
	{ "/proc/irq/7/smp_affinity", "r" },
	{ "/sys/", "r" },
	{ "/sys/fs/cgroup/cpu.max", "r" },
	{ "/sys/devices/system/cpu/online", "r" },
	{ "/sys/devices/virtual/net/lo/address", "r" },
	{ "/sys/devices/virtual/powercap/x", "" },
	{ "/sys/kernel/mm/transparent_hugepage/enabled", "r" },
	{ "/sys/kernel/security/lsm", "" },
	{ "/sys/firmware/acpi", "" },
};

static void test_files(void **state)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_false(restricted.apparmor.complain_only);
	assert_int_equal(snug_aa_judge_make(&restricted.apparmor.rules, &judge, &err), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct snug_aa_answer answer = { 0 };
		char got[SNUG_AA_PERMS + 1] = "";
		size_t len = 0;

		snug_aa_judge_file(&judge, files[i].path, false, &answer);
		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			if (answer.perms >> bit & 1)
				got[len++] = snug_aa_perm_letters[bit];
		if (strcmp(got, files[i].access) != 0)
			fail_msg("%s: %s, not %s", files[i].path, got, files[i].access);
	}
}

static void test_links_and_sockets(void **state)
{
	const struct snug_aa_rules *rules = &restricted.apparmor.rules;
	const struct snug_aa_link *link = NULL;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_aa_judge_link(rules, "/tmp/b", "/tmp/a", &link, &err), 0);
	assert_non_null(link);
	assert_int_equal(snug_aa_judge_link(rules, "/tmp/b", "/proc/1/maps", &link, &err), 0);
	assert_null(link);
	assert_non_null(snug_aa_judge_network(rules, AF_INET6, SOCK_STREAM));
	assert_non_null(snug_aa_judge_network(rules, AF_NETLINK, SOCK_RAW));
	assert_null(snug_aa_judge_network(rules, AF_INET, SOCK_RAW));
	assert_null(snug_aa_judge_network(rules, AF_ALG, SOCK_SEQPACKET));
	assert_int_equal(rules->mounts.count, 0);
}

/* ---- the rest ---- */

static void test_privileges(void **state)
{
	(void)state;
	assert_true(snug_profile_is_default(&baseline) && snug_profile_is_default(&restricted));
	assert_true(baseline.has_caps && __builtin_popcountll(baseline.caps) == 14);
	assert_false(baseline.has_no_new_privs || baseline.has_non_root || baseline.has_apparmor);
	assert_true(restricted.has_caps && restricted.caps == UINT64_C(1) << 10);
	assert_true(restricted.no_new_privs && restricted.non_root && restricted.has_apparmor);
	assert_true(snug_path_list_has(&baseline.paths[SNUG_PATHS_MASKED], "/proc/kcore"));
	assert_true(snug_path_list_has(&restricted.paths[SNUG_PATHS_READONLY], "/proc/sys"));
	assert_int_equal(baseline.incomplete.count + restricted.incomplete.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_links_and_sockets),
		cmocka_unit_test(test_privileges),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
