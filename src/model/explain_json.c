/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/apparmor/explain.h"
#include "model/explain.h"

#include <stdio.h>
#include <string.h>

static void put_counts(struct snug_json_writer *w, const struct snug_call_counts *counts)
{
	snug_json_pair_u64(w, "allowed", counts->allowed);
	snug_json_pair_u64(w, "byArgument", counts->by_argument);
}

static int put_rules(struct snug_json_writer *w, const struct snug_explained *explained,
		     const struct snug_explained_call *call, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };
	struct snug_rules rules = { 0 };
	int result = snug_rules_of(explained->of->section, call->name, &rules, err);

	snug_json_put_key(w, snug_action_permits(explained->of->section->fallback) ? "refused"
										   : "rules");
	snug_json_open(w, '[');
	for (size_t i = 0; result == 0 && i < rules.count; i++) {
		snug_buf_clear(&words);
		snug_condition_words(call->name, rules.at[i].args, rules.at[i].count, &words);
		w->out->failed |= words.failed;
		snug_json_put_string(w, snug_buf_text(&words));
	}
	snug_json_close(w);
	snug_vec_clear(&rules);
	if (result < 0)
		return -1;
	snug_buf_clear(&words);
	snug_answers_of(explained->of, call, &words);
	snug_json_pair_string(w, "otherwise", snug_buf_text(&words));
	return snug_buf_check(&words, err);
}

static int put_call(struct snug_json_writer *w, const struct snug_explained *explained,
		    const struct snug_explained_call *call, struct snug_error *err)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "name", call->name);
	snug_json_pair_string(w, "abi", snug_arch_word(call->arch));
	snug_json_pair_string(w, "allowed",
			      call->reach == SNUG_REACH_ALL ? "whole" : "by argument");
	if (call->why)
		snug_json_pair_string(w, "why", call->why);
	if (call->runtime_only)
		snug_json_pair_string(w, "phase", "runtime");
	if (call->any_args)
		snug_json_pair_bool(w, "anyArgs", true);
	if (call->reach == SNUG_REACH_SOME && put_rules(w, explained, call, err) < 0)
		return -1;
	snug_json_close(w);
	return 0;
}

static int put_calls(struct snug_json_writer *w, const struct snug_explained *explained,
		     struct snug_error *err)
{
	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '[');
	for (size_t i = 0; i < explained->calls.count; i++)
		if (explained->calls.at[i].reach != SNUG_REACH_NONE &&
		    put_call(w, explained, &explained->calls.at[i], err) < 0)
			return -1;
	snug_json_close(w);
	return 0;
}

/* Calls that the section denies by name, with their answer. */
static void put_denied(struct snug_json_writer *w, const struct snug_explained *explained)
{
	char words[64];

	snug_action_words(explained->of->section->fallback, words, sizeof(words));
	snug_json_pair_string(w, "default", words);
	snug_json_put_key(w, "denied");
	snug_json_open(w, '{');
	for (size_t i = 0; i < explained->calls.count; i++) {
		const struct snug_explained_call *call = &explained->calls.at[i];

		if (!call->named || call->reach != SNUG_REACH_NONE)
			continue;
		snug_action_words(call->answer, words, sizeof(words));
		snug_json_pair_string(w, call->name, words);
	}
	snug_json_close(w);
}

enum list { TAKEN, NARROWED, BEYOND, DIRTY, UNRESOLVED, LIST_MAX };

static bool belongs(const struct snug_explained_call *call, enum list list)
{
	switch (list) {
	case TAKEN:
		return call->reach == SNUG_REACH_NONE && call->engines != SNUG_REACH_NONE;
	case NARROWED:
		return call->reach != SNUG_REACH_NONE && call->narrowed;
	case BEYOND:
		return call->beyond;
	case DIRTY:
		return call->dirty;
	case UNRESOLVED:
		return call->unresolved;
	case LIST_MAX:
		break;
	}
	return false;
}

static void put_list(struct snug_json_writer *w, const struct snug_explained *explained,
		     const char *key, enum list list)
{
	char words[192];

	snug_json_put_key(w, key);
	snug_json_open(w, '[');
	for (size_t i = 0; i < explained->calls.count; i++) {
		const struct snug_explained_call *call = &explained->calls.at[i];

		if (!belongs(call, list))
			continue;
		if (list == DIRTY)
			snug_call_words(&call->dirty_call, words, sizeof(words));
		snug_json_put_string(w, list == DIRTY ? words : call->name);
	}
	snug_json_close(w);
}

