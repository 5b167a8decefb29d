/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/wrap.h"

#include "base/cleanup.h"
#include "flow/apply.h"
#include "flow/inputs.h"
#include "flow/prover.h"
#include "flow/wrap_part.h"
#include "model/apparmor/label.h"
#include "store/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- config.json ---- */

static bool same(const struct snug_buf *a, const struct snug_buf *b)
{
	return a->len == b->len && memcmp(snug_buf_text(a), snug_buf_text(b), a->len) == 0;
}

static int write_config(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
			const struct snug_buf *text, struct snug_error *err)
{
	return same(text, &wrapped->text)
		       ? 0
		       : snug_file_write(wrap->config, 0600, snug_buf_text(text), text->len, err);
}

/* As it was before snug. Config first: a note without its text says nothing. */
static int restore(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *orig = NULL;

	if (snug_wrap_orig_path(wrap->config, &orig, err) < 0 ||
	    write_config(wrap, wrapped, snug_wrapped_from(wrapped), err) < 0)
		return -1;
	if (!wrapped->was_noted)
		return 0;
	(void)unlink(orig);
	return snug_store_drop_bundle(wrap->store, wrap->config, err);
}

/*
 * The original first, then the note, then the config: whatever ends in between, a config that is
 * not what the note says is the new original, and it is the old one.
 */
static int write_out(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		     const struct snug_bundle_note *note, const struct snug_buf *text,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_wrap_orig_path(wrap->config, &path, err) < 0)
		return -1;
	if (!wrapped->has_note &&
	    snug_file_write(path, 0600, snug_buf_text(&wrapped->text), wrapped->text.len, err) < 0)
		return -1;
	return snug_store_put_bundle(wrap->store, note, err) < 0
		       ? -1
		       : write_config(wrap, wrapped, text, err);
}

static int make_note(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		     const struct snug_buf *host, const struct snug_applied *applied,
		     struct snug_bundle_note *ret, struct snug_error *err)
{
	const struct snug_decision *decision = &wrapped->decided.decision;

	if ((size_t)snprintf(ret->config, sizeof(ret->config), "%s", wrap->config) >=
	    sizeof(ret->config))
		return snug_fail(err, SNUG_INPUT, "%.200s…: too long a path", wrap->config);
	snug_digest(snug_buf_text(&applied->text), applied->text.len, ret->wrote);
	for (; ret->profile_count < decision->profile_count; ret->profile_count++)
		snprintf(ret->profiles[ret->profile_count], sizeof(ret->profiles[0]), "%s",
			 decision->profiles[ret->profile_count]);
	if (!applied->failure[0])
		return snug_wrap_key(wrap, wrapped, host, &applied->profiles, ret->key, err);
	strcpy(ret->key, "-"); /* the next start tries again */
	return 0;
}

static int apply(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		 struct snug_applied *ret, struct snug_error *err)
{
	const struct snug_apply_request request = {
		.store = wrap->store,
		.tools = wrap->tools,
		.policy = &wrapped->policy,
		.decided = &wrapped->decided,
		.config = snug_wrapped_from(wrapped),
		.path = wrap->config,
		.has_runtime = true,
		.runtime = wrap->runtime,
	};

	return snug_flow_apply(&request, ret, err);
}

/* Before anything is worked out: what becomes another one meanwhile is the next start's. */
static int look_at_host(const struct snug_wrap *wrap, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf prover = { 0 };

	if (wrap->tools) {
		snug_prover_here(wrap->tools, &prover);
		snug_prover_keep(wrap->store, &prover);
	}
	return snug_inputs_add_host(wrap->store, ret, err);
}

int snug_wrap_apply(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		    char ret_failure[1024], struct snug_error *err)
{
	SNUG_AUTO(snug_applied_clear) struct snug_applied applied = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf host = { 0 };
	struct snug_bundle_note note = { .profile_count = 0 };
	int result;

	ret_failure[0] = '\0';
	if (snug_decision_is_off(&wrapped->decided.decision))
		return restore(wrap, wrapped, err);
	if (look_at_host(wrap, &host, err) < 0)
		return -1;
	result = apply(wrap, wrapped, &applied, err);
	if (result)
		return result;
	snprintf(ret_failure, 1024, "%s", applied.failure);
	if (same(&applied.text, snug_wrapped_from(wrapped)))
		return restore(wrap, wrapped, err);
	return make_note(wrap, wrapped, &host, &applied, &note, err) < 0
		       ? -1
		       : write_out(wrap, wrapped, &note, &applied.text, err);
}

