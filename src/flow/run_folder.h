/* SPDX-License-Identifier: Apache-2.0 */
/* ROOT/run/snug, in a user namespace /run/user/UID/snug: what lives as long as a learning does. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

/*
 * Opens it, made if need be; *ret_path (malloc'ed) is its absolute name. SNUG_INPUT where others
 * can write it. flock() on the descriptor is the one lock of all that is shared among learnings.
 */
int snug_run_folder(const char *root, char **ret_path, struct snug_error *err) SNUG_CHECKED;
/* Is what is open the folder of that name (still)? */
int snug_run_folder_is(int fd, const char *path, bool *ret, struct snug_error *err) SNUG_CHECKED;
/* Is `given` the same open folder as `folder` (path: its name), under a lock that came with it? */
int snug_run_lock_is_ours(int given, int folder, const char *path, bool *ret,
			  struct snug_error *err) SNUG_CHECKED;
/* Opens a folder of the run folder, made (mode 0700) if need be. */
int snug_run_subfolder(const char *root, const char *name, char **ret_path,
		       struct snug_error *err) SNUG_CHECKED;
/*
 * The same, with its lock (flock), which it waits for: closing gives it back.
 */
int snug_run_lock(const char *root, const char *name, char **ret_path,
		  struct snug_error *err) SNUG_CHECKED;
/* The same for who was given a descriptor that may hold the lock already: a descriptor of his own,
 * under that lock. */
int snug_run_lock_adopt(const char *root, const char *name, int given, char **ret_path,
			struct snug_error *err) SNUG_CHECKED;
