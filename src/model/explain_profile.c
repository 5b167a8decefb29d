/* SPDX-License-Identifier: Apache-2.0 */
/* Of a profile: who may start it, paths, and what a default profile does otherwise than Docker's.
 */
#include "model/explain.h"
#include "model/page.h"

#include <stdio.h>
#include <string.h>

static void put_paths(const struct snug_profile *profile, enum snug_path_kind kind,
		      const char *heading, struct snug_buf *out)
{
	const struct snug_path_list *list = &profile->paths[kind];

	if (!profile->has_paths[kind])
		return;
	snug_buf_addf(out, "\n%s (%zu)\n", heading, list->count);
	for (size_t i = 0; i < list->count; i++)
		snug_buf_addf(out, "  %s\n", list->at[i]);
}

/* A sentence, in lines of a page. */
static void put_sentence(const char *text, unsigned indent, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = indent };
	char word[96];

	while (*text) {
		size_t len = strcspn(text, " ");

		(void)snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (len)
			snug_page_word(&page, word);
		text += len + (text[len] == ' ');
	}
	snug_page_end(&page);
}

/* A list of {"what", "why"} in the provenance. */
static void put_reasons(const struct snug_profile *profile, const char *member, const char *heading,
			struct snug_buf *out)
{
	const struct snug_json_node *list = snug_json_member(profile->provenance, member);

	if (!list || snug_json_type(list) != SNUG_JSON_ARRAY || !snug_json_count(list))
		return;
	snug_buf_addf(out, "\n%s\n", heading);
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		const char *what = snug_json_text(n, "what"), *why = snug_json_text(n, "why");

		if (!what || !why)
			continue;
		put_sentence(what, 2, out);
		put_sentence(why, 6, out);
	}
}

void snug_explain_profile(const struct snug_profile *profile, struct snug_buf *out)
{
	const char *base = snug_json_text(profile->provenance, "base");
	char heading[160];

	if (profile->has_non_root)
		snug_buf_addf(out, "\nStarted as root: %s\n",
			      profile->non_root ? "refused" : "allowed");
	put_paths(profile, SNUG_PATHS_MASKED, "Paths that are masked", out);
	put_paths(profile, SNUG_PATHS_READONLY, "Paths that are read-only", out);
	(void)snprintf(heading, sizeof(heading), "What differs from %s, and why",
		       base ? base : "what it is made from");
	put_reasons(profile, "deviations", heading, out);
	put_reasons(profile, "noOpinion", "Of what it says nothing, and why", out);
}
