/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/file_caps.h"

#include "base/cleanup.h"
#include "model/syscalls.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_missing(int number)
{
	return number == ENOENT || number == ENOTDIR || number == ELOOP;
}

/*
 * What the exec of a program wants to be in the bounding set. A container made what lies there: its
 * symlinks stay below its root, and nothing is opened. -1: that cannot be told.
 */
static int wanted_by(int root, const char *path, uint64_t *ret)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	SNUG_AUTO_FD int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct vfs_ns_cap_data caps = { 0 };
	char self[64];
	ssize_t size;

	*ret = 0;
	if (fd < 0)
		return is_missing(errno) ? 0 : -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	size = getxattr(self, "security.capability", &caps, sizeof(caps));
	if (size < 0)
		return errno == ENODATA || errno == ENOTSUP ? 0 : -1;
	if (size >= (ssize_t)XATTR_CAPS_SZ_1 && le32toh(caps.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE)
		*ret = le32toh(caps.data[0].permitted) | (uint64_t)le32toh(caps.data[1].permitted)
								 << 32;
	return 0;
}

static int add(struct snug_recording *recording, const char *path, uint64_t caps, uint64_t run)
{
	const struct snug_syscall *call = snug_syscall_by_name(snug_arch_native(), "execve");
	struct snug_cap_need need = { .in_call = true,
				      .arch = snug_arch_native(),
				      .nr = call ? call->nr : 0 };

	/* As the task is called then. */
	snprintf(need.program, sizeof(need.program), "%.15s", base_of(path));
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++) {
		struct snug_seen_cap *seen;

		if (!(caps >> cap & 1))
			continue;
		seen = snug_recording_cap(recording, cap);
		if (!seen)
			return -1;
		if (!seen->runs.count)
			snug_seen_runs_add(&seen->runs, run);
		if (snug_cap_needs_add(&seen->needed, &need) < 0)
			return -1;
	}
	return 0;
}

int snug_file_caps_add(struct snug_recording *recording, const char *root, uint64_t run,
		       struct snug_error *err)
{
	SNUG_AUTO_FD int root_fd = -1;

	if (!root[0] || !(recording->observed &
			  (SNUG_OBSERVED_CAPABILITIES | SNUG_OBSERVED_CAPABILITIES_APPROXIMATE)))
		return 0;
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0 && !is_missing(errno))
		recording->lost_caps++;
	for (size_t i = 0; root_fd >= 0 && i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];
		uint64_t caps;

		/* Who runs is seen reading itself. */
		if (strcmp(file->path, file->program) != 0)
			continue;
		if (wanted_by(root_fd, file->path, &caps) < 0)
			recording->lost_caps++;
		else if (add(recording, file->path, caps, run) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}
