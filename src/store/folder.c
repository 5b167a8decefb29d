/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a folder of the store, from "/" down, one step at a time.
 *
 * Whoever can write a folder can put another one in the place of its children. So each must be
 * root's or the caller's and writable by nobody else; in a sticky folder others cannot rename what
 * is not theirs, so one is safe as long as the child on the way is root's or the caller's. (An ACL
 * that lets others write shows as the group's write bit.)
 */
#include "store/internal.h"

#include "base/cleanup.h"
#include "store/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_symlink(const struct stat *st)
{
	return S_ISLNK(st->st_mode);
}

/*
 * One name, no way: ELOOP where it is a symlink. (Not by openat2, which says so by itself: its mode
 * lies behind a pointer, where snug's own filter cannot see it; self/filter.c.)
 */
static int open_below(int folder, const char *name, int flags)
{
	struct stat st;
	int fd;

	if (strchr(name, '/') || strcmp(name, "..") == 0) {
		errno = EXDEV;
		return -1;
	}
	fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOTDIR)
			errno = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
						is_symlink(&st)
					? ELOOP
					: ENOTDIR;
		return -1;
	}
	/* O_PATH opens the symlink itself, unless it is to be a folder. */
	if (flags & O_PATH && !(flags & O_DIRECTORY) && fstat(fd, &st) == 0 && is_symlink(&st)) {
		close(fd);
		errno = ELOOP;
		return -1;
	}
	return fd;
}

static int fail_unsafe(struct snug_error *err, const char *path, const char *what,
		       const char *remedy)
{
	snug_fail(err, SNUG_INPUT, "%s", what);
	strncpy(err->file, path, sizeof(err->file) - 1);
	return snug_remedy(err, "%s", remedy);
}

static int fail_open(struct snug_error *err, int number, const char *path)
{
	if (number == ELOOP)
		return fail_unsafe(err, path, "a symlink where snug keeps its files",
				   "put the folder or file itself there, or use --root DIR");
	if (number == ENOTDIR)
		return fail_unsafe(err, path, "not a folder, where snug keeps its files",
				   "take it away, or use --root DIR");
	return snug_file_fail(err, number, path, "cannot open it");
}

/* `last`: nothing of ours lies below yet, so sticky alone does not do. `anybodys`: anybody may have
 * put it there. */
static int check(const struct stat *st, bool last, bool anybodys, const char *path,
		 struct snug_error *err)
{
	char what[96];

	if (anybodys ? !snug_trusts_child(st->st_uid) : !snug_trusts_owner(st->st_uid)) {
		snprintf(what, sizeof(what), "owned by user %u, who could change what snug reads",
			 st->st_uid);
		return fail_unsafe(err, path, what, "chown it to root, or use --root DIR");
	}
	if (!(st->st_mode & 022) || (!last && S_ISDIR(st->st_mode) && st->st_mode & S_ISVTX))
		return 0;
	snprintf(what, sizeof(what), "others can write it (mode %04o)", st->st_mode & 07777);
	return fail_unsafe(err, path, what, "chmod go-w it, or use --root DIR");
}

/* A walk: the folder it has come to, and that one's path. */
struct walk {
	int fd; /* O_PATH */
	char path[PATH_MAX];
	bool sticky; /* that folder is */
};

static void end_walk(struct walk *walk)
{
	snug_close_fd(&walk->fd);
}

/* Makes a folder so that it is still there, with this mode, when the power goes. */
static int make(int folder, const char *name, mode_t mode)
{
	SNUG_AUTO_FD int made = -1, parent = -1;

	if (mkdirat(folder, name, mode) < 0)
		return errno == EEXIST ? 0 : -1;
	made = open_below(folder, name, O_RDONLY | O_DIRECTORY);
	parent = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (made < 0 || parent < 0 || fchmod(made, mode) < 0)
		return -1;
	return fsync(parent) < 0 && errno != EINVAL ? -1 : 0;
}

