/* SPDX-License-Identifier: Apache-2.0 */
/* snug-hook in a config.json: it loads the AppArmor profiles that it names, and records. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "model/harden_part.h"

#include <string.h>

/* The hook that is wanted. */
struct entry {
	const char *hook, *root;
};

static void write_args(const struct entry *entry, const char *stage, struct snug_json_writer *w)
{
	snug_json_open(w, '[');
	snug_json_put_string(w, "snug-hook");
	if (entry->root) {
		snug_json_put_string(w, "--root");
		snug_json_put_string(w, entry->root);
	}
	snug_json_put_string(w, stage);
	snug_json_close(w);
}

static bool says(const struct snug_json_node *node, const char *text)
{
	struct snug_error ignored;
	const char *value;

	return node && snug_json_type(node) == SNUG_JSON_STRING &&
	       snug_json_string(node, &value, &ignored) == 0 && strcmp(value, text) == 0;
}

/* Is this entry what write_hook() writes for the stage, whatever else it says (a time limit)? */
static bool is_hook(const struct snug_json_node *node, const struct entry *entry, const char *stage)
{
	const char *const words[] = { "--root", entry->root, stage };
	const struct snug_json_node *arg = snug_json_first(snug_json_member(node, "args"));

	if (!says(snug_json_member(node, "path"), entry->hook) || !arg)
		return false;
	arg = snug_json_next(arg); /* behind the program's own name */
	for (size_t i = entry->root ? 0 : 2; i < 3; i++, arg = snug_json_next(arg))
		if (!says(arg, words[i]))
			return false;
	return !arg;
}

static bool has_hook(const struct snug_spec *spec, const struct entry *entry, const char *stage)
{
	const struct snug_json_node *list = snug_json_member(spec->hooks, stage);

	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n))
		if (is_hook(n, entry, stage))
			return true;
	return false;
}

static void write_hook(const struct entry *entry, const char *stage, struct snug_json_writer *w)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "path", entry->hook);
	snug_json_put_key(w, "args");
	write_args(entry, stage, w);
	snug_json_close(w);
}

static bool is_there(const struct snug_json_node *node)
{
	return node && snug_json_type(node) != SNUG_JSON_NULL;
}

/* hooks.STAGE, where hooks is there. */
static int put_hook(struct snug_spec *spec, const struct entry *entry, const char *stage,
		    struct snug_error *err)
{
	const struct snug_json_node *list = snug_json_member(spec->hooks, stage);
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	if (!is_there(list))
		snug_json_open(&w, '[');
	write_hook(entry, stage, &w);
	if (!is_there(list))
		snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	if (!is_there(list))
		return snug_json_set(spec->doc, spec->hooks, stage, text.data, err);
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	return snug_json_append(spec->doc, list, text.data, err);
}

/*
 * createRuntime, which runtimes run where they run the deprecated prestart, before they ask the
 * kernel for the profile; a prestart entry of ours does as well. One that knows neither refuses the
 * container, since nobody has loaded its profile.
 */
static const char *const starts[] = { "createRuntime", "prestart" };
static const char *const hook_names[] = {
	"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
	NULL
};

static int put_all_hooks(struct snug_spec *spec, const struct entry *entry, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	const char *const stages[] = { starts[0], "poststop" };

	snug_json_open(&w, '{');
	for (size_t i = 0; i < 2; i++) {
		snug_json_put_key(&w, stages[i]);
		snug_json_open(&w, '[');
		write_hook(entry, stages[i], &w);
		snug_json_close(&w);
	}
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	return snug_json_set(spec->doc, snug_json_root(spec->doc), "hooks", text.data, err);
}

int snug_harden_hooks(struct snug_spec *spec, const char *hook, const char *root,
		      struct snug_changes *ret, struct snug_error *err)
{
	const struct entry wanted = { hook, root }, *entry = &wanted;
	bool starting = has_hook(spec, entry, starts[0]) || has_hook(spec, entry, starts[1]);
	bool stopping = has_hook(spec, entry, "poststop");

	if (spec->hooks && snug_json_refuse_folded(spec->hooks, hook_names, err) < 0)
		return -1;
	if (!spec->hooks && put_all_hooks(spec, entry, err) < 0)
		return -1;
	if (spec->hooks && ((!starting && put_hook(spec, entry, starts[0], err) < 0) ||
			    (!stopping && put_hook(spec, entry, "poststop", err) < 0)))
		return -1;
	if (!starting && snug_harden_note(ret, err, "$.hooks.createRuntime",
					  "added %s, which loads the profile", entry->hook) < 0)
		return -1;
	return stopping ? 0
			: snug_harden_note(ret, err, "$.hooks.poststop",
					   "added %s, which unloads it after the last container",
					   entry->hook);
}
