/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/crio.h"

#include "model/install/toml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY    "crio" SNUG_TOML_STEP "runtime" SNUG_TOML_STEP "hooks_dir"
#define REMEDY "name snug's folder in its hooks_dir by hand: see \"crio\" in snug-install(1)"

void snug_crio_folders_clear(struct snug_crio_folders *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		free(folders->at[i]);
	snug_vec_clear(folders);
}

static int push(struct snug_crio_folders *ret, const char *text, size_t len, struct snug_error *err)
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
		     struct snug_crio_folders *ret, struct snug_error *err)
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

int snug_crio_read(const struct snug_buf *text, const char *file, struct snug_crio_folders *ret,
		   bool *ret_set, struct snug_error *err)
{
	struct snug_toml toml = { .file = file, .text = snug_buf_text(text) };
	struct snug_toml_statement one;
	int result;

	while ((result = snug_toml_next(&toml, &one, err)) > 0) {
		if (one.kind != SNUG_TOML_KEY ||
		    !snug_toml_is_above(one.path, strlen(one.path), KEY))
			continue;
		/* crio = { runtime = { … } } */
		if (strcmp(one.path, KEY) != 0)
			return fail_value(&one, file, err);
		snug_crio_folders_clear(ret);
		*ret_set = true;
		if (read_list(&one, file, ret, err) < 0)
			return -1;
	}
	return result < 0 ? snug_remedy(err, REMEDY) : 0;
}

int snug_crio_default(struct snug_crio_folders *ret, struct snug_error *err)
{
	static const char folder[] = "/usr/share/containers/oci/hooks.d";

	return push(ret, folder, strlen(folder), err);
}

int snug_crio_render(const struct snug_crio_folders *folders, const char *ours,
		     struct snug_buf *ret, struct snug_error *err)
{
	snug_buf_adds(ret, "# Written by snug install crio; snug uninstall crio takes it away.\n"
			   "[crio.runtime]\n"
			   "hooks_dir = [\n");
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
