/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/apparmor/diff.h"
#include "model/escape.h"
#include "model/seen_json.h"

#include <string.h>

static void put_change(const struct snug_aa_change *change, struct snug_buf *out)
{
	snug_buf_adds(out, "  ");
	if (change->child)
		snug_buf_addf(out, "child %s: ", change->child);
	snug_buf_addf(out, "%s%s ", change->owner ? "owner " : "", change->pattern);
	snug_aa_change_access(change, out);
	/* A path that says no more than its pattern is not said again. */
	if (change->witness && strcmp(change->witness, change->pattern) != 0) {
		snug_buf_adds(out, "\n    such as ");
		snug_escape_put(out, change->witness);
	}
	snug_buf_addc(out, '\n');
}

static size_t count_known(const struct snug_aa_side *side)
{
	size_t known = 0;

	for (size_t i = 0; i < side->files.count; i++)
		known += side->files.at[i].witness != NULL;
	return known;
}

void snug_aa_side_text(const struct snug_aa_side *side, char letter, char other,
		       struct snug_buf *ret)
{
	const size_t known = count_known(side);

	if (known)
		snug_buf_addf(ret, "\nFiles: %c allows, %c does not (%zu)\n", letter, other, known);
	for (size_t i = 0; i < side->files.count; i++)
		if (side->files.at[i].witness)
			put_change(&side->files.at[i], ret);
	if (known < side->files.count)
		snug_buf_addf(ret,
			      "\nFiles: %c may allow what %c does not (%zu): too much to "
			      "decide\n",
			      letter, other, side->files.count - known);
	for (size_t i = 0; i < side->files.count; i++)
		if (!side->files.at[i].witness)
			put_change(&side->files.at[i], ret);
	if (side->rules.count)
		snug_buf_addf(ret, "\nRules of AppArmor that %c has, %c has not (%zu)\n", letter,
			      other, side->rules.count);
	for (size_t i = 0; i < side->rules.count; i++)
		snug_buf_addf(ret, "  %s\n", side->rules.at[i]);
}

void snug_aa_side_json(struct snug_json_writer *w, const struct snug_aa_side *side)
{
	snug_json_open(w, '{');
	snug_json_put_key(w, "files");
	snug_json_open(w, '[');
	for (size_t i = 0; i < side->files.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf access = { 0 };
		const struct snug_aa_change *change = &side->files.at[i];

		snug_aa_change_access(change, &access);
		w->out->failed |= access.failed;
		snug_json_open(w, '{');
		if (change->child)
			snug_json_pair_string(w, "child", change->child);
		snug_json_pair_string(w, "path", change->pattern);
		snug_json_pair_string(w, "access", snug_buf_text(&access));
		if (change->owner)
			snug_json_pair_bool(w, "owner", true);
		if (change->witness)
			snug_bytes_pair(w, "witness", change->witness);
		else
			snug_json_pair_bool(w, "undecided", true);
		snug_json_close(w);
	}
	snug_json_close(w);
	snug_words_put(w, "rules", &side->rules);
	snug_json_close(w);
}
