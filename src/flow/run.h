/* SPDX-License-Identifier: Apache-2.0 */
/* One run that a process of snug's watches itself (`snug learn`, `snug record`): what it answers
 * while it lasts, and what it leaves. */
#pragma once

#include "base/error.h"
#include "flow/arm.h"
#include "learn/record.h"
#include "store/store.h"

struct snug_run {
	const struct snug_store *store;
	struct snug_recorder *recorder; /* not owned */
	struct snug_rec_owner owner;	/* its args are those of a file when `args` is NULL */
	const struct snug_paths *args;	/* the command, whole; not owned */
	int exit;			/* of the workload once it has ended; -1: not known */
};

/* A run of name that begins now, with an id of its own. */
int snug_run_begin(struct snug_run *run, const char *name, struct snug_error *err) SNUG_CHECKED;
/* Collects, describes and stores what was seen; ret (empty before) is the caller's. */
int snug_run_write(const struct snug_run *run, bool ended, struct snug_recording *ret,
		   char **ret_path, struct snug_error *err) SNUG_CHECKED;
/* STATUS and FLUSH. */
int snug_run_answer(const struct snug_run *run, enum snug_arm_wish wish,
		    struct snug_arm_answer *ret, struct snug_error *err) SNUG_CHECKED;
