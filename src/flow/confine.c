/* SPDX-License-Identifier: Apache-2.0 */
/* What hooks do: without libapparmor, which is not in snug-hook. */
#include "flow/confine.h"

#include "base/cleanup.h"
#include "flow/process.h"
#include "json/json.h"
#include "store/file.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define DYING_MS 2000 /* how long poststop waits for who was killed */

/* ---- which profiles ---- */

static const char *profile_of(const struct snug_json *doc)
{
	const struct snug_json_node *process = snug_json_member(snug_json_root(doc), "process");
	const struct snug_json_node *stack = snug_json_member(process, "apparmorProfile");
	struct snug_error ignored;
	const char *text;

	return stack && snug_json_type(stack) == SNUG_JSON_STRING &&
			       snug_json_string(stack, &text, &ignored) == 0
		       ? text
		       : "";
}

/* Most configs name none, and are not parsed for it. JSON can spell any letter as \u00XX. */
static bool may_name_ours(const char *text)
{
	return snug_label_may_be_in(text) || strstr(text, "\\u00");
}

/* The config's stack of profiles, malloc'ed. What the runtime took and we cannot read may name one
 * of ours. */
static int read_stack(const char *bundle, char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	if (bundle[0]) {
		if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0)
			return -1;
		if (may_name_ours(snug_buf_text(&text)) &&
		    snug_json_parse(&doc, snug_buf_text(&text), text.len, path, err) < 0 &&
		    (err->code == SNUG_SYSTEM || strstr(snug_buf_text(&text), SNUG_LABEL_PREFIX)))
			return -1;
	}
	*ret = strdup(doc ? profile_of(doc) : "");
	return *ret ? 0 : snug_fail_memory(err);
}

static bool names_ours(const char *stack)
{
	char label[SNUG_LABEL_SIZE];

	return snug_label_next_ours(&stack, label);
}

/* ---- begin ---- */

static int begin_label(const struct snug_hooked *context, const struct snug_notes *notes,
		       const char *label, const struct snug_confined_user *user,
		       struct snug_error *err)
{
	struct snug_loaded loaded;
	int noted = snug_notes_read(notes, label, &loaded, err);

	if (noted < 0)
		return -1;
	/* The container before it may have asked for the same a moment ago: then this is all. */
	if (!(noted && snug_loaded_is(&loaded, loaded.path)) &&
	    context->load_profile(context, label, notes->folder, err) < 0)
		return -1;
	return snug_notes_add_user(notes, label, user, err);
}

static int begin_all(const struct snug_hooked *context, const struct snug_state *state,
		     const char *stack, struct snug_error *err)
{
	SNUG_AUTO(snug_notes_close) struct snug_notes notes = SNUG_NOTES_NONE;
	struct snug_confined_user user = { .pid = state->pid };
	char label[SNUG_LABEL_SIZE];

	snprintf(user.id, sizeof(user.id), "%s", state->id);
	user.start = state->pid ? snug_process_start(state->pid) : 0;
	if (!user.start)
		return snug_fail(err, SNUG_INPUT, "the state's pid %d is no process", state->pid);
	if (snug_notes_open(context->store, &notes, err) < 0)
		return -1;
	while (snug_label_next_ours(&stack, label))
		if (begin_label(context, &notes, label, &user, err) < 0)
			return -1;
	return 0;
}

int snug_confine_begin(const struct snug_hooked *context, const struct snug_state *state,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *stack = NULL;

	if (read_stack(state->bundle, &stack, err) < 0)
		return -1;
	return names_ours(stack) ? begin_all(context, state, stack, err) : 0;
}

int snug_confine_label(const struct snug_hooked *context, const struct snug_state *state,
		       const char *label, struct snug_error *err)
{
	return begin_all(context, state, label, err);
}

/* ---- end ---- */

/* Is there a profile to let go of, now that no container is left? */
static bool is_over(const struct snug_notes *notes, const char *label)
{
	struct snug_loaded loaded;
	struct snug_error ignored;

	return snug_notes_read(notes, label, &loaded, &ignored) > 0 && !loaded.by_hand &&
	       loaded.path[0];
}

/* A pidfd of who lives on of that id; -1: nobody, or nobody can tell. *ret_unused: a profile has
 * lost its last container. */
static int sweep(const struct snug_notes *notes, const char *id, int *ret_living, bool *ret_unused,
		 struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths labels = { 0 };
	struct snug_confined_users users = { 0 };
	unsigned left;

	if (snug_notes_labels(notes, &labels, err) < 0)
		return -1;
	for (size_t i = 0; i < labels.count; i++) {
		if (snug_notes_sweep(notes, labels.at[i], &left, err) < 0)
			return -1;
		*ret_unused |= left == 0 && is_over(notes, labels.at[i]);
		if (snug_notes_users(notes, labels.at[i], &users, err) < 0) {
			snug_vec_clear(&users);
			return -1;
		}
	}
	for (size_t i = 0; i < users.count && *ret_living < 0; i++)
		if (strcmp(users.at[i].id, id) == 0)
			*ret_living = pidfd_open(users.at[i].pid, 0);
	snug_vec_clear(&users);
	return 0;
}

static int end_locked(const struct snug_hooked *context, const char *id, int *ret_living,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_notes_close) struct snug_notes notes = SNUG_NOTES_NONE;
	bool unused = false;

	if (snug_notes_open(context->store, &notes, err) < 0 ||
	    sweep(&notes, id, ret_living, &unused, err) < 0)
		return -1;
	return unused ? context->settle(context, notes.folder, err) : 0;
}

/* Two looks, as at the end of a learning (flow/hooked.c): crun calls poststop before the init that
 * it killed is dead. */
int snug_confine_end(const struct snug_hooked *context, const struct snug_state *state,
		     struct snug_error *err)
{
	SNUG_AUTO_FD int living = -1;
	struct pollfd poll_fd = { .events = POLLIN };
	int failed, ignored = -1;

	if (!snug_notes_exist(context->store))
		return 0;
	failed = end_locked(context, state->id, &living, err);
	poll_fd.fd = living;
	if (!failed && living >= 0 && poll(&poll_fd, 1, DYING_MS) == 1) {
		failed = end_locked(context, state->id, &ignored, err);
		snug_close_fd(&ignored);
	}
	return failed;
}
