/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/docker.h"

#include "base/cleanup.h"
#include "json/json.h"

#include <string.h>

#define RUNTIMES "runtimes"
#define DEFAULT	 "default-runtime"

/* The text {"NAME":{"path":PATH}}, or what is within its outer braces. */
static int write_runtime(const struct snug_docker_entry *entry, bool braces, struct snug_buf *ret,
			 struct snug_error *err)
{
	struct snug_json_writer w = { .out = ret };

	snug_json_open(&w, '{');
	if (braces) {
		snug_json_put_key(&w, entry->name);
		snug_json_open(&w, '{');
	}
	snug_json_pair_string(&w, "path", entry->path);
	if (braces)
		snug_json_close(&w);
	snug_json_close(&w);
	return snug_buf_check(ret, err);
}

static int quote(const char *text, struct snug_buf *ret, struct snug_error *err)
{
	struct snug_json_writer w = { .out = ret };

	snug_json_put_string(&w, text);
	return snug_buf_check(ret, err);
}

/* dockerd takes an empty file for none. */
static bool is_blank(const struct snug_buf *text)
{
	const char *at = snug_buf_text(text);

	return strspn(at, " \t\r\n") == text->len;
}

static int parse(const char *file, const struct snug_buf *text, struct snug_json **ret,
		 struct snug_error *err)
{
	static const char *const names[] = { RUNTIMES, DEFAULT, NULL };
	const struct snug_json_node *root;
	bool blank = is_blank(text);

	if (snug_json_parse(ret, blank ? "{}" : snug_buf_text(text), blank ? 2 : text->len, file,
			    err) < 0)
		return -1;
	root = snug_json_root(*ret);
	return snug_json_expect(root, SNUG_JSON_OBJECT, err) < 0
		       ? -1
		       : snug_json_refuse_folded(root, names, err);
}

static int refuse_foreign(const struct snug_json_node *node, struct snug_error *err)
{
	snug_json_fail(node, err, "a runtime of this name is there, and it is not snug's");
	return snug_remedy(err, "give that one another name, or take it out");
}

static int add_runtime(struct snug_json *doc, const struct snug_docker_entry *entry,
		       struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(doc), *there;
	const struct snug_json_node *runtimes = snug_json_member(root, RUNTIMES);
	SNUG_AUTO(snug_json_freep) struct snug_json *wanted = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (write_runtime(entry, !runtimes, &text, err) < 0)
		return -1;
	if (!runtimes)
		return snug_json_set(doc, root, RUNTIMES, text.data, err);
	if (snug_json_expect(runtimes, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_parse_own(&wanted, text.data, text.len, NULL, err) < 0)
		return -1;
	there = snug_json_member(runtimes, entry->name);
	if (there && !entry->is_ours && !snug_json_same(there, snug_json_root(wanted)))
		return refuse_foreign(there, err);
	return snug_json_set(doc, runtimes, entry->name, text.data, err);
}

static int make_default(struct snug_json *doc, const struct snug_docker_entry *entry,
			struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf name = { 0 };

	if (!entry->make_default)
		return 0;
	if (quote(entry->name, &name, err) < 0)
		return -1;
	return snug_json_set(doc, snug_json_root(doc), DEFAULT, name.data, err);
}

int snug_docker_add(const struct snug_docker_entry *entry, const struct snug_buf *now,
		    struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	static const struct snug_buf none = { 0 };
	bool fresh = !now || is_blank(now);

	if (parse(entry->file, fresh ? &none : now, &doc, err) < 0 ||
	    add_runtime(doc, entry, err) < 0 || make_default(doc, entry, err) < 0)
		return -1;
	if (!fresh)
		return snug_json_render(doc, ret, err);
	return snug_json_render(doc, &text, err) < 0
		       ? -1
		       : snug_json_pretty(snug_buf_text(&text), text.len, ret, err);
}

static bool is_entry(const struct snug_json_node *node, const char *name)
{
	struct snug_error ignored;
	const char *value;

	return node && snug_json_type(node) == SNUG_JSON_STRING &&
	       snug_json_string(node, &value, &ignored) == 0 && strcmp(value, name) == 0;
}

/* default-runtime as `before` has it; *ret_gone: it is taken out. */
static int restore_default(struct snug_json *doc, const struct snug_docker_entry *entry,
			   const struct snug_json *before, bool *ret_gone, struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(doc), *was = NULL;
	const struct snug_json_node *node = snug_json_member(root, DEFAULT);
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const char *source;
	size_t len;

	*ret_gone = false;
	if (!is_entry(node, entry->name))
		return 0;
	if (before)
		was = snug_json_member(snug_json_root(before), DEFAULT);
	*ret_gone = !was;
	if (!was)
		return snug_json_remove(doc, node, err);
	source = snug_json_source(was, &len);
	snug_buf_add(&text, source, len);
	return snug_buf_check(&text, err) < 0 ? -1 : snug_json_replace(doc, node, text.data, err);
}

/* *ret_gone: the member `runtimes` is taken out whole. */
static int take_runtime(struct snug_json *doc, const struct snug_docker_entry *entry,
			const struct snug_json *before, bool *ret_gone, struct snug_error *err)
{
	const struct snug_json_node *runtimes = snug_json_member(snug_json_root(doc), RUNTIMES);
	const struct snug_json_node *node = snug_json_member(runtimes, entry->name);
	bool was = before && snug_json_member(snug_json_root(before), RUNTIMES);

	*ret_gone = node && !was && snug_json_count(runtimes) == 1;
	if (!node)
		return 0;
	return snug_json_remove(doc, *ret_gone ? runtimes : node, err);
}

int snug_docker_take_out(const struct snug_docker_entry *entry, const struct snug_buf *now,
			 const struct snug_buf *before, struct snug_buf *ret, bool *ret_gone,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *old = NULL;
	bool runtimes, name;

	if (parse(entry->file, now, &doc, err) < 0 ||
	    (before && parse(entry->file, before, &old, err) < 0) ||
	    take_runtime(doc, entry, old, &runtimes, err) < 0 ||
	    restore_default(doc, entry, old, &name, err) < 0)
		return -1;
	*ret_gone = !before && snug_json_count(snug_json_root(doc)) == (size_t)runtimes + name;
	return snug_json_render(doc, ret, err);
}
