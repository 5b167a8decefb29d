/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/apply.h"

#include "base/cleanup.h"
#include "flow/hook_place.h"
#include "flow/inputs.h"
#include "model/harden.h"

#include <stdio.h>
#include <string.h>

void snug_applied_clear(struct snug_applied *applied)
{
	snug_buf_clear(&applied->text);
	snug_buf_clear(&applied->profiles);
	for (unsigned i = 0; i < applied->hardened_count; i++)
		snug_harden_result_clear(&applied->hardened[i]);
	*applied = (struct snug_applied){ 0 };
}

static int set_text(struct snug_applied *ret, const struct snug_buf *text, struct snug_error *err)
{
	struct snug_buf copy = { 0 };

	snug_buf_add(&copy, snug_buf_text(text), text->len);
	if (snug_buf_check(&copy, err) < 0) {
		snug_buf_clear(&copy);
		return -1;
	}
	snug_buf_clear(&ret->text);
	ret->text = copy;
	return 0;
}

/* A name may be the container's own: never a path. */
static int check_name(const char *name, const char *annotation, struct snug_error *err)
{
	if (snug_name_is_valid(name) && !snug_name_is_path(name))
		return 0;
	snug_fail(err, SNUG_INPUT, "annotation %s: '%.80s' is no name", annotation, name);
	return snug_remedy(err, "letters, digits, . _ -, at most %u", SNUG_NAME_MAX);
}

/* ---- profiles ---- */

static void forgive(const struct snug_error *err, struct snug_applied *ret)
{
	const size_t len = strlen(ret->failure);
	char line[1024];

	snug_error_line(err, line, sizeof(line));
	snprintf(ret->failure + len, sizeof(ret->failure) - len, "%s%s", len ? "; " : "", line);
}

static int apply_profile(const struct snug_apply_request *request, const char *name,
			 struct snug_applied *ret, struct snug_error *err)
{
	const struct snug_verdict *verdict = &request->decided->decision.verdict;
	struct snug_harden_result *result = &ret->hardened[ret->hardened_count++];
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const struct snug_harden_how how = {
		.store = request->store,
		.tools = request->tools,
		.dry_run = request->dry_run,
		.audit = verdict->mode == SNUG_MODE_AUDIT,
		.accept_incomplete = verdict->accept_incomplete,
		.apparmor = verdict->apparmor,
		.reuse = true,
		.has_runtime = request->has_runtime,
		.runtime = request->runtime,
	};
	int hardened;

	/* To audit takes nothing away, so what the profile may lack harms nobody. */
	if (check_name(name, SNUG_ANNOTATION_PROFILE, err) < 0 ||
	    snug_store_read_profile(request->store, name, &text, &result->profile, err) < 0 ||
	    snug_profile_parse(snug_buf_text(&text), text.len, result->profile, &profile, err) <
		    0 ||
	    snug_flow_check_complete(&profile, result->profile, how.audit || how.accept_incomplete,
				     err) < 0)
		return -1;
	snug_inputs_add_text(name, &text, &ret->profiles);
	hardened = snug_flow_harden_text(&how, &profile, &ret->text, request->path, result, err);
	return hardened ? hardened : set_text(ret, &result->text, err);
}

static int apply_profiles(const struct snug_apply_request *request, struct snug_applied *ret,
			  struct snug_error *err)
{
	const struct snug_decision *decision = &request->decided->decision;
	int result = 0;

	for (unsigned i = 0; !result && i < decision->profile_count; i++) {
		result = apply_profile(request, decision->profiles[i], ret, err);
		/* The container's own: the rule's is audited nevertheless. */
		if (result < 0 && i > 0 && !decision->verdict.refuse_on_error) {
			forgive(err, ret);
			snug_harden_result_clear(&ret->hardened[--ret->hardened_count]);
			result = 0;
		}
	}
	return result;
}

/* ---- learning ---- */

static int apply_learning(const struct snug_apply_request *request, struct snug_applied *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_hook_place_clear) struct snug_hook_place place = { 0 };
	SNUG_AUTO(snug_changes_clear) struct snug_changes changes = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const char *name = request->decided->decision.learn;
	struct snug_spec spec;

	if (check_name(name, SNUG_ANNOTATION_LEARN, err) < 0 ||
	    snug_hook_place_find(request->store, &place, err) < 0 ||
	    snug_json_parse(&doc, snug_buf_text(&ret->text), ret->text.len, request->path, err) <
		    0 ||
	    snug_spec_read(doc, &spec, err) < 0 ||
	    snug_spec_set_annotation(&spec, SNUG_ANNOTATION_LEARN, name, err) < 0 ||
	    snug_harden_hooks(&spec, place.hook, place.root, &changes, err) < 0 ||
	    snug_json_render(doc, &text, err) < 0)
		return -1;
	return set_text(ret, &text, err);
}

/* ---- all of it ---- */

/* What failed half-way is as if it had not begun. */
static int start_over(const struct snug_apply_request *request, struct snug_applied *ret,
		      struct snug_error *err)
{
	for (unsigned i = 0; i < ret->hardened_count; i++)
		snug_harden_result_clear(&ret->hardened[i]);
	ret->hardened_count = 0;
	return set_text(ret, request->config, err);
}

static int refuse(const struct snug_apply_request *request, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };

	snug_decided_words(request->policy, &request->decided->decision, &words);
	return snug_context(err, "%s", snug_buf_text(&words));
}

static int apply(const struct snug_apply_request *request, struct snug_applied *ret,
		 struct snug_error *err)
{
	const struct snug_decision *decision = &request->decided->decision;

	int result;

	if (set_text(ret, request->config, err) < 0)
		return -1;
	result = apply_profiles(request, ret, err);
	if (result > 0)
		return result;
	if (result < 0) {
		if (decision->verdict.refuse_on_error)
			return refuse(request, err);
		forgive(err, ret);
		if (start_over(request, ret, err) < 0)
			return -1;
	}
	if (decision->learn && apply_learning(request, ret, err) < 0)
		forgive(err, ret);
	ret->changed = ret->text.len != request->config->len ||
		       memcmp(snug_buf_text(&ret->text), snug_buf_text(request->config),
			      ret->text.len) != 0;
	return 0;
}

int snug_flow_apply(const struct snug_apply_request *request, struct snug_applied *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_applied_clear) struct snug_applied applied = { 0 };
	int result = apply(request, &applied, err);

	if (result)
		return result;
	*ret = applied;
	applied = (struct snug_applied){ 0 };
	return 0;
}
