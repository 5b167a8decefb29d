/* SPDX-License-Identifier: Apache-2.0 */
#include "model/drift.h"

#include <stdlib.h>
#include <string.h>

void snug_task_views_clear(struct snug_task_views *views)
{
	for (size_t i = 0; i < views->count; i++)
		free(views->at[i].label);
	snug_vec_clear(views);
}

/* ---- the promise ---- */

void snug_promise_add(struct snug_promise *promise, const struct snug_profile *profile)
{
	/* One that allows all is in no need of a filter. */
	promise->filter |= profile->seccomp_node && (profile->seccomp.entries.count ||
						     profile->seccomp.fallback != SNUG_ALLOW);
	promise->non_root |= profile->has_non_root && profile->non_root;
	promise->no_new_privs |= profile->has_no_new_privs && profile->no_new_privs;
	if (profile->has_caps)
		promise->caps = promise->has_caps ? promise->caps & profile->caps : profile->caps;
	promise->has_caps |= profile->has_caps;
}

static void begin(struct snug_buf *to, size_t start)
{
	if (to->len > start)
		snug_buf_adds(to, ", ");
}

#define CAPS_SHOWN 4u

static void add_caps(snug_caps caps, const char *how, struct snug_buf *to)
{
	unsigned shown = 0;

	snug_buf_adds(to, how);
	for (unsigned cap = 0; cap < 64; cap++) {
		const char *name = snug_cap_name(cap);

		if (!(caps >> cap & 1) || shown++ >= CAPS_SHOWN)
			continue;
		if (name)
			snug_buf_addf(to, " %s", name);
		else
			snug_buf_addf(to, " capability %u", cap);
	}
	if (shown > CAPS_SHOWN)
		snug_buf_addf(to, " and %u more", shown - CAPS_SHOWN);
}

/* As the guard of the exec boundary judges them (learn/guard.bpf.c): under no_new_privs no execve
 * can give what the bounding set has. */
static void judge_caps(const struct snug_promise *promise, const struct snug_task_view *view,
		       size_t start, struct snug_buf *ret)
{
	const snug_caps *caps = view->state.caps;
	snug_caps has = (caps[SNUG_CAP_PERMITTED] | caps[SNUG_CAP_EFFECTIVE]) & ~promise->caps;
	snug_caps may = caps[SNUG_CAP_BOUNDING] & ~promise->caps & ~has;

	if (!promise->has_caps || view->own_user_ns)
		return;
	if (has) {
		begin(ret, start);
		add_caps(has, "has", ret);
	}
	if (may && !view->state.no_new_privs) {
		begin(ret, start);
		add_caps(may, "can get", ret);
	}
}

static void judge_label(const char *label, const struct snug_task_view *view, size_t start,
			struct snug_buf *ret)
{
	const char *is = view->label[0] ? view->label : "nothing";

	if (!snug_label_holds(view->label, label, true)) {
		begin(ret, start);
		snug_buf_addf(ret, "AppArmor has it under %s, not %s", is, label);
	} else if (strcmp(view->mode, "complain") == 0) {
		begin(ret, start);
		snug_buf_addf(ret, "AppArmor only complains by %s", label);
	}
}

bool snug_task_falls_short(const struct snug_promise *promise, const struct snug_task_view *view,
			   struct snug_buf *ret)
{
	size_t start = ret->len;

	if (promise->filter && !view->state.filters && view->state.seccomp != 1)
		snug_buf_adds(ret, "no filter");
	if (promise->no_new_privs && !view->state.no_new_privs) {
		begin(ret, start);
		snug_buf_adds(ret, "no no_new_privs");
	}
	if (promise->non_root && view->root != SNUG_NOT_ROOT) {
		begin(ret, start);
		snug_buf_adds(ret, view->root == SNUG_IS_ROOT ? "runs as root"
							      : "root, for all that can be told");
	}
	judge_caps(promise, view, start, ret);
	for (unsigned i = 0; i < promise->label_count; i++)
		judge_label(promise->labels[i], view, start, ret);
	return ret->len > start;
}

/* ---- two of them ---- */

static unsigned count_caps(const struct snug_task_view *view)
{
	unsigned count = 0;

	for (snug_caps caps = view->own_user_ns ? 0 : view->state.caps[SNUG_CAP_PERMITTED]; caps;
	     caps &= caps - 1)
		count++;
	return count;
}

bool snug_task_is_weaker(const struct snug_task_view *a, const struct snug_task_view *b)
{
	if (a->state.filters != b->state.filters)
		return a->state.filters < b->state.filters;
	if (a->state.no_new_privs != b->state.no_new_privs)
		return !a->state.no_new_privs;
	return count_caps(a) > count_caps(b);
}

bool snug_task_is_alike(const struct snug_task_view *a, const struct snug_task_view *b)
{
	struct snug_error ignored;

	return a->state.seccomp == b->state.seccomp && a->own_user_ns == b->own_user_ns &&
	       a->root == b->root && strcmp(a->label, b->label) == 0 &&
	       strcmp(a->mode, b->mode) == 0 &&
	       snug_task_state_same(&a->state, &b->state, &ignored) == 0;
}
