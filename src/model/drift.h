/* SPDX-License-Identifier: Apache-2.0 */
/* How the tasks of a container are confined, held against what its profiles promise. */
#pragma once

#include "base/buf.h"
#include "base/vec.h"
#include "model/apparmor/label.h"
#include "model/profile.h"
#include "model/task_state.h"

#include <stdbool.h>
#include <stdint.h>

/* A task, as the kernel shows it. */
struct snug_task_view {
	pid_t tgid, tid;
	char comm[64]; /* as /proc/PID/status spells it */
	struct snug_task_state state;
	/* In a user namespace below the container's, where a task has every capability and none
	 * over the container: they count for nothing. */
	bool own_user_ns;
	/* Of the container's user namespace, by any of its user ids. */
	enum snug_is_root { SNUG_NOT_ROOT, SNUG_IS_ROOT, SNUG_MAYBE_ROOT } root;
	char *label;   /* AppArmor's, "" where there is none; owned */
	char mode[16]; /* "enforce", "complain", "mixed"; "" */
};
struct snug_task_views SNUG_VEC_BODY(struct snug_task_view);
void snug_task_views_clear(struct snug_task_views *views);

#define SNUG_PROMISE_LABELS_MAX 2u

struct snug_promise {
	bool filter, no_new_privs, non_root, has_caps;
	snug_caps caps;
	char labels[SNUG_PROMISE_LABELS_MAX][SNUG_LABEL_SIZE];
	unsigned label_count;
};
/* One more profile, but for its paths, which are not looked at, and its AppArmor part, whose label
 * is added by who knows it. */
void snug_promise_add(struct snug_promise *promise, const struct snug_profile *profile);

/* Says in words what is missing of the promise; false, and nothing: it is kept. */
bool snug_task_falls_short(const struct snug_promise *promise, const struct snug_task_view *view,
			   struct snug_buf *ret);
/* Is a less confined than b? Fewer filters first, then no_new_privs, then capabilities. */
bool snug_task_is_weaker(const struct snug_task_view *a, const struct snug_task_view *b);
/* Are both confined alike? */
bool snug_task_is_alike(const struct snug_task_view *a, const struct snug_task_view *b);
