/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel has, and what lies beside snug. */
#include "flow/doctor_part.h"

#include "apply/apparmor.h"
#include "apply/apparmor_parser.h"
#include "base/cleanup.h"
#include "learn/files_load.h"
#include "self/landlock.h"
#include "store/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The first line of a file; "" where it cannot be read. */
static void first_line(const char *path, char *ret, size_t size)
{
	SNUG_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, ret, size - 1);

	ret[len > 0 ? len : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

/* Is a word in a list of them? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || strchr(" ,[", at[-1])) && (!at[len] || strchr(" ,]", at[len])))
			return true;
	return false;
}

static bool is_mounted(const char *path, long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (long)fs.f_type == magic;
}

/* A line of the report: what it is for, and what to do where it is not there. */
static int tell(struct snug_checks *ret, struct snug_error *err, bool there, const char *what,
		const char *remedy)
{
	if (snug_doctor_add(ret, err, there ? SNUG_CHECK_OK : SNUG_CHECK_MISSING, "kernel", "%s",
			    what) < 0)
		return -1;
	if (!there)
		snug_doctor_remedy(ret, "%s", remedy);
	return 0;
}

static int check_seccomp(struct snug_checks *ret, struct snug_error *err)
{
	char line[256];

	first_line("/proc/sys/kernel/seccomp/actions_avail", line, sizeof(line));
	return tell(ret, err, has_word(line, "errno"), "seccomp filters",
		    "without CONFIG_SECCOMP_FILTER no profile can hold") < 0 ||
			       tell(ret, err, has_word(line, "log"),
				    "seccomp logs (SCMP_ACT_LOG, for mode audit)",
				    "Linux 4.14 or newer has it") < 0
		       ? -1
		       : 0;
}

static int check_bpf(struct snug_checks *ret, struct snug_error *err)
{
	bool btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;

	if (tell(ret, err, btf, "BTF (/sys/kernel/btf/vmlinux), to record",
		 "boot a kernel with CONFIG_DEBUG_INFO_BTF; enforcing does not need it") < 0 ||
	    tell(ret, err, is_mounted("/sys/fs/bpf", BPF_FS_MAGIC),
		 "bpf file system (/sys/fs/bpf), to record and to confine by hooks alone",
		 "mount -t bpf bpf /sys/fs/bpf") < 0)
		return -1;
	return tell(
		ret, err, snug_files_in_full(),
		"BPF programs on kernel functions, to record files in full",
		"lockdown forbids them, or they are not built in (arm64: before Linux 6.4): such "
		"recordings explain, and are not enforced by AppArmor");
}

static int check_lsms(struct snug_checks *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };
	struct snug_error why;
	char lsm[256];

	first_line("/sys/kernel/security/lsm", lsm, sizeof(lsm));
	if (lsm[0]) {
		if (snug_doctor_add(ret, err, SNUG_CHECK_OK, "kernel", "LSMs: %s", lsm) < 0)
			return -1;
	} else if (tell(ret, err, false, "securityfs, which lists the LSMs",
			"mount -t securityfs securityfs /sys/kernel/security") < 0) {
		return -1;
	}
	if (snug_aa_kernel_open(&kernel, &why) == 0)
		return tell(ret, err, true, "AppArmor", "");
	return snug_doctor_add_error(ret, err, SNUG_CHECK_MISSING, "kernel", &why);
}

/* For snug itself, not for containers. */
static int check_landlock(struct snug_checks *ret, struct snug_error *err)
{
	const int abi = snug_landlock_abi();

	if (abi)
		return snug_doctor_add(ret, err, SNUG_CHECK_OK, "kernel",
				       "Landlock, by which snug confines itself (ABI %d)", abi);
	return tell(ret, err, false, "Landlock, by which snug confines itself",
		    "put landlock among the kernel's LSMs; until then commands that read what "
		    "others wrote can open all of root's files");
}

/* "none [integrity] confidentiality" */
static int check_lockdown(struct snug_checks *ret, struct snug_error *err)
{
	char line[128], *word, *end;

	first_line("/sys/kernel/security/lockdown", line, sizeof(line));
	word = strchr(line, '[');
	end = word ? strchr(word, ']') : NULL;
	if (!end)
		return 0;
	*end = '\0';
	if (snug_doctor_add(ret, err, SNUG_CHECK_OK, "kernel", "lockdown: %s", word + 1) < 0)
		return -1;
	if (strcmp(word + 1, "none") != 0)
		snug_doctor_remedy(ret, "capabilities are recorded approximately, of files opens "
					"alone");
	return 0;
}

static int check_cgroups(struct snug_checks *ret, struct snug_error *err)
{
	const char *version = is_mounted("/sys/fs/cgroup", CGROUP2_SUPER_MAGIC) ? "v2 alone"
			      : is_mounted("/sys/fs/cgroup/unified", CGROUP2_SUPER_MAGIC)
				      ? "hybrid (crun and newer engines want v2 alone)"
				      : "v1 (newer engines want v2)";

	return snug_doctor_add(ret, err, SNUG_CHECK_OK, "kernel", "cgroups: %s", version);
}

static int check_yama(struct snug_checks *ret, struct snug_error *err)
{
	char line[16];

	first_line("/proc/sys/kernel/yama/ptrace_scope", line, sizeof(line));
	return tell(
		ret, err, line[0] != '3', "ptrace, to confine at the exec boundary",
		"kernel.yama.ptrace_scope is 3, until the next boot: containers whose config is "
		"weaker than their profile are refused");
}

static int check_libraries(struct snug_checks *ret, struct snug_error *err)
{
	const struct scmp_version *version = seccomp_version();
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, policy = { 0 };
	struct snug_error why;

	if (!version)
		return snug_fail_memory(err);
	if (snug_doctor_add(ret, err, SNUG_CHECK_OK, "programs", "libseccomp %u.%u.%u",
			    version->major, version->minor, version->micro) < 0)
		return -1;
	snug_buf_adds(&text, "profile snug-doctor { }\n");
	if (snug_apparmor_compile(&text, "doctor's", &policy, &why) == 0)
		return snug_doctor_add(ret, err, SNUG_CHECK_OK, "programs", "apparmor_parser");
	return snug_doctor_add_error(ret, err, SNUG_CHECK_MISSING, "programs", &why);
}

/* A program beside snug. */
static int check_program(const char *name, struct snug_checks *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *self = realpath("/proc/self/exe", NULL);
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error why;

	if (!self)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	*strrchr(self, '/') = '\0';
	if (asprintf(&path, "%s/%s", self, name) < 0) {
		path = NULL;
		return snug_fail_memory(err);
	}
	if (access(path, F_OK) < 0) {
		if (snug_doctor_add(ret, err, SNUG_CHECK_MISSING, "programs", "%s", path) < 0)
			return -1;
		snug_doctor_remedy(ret, "install it beside snug");
		return 0;
	}
	if (snug_store_check_program(path, &why) == 0)
		return snug_doctor_add(ret, err, SNUG_CHECK_OK, "programs", "%s", path);
	return snug_doctor_add_error(ret, err, SNUG_CHECK_BROKEN, "programs", &why);
}

int snug_doctor_host(struct snug_checks *ret, struct snug_error *err)
{
	static int (*const checks[])(struct snug_checks *, struct snug_error *) = {
		check_seccomp,	check_bpf,     check_lsms, check_landlock,
		check_lockdown, check_cgroups, check_yama, check_libraries,
	};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i](ret, err) < 0)
			return -1;
	return check_program("snug-hook", ret, err) < 0 ? -1
							: check_program("snug-runtime", ret, err);
}
