/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a folder of the store. */
#include "store/internal.h"

#include "base/cleanup.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX ((size_t)100000) /* recordings of one name */

static void close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	errno = saved;
}

int snug_names_each(const struct snug_names *names,
		    int (*each)(void *, const char *, struct snug_error *), void *context,
		    struct snug_error *err)
{
	SNUG_AUTO_FD int fd = openat(names->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SNUG_AUTO(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t count = 0;

	if (!dir)
		return snug_file_fail(err, errno, names->path, "cannot list it");
	fd = -1; /* dir's now */
	while ((errno = 0, entry = readdir(dir))) {
		if (!names->wanted(entry->d_name))
			continue;
		if (count++ == FILES_MAX)
			return snug_fail(err, SNUG_INPUT, "%s: more than %zu files", names->path,
					 FILES_MAX);
		if (each(context, entry->d_name, err) < 0)
			return -1;
	}
	return errno ? snug_file_fail(err, errno, names->path, "cannot list it") : 0;
}

static int keep_name(void *context, const char *name, struct snug_error *err)
{
	struct snug_paths *paths = context;
	char *copy = strdup(name);

	if (!copy || snug_vec_push(paths, copy) < 0) {
		free(copy);
		return snug_fail_memory(err);
	}
	return 0;
}

int snug_names_list(int folder, bool (*wanted)(const char *name), const char *path,
		    struct snug_paths *ret, struct snug_error *err)
{
	const struct snug_names names = { .folder = folder, .wanted = wanted, .path = path };

	return snug_names_each(&names, keep_name, ret, err);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void snug_names_sort(struct snug_paths *paths)
{
	if (paths->count)
		qsort(paths->at, paths->count, sizeof(*paths->at), by_text);
}
