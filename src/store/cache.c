/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cache.h"

#include "base/cleanup.h"
#include "store/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PLACE	    "/var/cache/snug/seccomp"
#define OPEN_LEVELS 2u /* var, cache */
#define BYTES_MAX   ((size_t)4 << 20)

static int open_place(const struct snug_store *store, bool create, int *ret, struct snug_error *err)
{
	const struct snug_folder place = {
		.root = store->root, .path = PLACE, .create = create, .open_levels = OPEN_LEVELS
	};

	return snug_folder_open(&place, ret, err);
}

int snug_store_read_cache(const struct snug_store *store, const char *key, bool *ret_there,
			  struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO_FD int folder = -1, fd = -1;
	char path[sizeof(PLACE) + 80];
	struct snug_file file = { .name = key, .path = path };

	snprintf(path, sizeof(path), "%s/%s", PLACE, key);
	if (open_place(store, false, &folder, err) < 0)
		return -1;
	file.folder = folder;
	if (folder >= 0 && snug_folder_file(&file, &fd, err) < 0)
		return -1;
	*ret_there = fd >= 0;
	return fd < 0 ? 0 : snug_file_take(fd, path, BYTES_MAX, ret, err);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Nobody knows which of them will be asked for again; the next containers make those anew. */
static void make_room(int folder)
{
	SNUG_AUTO_FD int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SNUG_AUTO(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	unsigned count = 0;

	if (!dir)
		return;
	fd = -1; /* dir's now */
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (count < SNUG_CACHE_FILES_MAX)
		return;
	rewinddir(dir);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(folder, entry->d_name, 0);
}

int snug_store_put_cache(const struct snug_store *store, const char *key,
			 const struct snug_buf *text, struct snug_error *err)
{
	SNUG_AUTO_FD int folder = -1;
	char path[sizeof(PLACE) + 80];
	struct snug_file file = { .name = key, .path = path, .brief = true };

	snprintf(path, sizeof(path), "%s/%s", PLACE, key);
	if (open_place(store, true, &folder, err) < 0)
		return -1;
	make_room(folder);
	file.folder = folder;
	return snug_file_put(&file, 0600, false, text, err);
}
