/* SPDX-License-Identifier: Apache-2.0 */
/* What snug does and snug-hook does not: compile, load and unload. */
#include "flow/confine.h"

#include "apply/apparmor.h"
#include "apply/apparmor_parser.h"
#include "base/cleanup.h"
#include "flow/confine_text.h"
#include "flow/process.h"
#include "store/apparmor.h"
#include "store/digest.h"
#include "store/file.h"

#include <nettle/base16.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_BYTES_MAX ((size_t)64 << 20) /* a compiled policy */

/* The kernel and the notes, locked. */
struct session {
	struct snug_aa_kernel kernel;
	struct snug_notes notes;
};
#define SESSION_NONE                                                                               \
	{                                                                                          \
		.notes = SNUG_NOTES_NONE                                                           \
	}

static void leave(struct session *s)
{
	snug_aa_kernel_close(&s->kernel);
	snug_notes_close(&s->notes);
}

static int refuse_foreign(const struct session *s, const char *label, struct snug_error *err)
{
	struct snug_error ignored;
	pid_t user = 0;

	snug_fail(err, SNUG_HOST,
		  "%s: the kernel has a profile of this name that snug did not load", label);
	if (snug_aa_kernel_user(label, &user, &ignored) < 0 || user)
		return snug_remedy(err,
				   "it confines a process (%d): end that first, for it would be "
				   "unconfined without the profile",
				   user);
	return snug_remedy(err,
			   "find out who did; `printf %s > %s/.remove` takes it away, and leaves "
			   "unconfined whoever it confines",
			   label, s->kernel.fs);
}

/* 1: what the kernel shows in folder, of that name, is what we noted. 0: it is not. */
static int is_noted(const struct session *s, const char *label, const char *folder,
		    struct snug_loaded *ret, struct snug_error *err)
{
	int known = snug_notes_read(&s->notes, label, ret, err);

	return known <= 0 ? known : snug_loaded_is(ret, folder);
}

/* ---- load ---- */

static void digest(const struct snug_buf *policy, struct snug_loaded *ret)
{
	const char *data = snug_buf_text(policy);
	uint8_t bytes[SHA1_DIGEST_SIZE];
	struct sha1_ctx kernels;

	sha1_init(&kernels);
	sha1_update(&kernels, policy->len, (const uint8_t *)data);
	sha1_digest(&kernels, sizeof(bytes), bytes);
	base16_encode_update(ret->sha1, sizeof(bytes), bytes);
	ret->sha1[BASE16_ENCODE_LENGTH(sizeof(bytes))] = '\0';
	snug_digest(data, policy->len, ret->sha256);
}

/* What an earlier load compiled, if it is still that. */
static bool reuse(const char *path, const struct snug_loaded *noted, struct snug_buf *ret)
{
	struct snug_loaded now;
	struct snug_error ignored;

	if (snug_file_read(path, POLICY_BYTES_MAX, ret, &ignored) == 0) {
		digest(ret, &now);
		if (ret->len && strcmp(now.sha256, noted->sha256) == 0)
			return true;
	}
	snug_buf_clear(ret);
	return false;
}

static int compile(const struct snug_store *store, const char *label, struct snug_buf *ret,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_store_read_apparmor(store, label, &text, &path, err) < 0 ||
	    snug_confine_text_check(label, &text, path, err) < 0)
		return -1;
	return snug_apparmor_compile(&text, path, ret, err);
}

/* The compiled policy, on disk beside its note, before the kernel has it: whoever dies in between
 * leaves a note that the next one can tell the kernel's profile by. */
static int prepare(const struct session *s, const struct snug_store *store, const char *label,
		   struct snug_loaded *loaded, struct snug_buf *policy, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = snug_notes_policy_path(&s->notes, label);
	struct snug_loaded noted;
	int known = snug_notes_read(&s->notes, label, &noted, err);

	if (!path)
		return snug_fail_memory(err);
	if (known < 0)
		return -1;
	if (known && reuse(path, &noted, policy)) {
		digest(policy, loaded);
		return snug_notes_write(&s->notes, label, loaded, err);
	}
	if (compile(store, label, policy, err) < 0)
		return -1;
	digest(policy, loaded);
	if (snug_notes_write(&s->notes, label, loaded, err) < 0)
		return -1;
	return snug_file_write(path, 0600, policy->data, policy->len, err);
}

static int load_anew(const struct session *s, const struct snug_store *store, const char *label,
		     bool by_hand, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };
	struct snug_loaded loaded = { .by_hand = by_hand };
	bool exists;

	if (prepare(s, store, label, &loaded, &policy, err) < 0)
		return -1;
	if (snug_aa_kernel_load(&s->kernel, &policy, &exists, err) < 0)
		return exists ? refuse_foreign(s, label, err) : snug_context(err, "%s", label);
	if (snug_aa_kernel_find(&s->kernel, label, loaded.path, err) < 0)
		return -1;
	if (!loaded.path[0])
		return snug_fail(err, SNUG_HOST, "%s: loaded, and the kernel does not show it",
				 label);
	return snug_notes_write(&s->notes, label, &loaded, err);
}

