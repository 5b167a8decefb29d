/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and symlinks in other programs' folders, by absolute path, and the records of what snug put
 * there. Folders are looked at as the store's are (store/store.h): nobody else may be able to
 * change them. Everything is whole or not there.
 */
#pragma once

#include "store/store.h"

/* What stands at a path. */
struct snug_installed_at {
	const char *path; /* absolute, no symlink in its folders */
	bool link;	  /* a symlink, of which the text is the target; else a file */
	size_t max;	  /* bytes that are read */
};
/* *ret_there false: nothing stands there. SNUG_INPUT: something else does. */
int snug_installed_read(const struct snug_installed_at *at, bool *ret_there, struct snug_buf *ret,
			struct snug_error *err) SNUG_CHECKED;
/* Folders that are missing are made, 0755; a new file is 0644, one that is there keeps mode and
 * owner. */
int snug_installed_write(const struct snug_installed_at *at, const struct snug_buf *text,
			 struct snug_error *err) SNUG_CHECKED;
/* Takes away what was killed while it wrote there has left beside it. */
void snug_installed_tidy(const char *path);
/* Nothing there is fine. */
int snug_installed_remove(const char *path, struct snug_error *err) SNUG_CHECKED;
/* The folders above path that are not there, the outer ones first, added where ret has none such.
 */
int snug_installed_missing(const char *path, struct snug_paths *ret,
			   struct snug_error *err) SNUG_CHECKED;
/* Removes a folder if it is empty. */
void snug_installed_remove_folder(const char *path);
/* The names in a folder, sorted; none where there is no folder. */
int snug_installed_list(const char *folder, struct snug_paths *ret,
			struct snug_error *err) SNUG_CHECKED;

/* root, absolute and without symlinks, "" for the host's: what is put before a path. malloc'ed. */
int snug_installed_root(const struct snug_store *store, char **ret,
			struct snug_error *err) SNUG_CHECKED;
/* /var/lib/snug/install/ENGINE.json below a root; malloc'ed, NULL without memory. */
char *snug_installed_record(const char *root, const char *engine);
/* Makes the records' folder and holds it: one installer at a time. Closing it lets it go. */
int snug_installed_lock(const char *root, int *ret, struct snug_error *err) SNUG_CHECKED;
