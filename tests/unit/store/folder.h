/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder of its own for each test, a store in it, and file systems of its own where root can make
 * them.
 */
#pragma once

#include "base/cleanup.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX]; /* of this test; its own path has no symlink in it */

static inline int make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char raw[400];

	(void)state;
	snprintf(raw, sizeof(raw), "%s/snug-store-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(raw) && realpath(raw, folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* One of four, so that an expression can hold several. */
static inline const char *in_folder(const char *below)
{
	static char paths[4][PATH_MAX + 256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, below);
	return path;
}

static inline void put_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* mkdir -p below the folder. */
static inline void make_folders(const char *below)
{
	char path[PATH_MAX + 256];

	snprintf(path, sizeof(path), "%s", in_folder(below));
	for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	mkdir(path, 0755);
}

static inline unsigned count_files(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

/* Where mounts are seen by this process alone. Skips where that cannot be had. */
static inline void own_mounts(void)
{
	static int done;

	if (!done && (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
		      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)) {
		print_message("no mount namespace to be had: root and CAP_SYS_ADMIN are needed\n");
		skip();
	}
	done = 1;
}

static inline void mount_small(const char *path, const char *options)
{
	assert_int_equal(mount("none", path, "tmpfs", 0, options), 0);
}

/* ---- a store below it ---- */

#define STARTED "2026-11-23T21:08:00Z"
#define RUN	0xa1b2c3d400000001ull

static const struct snug_store store = { .root = folder };

static inline struct snug_buf text_of(const char *text)
{
	return (struct snug_buf){ .data = (char *)(uintptr_t)text, .len = strlen(text) };
}

static inline int put_recording(const char *name, const char *text, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	const struct snug_buf buf = text_of(text);

	return snug_store_put_recording(&store, name, STARTED, RUN, &buf, &path, err);
}

static inline int drop_recordings(const char *name, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths old = { 0 };

	if (snug_store_old_recordings(&store, name, &old, err) < 0)
		return -1;
	return snug_store_drop_recordings(&store, name, &old, err);
}

static inline int read_profile(const char *name, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	return snug_store_read_profile(&store, name, &got, &path, err);
}
