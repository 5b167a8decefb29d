/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/hooksd.h"

#include "base/cleanup.h"
#include "json/json.h"

#include <string.h>

#define PROGRAM "snug-hook"

static void put_hook(const struct snug_hooksd *entry, struct snug_json_writer *w)
{
	snug_json_put_key(w, "hook");
	snug_json_open(w, '{');
	snug_json_pair_string(w, "path", entry->hook);
	snug_json_put_key(w, "args");
	snug_json_open(w, '[');
	snug_json_put_string(w, PROGRAM);
	if (entry->root) {
		snug_json_put_string(w, "--root");
		snug_json_put_string(w, entry->root);
	}
	snug_json_put_string(w, entry->stage);
	if (entry->traces) {
		snug_json_put_string(w, "--allow-trace-syscall");
		snug_json_put_string(w, entry->traces);
	}
	snug_json_close(w);
	snug_json_close(w);
}

int snug_hooksd_render(const struct snug_hooksd *entry, struct snug_buf *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "version", "1.0.0");
	put_hook(entry, &w);
	snug_json_put_key(&w, "when");
	snug_json_open(&w, '{');
	snug_json_pair_bool(&w, "always", true);
	snug_json_close(&w);
	snug_json_put_key(&w, "stages");
	snug_json_open(&w, '[');
	snug_json_put_string(&w, entry->stage);
	snug_json_close(&w);
	snug_json_close(&w);
	return snug_buf_check(&text, err) < 0 ? -1
					      : snug_json_pretty(text.data, text.len, ret, err);
}

int snug_hooksd_read(const struct snug_buf *text, const char *file, struct snug_hooksd_file *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *hook, *path;
	const char *value, *name;

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, file, err) < 0)
		return -1;
	hook = snug_json_member(snug_json_root(doc), "hook");
	/* 0.1.0 said it as text, with the same meaning */
	path = hook && snug_json_type(hook) == SNUG_JSON_STRING ? hook
								: snug_json_member(hook, "path");
	if (!path)
		return snug_json_fail(snug_json_root(doc), err, "it has no hook.path");
	if (snug_json_string(path, &value, err) < 0)
		return -1;
	name = strrchr(value, '/');
	ret->is_ours = strcmp(name ? name + 1 : value, PROGRAM) == 0;
	ret->path = strdup(value);
	return ret->path ? 0 : snug_fail_memory(err);
}
