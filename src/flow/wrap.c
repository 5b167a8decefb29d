/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/wrap.h"

#include "base/cleanup.h"
#include "flow/gate.h"
#include "flow/inputs.h"
#include "flow/wrap_part.h"
#include "store/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void snug_wrapped_clear(struct snug_wrapped *wrapped)
{
	snug_decided_clear(&wrapped->decided);
	snug_policy_file_clear(&wrapped->policy);
	snug_buf_clear(&wrapped->text);
	snug_buf_clear(&wrapped->orig);
	*wrapped = (struct snug_wrapped){ 0 };
}

int snug_wrap_orig_path(const char *config, char **ret, struct snug_error *err)
{
	if (asprintf(ret, "%s.snug-orig", config) >= 0)
		return 0;
	*ret = NULL;
	return snug_fail_memory(err);
}

/* ---- what the result hangs on ---- */

static void add(const struct snug_buf *part, struct snug_buf *to)
{
	snug_buf_addf(to, "%zu\n", part->len);
	snug_buf_add(to, snug_buf_text(part), part->len);
}

int snug_wrap_key(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		  const struct snug_buf *host, const struct snug_buf *profiles,
		  char ret[SNUG_DIGEST_SIZE], struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 };

	snug_buf_addf(&all, "%s\n%s\n%d\n", wrap->bundle, snug_runtime_name(wrap->runtime),
		      wrapped->policy.there);
	add(&wrapped->policy.text, &all);
	add(host, &all);
	add(profiles, &all);
	if (snug_buf_check(host, err) < 0 || snug_buf_check(profiles, err) < 0 ||
	    snug_buf_check(&all, err) < 0)
		return -1;
	snug_digest(snug_buf_text(&all), all.len, ret);
	return 0;
}

/* Of the note's profiles as all is now. */
static int key_now(const struct snug_wrap *wrap, struct snug_wrapped *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf host = { 0 }, profiles = { 0 };
	const struct snug_bundle_note *note = &ret->note;

	if (snug_inputs_add_host(wrap->store, &host, err) < 0)
		return -1;
	for (unsigned i = 0; i < note->profile_count; i++)
		if (snug_inputs_add_profile(wrap->store, note->profiles[i], &profiles, err) < 0)
			return -1;
	return snug_wrap_key(wrap, ret, &host, &profiles, ret->key, err);
}

/* ---- what is there ---- */

/* Without the original what snug wrote is the new one; one that cannot be read is there. */
static int read_orig(const char *path, struct snug_wrapped *ret, struct snug_error *err)
{
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &ret->orig, err) < 0)
		return -1;
	ret->has_note = true;
	return 0;
}

static int read_note(const struct snug_wrap *wrap, struct snug_wrapped *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *orig = NULL;
	char digest[SNUG_DIGEST_SIZE];
	struct snug_error ignored;

	if (snug_wrap_orig_path(wrap->config, &orig, err) < 0)
		return -1;
	/* Who may not look at notes may ask about a bundle that snug-runtime never wrote to. */
	if (wrap->looks_only && access(orig, F_OK) != 0 && errno == ENOENT)
		return 0;
	if (snug_store_read_bundle(wrap->store, wrap->config, &ret->was_noted, &ret->note, err) < 0)
		return -1;
	if (!ret->was_noted)
		return 0;
	snug_digest(snug_buf_text(&ret->text), ret->text.len, digest);
	if (strcmp(digest, ret->note.wrote) == 0 && read_orig(orig, ret, err) < 0)
		return -1;
	/* A profile that is gone, say: to do it anew shows what is the matter. */
	if (ret->has_note && key_now(wrap, ret, &ignored) < 0)
		ret->key[0] = '\0';
	return 0;
}

const struct snug_buf *snug_wrapped_from(const struct snug_wrapped *wrapped)
{
	return wrapped->has_note ? &wrapped->orig : &wrapped->text;
}

int snug_wrap_look(const struct snug_wrap *wrap, struct snug_wrapped *ret, struct snug_error *err)
{
	*ret = (struct snug_wrapped){ .store = wrap->store };
	if ((wrap->policy ? snug_policy_file_read(wrap->policy, &ret->policy, err)
			  : snug_policy_file_load(wrap->store, &ret->policy, err)) < 0)
		return -1;
	if (snug_file_read(wrap->config, SNUG_JSON_BYTES_MAX, &ret->text, err) < 0 ||
	    read_note(wrap, ret, err) < 0 ||
	    snug_decide(&ret->policy, snug_wrapped_from(ret), wrap->config, wrap->bundle,
			&ret->decided, err) < 0) {
		if (ret->policy.there || err->code != SNUG_INPUT)
			return -1;
		ret->decided.decision.rule = SNUG_DECIDED_NONE;
	}
	return 0;
}

bool snug_wrapped_is_done(const struct snug_wrapped *wrapped)
{
	const struct snug_decision *decision = &wrapped->decided.decision;

	/* The gate's answer is silent of hooks, and so of learning. */
	if (!wrapped->has_note)
		return snug_decision_is_off(decision) ||
		       (!decision->learn &&
			snug_gate_knows_within(wrapped->store, &wrapped->decided));
	return wrapped->key[0] && strcmp(wrapped->key, wrapped->note.key) == 0;
}
