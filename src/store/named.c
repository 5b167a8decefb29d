/* SPDX-License-Identifier: Apache-2.0 */
#include "store/named.h"

#include "base/cleanup.h"
#include "store/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The file's folder; file points into path. */
static int open_parent(const char *path, struct snug_file *ret, struct snug_error *err)
{
	const char *slash = strrchr(path, '/');
	SNUG_AUTO(snug_freep) char *parent = NULL;
	struct snug_folder folder = { .root = "" };
	int fd;

	if (path[0] != '/' || !slash[1])
		return snug_file_fail(err, ENOENT, path, "no absolute path of a file");
	parent = strndup(path, (size_t)(slash - path) + 1);
	if (!parent)
		return snug_fail_memory(err);
	folder.path = parent;
	if (snug_folder_open(&folder, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return snug_file_fail(err, ENOENT, path, "cannot open its folder");
	*ret = (struct snug_file){ .folder = fd, .name = slash + 1, .path = path };
	return 0;
}

int snug_named_read(const char *path, size_t max, bool *ret_there, struct snug_buf *ret,
		    struct snug_error *err)
{
	SNUG_AUTO_FD int folder = -1;
	SNUG_AUTO_FD int fd = -1;
	struct snug_file file;

	if (open_parent(path, &file, err) < 0)
		return -1;
	folder = file.folder;
	if (snug_folder_file(&file, &fd, err) < 0)
		return -1;
	*ret_there = fd >= 0;
	return fd >= 0 ? snug_file_take(fd, path, max, ret, err) : 0;
}

int snug_named_write(const char *path, const struct snug_buf *text, struct snug_error *err)
{
	SNUG_AUTO_FD int folder = -1;
	struct snug_file file;

	if (open_parent(path, &file, err) < 0)
		return -1;
	folder = file.folder;
	return snug_file_put(&file, 0644, false, text, err);
}
