/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/run_folder.h"

#include "base/cleanup.h"
#include "store/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens name below folder_fd, made if need be; ours (or root's) alone to write. Not a symlink. */
static int enter(int folder_fd, const char *name, mode_t mode, const char *shown,
		 struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;
	bool close_to_readers = !(mode & 044);
	struct stat st;
	int taken;

	if (mkdirat(folder_fd, name, mode) < 0 && errno != EEXIST) {
		snug_fail_errno(err, errno, "cannot make %s", shown);
		return snug_remedy(err, "name a place that can be written with --root");
	}
	fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return snug_fail_errno(err, errno, "%s", shown);
	if (!snug_trusts_owner(st.st_uid) || st.st_mode & 022) {
		snug_fail(err, SNUG_INPUT, "%s: others can write this folder", shown);
		return snug_remedy(err, "give it to root, mode 0755");
	}
	/* Who can read a folder can lock it, and let all hooks wait. */
	if (close_to_readers && st.st_mode & 044 && fchmod(fd, mode) < 0)
		return snug_fail_errno(err, errno, "%s", shown);
	taken = fd;
	fd = -1;
	return taken;
}

/* Who is root in a user namespace alone has his own: /run/user/UID (pam_systemd(8)). */
static int run_folder_of(uid_t user, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;
	char above[64];

	snprintf(above, sizeof(above), "/run/user/%u", user);
	fd = open(above, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		snug_fail_errno(err, errno, "%s, where snug keeps a user's state", above);
		return snug_remedy(err, "log in as that user, or let logind make it (loginctl "
					"enable-linger)");
	}
	if (asprintf(ret_path, "%s/snug", above) < 0) {
		*ret_path = NULL;
		return snug_fail_memory(err);
	}
	return enter(fd, "snug", 0711, *ret_path, err);
}

int snug_run_folder(const char *root, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *base = NULL;
	SNUG_AUTO_FD int base_fd = -1;
	SNUG_AUTO_FD int run_fd = -1;
	uid_t outer;
	int fd;

	*ret_path = NULL;
	if (!root[0] && snug_in_user_namespace(&outer))
		return run_folder_of(outer, ret_path, err);
	base = realpath(root[0] ? root : "/", NULL);
	if (!base)
		return snug_fail_errno(err, errno, "%s", root);
	base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (base_fd < 0)
		return snug_fail_errno(err, errno, "%s", base);
	if (asprintf(ret_path, "%s/run/snug", base[1] ? base : "") < 0) {
		*ret_path = NULL;
		return snug_fail_memory(err);
	}
	run_fd = enter(base_fd, "run", 0755, *ret_path, err);
	fd = run_fd < 0 ? -1 : enter(run_fd, "snug", 0711, *ret_path, err);
	return fd;
}

int snug_run_folder_is(int fd, const char *path, bool *ret, struct snug_error *err)
{
	struct stat ours, now;
	bool there = lstat(path, &now) == 0;

	*ret = false;
	if ((!there && errno != ENOENT && errno != ENOTDIR) || fstat(fd, &ours) < 0)
		return snug_fail_errno(err, errno, "%s", path);
	*ret = there && ours.st_dev == now.st_dev && ours.st_ino == now.st_ino;
	return 0;
}

int snug_run_subfolder(const char *root, const char *name, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *run = NULL;
	SNUG_AUTO_FD int run_fd = snug_run_folder(root, &run, err);

	if (run_fd < 0)
		return -1;
	if (asprintf(ret_path, "%s/%s", run, name) < 0) {
		*ret_path = NULL;
		return snug_fail_memory(err);
	}
	return enter(run_fd, name, 0700, *ret_path, err);
}

static int lock(int fd, const char *path, struct snug_error *err)
{
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return snug_fail_errno(err, errno, "cannot lock %s", path);
	return 0;
}

int snug_run_lock(const char *root, const char *name, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = -1;
	bool taken = false;
	int locked;

	while (!taken) { /* who deleted the folder meanwhile took the lock along */
		snug_close_fd(&fd);
		snug_freep(&path);
		path = NULL;
		fd = snug_run_subfolder(root, name, &path, err);
		if (fd < 0 || !path || lock(fd, path, err) < 0 ||
		    snug_run_folder_is(fd, path, &taken, err) < 0)
			return -1;
	}
	locked = fd;
	fd = -1;
	*ret_path = SNUG_TAKE(path);
	return locked;
}

/*
 * Who inherits an open file has its lock, and may take it again. Where it cannot be told whether
 * this is one nobody waits: who gave it to us waits for us.
 */
int snug_run_lock_is_ours(int given, int folder, const char *path, bool *ret,
			  struct snug_error *err)
{
	struct stat theirs, its;

	*ret = false;
	if (fstat(folder, &its) < 0 || fstat(given, &theirs) < 0)
		return errno == EBADF ? 0 : snug_fail_errno(err, errno, "%s", path);
	if (theirs.st_dev != its.st_dev || theirs.st_ino != its.st_ino)
		return 0;
	*ret = flock(given, LOCK_EX | LOCK_NB) == 0;
	return *ret || errno == EWOULDBLOCK ? 0
					    : snug_fail_errno(err, errno, "the lock of %s", path);
}

int snug_run_lock_adopt(const char *root, const char *name, int given, char **ret_path,
			struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = snug_run_subfolder(root, name, &path, err);
	bool is_ours = false;
	int ours;

	if (fd < 0 || !path || snug_run_lock_is_ours(given, fd, path, &is_ours, err) < 0)
		return -1;
	if (!is_ours)
		return snug_run_lock(root, name, ret_path, err);
	ours = fcntl(given, F_DUPFD_CLOEXEC, 0);
	if (ours < 0)
		return snug_fail_errno(err, errno, "%s", path);
	*ret_path = SNUG_TAKE(path);
	return ours;
}
