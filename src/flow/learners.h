/* SPDX-License-Identifier: Apache-2.0 */
/* All who learn on this host under one root: by hooks, by `snug learn` and by `snug record`. */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "learn/slot.h"
#include "store/store.h"

enum snug_learner_how { SNUG_BY_HOOK, SNUG_BY_LEARN, SNUG_BY_RECORD, SNUG_BY_MAX };
const char *snug_learner_how_name(enum snug_learner_how how); /* "hook", "learn", "record" */

struct snug_learner {
	enum snug_learner_how how;
	struct snug_rec_owner owner;
	struct snug_progress progress;
};
struct snug_learners SNUG_VEC_BODY(struct snug_learner);

/* A learner that ends meanwhile is left out. The caller clears ret (snug_vec_clear). */
int snug_learners_list(const struct snug_store *store, struct snug_learners *ret,
		       struct snug_error *err) SNUG_CHECKED;
/*
 * Writes what each has seen so far, or those of name (NULL: all), and adds the paths (malloc'ed) to
 * ret. The end of a run replaces its file by its superset. *ret_learners: how many there were.
 */
int snug_learners_flush(const struct snug_store *store, const char *name, struct snug_paths *ret,
			unsigned *ret_learners, struct snug_error *err) SNUG_CHECKED;
