/* SPDX-License-Identifier: Apache-2.0 */
#include "store/program.h"

#include "base/cleanup.h"
#include "store/internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folder of path, without symlinks. */
static int resolve_folder(const char *path, char ret[PATH_MAX], struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = strdup(path);

	if (!folder)
		return snug_fail_memory(err);
	strrchr(folder, '/')[1] = '\0';
	return realpath(folder, ret) ? 0 : snug_file_fail(err, errno, path, "cannot open it");
}

/* Who can write the folder can put another file there, or another symlink. */
static int check_folder(const char *path, int *ret, struct snug_error *err)
{
	struct snug_folder place = { .root = "" };
	char folder[PATH_MAX];

	if (resolve_folder(path, folder, err) < 0)
		return -1;
	place.path = folder;
	if (snug_folder_open(&place, ret, err) < 0)
		return -1;
	return *ret < 0 ? snug_file_fail(err, ENOENT, path, "cannot open it") : 0;
}

static int fail_program(const char *path, const char *what, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s: %s", path, what);
	return snug_remedy(err, "name the program itself, by its absolute path");
}

static int check_file(const char *path, int folder, struct snug_error *err)
{
	const struct snug_file file = { .folder = folder,
					.name = strrchr(path, '/') + 1,
					.path = path };
	SNUG_AUTO_FD int fd = -1;
	struct stat st;

	if (snug_folder_look(&file, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return snug_file_fail(err, ENOENT, path, "cannot open it");
	if (fstat(fd, &st) < 0)
		return snug_file_fail(err, errno, path, "cannot look at it");
	if (!S_ISREG(st.st_mode))
		return fail_program(path, "it is no file", err);
	return st.st_mode & 0111 ? 0 : fail_program(path, "it cannot be executed", err);
}

int snug_store_check_program(const char *path, struct snug_error *err)
{
	SNUG_AUTO_FD int named = -1, folder = -1;
	char resolved[PATH_MAX];

	if (path[0] != '/')
		return fail_program(path, "not an absolute path", err);
	if (check_folder(path, &named, err) < 0)
		return -1;
	if (!realpath(path, resolved))
		return snug_file_fail(err, errno, path, "cannot open it");
	return check_folder(resolved, &folder, err) < 0 ? -1 : check_file(resolved, folder, err);
}

/* ---- runtimes ---- */

static const char *const folders[] = { "/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/",
				       "/usr/bin/",	   "/sbin/",	      "/bin/" };

bool snug_store_is_self(const char *path)
{
	struct stat self, other;

	return stat("/proc/self/exe", &self) == 0 && stat(path, &other) == 0 &&
	       self.st_dev == other.st_dev && self.st_ino == other.st_ino;
}

bool snug_store_find_runtime(const char *root, const char *name, char ret[PATH_MAX])
{
	struct stat st;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int len = snprintf(ret, PATH_MAX, "%s%s%s", root, folders[i], name);

		if (len > 0 && len < PATH_MAX && stat(ret, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mode & 0111 && !snug_store_is_self(ret))
			return true;
	}
	ret[0] = '\0';
	return false;
}
