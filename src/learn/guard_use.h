/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard as it is pinned (its programs: guard.bpf.c): used by bpf_call.h alone, without libbpf.
 * It is attached as long as a container has a promise, and stays loaded until somebody has time to
 * take it away: loading takes tens of milliseconds, which no hook has. Whoever uses it holds a lock
 * for it.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "learn/guard.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_GUARD_PATH_MAX 128u
#define SNUG_GUARD_LAST_PIN "on_exec" /* without it the folder is a half-made one */

/* Its folder: beside that of the root's recorder (learn/pins.h). */
int snug_guard_path(const char *root, char ret[SNUG_GUARD_PATH_MAX],
		    struct snug_error *err) SNUG_CHECKED;
/* Is it there, whole? */
int snug_guard_is_there(const char *path, bool *ret, struct snug_error *err) SNUG_CHECKED;
/* Takes away what is pinned: no promise is kept any more. */
int snug_guard_remove(const char *path, struct snug_error *err);

/* Promises it of the process of pidfd, the container's first; wish->promise.init is found out.
 * Attaches the guard if need be. SNUG_HOST where there is no room, or nothing to tell the container
 * by. */
int snug_guard_enlist(const char *path, const struct snug_guard_wish *wish, int pidfd,
		      struct snug_error *err) SNUG_CHECKED;
/* The process of pidfd has its filter: who has not that very one is none of it. Takes no lock. */
int snug_guard_confirm(const char *path, int pidfd, struct snug_error *err) SNUG_CHECKED;
/* Lets go of promises whose first process lives() not. When none is left the guard is detached, or,
 * without `keep`, goes. */
int snug_guard_settle(const char *path, bool keep, bool (*lives)(uint32_t init),
		      struct snug_error *err) SNUG_CHECKED;

struct snug_guard_list SNUG_VEC_BODY(struct snug_guard_promise);
/* The caller clears ret (snug_vec_clear). */
int snug_guard_list(const char *path, struct snug_guard_list *ret,
		    struct snug_error *err) SNUG_CHECKED;
