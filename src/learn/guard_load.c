/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/guard_load.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"
#include "learn/guard_use.h"
#include "learn/load.h"

#include "guard.skel.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define BPFFS "/sys/fs/bpf"

static int be_quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level, (void)fmt, (void)args;
	return 0;
}

static void destroy(struct guard **skel)
{
	guard__destroy(*skel);
}

static int check_bpffs(struct snug_error *err)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	snug_fail(err, SNUG_HOST, BPFFS " is no bpf file system");
	return snug_remedy(err, "mount -t bpf bpf " BPFFS);
}

static int pin(int fd, const char *path, const char *name, struct snug_error *err)
{
	char at[SNUG_GUARD_PATH_MAX + 32];

	snprintf(at, sizeof(at), "%s/%s", path, name);
	return snug_bpf_pin(fd, at) < 0 ? snug_fail_errno(err, errno, "cannot pin %s", at) : 0;
}

static int pin_all(const struct guard *skel, const char *path, struct snug_error *err)
{
	if (pin(bpf_map__fd(skel->maps.promises), path, "promises", err) < 0 ||
	    pin(bpf_map__fd(skel->maps.inits), path, "inits", err) < 0 ||
	    pin(bpf_map__fd(skel->maps.wanted), path, "wanted", err) < 0 ||
	    pin(bpf_program__fd(skel->progs.enlist), path, "enlist", err) < 0 ||
	    pin(bpf_program__fd(skel->progs.confirm), path, "confirm", err) < 0 ||
	    pin(bpf_program__fd(skel->progs.on_exit), path, "on_exit", err) < 0)
		return -1;
	return pin(bpf_program__fd(skel->progs.on_exec), path, SNUG_GUARD_LAST_PIN, err);
}

int snug_guard_load(const char *path, struct snug_error *err)
{
	SNUG_AUTO(destroy) struct guard *skel = NULL;
	struct snug_error ignored;
	int failed;

	if (snug_recorder_check(err) < 0 || check_bpffs(err) < 0)
		return -1;
	libbpf_set_print(be_quiet);
	skel = guard__open();
	failed = skel ? guard__load(skel) : -errno;
	if (failed) {
		snug_fail(err, SNUG_HOST, "the kernel refused the guard: %s", strerror(-failed));
		return snug_remedy(err, "snug needs CAP_BPF, CAP_PERFMON and Linux 6.1 or newer");
	}
	if (mkdir(path, 0700) < 0)
		return snug_fail_errno(err, errno, "cannot make %s", path);
	if (pin_all(skel, path, err) == 0)
		return 0;
	(void)snug_guard_remove(path, &ignored);
	return -1;
}
