/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t paths_of(const struct snug_json_node *reason)
{
	const struct snug_json_node *node = snug_json_member(reason, "paths");
	struct snug_error ignored;
	uint64_t paths;

	return node && snug_json_u64(node, &paths, &ignored) == 0 ? paths : 0;
}

/* As it stands; whoever writes it lays it out. */
static char *text_of(const struct snug_json_node *node)
{
	size_t len;
	const char *source = snug_json_source(node, &len);

	return strndup(source, len);
}

/* Takes json over. */
static int add(struct snug_aa_reasons *into, const char *pattern, char *json, uint64_t paths)
{
	struct snug_aa_text one = { .json = json, .paths = paths };
	size_t at = 0;

	while (at < into->count && strcmp(into->at[at].pattern, pattern) < 0)
		at++;
	if (at < into->count && strcmp(into->at[at].pattern, pattern) == 0) {
		struct snug_aa_text *there = &into->at[at];
		bool is_more = paths != there->paths ? paths > there->paths
						     : strcmp(json, there->json) < 0;

		if (is_more) {
			one.json = there->json;
			there->json = json;
			there->paths = paths;
		}
		free(one.json);
		return 0;
	}
	one.pattern = strdup(pattern);
	if (!one.pattern || snug_vec_push(into, one) < 0) {
		free(one.pattern);
		free(json);
		return -1;
	}
	memmove(&into->at[at + 1], &into->at[at], (into->count - 1 - at) * sizeof(one));
	into->at[at] = one;
	return 0;
}

int snug_aa_reasons_add(struct snug_aa_reasons *into, const struct snug_json_node *of,
			struct snug_error *err)
{
	const struct snug_json_node *files = snug_json_member(of, "files");

	for (const struct snug_json_node *n = files ? snug_json_first(files) : NULL; n;
	     n = snug_json_next(n)) {
		char *json;

		/* What a hand wrote in another shape is passed over. */
		if (snug_json_type(n) != SNUG_JSON_OBJECT || !snug_json_key(n))
			continue;
		json = text_of(n);
		if (!json || add(into, snug_json_key(n), json, paths_of(n)) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

void snug_aa_reasons_put(struct snug_json_writer *w, const struct snug_aa_reasons *reasons)
{
	snug_json_open(w, '{');
	snug_json_put_key(w, "files");
	snug_json_open(w, '{');
	for (size_t i = 0; i < reasons->count; i++) {
		snug_json_put_key(w, reasons->at[i].pattern);
		snug_json_put_raw(w, reasons->at[i].json, strlen(reasons->at[i].json));
	}
	snug_json_close(w);
	snug_json_close(w);
}

void snug_aa_reasons_clear(struct snug_aa_reasons *reasons)
{
	int saved = errno;

	for (size_t i = 0; i < reasons->count; i++) {
		free(reasons->at[i].pattern);
		free(reasons->at[i].json);
	}
	snug_vec_clear(reasons);
	errno = saved;
}
