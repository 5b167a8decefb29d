/* SPDX-License-Identifier: Apache-2.0 */
#include "store/install.h"

#include "base/cleanup.h"
#include "store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define RECORDS	    "/var/lib/snug/install"
#define PUBLIC	    3u	     /* var, lib, snug */
#define ALL_OPEN    UINT_MAX /* each folder that is made is 0755 */
#define FILE_MODE   0644
#define LINK_SUFFIX ".snug-new"

/* A path's folder, opened, and its last part. */
struct place {
	int folder; /* -1: it is not there */
	const char *name;
};

static void close_place(struct place *place)
{
	snug_close_fd(&place->folder);
}

static int open_place(const char *path, bool create, struct place *ret, struct snug_error *err)
{
	const char *slash = strrchr(path, '/');
	SNUG_AUTO(snug_freep) char *parent = strndup(path, (size_t)(slash - path) + 1);
	struct snug_folder folder = { .root = "", .create = create, .open_levels = ALL_OPEN };

	if (!parent)
		return snug_fail_memory(err);
	folder.path = parent;
	ret->name = slash + 1;
	return snug_folder_open(&folder, &ret->folder, err);
}

/* ---- reading ---- */

static int fail_other(const char *path, const char *what, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s", what);
	snprintf(err->file, sizeof(err->file), "%s", path);
	return snug_remedy(err, "snug did not put it there: move it away, or leave this to it");
}

static int read_link(const struct place *place, const char *path, bool *ret_there,
		     struct snug_buf *ret, struct snug_error *err)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(place->folder, place->name, target, sizeof(target));

	*ret_there = len >= 0;
	if (len >= 0) {
		snug_buf_add(ret, target, (size_t)len);
		return snug_buf_check(ret, err);
	}
	if (errno == ENOENT)
		return 0;
	return errno == EINVAL ? fail_other(path, "no symlink, where snug's would be", err)
			       : snug_file_fail(err, errno, path, "cannot read it");
}

int snug_installed_read(const struct snug_installed_at *at, bool *ret_there, struct snug_buf *ret,
			struct snug_error *err)
{
	SNUG_AUTO(close_place) struct place place = { .folder = -1 };
	SNUG_AUTO_FD int fd = -1;
	struct snug_file file;

	*ret_there = false;
	if (open_place(at->path, false, &place, err) < 0)
		return -1;
	if (place.folder < 0)
		return 0;
	if (at->link)
		return read_link(&place, at->path, ret_there, ret, err);
	file = (struct snug_file){ .folder = place.folder, .name = place.name, .path = at->path };
	if (snug_folder_file(&file, &fd, err) < 0)
		return -1;
	*ret_there = fd >= 0;
	return fd < 0 ? 0 : snug_file_take(fd, at->path, at->max, ret, err);
}

/* ---- writing ---- */

static int sync_folder(const struct place *place, const char *path, struct snug_error *err)
{
	return fsync(place->folder) < 0 && errno != EINVAL
		       ? snug_file_fail(err, errno, path, "cannot write its folder")
		       : 0;
}

static int name_temporary(const struct place *place, char ret[NAME_MAX + 1])
{
	return snprintf(ret, NAME_MAX + 1, ".%s" LINK_SUFFIX, place->name) > NAME_MAX ? -1 : 0;
}

/* A new one beside, renamed over: there is no moment without one. */
static int write_link(const struct place *place, const char *path, const char *target,
		      struct snug_error *err)
{
	char temporary[NAME_MAX + 1];

	if (name_temporary(place, temporary) < 0)
		return snug_file_fail(err, ENAMETOOLONG, path, "cannot write it");
	(void)unlinkat(place->folder, temporary, 0);
	if (symlinkat(target, place->folder, temporary) < 0)
		return snug_file_fail(err, errno, path, "cannot write it");
	if (renameat(place->folder, temporary, place->folder, place->name) < 0) {
		snug_file_fail(err, errno, path, "cannot write it");
		(void)unlinkat(place->folder, temporary, 0);
		return -1;
	}
	return sync_folder(place, path, err);
}

int snug_installed_write(const struct snug_installed_at *at, const struct snug_buf *text,
			 struct snug_error *err)
{
	SNUG_AUTO(close_place) struct place place = { .folder = -1 };
	struct snug_file file;

	if (open_place(at->path, true, &place, err) < 0)
		return -1;
	if (at->link)
		return write_link(&place, at->path, snug_buf_text(text), err);
	file = (struct snug_file){ .folder = place.folder, .name = place.name, .path = at->path };
	return snug_file_put(&file, FILE_MODE, true, text, err);
}