static int load(const struct session *s, const struct snug_store *store, const char *label,
		bool by_hand, bool *ret_loaded, struct snug_error *err)
{
	struct snug_loaded noted;
	char folder[PATH_MAX];
	int ours;

	*ret_loaded = false;
	if (snug_aa_kernel_find(&s->kernel, label, folder, err) < 0)
		return -1;
	if (!folder[0]) {
		*ret_loaded = true;
		return load_anew(s, store, label, by_hand, err);
	}
	ours = is_noted(s, label, folder, &noted, err);
	if (ours <= 0)
		return ours < 0 ? -1 : refuse_foreign(s, label, err);
	if (strcmp(noted.path, folder) == 0 && (noted.by_hand || !by_hand))
		return 0;
	snprintf(noted.path, sizeof(noted.path), "%s", folder);
	noted.by_hand |= by_hand;
	return snug_notes_write(&s->notes, label, &noted, err);
}

int snug_confine_load(const struct snug_hooked *context, const char *label, int lock,
		      struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = SESSION_NONE;
	bool loaded;

	if (!snug_label_is_ours(label))
		return snug_fail(err, SNUG_USAGE, "'%.100s' is no label of snug's", label);
	if (snug_aa_kernel_open(&s.kernel, err) < 0)
		return snug_context(err, "%s", label);
	if (snug_notes_adopt(context->store, lock, &s.notes, err) < 0)
		return -1;
	return load(&s, context->store, label, false, &loaded, err);
}

int snug_confine_load_by_hand(const struct snug_store *store, const char *label, bool *ret_loaded,
			      struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = SESSION_NONE;

	if (snug_aa_kernel_open(&s.kernel, err) < 0 || snug_notes_open(store, &s.notes, err) < 0)
		return -1;
	return load(&s, store, label, true, ret_loaded, err);
}

/* ---- unload ---- */

enum outcome { GONE, NOT_THERE, FOREIGN, IN_USE };

/* Somebody else took it away: then there is nothing to let go of. */
static int forget_place(const struct session *s, const char *label, struct snug_error *err)
{
	struct snug_loaded noted;
	int known = snug_notes_read(&s->notes, label, &noted, err);

	if (known <= 0 || !noted.path[0])
		return known < 0 ? -1 : 0;
	noted.path[0] = '\0';
	return snug_notes_write(&s->notes, label, &noted, err);
}

/* The policy stays on disk: the next start needs no parser. */
static int unload(const struct session *s, const char *label, enum outcome *ret, pid_t *ret_user,
		  struct snug_error *err)
{
	char folder[PATH_MAX];
	struct snug_loaded noted;
	unsigned left;
	int ours = 0;

	*ret_user = 0;
	/* Elsewhere the living look dead, and whose profile went would be unconfined. */
	*ret = IN_USE;
	if (!snug_process_sees_all())
		return 0;
	if (snug_notes_sweep(&s->notes, label, &left, err) < 0 ||
	    snug_aa_kernel_find(&s->kernel, label, folder, err) < 0)
		return -1;
	*ret = folder[0] ? FOREIGN : NOT_THERE;
	if (folder[0] && (ours = is_noted(s, label, folder, &noted, err)) < 0)
		return -1;
	if (!ours)
		return forget_place(s, label, err);
	*ret = IN_USE;
	if (left || snug_aa_kernel_user(label, ret_user, err) < 0)
		return left ? 0 : -1;
	if (*ret_user)
		return 0;
	if (snug_aa_kernel_remove(&s->kernel, label, err) < 0)
		return snug_context(err, "%s", label);
	if (snug_aa_kernel_find(&s->kernel, label, folder, err) < 0)
		return -1;
	if (folder[0])
		return snug_fail(err, SNUG_SYSTEM, "%s: unloaded, and the kernel shows it still",
				 label);
	*ret = GONE;
	noted.path[0] = '\0';
	return snug_notes_write(&s->notes, label, &noted, err);
}

static int settle_one(const struct session *s, const char *label, struct snug_error *err)
{
	struct snug_loaded noted;
	enum outcome outcome;
	pid_t user;
	int known = snug_notes_read(&s->notes, label, &noted, err);

	if (known <= 0 || noted.by_hand)
		return known < 0 ? -1 : 0;
	return unload(s, label, &outcome, &user, err);
}

int snug_confine_settle(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = SESSION_NONE;
	SNUG_AUTO(snug_paths_clear) struct snug_paths labels = { 0 };
	struct snug_error first = { 0 }, now;

	if (snug_aa_kernel_open(&s.kernel, &now) < 0)
		return 0; /* then nothing is loaded, or nobody can tell */
	if (snug_notes_adopt(context->store, lock, &s.notes, err) < 0 ||
	    snug_notes_labels(&s.notes, &labels, err) < 0)
		return -1;
	/* One that cannot be unloaded does not keep the others. */
	for (size_t i = 0; i < labels.count; i++)
		if (settle_one(&s, labels.at[i], &now) < 0 && !first.code)
			first = now;
	if (!first.code)
		return 0;
	*err = first;
	return -1;
}