static void put_engines(struct snug_json_writer *w, const struct snug_explained *explained)
{
	snug_json_put_key(w, "enginesDefault");
	if (!explained->of->engines) {
		snug_json_put_null(w);
		return;
	}
	snug_json_open(w, '{');
	snug_json_pair_string(w, "origin", explained->of->engines_origin);
	put_counts(w, &explained->engines);
	put_list(w, explained, "takenAway", TAKEN);
	put_list(w, explained, "narrowed", NARROWED);
	put_list(w, explained, "beyond", BEYOND);
	snug_json_close(w);
}

/* Lists of the provenance and the reasons for incompleteness, as they stand there. */
static void put_copy_as(struct snug_json_writer *w, const char *name,
			const struct snug_json_node *object, const char *key)
{
	const struct snug_json_node *node = snug_json_member(object, key);
	const char *text;
	size_t len;

	if (!node)
		return;
	text = snug_json_source(node, &len);
	snug_json_put_key(w, name);
	snug_json_put_raw(w, text, len);
}

static void put_copy(struct snug_json_writer *w, const struct snug_json_node *object,
		     const char *key)
{
	put_copy_as(w, key, object, key);
}

static void put_provenance(struct snug_json_writer *w, const struct snug_explained *explained)
{
	const struct snug_profile *profile = explained->of->profile;
	char number[32];

	if (!profile)
		return;
	put_copy(w, snug_json_root(profile->doc), "incomplete");
	put_copy(w, profile->provenance, "observed");
	put_copy(w, profile->provenance, "counts");
	put_copy(w, profile->provenance, "replaced");
	put_copy(w, profile->provenance, "refused");
	put_copy(w, profile->provenance, "x32");
	put_copy(w, profile->provenance, "deviations");
	put_copy_as(w, "whyCapabilities", profile->provenance, "capabilities");
	put_copy(w, profile->provenance, "runs");
	if (explained->seen.runs < 2)
		return;
	(void)snprintf(number, sizeof(number), "%.3f", snug_expected_new(&explained->seen));
	snug_json_put_key(w, "expectedNew");
	snug_json_put_raw(w, number, strlen(number));
}

static int put_all(struct snug_json_writer *w, const struct snug_explained *explained,
		   struct snug_error *err)
{
	const struct snug_explain *of = explained->of;
	char version[32];

	(void)snprintf(version, sizeof(version), "%u.%u", of->major, of->minor);
	snug_json_open(w, '{');
	snug_json_pair_string(w, "title", of->title);
	snug_json_pair_string(w, "abi", snug_arch_word(snug_arch_native()));
	snug_json_pair_string(w, "kernel", version);
	snug_json_pair_u64(w, "known", explained->counts.known);
	put_counts(w, &explained->counts);
	put_engines(w, explained);
	if (of->has_caps) {
		snug_json_put_key(w, "capabilities");
		snug_caps_write(w, of->caps);
	}
	if (of->has_no_new_privs)
		snug_json_pair_bool(w, "noNewPrivileges", of->no_new_privs);
	if (of->profile) {
		put_copy(w, snug_json_root(of->profile->doc), "runAsNonRoot");
		put_copy(w, snug_json_root(of->profile->doc), "maskedPaths");
		put_copy(w, snug_json_root(of->profile->doc), "readonlyPaths");
		snug_json_put_key(w, "apparmor");
		snug_apparmor_explain_json(w, of->profile);
	}
	if (of->section) {
		put_denied(w, explained);
		if (put_calls(w, explained, err) < 0)
			return -1;
		put_list(w, explained, "failing", DIRTY);
		put_list(w, explained, "unresolved", UNRESOLVED);
	}
	put_provenance(w, explained);
	snug_json_close(w);
	return 0;
}

int snug_explain_json(const struct snug_explained *explained, struct snug_buf *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	if (put_all(&w, explained, err) < 0 || snug_buf_check(&text, err) < 0)
		return -1;
	return snug_json_pretty(text.data, text.len, ret, err);
}
