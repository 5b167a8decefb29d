/* SPDX-License-Identifier: Apache-2.0 */
/* Files, whole or not at all. */
#include "store/internal.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define READ_CHUNK  ((size_t)64 << 10)
#define TEMP_TRIES  16
#define TEMP_DIGITS 16
#define SWEEP_MAX   4096u /* names */

static int at_path(struct snug_error *err, const char *path)
{
	strncpy(err->file, path, sizeof(err->file) - 1);
	return -1;
}

static const char *remedy_for(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return "make room on that file system and run it again";
	case EROFS:
		return "name a place that can be written (--root, --output), or mount it writable";
	case EACCES:
	case EPERM:
		return "run snug as root, or name a place of your own (--root, --output)";
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
		return "check the path";
	default:
		return "look into the kernel log";
	}
}

int snug_file_fail(struct snug_error *err, int number, const char *path, const char *doing)
{
	snug_fail_errno(err, number, "%s", doing);
	if (number == ENOENT || number == ENOTDIR || number == ELOOP || number == ENAMETOOLONG)
		err->code = SNUG_INPUT;
	at_path(err, path);
	return snug_remedy(err, "%s", remedy_for(number));
}

static int fail_kind(struct snug_error *err, mode_t mode, const char *path)
{
	const char *kind = S_ISDIR(mode)    ? "a folder"
			   : S_ISLNK(mode)  ? "a symlink"
			   : S_ISFIFO(mode) ? "a pipe"
			   : S_ISSOCK(mode) ? "a socket"
					    : "a device";

	snug_fail(err, SNUG_INPUT, "%s where a file should be", kind);
	at_path(err, path);
	return snug_remedy(err, S_ISLNK(mode) ? "name the file that it points at"
					      : "name a regular file");
}

static int read_all(int fd, size_t max, struct snug_buf *out, struct snug_error *err,
		    const char *path)
{
	SNUG_AUTO(snug_freep) char *chunk = malloc(READ_CHUNK);
	ssize_t n;

	if (!chunk)
		return snug_fail_memory(err);
	do {
		n = read(fd, chunk, READ_CHUNK);
		if (n < 0 && errno != EINTR)
			return snug_file_fail(err, errno, path, "cannot read it");
		if (n > 0)
			snug_buf_add(out, chunk, (size_t)n);
	} while (n != 0 && out->len <= max && !out->failed);
	return snug_buf_check(out, err);
}

