/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/containerd.h"

#include "base/cleanup.h"
#include "model/install/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "# snug: begin\n"
#define END   "# snug: end\n"
#define HEAD  "version = 2\n"
#define STEP  SNUG_TOML_STEP
/* By the plugin's name. */
#define CONTAINERD "plugins" STEP "%s" STEP "containerd"
#define RUNTIMES   CONTAINERD STEP "runtimes"

/* The CRI plugin's name, by the version of the file. */
static const char *plugin_of(unsigned version)
{
	return version == 3 ? "io.containerd.cri.v1.runtime" : "io.containerd.grpc.v1.cri";
}

/*
 * The text that is added. with_runc: containerd's own runtime too. Where a file names any runtime,
 * containerd 1.6 and 1.7 read the table into an empty one, their own default `runc` is gone, and
 * the CRI plugin does not load.
 */
static void render_block(const struct snug_containerd_entry *entry, unsigned version,
			 bool with_runc, struct snug_buf *ret)
{
	const char *plugin = plugin_of(version);

	snug_buf_addf(ret,
		      BEGIN "[plugins.\"%s\".containerd.runtimes.%s]\n"
			    "  runtime_type = \"io.containerd.runc.v2\"\n"
			    "[plugins.\"%s\".containerd.runtimes.%s.options]\n"
			    "  BinaryName = \"%s\"\n",
		      plugin, entry->name, plugin, entry->name, entry->path);
	if (with_runc)
		snug_buf_addf(ret,
			      "# containerd's own, which it forgets where a file names a runtime\n"
			      "[plugins.\"%s\".containerd.runtimes.runc]\n"
			      "  runtime_type = \"io.containerd.runc.v2\"\n",
			      plugin);
	snug_buf_adds(ret, END);
}

/* Is it what snug writes, this one or one from before, for whatever file? */
static int is_block(const struct snug_containerd_entry *entry, const struct snug_buf *text,
		    bool *ret, struct snug_error *err)
{
	*ret = false;
	for (unsigned i = 0; i < 4; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf block = { 0 };

		render_block(entry, 2 + i / 2, i % 2, &block);
		if (snug_buf_check(&block, err) < 0)
			return -1;
		*ret |= strcmp(snug_buf_text(text), snug_buf_text(&block)) == 0;
	}
	return 0;
}

static int fail_at(const struct snug_containerd_entry *entry, unsigned line, const char *what,
		   struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s", what);
	snprintf(err->file, sizeof(err->file), "%s", entry->file);
	err->line = line;
	return snug_remedy(err, "see \"containerd\" in snug-install(1): add the runtime by hand");
}

static int read_version(const struct snug_containerd_entry *entry, const char *text, unsigned *ret,
			struct snug_error *err)
{
	struct snug_toml toml = { .file = entry->file, .text = text };
	struct snug_toml_statement one;
	long version = 1;
	int result;

	while ((result = snug_toml_next(&toml, &one, err)) > 0)
		if (strcmp(one.path, "version") == 0 && one.kind == SNUG_TOML_KEY)
			version = strtol(one.value, NULL, 10);
	if (result < 0)
		return snug_remedy(
			err, "see \"containerd\" in snug-install(1): add the runtime by hand");
	*ret = (unsigned)version;
	if (version == 2 || version == 3)
		return 0;
	fail_at(entry, 0, "its version is neither 2 nor 3", err);
	return snug_remedy(err, "`containerd config migrate` prints it as a newer one");
}

/* Does a dotted key make a table above ours, which then takes no [table] any more? */
static bool makes_above(const struct snug_toml_statement *one, const char *target)
{
	const char *at = one->path + one->outer + (one->outer != 0);

	while ((at = strchr(at, STEP[0]))) {
		if (snug_toml_is_above(one->path, (size_t)(at - one->path), target))
			return true;
		at++;
	}
	return false;
}

static bool is_below(const char *path, const char *table, size_t len)
{
	return strncmp(path, table, len) == 0 && path[len] == STEP[0];
}

/* Is there something that our tables would clash with? *ret_others: the file has runtimes. */
static int check_room(const struct snug_containerd_entry *entry, const char *text, unsigned version,
		      bool *ret_others, struct snug_error *err)
{
	struct snug_toml toml = { .file = entry->file, .text = text };
	struct snug_toml_statement one;
	char target[SNUG_TOML_PATH_MAX];
	size_t folder;
	int result;

	folder = (size_t)snprintf(target, sizeof(target), RUNTIMES, plugin_of(version));
	snprintf(target + folder, sizeof(target) - folder, STEP "%s", entry->name);
	*ret_others = false;
	while ((result = snug_toml_next(&toml, &one, err)) > 0) {
		bool above = snug_toml_is_above(one.path, strlen(one.path), target);

		if (snug_toml_is_above(target, strlen(target), one.path))
			return fail_at(entry, one.line,
				       "a runtime of this name is there, and it is not snug's",
				       err);
		if (above && one.kind != SNUG_TOML_TABLE)
			return fail_at(entry, one.line,
				       "the runtimes stand in one value, which snug does not edit",
				       err);
		if (one.kind == SNUG_TOML_KEY && makes_above(&one, target))
			return fail_at(
				entry, one.line,
				"the runtimes' table is made by a dotted key: nothing can be "
				"added to it",
				err);
		*ret_others |= is_below(one.path, target, folder);
	}
	return result;
}

