/* SPDX-License-Identifier: Apache-2.0 */
#include "store/apparmor.h"

#include "base/cleanup.h"
#include "json/json.h"
#include "model/apparmor/label.h"
#include "store/internal.h"

#include <stdio.h>
#include <string.h>

#define TEXTS	       "/var/lib/snug/apparmor"
#define OPEN_LEVELS    3u		   /* var, lib, snug */
#define TEXT_BYTES_MAX SNUG_JSON_BYTES_MAX /* as the profile that it is made of */

/* The folder, and the file in it; a folder that is missing and not to be made is -1. */
static int open_place(const struct snug_store *store, const char *label, bool create,
		      int *ret_folder, char **ret_path, struct snug_error *err)
{
	const struct snug_folder place = {
		.root = store->root, .path = TEXTS, .create = create, .open_levels = OPEN_LEVELS
	};

	if (!snug_label_is_ours(label))
		return snug_fail(err, SNUG_INPUT, "'%.80s' is no label of snug's", label);
	if (asprintf(ret_path, "%s" TEXTS "/%s", store->root, label) < 0) {
		*ret_path = NULL;
		return snug_fail_memory(err);
	}
	return snug_folder_open(&place, ret_folder, err);
}

static int read_file(const struct snug_file *file, bool *ret_there, struct snug_buf *ret,
		     struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;

	if (snug_folder_file(file, &fd, err) < 0)
		return -1;
	*ret_there = fd >= 0;
	return fd < 0 ? 0 : snug_file_take(fd, file->path, TEXT_BYTES_MAX, ret, err);
}

int snug_store_put_apparmor(const struct snug_store *store, const char *label,
			    const struct snug_buf *text, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf old = { 0 };
	SNUG_AUTO_FD int folder = -1;
	struct snug_file file;
	bool there;

	if (open_place(store, label, true, &folder, &path, err) < 0)
		return -1;
	file = (struct snug_file){ .folder = folder, .name = label, .path = path };
	if (read_file(&file, &there, &old, err) < 0)
		return -1;
	if ((!there || old.len != text->len || memcmp(old.data, text->data, old.len) != 0) &&
	    snug_file_put(&file, 0600, false, text, err) < 0)
		return -1;
	*ret_path = SNUG_TAKE(path);
	return 0;
}

int snug_store_read_apparmor(const struct snug_store *store, const char *label,
			     struct snug_buf *ret, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int folder = -1;
	struct snug_file file;
	bool there = false;

	if (open_place(store, label, false, &folder, &path, err) < 0)
		return -1;
	file = (struct snug_file){ .folder = folder, .name = label, .path = path };
	if (folder >= 0 && read_file(&file, &there, ret, err) < 0)
		return -1;
	if (!there) {
		snug_fail(err, SNUG_INPUT, "%s: the profile's text is not there", path);
		return snug_remedy(err,
				   "harden the bundle again, on this host and with this --root");
	}
	*ret_path = SNUG_TAKE(path);
	return 0;
}