/* A link has no lock on it as a file has: who writes one holds that of all installing. */
static void sweep_link(const struct place *place)
{
	char temporary[NAME_MAX + 1], target[1];

	if (name_temporary(place, temporary) == 0 &&
	    readlinkat(place->folder, temporary, target, sizeof(target)) >= 0)
		(void)unlinkat(place->folder, temporary, 0);
}

void snug_installed_tidy(const char *path)
{
	SNUG_AUTO(close_place) struct place place = { .folder = -1 };
	struct snug_error ignored;

	if (open_place(path, false, &place, &ignored) < 0 || place.folder < 0)
		return;
	snug_file_sweep(place.folder);
	sweep_link(&place);
}

int snug_installed_remove(const char *path, struct snug_error *err)
{
	SNUG_AUTO(close_place) struct place place = { .folder = -1 };

	if (open_place(path, false, &place, err) < 0)
		return -1;
	if (place.folder < 0)
		return 0;
	if (unlinkat(place.folder, place.name, 0) < 0)
		return errno == ENOENT ? 0 : snug_file_fail(err, errno, path, "cannot remove it");
	return sync_folder(&place, path, err);
}

/* ---- folders ---- */

static int add_path(struct snug_paths *ret, const char *path, size_t len, struct snug_error *err)
{
	char *copy = strndup(path, len);

	if (copy && snug_vec_push(ret, copy) == 0)
		return 0;
	free(copy);
	return snug_fail_memory(err);
}

static bool has_path(const struct snug_paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->at[i], path) == 0)
			return true;
	return false;
}

int snug_installed_missing(const char *path, struct snug_paths *ret, struct snug_error *err)
{
	struct stat st;

	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		SNUG_AUTO(snug_freep) char *folder = strndup(path, (size_t)(end - path));

		if (!folder)
			return snug_fail_memory(err);
		if (lstat(folder, &st) == 0 || (errno == ENOENT && has_path(ret, folder)))
			continue;
		if (errno != ENOENT) /* what is made and not recorded, nobody takes away */
			return snug_file_fail(err, errno, folder, "cannot look at it");
		if (add_path(ret, folder, strlen(folder), err) < 0)
			return -1;
	}
	return 0;
}

void snug_installed_remove_folder(const char *path)
{
	(void)rmdir(path); /* not empty: somebody uses it by now */
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

int snug_installed_list(const char *folder, struct snug_paths *ret, struct snug_error *err)
{
	SNUG_AUTO(close_folder) DIR *open = opendir(folder);
	struct dirent *entry;

	if (!open)
		return errno == ENOENT ? 0 : snug_file_fail(err, errno, folder, "cannot open it");
	while ((errno = 0, entry = readdir(open)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    add_path(ret, entry->d_name, strlen(entry->d_name), err) < 0)
			return -1;
	if (errno)
		return snug_file_fail(err, errno, folder, "cannot read it");
	if (ret->count)
		qsort(ret->at, ret->count, sizeof(*ret->at), compare);
	return 0;
}

/* ---- records ---- */

int snug_installed_root(const struct snug_store *store, char **ret, struct snug_error *err)
{
	*ret = store->root[0] ? realpath(store->root, NULL) : strdup("");
	if (!*ret)
		return snug_file_fail(err, errno, store->root, "cannot open this root");
	if (strcmp(*ret, "/") == 0)
		(*ret)[0] = '\0';
	return 0;
}

char *snug_installed_record(const char *root, const char *engine)
{
	char *path;

	return asprintf(&path, "%s" RECORDS "/%s.json", root, engine) < 0 ? NULL : path;
}

/*
 * An uninstall may have removed the folder while we waited for it. Whoever can open a folder can
 * lock it, so others cannot; before, they could.
 */
int snug_installed_lock(const char *root, int *ret, struct snug_error *err)
{
	const struct snug_folder records = {
		.root = root, .path = RECORDS, .create = true, .open_levels = PUBLIC
	};
	struct stat st;

	for (;;) {
		SNUG_AUTO_FD int fd = -1;

		if (snug_folder_open(&records, &fd, err) < 0)
			return -1;
		if (fstat(fd, &st) == 0 && st.st_mode & 077 && fchmod(fd, 0700) < 0)
			return snug_file_fail(err, errno, RECORDS, "cannot take it from others");
		while (flock(fd, LOCK_EX) < 0)
			if (errno != EINTR)
				return snug_file_fail(err, errno, RECORDS, "cannot lock it");
		if (fstat(fd, &st) == 0 && st.st_nlink > 0) {
			*ret = fd;
			fd = -1;
			return 0;
		}
	}
}