/* One step down. 1: there is no such folder, and mode is 0: make none. */
static int step(struct walk *walk, const char *name, mode_t mode, bool last, struct snug_error *err)
{
	size_t len = strlen(walk->path);
	struct stat st;
	int fd;

	if (len + strlen(name) + 2 > sizeof(walk->path))
		return snug_file_fail(err, ENAMETOOLONG, walk->path, "cannot open what is below");
	snprintf(walk->path + len, sizeof(walk->path) - len, "%s%s",
		 walk->path[len - 1] == '/' ? "" : "/", name);
	fd = open_below(walk->fd, name, O_PATH | O_DIRECTORY);
	if (fd < 0 && errno == ENOENT && mode) {
		if (make(walk->fd, name, mode) < 0)
			return snug_file_fail(err, errno, walk->path, "cannot make this folder");
		fd = open_below(walk->fd, name, O_PATH | O_DIRECTORY);
	}
	if (fd < 0 && errno == ENOENT && !mode)
		return 1;
	if (fd < 0)
		return fail_open(err, errno, walk->path);
	close(walk->fd);
	walk->fd = fd;
	if (fstat(fd, &st) < 0)
		return snug_file_fail(err, errno, walk->path, "cannot look at it");
	if (check(&st, last, walk->sticky, walk->path, err) < 0)
		return -1;
	walk->sticky = st.st_mode & S_ISVTX;
	return 0;
}

/* Goes down along path; the first `open_levels` folders that are missing are made 0755. */
static int descend(struct walk *walk, const char *path, const struct snug_folder *make_as,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *copy = strdup(path);
	char *at = copy, *name;
	unsigned level = 0;

	if (!copy)
		return snug_fail_memory(err);
	while ((name = strsep(&at, "/"))) {
		mode_t mode = 0;
		int result;

		if (!*name)
			continue;
		if (make_as && make_as->create)
			mode = level < make_as->open_levels ? 0755 : 0700;
		result = step(walk, name, mode, make_as && !(at && *at), err);
		if (result != 0)
			return result;
		level++;
	}
	return 0;
}

/* From "/" to the root. A symlink in --root's DIR is the caller's choice: it is resolved first. */
static int enter_root(struct walk *walk, const char *root, struct snug_error *err)
{
	char resolved[PATH_MAX] = "/";
	struct stat st;
	int result;

	if (*root && !realpath(root, resolved)) {
		snug_file_fail(err, errno, root, "cannot open this root");
		return errno == ENOENT ? snug_remedy(err, "make this folder first") : -1;
	}
	strcpy(walk->path, "/");
	walk->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (walk->fd < 0 || fstat(walk->fd, &st) < 0)
		return snug_file_fail(err, errno, "/", "cannot open it");
	if (check(&st, false, false, "/", err) < 0)
		return -1;
	walk->sticky = st.st_mode & S_ISVTX;
	result = descend(walk, resolved, NULL, err);
	return result > 0 ? snug_file_fail(err, ENOENT, root, "cannot open this root") : result;
}

int snug_folder_open(const struct snug_folder *folder, int *ret, struct snug_error *err)
{
	SNUG_AUTO(end_walk) struct walk walk = { .fd = -1 };
	int result;

	if (enter_root(&walk, folder->root, err) < 0)
		return -1;
	result = descend(&walk, folder->path, folder, err);
	if (result < 0)
		return -1;
	if (result > 0) {
		*ret = -1;
		return 0;
	}
	*ret = openat(walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? fail_open(err, errno, walk.path) : 0;
}

static int open_checked(const struct snug_file *file, int flags, int *ret, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = open_below(file->folder, file->name, flags);
	struct stat st;

	*ret = -1;
	if (fd < 0)
		return errno == ENOENT ? 0 : fail_open(err, errno, file->path);
	if (fstat(fd, &st) < 0)
		return snug_file_fail(err, errno, file->path, "cannot look at it");
	if (check(&st, true, false, file->path, err) < 0)
		return -1;
	*ret = fd;
	fd = -1;
	return 0;
}

int snug_folder_file(const struct snug_file *file, int *ret, struct snug_error *err)
{
	return open_checked(file, O_RDONLY | O_NONBLOCK | O_NOCTTY, ret, err);
}

int snug_folder_look(const struct snug_file *file, int *ret, struct snug_error *err)
{
	return open_checked(file, O_PATH, ret, err);
}
