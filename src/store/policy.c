/* SPDX-License-Identifier: Apache-2.0 */
#include "store/policy.h"

#include "base/cleanup.h"
#include "store/internal.h"

#include <stdio.h>

#define PLACE "/etc/snug"
#define NAME  "policy.json"

int snug_store_read_policy(const struct snug_store *store, size_t max, bool *ret_there,
			   struct snug_buf *ret, char **ret_path, struct snug_error *err)
{
	const struct snug_folder place = { .root = store->root, .path = PLACE };
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int folder = -1, fd = -1;
	struct snug_file file = { .name = NAME };

	if (asprintf(&path, "%s" PLACE "/" NAME, store->root) < 0) {
		path = NULL;
		return snug_fail_memory(err);
	}
	if (snug_folder_open(&place, &folder, err) < 0)
		return -1;
	file.folder = folder;
	file.path = path;
	if (folder >= 0 && snug_folder_file(&file, &fd, err) < 0)
		return -1;
	if (fd >= 0 && snug_file_take(fd, path, max, ret, err) < 0)
		return -1;
	*ret_there = fd >= 0;
	*ret_path = SNUG_TAKE(path);
	return 0;
}
