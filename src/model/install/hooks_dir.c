/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/hooks_dir.h"

#include "model/install/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP   SNUG_TOML_STEP
#define REMEDY "name snug's folder in its hooks_dir by hand: see snug-install(1)"

static const struct {
	const char *engine, *table, *key;
} words[] = {
	[SNUG_HOOKS_PODMAN] = { "podman", "engine", "engine" STEP "hooks_dir" },
	[SNUG_HOOKS_CRIO] = { "crio", "crio.runtime", "crio" STEP "runtime" STEP "hooks_dir" },
};

void snug_hook_folders_clear(struct snug_hook_folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->at[i]);
	snug_vec_clear(folders);
}

static int push(struct snug_hook_folders *ret, const char *text, size_t len, struct snug_error *err)
{
	char *copy = strndup(text, len);

	if (copy && snug_vec_push(ret, copy) == 0)
		return 0;
	free(copy);
	return snug_fail_memory(err);
}

static int fail_value(const struct snug_toml_statement *one, const char *file,
		      struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "hooks_dir is written in a way that snug does not read");
	snprintf(err->file, sizeof(err->file), "%s", file);
	err->line = one->line;
	return snug_remedy(err, REMEDY);
}

/* ["a", 'b', # why
 *  "c"] */
static int read_list(const struct snug_toml_statement *one, const char *file,
		     struct snug_hook_folders *ret, struct snug_error *err)
{
	const char *at = one->value, *end = one->value + one->value_len;

	if (at == end || *at++ != '[')
		return fail_value(one, file, err);
	for (;;) {
		char quote[2] = { 0 };
		size_t len;

		at += strspn(at, " \t\r\n,");
		if (*at == '#') {
			at += strcspn(at, "\n");
			continue;
		}
		if (*at == ']')
			return 0;
		quote[0] = *at;
		if (at >= end || (*at != '"' && *at != '\''))
			return fail_value(one, file, err);
		len = strcspn(at + 1, quote);
		if (memchr(at + 1, '\\', len))
			return fail_value(one, file, err);
		if (push(ret, at + 1, len, err) < 0)
			return -1;
		at += len + 2;
	}
}

int snug_hook_folders_read(enum snug_hooks_reader reader, const struct snug_buf *text,
			   const char *file, struct snug_hook_folders *ret, bool *ret_set,
			   struct snug_error *err)
{
	struct snug_toml toml = { .file = file, .text = snug_buf_text(text) };
	struct snug_toml_statement one;
	int result;

	while ((result = snug_toml_next(&toml, &one, err)) > 0) {
		if (one.kind != SNUG_TOML_KEY ||
		    !snug_toml_is_above(one.path, strlen(one.path), words[reader].key))
			continue;
		/* a table above it as one value: engine = { … } */
		if (strcmp(one.path, words[reader].key) != 0)
			return fail_value(&one, file, err);
		snug_hook_folders_clear(ret);
		*ret_set = true;
		if (read_list(&one, file, ret, err) < 0)
			return -1;
	}
	return result < 0 ? snug_remedy(err, REMEDY) : 0;
}

int snug_hook_folders_default(struct snug_hook_folders *ret, struct snug_error *err)
{
	static const char folder[] = "/usr/share/containers/oci/hooks.d";

	return push(ret, folder, strlen(folder), err);
}

bool snug_hook_folders_has(const struct snug_hook_folders *folders, const char *folder)
{
	for (size_t i = 0; i < folders->count; i++)
		if (strcmp(folders->at[i], folder) == 0)
			return true;
	return false;
}

void snug_hook_dropin_title(enum snug_hooks_reader reader, struct snug_buf *to)
{
	const char *engine = words[reader].engine;

	snug_buf_addf(to, "# Written by snug install %s; snug uninstall %s takes it away.\n",
		      engine, engine);
}

int snug_hook_folders_render(enum snug_hooks_reader reader, const struct snug_hook_folders *folders,
			     const char *ours, struct snug_buf *ret, struct snug_error *err)
{
	snug_buf_addf(ret, "[%s]\nhooks_dir = [\n", words[reader].table);
	for (size_t i = 0; i <= folders->count; i++) {
		const char *folder = i < folders->count ? folders->at[i] : ours;

		if (!snug_toml_is_plain(folder))
			return snug_fail(err, SNUG_INPUT,
					 "%s: a path that a TOML string cannot hold", folder);
		if (i == folders->count || strcmp(folder, ours) != 0)
			snug_buf_addf(ret, "\t\"%s\",\n", folder);
	}
	snug_buf_adds(ret, "]\n");
	return snug_buf_check(ret, err);
}
