/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/decide.h"

#include "base/cleanup.h"
#include "store/file.h"
#include "store/policy.h"

#include <stdlib.h>
#include <string.h>

/* ---- the file ---- */

static int parse(struct snug_policy_file *file, struct snug_error *err)
{
	file->there = true;
	return snug_policy_parse(snug_buf_text(&file->text), file->text.len, file->path,
				 &file->policy, err);
}

int snug_policy_file_load(const struct snug_store *store, struct snug_policy_file *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file file = { 0 };
	bool there = false;

	if (snug_store_read_policy(store, SNUG_POLICY_BYTES_MAX, &there, &file.text, &file.path,
				   err) < 0 ||
	    (there && parse(&file, err) < 0))
		return -1;
	*ret = file;
	file = (struct snug_policy_file){ 0 };
	return 0;
}

int snug_policy_file_read(const char *path, struct snug_policy_file *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file file = { .path = strdup(path) };

	if (!file.path)
		return snug_fail_memory(err);
	if (snug_file_read(path, SNUG_POLICY_BYTES_MAX, &file.text, err) < 0 ||
	    parse(&file, err) < 0)
		return -1;
	*ret = file;
	file = (struct snug_policy_file){ 0 };
	return 0;
}

void snug_policy_file_clear(struct snug_policy_file *file)
{
	snug_freep(&file->path);
	snug_buf_clear(&file->text);
	snug_policy_clear(&file->policy);
	*file = (struct snug_policy_file){ 0 };
}

/* ---- the decision ---- */

void snug_decided_clear(struct snug_decided *decided)
{
	snug_subject_clear(&decided->subject);
	snug_json_free(decided->doc);
	*decided = (struct snug_decided){ 0 };
}

static int read_config(const struct snug_buf *config, const char *path, const char *bundle,
		       struct snug_decided *ret, struct snug_error *err)
{
	if (snug_json_parse(&ret->doc, snug_buf_text(config), config->len, path, err) < 0 ||
	    snug_spec_read(ret->doc, &ret->spec, err) < 0)
		return -1;
	return snug_subject_init(&ret->spec, bundle, &ret->subject, err);
}

/* Could an annotation of ours be in it? JSON can spell any letter as \u00XX: then it is parsed. */
static bool may_wish(const struct snug_buf *config)
{
	return memmem(snug_buf_text(config), config->len, "io.snug.", 8) != NULL ||
	       memmem(snug_buf_text(config), config->len, "\\u00", 4) != NULL;
}

int snug_decide(const struct snug_policy_file *file, const struct snug_buf *config,
		const char *path, const char *bundle, struct snug_decided *ret,
		struct snug_error *err)
{
	*ret = (struct snug_decided){ 0 };
	if (!file->there && !may_wish(config)) {
		ret->decision.rule = SNUG_DECIDED_NONE;
		strcpy(ret->decision.why, "there is no policy");
		return 0;
	}
	if (read_config(config, path, bundle, ret, err) < 0) {
		snug_decided_clear(ret);
		return -1;
	}
	if (file->there)
		snug_policy_decide(&file->policy, &ret->subject, &ret->decision);
	else
		snug_policy_decide_without(&ret->subject, &ret->decision);
	return 0;
}

void snug_decided_words(const struct snug_policy_file *file, const struct snug_decision *decision,
			struct snug_buf *ret)
{
	const struct snug_policy_rule *rule =
		decision->rule >= 0 ? &file->policy.rules.at[decision->rule] : NULL;

	if (file->there)
		snug_buf_addf(ret, "%s: ", file->path);
	if (rule)
		snug_buf_addf(ret, "rule %d", decision->rule + 1);
	if (rule && rule->name)
		snug_buf_addf(ret, " ('%s')", rule->name);
	if (decision->rule == SNUG_DECIDED_DEFAULT)
		snug_buf_adds(ret, "the default");
	if (decision->rule == SNUG_DECIDED_NONE)
		snug_buf_adds(ret, decision->why);
	snug_buf_addf(ret, ": %s", snug_mode_name(decision->verdict.mode));
	for (unsigned i = 0; i < decision->profile_count; i++)
		snug_buf_addf(ret, "%s%s", i ? " and " : " ", decision->profiles[i]);
	if (decision->learn)
		snug_buf_addf(ret, "%s %s",
			      decision->verdict.mode == SNUG_MODE_LEARN ? "" : ", learn",
			      decision->learn);
}
