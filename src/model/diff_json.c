/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/diff.h"
#include "model/seen_json.h"

static const char *const only[SNUG_SIDE_MAX] = { "onlyA", "onlyB" };

static void open_list(struct snug_json_writer *w, const char *key)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
}

static void put_head(struct snug_json_writer *w, const char *kind,
		     const char *const titles[SNUG_SIDE_MAX], bool same)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "kind", kind);
	snug_json_pair_string(w, "a", titles[SNUG_SIDE_A]);
	snug_json_pair_string(w, "b", titles[SNUG_SIDE_B]);
	snug_json_pair_bool(w, "same", same);
}

static void put_both(struct snug_json_writer *w, const char *key, const bool sides[SNUG_SIDE_MAX])
{
	snug_json_put_key(w, key);
	snug_json_open(w, '{');
	snug_json_pair_bool(w, "a", sides[SNUG_SIDE_A]);
	snug_json_pair_bool(w, "b", sides[SNUG_SIDE_B]);
	snug_json_close(w);
}

static int finish(struct snug_json_writer *w, const struct snug_buf *text, struct snug_buf *ret,
		  struct snug_error *err)
{
	snug_json_close(w);
	if (snug_buf_check(text, err) < 0)
		return -1;
	return snug_json_pretty(text->data, text->len, ret, err);
}

/* ---- profiles ---- */

static void put_witness(struct snug_json_writer *w, const struct snug_call_data *call)
{
	char words[200];

	snug_call_words(call, words, sizeof(words));
	snug_json_put_key(w, "witness");
	snug_json_open(w, '{');
	snug_json_pair_string(w, "call", words);
	snug_json_pair_u64(w, "nr", call->nr);
	open_list(w, "args");
	for (unsigned i = 0; i < SNUG_ARGS; i++)
		snug_json_put_u64(w, call->args[i]);
	snug_json_close(w);
	snug_json_close(w);
}

static void put_change(struct snug_json_writer *w, const struct snug_call_change *change)
{
	const struct snug_syscall *known = snug_syscall_by_nr(change->arch, change->first);
	char words[64];

	snug_json_open(w, '{');
	snug_json_pair_string(w, "abi", snug_arch_word(change->arch));
	if (known)
		snug_json_pair_string(w, "name", known->name);
	snug_json_pair_u64(w, "first", change->first);
	snug_json_pair_u64(w, "last", change->last);
	snug_action_words(change->a, words, sizeof(words));
	snug_json_pair_string(w, "a", words);
	snug_action_words(change->b, words, sizeof(words));
	snug_json_pair_string(w, "b", words);
	snug_json_pair_bool(w, "byArgument", change->by_argument);
	if (!change->undecided)
		put_witness(w, &change->witness);
	snug_json_close(w);
}

static void put_changes(struct snug_json_writer *w, const char *key,
			const struct snug_call_changes *calls, enum snug_change kind)
{
	open_list(w, key);
	for (size_t i = 0; i < calls->count; i++)
		if (snug_change_of(&calls->at[i]) == kind)
			put_change(w, &calls->at[i]);
	snug_json_close(w);
}

int snug_profile_diff_json(const struct snug_profile_diff *diff,
			   const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			   struct snug_error *err)
{
	static const enum snug_change kinds[SNUG_SIDE_MAX] = { SNUG_CHANGE_A_ALLOWS,
							       SNUG_CHANGE_B_ALLOWS };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	put_head(&w, "profile", titles, snug_profile_diff_is_empty(diff));
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++) {
		snug_json_put_key(&w, only[side]);
		snug_json_open(&w, '{');
		put_changes(&w, "syscalls", &diff->calls, kinds[side]);
		snug_json_put_key(&w, "capabilities");
		snug_caps_write(&w, diff->caps[side]);
		for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
			snug_words_put(&w, snug_path_kind_name(kind), &diff->paths[kind][side]);
		snug_json_put_key(&w, "apparmor");
		snug_aa_side_json(&w, &diff->apparmor[side]);
		snug_json_close(&w);
	}
	put_changes(&w, "otherwise", &diff->calls, SNUG_CHANGE_OTHERWISE);
	put_changes(&w, "undecided", &diff->calls, SNUG_CHANGE_UNDECIDED);
	put_both(&w, "noNewPrivileges", diff->no_new_privs);
	put_both(&w, "runAsNonRoot", diff->non_root);
	put_both(&w, "apparmor", diff->has_apparmor);
	put_both(&w, "complainOnly", diff->complain_only);
	snug_words_put(&w, "members", &diff->members);
	snug_words_put(&w, "notCompared", &diff->foreign);
	return finish(&w, &text, ret, err);
}

/* ---- recordings ---- */

static void put_tuples(struct snug_json_writer *w, const struct snug_seen_change *change)
{
	const struct snug_seen_call *call = change->call;
	struct snug_argspec spec;

	if (!call->tuples.count || !snug_argspec_of_nr(call->arch, call->nr, &spec))
		return;
	open_list(w, "args");
	for (size_t i = 0; i < call->tuples.count; i++)
		if (snug_seen_alone(change, &call->tuples.at[i]))
			snug_tuple_put(w, &spec, &call->tuples.at[i]);
	snug_json_close(w);
}

static void put_seen(struct snug_json_writer *w, const struct snug_seen_change *change)
{
	const struct snug_seen_call *call = change->call;
	const struct snug_syscall *known = snug_syscall_by_nr(call->arch, call->nr);

	snug_json_open(w, '{');
	snug_json_pair_string(w, "abi", snug_arch_word(call->arch));
	if (known)
		snug_json_pair_string(w, "name", known->name);
	snug_json_pair_u64(w, "nr", call->nr);
	snug_json_pair_bool(w, "refused", call->refused);
	snug_json_pair_bool(w, "byArgument", change->other != NULL);
	if (call->any_args)
		snug_json_pair_bool(w, "anyArgs", true);
	put_tuples(w, change);
	snug_json_close(w);
}

/* What each side looked at, and what it lost of that. */
static void put_sources(struct snug_json_writer *w, const struct snug_recording_diff *diff)
{
	static const char *const keys[SNUG_SIDE_MAX] = { "ofA", "ofB" };

	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++) {
		const struct snug_recording *recording = diff->of[side];

		snug_json_put_key(w, keys[side]);
		snug_json_open(w, '{');
		snug_json_pair_u64(w, "runs", recording->run_count);
		snug_json_put_key(w, "observed");
		snug_observed_put(w, recording->observed);
		snug_lost_put(w, recording);
		snug_json_close(w);
	}
}

int snug_recording_diff_json(const struct snug_recording_diff *diff,
			     const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	put_head(&w, "recording", titles, snug_recording_diff_is_empty(diff));
	put_sources(&w, diff);
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++) {
		snug_json_put_key(&w, only[side]);
		snug_json_open(&w, '{');
		open_list(&w, "syscalls");
		for (size_t i = 0; i < diff->calls[side].count; i++)
			put_seen(&w, &diff->calls[side].at[i]);
		snug_json_close(&w);
		snug_json_put_key(&w, "capabilities");
		snug_caps_write(&w, diff->caps[side]);
		snug_seen_files_put(&w, &diff->files[side]);
		snug_seen_acts_put(&w, &diff->acts[side], SNUG_OBSERVED_APPARMOR);
		snug_json_close(&w);
	}
	put_both(&w, "raisedCredentials", diff->raised_creds);
	return finish(&w, &text, ret, err);
}
