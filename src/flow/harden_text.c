/* SPDX-License-Identifier: Apache-2.0 */
/* Hardening in memory: what harden.c and every entry point do alike. */
#include "base/cleanup.h"
#include "flow/harden_cache.h"
#include "flow/harden_part.h"
#include "flow/proofs.h"

#include <stdio.h>
#include <string.h>

void snug_harden_result_clear(struct snug_harden_result *result)
{
	free(result->config);
	free(result->profile);
	free(result->name);
	free(result->written);
	free(result->apparmor);
	snug_buf_clear(&result->text);
	snug_hardened_clear(&result->hardened);
	*result = (struct snug_harden_result){ 0 };
}

static int open_config(const char *path, const struct snug_buf *text, struct snug_json **ret,
		       struct snug_spec *ret_spec, struct snug_error *err)
{
	if (snug_json_parse(ret, snug_buf_text(text), text->len, path, err) < 0)
		return -1;
	return snug_spec_read(*ret, ret_spec, err);
}

/* ---- the proof ---- */

/* The section that now stands in the text, read anew, makes the filter that it should. */
static int prove(const struct snug_harden_how *how, const char *path,
		 const struct snug_harden_options *options, struct snug_harden_result *ret,
		 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };
	struct snug_spec spec;

	if (open_config(path, &ret->text, &doc, &spec, err) < 0 ||
	    (spec.seccomp && snug_oci_seccomp_read(spec.seccomp, &section, err) < 0))
		return -1;
	if (!spec.seccomp || snug_proof_find(how, spec.seccomp, options, &ret->proof))
		return 0;
	if (how->tools->prove(&section, options, err) == 0)
		return 0;
	ret->proof.is_new = false;
	return -1;
}

/* For errors that no place in a document is behind. */
static int name_file(const char *path, struct snug_error *err)
{
	if (!err->file[0] && err->code != SNUG_SYSTEM)
		snprintf(err->file, sizeof(err->file), "%s", path);
	return -1;
}

static int attempt(const struct snug_buf *from, const char *path,
		   const struct snug_profile *profile, const struct snug_harden_options *options,
		   struct snug_harden_result *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_spec spec;

	snug_hardened_clear(&ret->hardened);
	snug_buf_clear(&ret->text);
	if (open_config(path, from, &doc, &spec, err) < 0 ||
	    snug_harden(&spec, profile, options, &ret->hardened, err) < 0)
		return name_file(path, err);
	return snug_json_render(doc, &ret->text, err);
}

/*
 * As little as possible is written: a section that is within the profile stays, and a profile's
 * own text goes in as it is. Where libseccomp makes something else of that text (it does, of
 * operators other than EQ and MASKED_EQ), the section is written anew; where it does of that, too
 * (of many conditions on one argument), with fewer of them. What a failing system call kept from
 * being proved is no such text: the next attempt may find it right.
 */
static int harden(const struct snug_harden_how *how, const struct snug_buf *from, const char *path,
		  const struct snug_profile *profile, struct snug_harden_options *options,
		  struct snug_harden_result *ret, struct snug_error *err)
{
	for (;;) {
		if (attempt(from, path, profile, options, ret, err) < 0)
			return -1;
		if (!profile->seccomp_node || prove(how, path, options, ret, err) == 0)
			return 0;
		if (options->rewrite == SNUG_REWRITE_PLAIN && err->code == SNUG_INPUT)
			(void)snug_remedy(err, "put fewer conditions on that call: this libseccomp "
					       "makes something else of them");
		if (options->rewrite == SNUG_REWRITE_PLAIN || err->code == SNUG_SYSTEM)
			return name_file(path, err);
		options->rewrite++;
	}
}

/* ---- all of it ---- */

/* Without tools none is asked what it would make of a section. */
static size_t choose_targets(const struct snug_harden_how *how,
			     struct snug_target targets[SNUG_TARGETS_MAX])
{
	enum snug_runtime runtime = how->has_runtime ? how->runtime : SNUG_RUNTIME_RUNC;

	targets[0] = (struct snug_target){ .runtime = runtime };
	if (how->tools)
		how->tools->target(runtime, &targets[0]);
	if (how->has_runtime)
		return 1;
	targets[1] = targets[0];
	targets[1].runtime = SNUG_RUNTIME_CRUN;
	return 2;
}

/* By what was worked out before, or anew. options: but for the targets. 1: that takes tools. */
static int harden_or_reuse(const struct snug_harden_how *how, const struct snug_profile *profile,
			   const struct snug_buf *config, const char *path,
			   struct snug_harden_options options, struct snug_harden_result *ret,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_harden_cache_clear) struct snug_harden_cache cache = { 0 };
	struct snug_target targets[SNUG_TARGETS_MAX];

	if (snug_harden_cache_find(how, profile, config, &cache, err) < 0)
		return -1;
	options.targets = targets;
	if (cache.hit) {
		options.ready = &cache.ready;
		return attempt(config, path, profile, &options, ret, err);
	}
	if (!how->tools && profile->seccomp_node)
		return 1;
	options.target_count = choose_targets(how, targets);
	if (harden(how, config, path, profile, &options, ret, err) < 0)
		return -1;
	snug_harden_cache_keep(how, &cache, config, ret);
	return 0;
}

int snug_flow_harden_text(const struct snug_harden_how *how, const struct snug_profile *profile,
			  const struct snug_buf *config, const char *path,
			  struct snug_harden_result *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_harden_apparmor_clear) struct snug_harden_apparmor apparmor = { 0 };
	struct snug_harden_options options = {
		.audit = how->audit,
		.accept_incomplete = how->accept_incomplete,
	};
	int result;

	ret->name = strdup(profile->name);
	if (!ret->name)
		return snug_fail_memory(err);
	result = snug_harden_apparmor_prepare(how, profile, &apparmor, &options, err);
	if (result == 0)
		result = harden_or_reuse(how, profile, config, path, options, ret, err);
	if (result)
		return result;
	ret->changed = config->len != ret->text.len ||
		       memcmp(snug_buf_text(config), snug_buf_text(&ret->text), config->len) != 0;
	return snug_harden_apparmor_apply(how, &apparmor, ret, err);
}