/* The size is looked at before reading, and again after: a file can grow. */
int snug_file_take(int fd, const char *path, size_t max, struct snug_buf *ret,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return snug_file_fail(err, errno, path, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return fail_kind(err, st.st_mode, path);
	if ((size_t)st.st_size <= max && read_all(fd, max, &out, err, path) < 0)
		return -1;
	if ((size_t)st.st_size > max || out.len > max) {
		snug_fail(err, SNUG_INPUT, "larger than the limit of %zu bytes", max);
		at_path(err, path);
		return snug_remedy(err, "snug reads no such file");
	}
	snug_buf_add(ret, snug_buf_text(&out), out.len);
	return snug_buf_check(ret, err);
}

int snug_file_read(const char *path, size_t max, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;
	struct stat st;

	/* to open a device can do something, and to open a pipe can last */
	if (stat(path, &st) < 0)
		return snug_file_fail(err, errno, path, "cannot open it");
	if (!S_ISREG(st.st_mode))
		return fail_kind(err, st.st_mode, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return snug_file_fail(err, errno, path, "cannot open it");
	return snug_file_take(fd, path, max, ret, err);
}

static int write_all(int fd, const struct snug_buf *data, bool brief)
{
	size_t done = 0;
	ssize_t n;

	while (done < data->len) {
		n = write(fd, data->data + done, data->len - done);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return brief ? 0 : fsync(fd);
}

/*
 * A writer holds a lock on its temporary, so one without is a dead writer's, and goes. As it must
 * be ours, nobody can have another file taken away. Whoever finds its own gone between making and
 * locking it makes another one.
 */
static void remove_if_dead(int folder, const char *name)
{
	SNUG_AUTO_FD int fd =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
}

static bool is_temporary(const char *name)
{
	return strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0 &&
	       strlen(name) == strlen(TEMPORARY) + TEMP_DIGITS &&
	       strspn(name + strlen(TEMPORARY), "0123456789abcdef") == TEMP_DIGITS;
}

/* What was killed while it wrote here has left its temporary: it goes with the next file that is
 * written. The look is cheap, and given up in a folder where it would not be. */
void snug_file_sweep(int folder)
{
	int listing = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = listing < 0 ? NULL : fdopendir(listing);
	struct dirent *entry;

	if (!dir) {
		snug_close_fd(&listing);
		return;
	}
	for (unsigned i = 0; i < SWEEP_MAX && (entry = readdir(dir)); i++)
		if (is_temporary(entry->d_name))
			remove_if_dead(folder, entry->d_name);
	closedir(dir);
}

static bool is_locked_and_there(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) == 0 && st.st_nlink;
}

/* A new file beside; its name starts with a dot, so that a left one is never taken for data. */
static int open_temporary(int folder, mode_t mode, char *ret_name, size_t size)
{
	unsigned long long number;

	for (int i = 0; i < TEMP_TRIES; i++) {
		int fd;

		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return -1;
		snprintf(ret_name, size, TEMPORARY "%0*llx", TEMP_DIGITS, number);
		fd = openat(folder, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    mode);
		if (fd < 0 && errno != EEXIST)
			return -1;
		if (fd < 0)
			continue;
		if (is_locked_and_there(fd))
			return fd;
		close(fd);
		unlinkat(folder, ret_name, 0);
	}
	errno = EEXIST;
	return -1;
}

/* Others' to open from the start only where they may write it: a mode that lets them is one that a
 * snug that has confined itself cannot set. */
static mode_t first_mode(const struct stat *old)
{
	return old && old->st_mode & 022 ? old->st_mode & 0777 : 0600;
}

/* Mode and owner: fchown first, which takes set-id bits away; it may fail for who is not root. */
static int dress(int fd, mode_t mode, const struct stat *old)
{
	struct stat st;

	if (old)
		mode = old->st_mode & 0777;
	if (old && fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
		return -1;
	if (fstat(fd, &st) < 0)
		return -1;
	return (st.st_mode & 07777) == mode ? 0 : fchmod(fd, mode);
}

/* A file system without fsync on folders says EINVAL. */
static int sync_folder(int folder)
{
	return fsync(folder) < 0 && errno != EINVAL ? -1 : 0;
}

static int replace(const struct snug_file *file, mode_t mode, const struct stat *old,
		   const struct snug_buf *data)
{
	SNUG_AUTO_FD int fd = -1;
	char temporary[32];
	int saved;

	snug_file_sweep(file->folder);
	fd = open_temporary(file->folder, first_mode(old), temporary, sizeof(temporary));
	if (fd < 0)
		return -1;
	if (dress(fd, mode, old) == 0 && write_all(fd, data, file->brief) == 0 &&
	    renameat(file->folder, temporary, file->folder, file->name) == 0)
		return 0;
	saved = errno;
	unlinkat(file->folder, temporary, 0);
	errno = saved;
	return -1;
}

static int fail_unwritten(struct snug_error *err, int number, const char *path)
{
	snug_file_fail(err, number, path, "cannot write it");
	return number == ENOSPC || number == EDQUOT
		       ? snug_remedy(err, "%s; this file is as it was", remedy_for(number))
		       : -1;
}

static int fail_unsynced(struct snug_error *err, int number, const char *path)
{
	snug_fail_errno(err, number, "written, but its folder cannot be synchronised");
	at_path(err, path);
	return snug_remedy(err, "look into the kernel log: it may not outlast a power failure");
}

int snug_file_put(const struct snug_file *file, mode_t mode, bool keep, const struct snug_buf *data,
		  struct snug_error *err)
{
	struct stat st;
	bool there = fstatat(file->folder, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (!there && errno != ENOENT)
		return snug_file_fail(err, errno, file->path, "cannot look at it");
	if (there && !S_ISREG(st.st_mode))
		return fail_kind(err, st.st_mode, file->path);
	if (replace(file, mode, there && keep ? &st : NULL, data) < 0)
		return fail_unwritten(err, errno, file->path);
	return file->brief || sync_folder(file->folder) == 0
		       ? 0
		       : fail_unsynced(err, errno, file->path);
}

int snug_file_write(const char *path, mode_t mode, const void *data, size_t len,
		    struct snug_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	SNUG_AUTO(snug_freep) char *parent = NULL;
	SNUG_AUTO_FD int folder = -1;
	const struct snug_buf text = { .data = (char *)(uintptr_t)data, .len = len };
	struct snug_file file = { .name = name, .path = path };

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return fail_kind(err, S_IFDIR, path);
	parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
	if (!parent)
		return snug_fail_memory(err);
	folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return snug_file_fail(err, errno, path, "cannot open its folder");
	file.folder = folder;
	return snug_file_put(&file, mode, true, &text, err);
}