/* Copies text without what is between the marks; *ret_cut: that, with the marks. */
static int cut(const struct snug_containerd_entry *entry, const char *text, struct snug_buf *ret,
	       struct snug_buf *ret_cut, struct snug_error *err)
{
	const char *begin = strstr(text, BEGIN), *end = begin ? strstr(begin, END) : NULL;

	if (!begin && !strstr(text, END)) {
		snug_buf_adds(ret, text);
		return 0;
	}
	if (!end || strstr(begin + 1, BEGIN) || strstr(end + 1, END) ||
	    (begin != text && begin[-1] != '\n'))
		return fail_at(entry, 0, "snug's marks in it do not go together", err);
	snug_buf_add(ret, text, (size_t)(begin - text));
	snug_buf_adds(ret, end + strlen(END));
	snug_buf_add(ret_cut, begin, (size_t)(end - begin) + strlen(END));
	return snug_buf_check(ret, err) < 0 ? -1 : snug_buf_check(ret_cut, err);
}

static int check_text(const struct snug_containerd_entry *entry, const struct snug_buf *now,
		      struct snug_error *err)
{
	if (now && strlen(snug_buf_text(now)) != now->len)
		return fail_at(entry, 0, "a NUL byte in it", err);
	return snug_toml_is_plain(entry->path)
		       ? 0
		       : fail_at(entry, 0, "the program's path holds what a string cannot", err);
}

int snug_containerd_add(const struct snug_containerd_entry *entry, const struct snug_buf *now,
			struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf rest = { 0 }, old = { 0 }, block = { 0 };
	const char *text = now && now->len ? snug_buf_text(now) : HEAD;
	unsigned version;
	bool others;

	if (check_text(entry, now, err) < 0 || cut(entry, text, &rest, &old, err) < 0 ||
	    read_version(entry, text, &version, err) < 0 ||
	    check_room(entry, snug_buf_text(&rest), version, &others, err) < 0)
		return -1;
	render_block(entry, version, !others, &block);
	if (snug_buf_check(&block, err) < 0)
		return -1;
	if (old.len && strcmp(snug_buf_text(&old), snug_buf_text(&block)) == 0) {
		snug_buf_adds(ret, text);
		return snug_buf_check(ret, err);
	}
	if (old.len && !entry->is_ours)
		return fail_at(entry, 0, "what is between snug's marks is not what snug writes",
			       err);
	snug_buf_add(ret, snug_buf_text(&rest), rest.len);
	if (rest.len && rest.data[rest.len - 1] != '\n')
		snug_buf_addc(ret, '\n');
	snug_buf_add(ret, snug_buf_text(&block), block.len);
	return snug_buf_check(ret, err);
}

int snug_containerd_take_out(const struct snug_containerd_entry *entry, const struct snug_buf *now,
			     const struct snug_buf *before, struct snug_buf *ret, bool *ret_gone,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf old = { 0 };
	bool ours;

	if (check_text(entry, now, err) < 0 || cut(entry, snug_buf_text(now), ret, &old, err) < 0 ||
	    is_block(entry, &old, &ours, err) < 0)
		return -1;
	if (old.len && !ours)
		return fail_at(entry, 0, "what is between snug's marks was changed", err);
	*ret_gone = !before && strcmp(snug_buf_text(ret), HEAD) == 0;
	return snug_buf_check(ret, err);
}

/* ---- the whole configuration ---- */

/* A string's text: of one without escapes, as names are. */
static void read_string(const struct snug_toml_statement *one, char *ret, size_t size)
{
	const char quote[] = { one->value[0], '\0' };

	if (quote[0] == '"' || quote[0] == '\'')
		snprintf(ret, size, "%.*s", (int)strcspn(one->value + 1, quote), one->value + 1);
}

/* 1: a table or key of this path is there, or one below it; *ret_value: the key's. 0: no; negative:
 * not to be read. */
static int look_up(const char *text, const char *path, char *ret_value, size_t size)
{
	struct snug_toml toml = { .file = "", .text = text };
	struct snug_toml_statement one;
	struct snug_error err;
	bool found = false;
	int result;

	ret_value[0] = '\0';
	while ((result = snug_toml_next(&toml, &one, &err)) > 0) {
		if (!snug_toml_is_above(path, strlen(path), one.path))
			continue;
		found = true;
		if (one.kind == SNUG_TOML_KEY && strcmp(one.path, path) == 0)
			read_string(&one, ret_value, size);
	}
	return result < 0 ? -1 : found;
}

static bool lacks_default(const char *dump, const char *plugin, char *ret_name, size_t size)
{
	char path[SNUG_TOML_PATH_MAX], ignored[8];

	snprintf(path, sizeof(path), CONTAINERD STEP "default_runtime_name", plugin);
	if (look_up(dump, path, ret_name, size) <= 0 || !ret_name[0])
		return false;
	/* Deprecated: where this table says something, the name says nothing. */
	snprintf(path, sizeof(path), CONTAINERD STEP "default_runtime" STEP "runtime_type", plugin);
	if (look_up(dump, path, ignored, sizeof(ignored)) < 0 || ignored[0])
		return false;
	snprintf(path, sizeof(path), RUNTIMES STEP "%s", plugin, ret_name);
	return look_up(dump, path, ignored, sizeof(ignored)) == 0;
}

bool snug_containerd_lacks_default(const char *dump, char *ret_name, size_t size)
{
	return lacks_default(dump, plugin_of(2), ret_name, size) ||
	       lacks_default(dump, plugin_of(3), ret_name, size);
}