/* ---- the process of an exec ---- */

/* A config that has this process and nothing else. */
static int put_in_config(const struct snug_buf *process, struct snug_buf *ret,
			 struct snug_error *err)
{
	snug_buf_adds(ret, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":");
	snug_buf_add(ret, snug_buf_text(process), process->len);
	snug_buf_adds(ret, "}");
	return snug_buf_check(ret, err);
}

static int take_out(const struct snug_buf *config, const char *path, struct snug_buf *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *process;
	const char *text;
	size_t len;

	if (snug_json_parse(&doc, snug_buf_text(config), config->len, path, err) < 0)
		return -1;
	process = snug_json_member(snug_json_root(doc), "process");
	text = snug_json_source(process, &len);
	snug_buf_clear(ret);
	snug_buf_add(ret, text, len);
	return snug_buf_check(ret, err);
}

/*
 * A process that names no AppArmor profile gets the container's own from the runtime, which one
 * that names ours alone would not.
 */
static int keep_label(const struct snug_wrapped *wrapped, const char *path, struct snug_buf *config,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf quoted = { 0 };
	const char *own = wrapped->decided.spec.apparmor;
	struct snug_json_writer w = { .out = &quoted };
	struct snug_spec spec;

	if (snug_label_is_none(own))
		return 0;
	if (snug_json_parse(&doc, snug_buf_text(config), config->len, path, err) < 0 ||
	    snug_spec_read(doc, &spec, err) < 0)
		return -1;
	if (spec.apparmor && spec.apparmor[0])
		return 0;
	snug_json_put_string(&w, own);
	if (snug_buf_check(&quoted, err) < 0 ||
	    snug_json_set(doc, spec.process, "apparmorProfile", quoted.data, err) < 0)
		return -1;
	snug_buf_clear(config);
	return snug_json_render(doc, config, err);
}

/* The container has its filter already, which holds for whoever joins it. */
static int harden_process(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
			  const char *name, const char *path, struct snug_buf *process,
			  struct snug_error *err)
{
	const struct snug_verdict *verdict = &wrapped->decided.decision.verdict;
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };
	SNUG_AUTO(snug_freep) char *from = NULL;
	int hardened;
	const struct snug_harden_how how = { .store = wrap->store,
					     .tools = wrap->tools,
					     .accept_incomplete = verdict->accept_incomplete,
					     .apparmor = verdict->apparmor,
					     .has_runtime = true,
					     .runtime = wrap->runtime };

	if (put_in_config(process, &config, err) < 0 ||
	    snug_flow_profile(wrap->store, name, &profile, &from, err) < 0)
		return -1;
	if (profile.has_apparmor && verdict->apparmor != SNUG_APPARMOR_OFF &&
	    keep_label(wrapped, path, &config, err) < 0)
		return -1;
	profile.seccomp_node = NULL;
	hardened = snug_flow_harden_text(&how, &profile, &config, path, &result, err);
	return hardened ? hardened : take_out(&result.text, path, process, err);
}

static int harden_by_all(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
			 const char *path, struct snug_buf *process, struct snug_error *err)
{
	const struct snug_decision *decision = &wrapped->decided.decision;
	int result = 0;

	for (unsigned i = 0; !result && i < decision->profile_count; i++)
		if (decision->verdict.mode == SNUG_MODE_ENFORCE)
			result = harden_process(wrap, wrapped, decision->profiles[i], path, process,
						err);
	return result;
}

int snug_wrap_process(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		      const char *path, struct snug_buf *ret, struct snug_error *err)
{
	return snug_file_read(path, SNUG_JSON_BYTES_MAX, ret, err) < 0
		       ? -1
		       : harden_by_all(wrap, wrapped, path, ret, err);
}

int snug_wrap_is_within(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped, bool *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf is = { 0 }, as_it_would_be = { 0 };
	int result;

	if (take_out(&wrapped->text, wrap->config, &is, err) < 0)
		return -1;
	snug_buf_add(&as_it_would_be, snug_buf_text(&is), is.len);
	if (snug_buf_check(&as_it_would_be, err) < 0)
		return -1;
	result = harden_by_all(wrap, wrapped, wrap->config, &as_it_would_be, err);
	*ret = result == 0 && same(&is, &as_it_would_be);
	return result < 0 ? -1 : 0;
}
