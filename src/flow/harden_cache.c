/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden_cache.h"

#include "base/cleanup.h"
#include "flow/prover.h"
#include "store/cache.h"
#include "store/digest.h"

#include <stdio.h>
#include <string.h>

#define VERSION	     2 /* of what is kept */
#define SECTION_PATH "$.linux.seccomp"

void snug_harden_cache_clear(struct snug_harden_cache *cache)
{
	snug_vec_clear(&cache->ready.losses);
	snug_json_free(cache->doc);
	snug_freep(&cache->text);
	*cache = (struct snug_harden_cache){ 0 };
}

/* ---- the key ---- */

static void add_source(struct snug_buf *ret, const struct snug_json_node *node)
{
	size_t len = 0;
	const char *text = node ? snug_json_source(node, &len) : "";

	/* the length first, so that no two lists of texts are one text */
	snug_buf_addf(ret, "%zu:", len);
	snug_buf_add(ret, text, len);
}

/* false: nobody whose work could be relied on. */
static bool find_prover(const struct snug_harden_how *how, struct snug_buf *ret)
{
	if (!how->tools)
		return snug_prover_last(how->store, ret);
	snug_prover_here(how->tools, ret);
	return true;
}

static int make_key(const struct snug_harden_how *how, const struct snug_buf *prover,
		    const struct snug_profile *profile, const struct snug_json_node *section,
		    char ret[SNUG_DIGEST_SIZE], struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 };

	snug_buf_addf(&all, "%d\n%s%d %d %d %d ", VERSION, snug_buf_text(prover), how->audit,
		      how->accept_incomplete, how->has_runtime,
		      how->has_runtime ? (int)how->runtime : -1);
	add_source(&all, snug_json_root(profile->doc));
	add_source(&all, section);
	if (snug_buf_check(&all, err) < 0)
		return -1;
	snug_digest(all.data, all.len, ret);
	return 0;
}

/* Members that are no policy keep their bytes in a section that is worked out, and would not here.
 */
static bool is_plain(const struct snug_json_node *section)
{
	for (const struct snug_json_node *n = snug_json_first(section); n; n = snug_json_next(n))
		if (!snug_oci_is_policy_member(snug_json_key(n)))
			return false;
	return true;
}

/* ---- looking ---- */

static int take_losses(const struct snug_json_node *list, struct snug_section_ready *ret,
		       struct snug_error *err)
{
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		struct snug_loss loss;
		const char *text;

		if (snug_json_string(n, &text, err) < 0)
			return -1;
		snprintf(loss.text, sizeof(loss.text), "%s", text);
		if (snug_vec_push(&ret->losses, loss) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

static int take(const struct snug_buf *text, struct snug_harden_cache *ret, struct snug_error *err)
{
	const struct snug_json_node *root, *section;
	const char *source;
	size_t len;

	if (snug_json_parse_own(&ret->doc, snug_buf_text(text), text->len, ret->key, err) < 0)
		return -1;
	root = snug_json_root(ret->doc);
	section = snug_json_member(root, "section");
	if (!section)
		return snug_json_fail(root, err, "section is missing");
	if (snug_json_type(section) != SNUG_JSON_NULL) {
		source = snug_json_source(section, &len);
		ret->text = strndup(source, len);
		if (!ret->text)
			return snug_fail_memory(err);
	}
	ret->ready.text = ret->text;
	ret->ready.note = snug_json_text(root, "note");
	return take_losses(snug_json_member(root, "losses"), &ret->ready, err);
}

static void look(const struct snug_store *store, struct snug_harden_cache *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error ignored;

	if (snug_store_read_cache(store, ret->key, &ret->hit, &text, &ignored) < 0)
		ret->hit = false;
	if (ret->hit && take(&text, ret, &ignored) < 0)
		ret->hit = false;
}

static int read_section(const struct snug_buf *config, struct snug_json **ret_doc,
			const struct snug_json_node **ret, struct snug_error *err)
{
	struct snug_spec spec;

	if (snug_json_parse(ret_doc, snug_buf_text(config), config->len, NULL, err) < 0 ||
	    snug_spec_read(*ret_doc, &spec, err) < 0)
		return -1;
	*ret = spec.seccomp;
	return 0;
}

int snug_harden_cache_find(const struct snug_harden_how *how, const struct snug_profile *profile,
			   const struct snug_buf *config, struct snug_harden_cache *ret,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf prover = { 0 };
	const struct snug_json_node *section;
	struct snug_error broken;

	/* What is wrong with the config is said, with its place, by who hardens it. */
	if (!how->reuse || !profile->seccomp_node ||
	    read_section(config, &doc, &section, &broken) < 0 || !is_plain(section))
		return 0;
	if (!find_prover(how, &prover))
		return 0;
	if (make_key(how, &prover, profile, section, ret->key, err) < 0)
		return -1;
	ret->usable = true;
	look(how->store, ret);
	if (how->tools && !how->dry_run)
		snug_prover_keep(how->store, &prover);
	return 0;
}

/* ---- keeping ---- */

static void put(const struct snug_harden_result *result, const struct snug_json_node *section,
		struct snug_buf *ret)
{
	struct snug_json_writer w = { .out = ret };
	size_t len;

	snug_json_open(&w, '{');
	snug_json_put_key(&w, "section");
	if (section) {
		const char *source = snug_json_source(section, &len);

		snug_json_put_raw(&w, source, len);
	} else {
		snug_json_put_null(&w);
	}
	for (size_t i = 0; i < result->hardened.changes.count; i++)
		if (strcmp(result->hardened.changes.at[i].path, SECTION_PATH) == 0)
			snug_json_pair_string(&w, "note", result->hardened.changes.at[i].text);
	snug_json_put_key(&w, "losses");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < result->hardened.losses.count; i++)
		snug_json_put_string(&w, result->hardened.losses.at[i].text);
	snug_json_close(&w);
	snug_json_close(&w);
}

static bool same_source(const struct snug_json_node *a, const struct snug_json_node *b)
{
	size_t a_len, b_len;
	const char *a_text = a ? snug_json_source(a, &a_len) : NULL;
	const char *b_text = b ? snug_json_source(b, &b_len) : NULL;

	return a_text && b_text && a_len == b_len && memcmp(a_text, b_text, a_len) == 0;
}

void snug_harden_cache_keep(const struct snug_harden_how *how,
			    const struct snug_harden_cache *cache, const struct snug_buf *config,
			    const struct snug_harden_result *result)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *before = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *after = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const struct snug_json_node *was, *is;
	struct snug_error ignored;

	if (!cache->usable || how->dry_run || read_section(config, &before, &was, &ignored) < 0 ||
	    read_section(&result->text, &after, &is, &ignored) < 0 || !is)
		return;
	put(result, same_source(was, is) ? NULL : is, &text);
	if (snug_buf_check(&text, &ignored) == 0)
		(void)!snug_store_put_cache(how->store, cache->key, &text, &ignored);
}
