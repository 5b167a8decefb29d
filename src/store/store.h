/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings and profiles on disk (docs/design.md, "Files"), below a root ("" or --root's DIR).
 * Every folder on the way is opened without following symlinks and refused unless root
 * alone (or the caller) can write it, as is each folder above; a sticky folder above is safe where
 * its child is root's or the caller's. Folders that are missing are made: 0755, recordings 0700.
 * A symlink in root itself is the caller's choice and is resolved first; root must exist.
 * SNUG_INPUT: a symlink, a foreign or foreign-writable folder or file, no such name, not a name
 * (SNUG_USAGE). SNUG_SYSTEM: a full or read-only disk, no permission.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "model/name.h"

#include <stdbool.h>
#include <stdint.h>

struct snug_store {
	const char *root; /* "" for the host's own places */
};

/*
 * /var/lib/snug/recordings/NAME/<UTC>-<8hex>.json, mode 0600; *ret_path is malloc'ed. <UTC> is
 * `started` without '-' and ':', <8hex> the first half of the run id: the same run replaces its
 * file.
 */
int snug_store_put_recording(const struct snug_store *store, const char *name, const char *started,
			     uint64_t run, const struct snug_buf *text, char **ret_path,
			     struct snug_error *err) SNUG_CHECKED;
/* Would snug_store_put_recording be refused? Asked before a long run, not after it. Makes nothing.
 */
int snug_store_check_recordings(const struct snug_store *store, const char *name,
				struct snug_error *err) SNUG_CHECKED;
/* Paths of all of a name's recordings, sorted; malloc'ed strings. None at all: SNUG_INPUT with what
 * there is. */
struct snug_paths SNUG_VEC_BODY(char *);
void snug_paths_clear(struct snug_paths *paths);
int snug_store_list_recordings(const struct snug_store *store, const char *name,
			       struct snug_paths *ret, struct snug_error *err) SNUG_CHECKED;
/* Each of them in turn, in no order, so that memory does not grow with their number: its text,
 * which is gone afterwards, and its path. Ends at the first that cannot be read, and at the first
 * for which visit fails. */
typedef int (*snug_recording_visit)(void *context, const struct snug_buf *text, const char *path,
				    struct snug_error *err);
int snug_store_each_recording(const struct snug_store *store, const char *name,
			      snug_recording_visit visit, void *context,
			      struct snug_error *err) SNUG_CHECKED;
/*
 * learn --fresh: what is there of a name (none is fine), and away with it. Two steps, so that the
 * new recording is on the disk in between, and one that another learner wrote meanwhile stays.
 */
int snug_store_old_recordings(const struct snug_store *store, const char *name,
			      struct snug_paths *ret, struct snug_error *err) SNUG_CHECKED;
int snug_store_drop_recordings(const struct snug_store *store, const char *name,
			       const struct snug_paths *old, struct snug_error *err) SNUG_CHECKED;

/* First found wins: /etc/snug/profiles, /var/lib/snug/profiles, /usr/local/share/snug/profiles,
 * /usr/share/snug/profiles. */
int snug_store_read_profile(const struct snug_store *store, const char *name, struct snug_buf *ret,
			    char **ret_path, struct snug_error *err) SNUG_CHECKED;
/* /var/lib/snug/profiles/NAME.json, mode 0644. A profile whose origin is not "generated" is not
 * overwritten. */
int snug_store_put_profile(const struct snug_store *store, const char *name,
			   const struct snug_buf *text, char **ret_path,
			   struct snug_error *err) SNUG_CHECKED;
