/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snug knows of the AppArmor profiles that it loaded: a folder for each label in
 * ROOT/run/snug/apparmor, which is gone after a boot as they are. In it
 *
 *	loaded       the policy's digests, and where the kernel shows it while it is loaded
 *	policy       the profile, compiled: loading it again needs no parser
 *	PID-START    a container that uses it: its init, and in the file its id
 *
 * All under the lock of that folder, which is not the one that learning holds: a parser may take
 * seconds.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "model/apparmor/label.h"
#include "store/store.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct snug_notes {
	int folder; /* locked */
	char *path;
};
#define SNUG_NOTES_NONE                                                                            \
	{                                                                                          \
		-1, NULL                                                                           \
	}
/* Waits for the lock. */
int snug_notes_open(const struct snug_store *store, struct snug_notes *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* The same for who was given a descriptor that may hold the lock already. */
int snug_notes_adopt(const struct snug_store *store, int given, struct snug_notes *ret,
		     struct snug_error *err) SNUG_CHECKED;
void snug_notes_close(struct snug_notes *notes);
/* false: nothing is noted under this root, or not for us to see. Asks without the lock. */
bool snug_notes_exist(const struct snug_store *store);

/* The labels that are noted; malloc'ed, see snug_paths_clear(). */
int snug_notes_labels(const struct snug_notes *notes, struct snug_paths *ret,
		      struct snug_error *err) SNUG_CHECKED;
/* Away with all that is noted of a label. */
int snug_notes_drop(const struct snug_notes *notes, const char *label,
		    struct snug_error *err) SNUG_CHECKED;

struct snug_loaded {
	char sha1[41], sha256[65]; /* of the compiled policy, as the kernel gives one of them */
	bool by_hand;		   /* it stays when its last container goes */
	char path[PATH_MAX];	   /* the kernel's folder of it; "": not known (yet) */
};
/* 1; 0: snug has not loaded it. */
int snug_notes_read(const struct snug_notes *notes, const char *label, struct snug_loaded *ret,
		    struct snug_error *err) SNUG_CHECKED;
int snug_notes_write(const struct snug_notes *notes, const char *label,
		     const struct snug_loaded *loaded, struct snug_error *err) SNUG_CHECKED;
/* Is what the kernel shows in folder what was noted? Needs no libapparmor. */
bool snug_loaded_is(const struct snug_loaded *loaded, const char *folder);
/* Where the compiled policy lies; malloc'ed. NULL: no memory. */
char *snug_notes_policy_path(const struct snug_notes *notes, const char *label);

struct snug_confined_user {
	pid_t pid;	/* the container's init */
	uint64_t start; /* snug_process_start() */
	char id[256];	/* cut */
};
struct snug_confined_users SNUG_VEC_BODY(struct snug_confined_user);
int snug_notes_users(const struct snug_notes *notes, const char *label,
		     struct snug_confined_users *ret, struct snug_error *err) SNUG_CHECKED;
int snug_notes_add_user(const struct snug_notes *notes, const char *label,
			const struct snug_confined_user *user, struct snug_error *err) SNUG_CHECKED;
/* Drops those whose init is gone. *ret_left: how many live. */
int snug_notes_sweep(const struct snug_notes *notes, const char *label, unsigned *ret_left,
		     struct snug_error *err) SNUG_CHECKED;