int snug_confine_reap(const struct snug_store *store, struct snug_error *err)
{
	const struct snug_hooked context = { .store = store };

	return snug_notes_exist(store) ? snug_confine_settle(&context, -1, err) : 0;
}

/* ---- snug unload ---- */

static int keep_name(const char *label, struct snug_paths *ret, struct snug_error *err)
{
	char *copy = strdup(label);

	if (copy && snug_vec_push(ret, copy) == 0)
		return 0;
	free(copy);
	return snug_fail_memory(err);
}

static int refuse_in_use(const char *label, pid_t user, struct snug_error *err)
{
	if (user)
		snug_fail(err, SNUG_NO, "%s: process %d uses it", label, user);
	else
		snug_fail(err, SNUG_NO, "%s: a container uses it", label);
	return snug_remedy(err, "stop that first: it would run on unconfined");
}

/* spare: one that is used, or somebody else's, is passed over. */
static int unload_one(const struct session *s, const char *label, bool spare,
		      struct snug_paths *ret, struct snug_error *err)
{
	enum outcome outcome;
	pid_t user;

	if (unload(s, label, &outcome, &user, err) < 0)
		return -1;
	if (outcome == FOREIGN && !spare)
		return refuse_foreign(s, label, err);
	if (outcome == IN_USE)
		return spare ? 0 : refuse_in_use(label, user, err);
	if (outcome == GONE && keep_name(label, ret, err) < 0)
		return -1;
	return snug_notes_drop(&s->notes, label, err);
}

static bool is_meant(const char *label, const char *name)
{
	char its_name[SNUG_LABEL_SIZE];

	snug_label_name(label, its_name);
	return strcmp(name, label) == 0 || strcmp(name, its_name) == 0;
}

static int unload_name(const struct session *s, const struct snug_paths *labels, const char *name,
		       struct snug_paths *ret, struct snug_error *err)
{
	size_t before = ret->count;
	char folder[PATH_MAX];

	for (size_t i = 0; i < labels->count; i++)
		if (is_meant(labels->at[i], name) &&
		    unload_one(s, labels->at[i], false, ret, err) < 0)
			return -1;
	if (ret->count > before)
		return 0;
	if (snug_aa_kernel_find(&s->kernel, name, folder, err) < 0)
		return -1;
	if (folder[0] && snug_label_is_ours(name))
		return refuse_foreign(s, name, err);
	return snug_fail(err, SNUG_NO, "no profile %s of snug's is loaded", name);
}

int snug_confine_unload(const struct snug_store *store, char *const *names, size_t count,
			struct snug_paths *ret, struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = SESSION_NONE;
	SNUG_AUTO(snug_paths_clear) struct snug_paths labels = { 0 };

	if (snug_aa_kernel_open(&s.kernel, err) < 0 || snug_notes_open(store, &s.notes, err) < 0 ||
	    snug_notes_labels(&s.notes, &labels, err) < 0)
		return -1;
	for (size_t i = 0; !count && i < labels.count; i++)
		if (unload_one(&s, labels.at[i], true, ret, err) < 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		if (unload_name(&s, &labels, names[i], ret, err) < 0)
			return -1;
	return 0;
}

/* ---- snug status ---- */

void snug_confined_list_clear(struct snug_confined_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].label);
	snug_vec_clear(list);
}

static bool is_listed(const struct snug_confined_list *list, const struct snug_confined_user *user)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].user.pid == user->pid)
			return true;
	return false;
}

static int list_user(const struct snug_confined_user *user, struct snug_confined_list *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf label = { 0 };
	struct snug_confined one = { .user = *user };

	if (is_listed(ret, user) || !snug_process_lives(user->pid, user->start))
		return 0;
	snug_aa_kernel_of(user->pid, &label, one.mode);
	one.label = snug_buf_take(&label);
	if (one.label && snug_vec_push(ret, one) == 0)
		return 0;
	free(one.label);
	return snug_fail_memory(err);
}

int snug_confine_list(const struct snug_store *store, struct snug_confined_list *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_notes_close) struct snug_notes notes = SNUG_NOTES_NONE;
	SNUG_AUTO(snug_paths_clear) struct snug_paths labels = { 0 };
	struct snug_confined_users users = { 0 };
	int result = 0;

	if (!snug_notes_exist(store))
		return 0;
	if (snug_notes_open(store, &notes, err) < 0 || snug_notes_labels(&notes, &labels, err) < 0)
		return -1;
	for (size_t i = 0; result == 0 && i < labels.count; i++)
		result = snug_notes_users(&notes, labels.at[i], &users, err);
	for (size_t i = 0; result == 0 && i < users.count; i++)
		result = list_user(&users.at[i], ret, err);
	snug_vec_clear(&users);
	return result;
}
