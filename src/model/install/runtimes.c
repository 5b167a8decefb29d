/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/runtimes.h"

#include "model/install/toml.h"

#include <stdio.h>
#include <string.h>

#define STEP   SNUG_TOML_STEP
#define REMEDY "use --hooks-only: see snug-install(1)"

static int fail_table(const struct snug_toml_statement *one, const char *file,
		      struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "runtimes is written in a way that snug does not read");
	snprintf(err->file, sizeof(err->file), "%s", file);
	err->line = one->line;
	return snug_remedy(err, REMEDY);
}

int snug_runtimes_read(const struct snug_buf *text, const char *file, const char *runtime,
		       bool *ret_set, struct snug_error *err)
{
	struct snug_toml toml = { .file = file, .text = snug_buf_text(text) };
	struct snug_toml_statement one;
	char key[64];
	int result;

	snprintf(key, sizeof(key), "engine" STEP "runtimes" STEP "%s", runtime);
	while ((result = snug_toml_next(&toml, &one, err)) > 0) {
		/* Named by a path, the table is not looked at. */
		if (one.kind == SNUG_TOML_KEY && strcmp(one.path, "engine" STEP "runtime") == 0 &&
		    memchr(one.value, '/', one.value_len))
			*ret_set = true;
		if (one.kind != SNUG_TOML_KEY ||
		    !snug_toml_is_above(one.path, strlen(one.path), key))
			continue;
		/* a table above it as one value: runtimes = { … } */
		if (strcmp(one.path, key) != 0)
			return fail_table(&one, file, err);
		*ret_set = true;
	}
	return result < 0 ? snug_remedy(err, REMEDY) : 0;
}

int snug_runtimes_render(const struct snug_runtimes *runtimes, struct snug_buf *to,
			 struct snug_error *err)
{
	if (runtimes->count)
		snug_buf_adds(to, "[engine.runtimes]\n");
	for (unsigned i = 0; i < runtimes->count; i++) {
		const char *program = runtimes->at[i].program;

		if (!snug_toml_is_plain(program))
			return snug_fail(err, SNUG_INPUT,
					 "%s: a path that a TOML string cannot hold", program);
		snug_buf_addf(to, "%s = [\"%s\"]\n", runtimes->at[i].name, program);
	}
	return snug_buf_check(to, err);
}
