/* SPDX-License-Identifier: Apache-2.0 */
#include "model/explain_recording.h"

#include "base/cleanup.h"
#include "model/act_form.h"
#include "model/escape.h"
#include "model/page.h"
#include "model/seen_count.h"
#include "model/seen_json.h"

#include <stdio.h>

#define LISTED_MAX 20u /* programs, and acts of a kind, that a person reads */

static size_t count_calls(const struct snug_recording *recording, bool refused)
{
	size_t count = 0;

	for (size_t i = 0; i < recording->calls.count; i++)
		count += recording->calls.at[i].refused == refused;
	return count;
}

/* ---- in words ---- */

static void put_words(const char *heading, unsigned observed, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };
	const char *word;

	if (!observed)
		return;
	snug_page_word(&page, heading);
	page.indent = 4;
	for (unsigned i = 0; (word = snug_observed_word(observed, i)); i++)
		if (*word)
			snug_page_word(&page, word);
	snug_page_end(&page);
}

static void put_caps(const struct snug_recording *recording, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };

	if (!recording->caps.count)
		return;
	snug_page_word(&page, "capabilities:");
	page.indent = 4;
	for (size_t i = 0; i < recording->caps.count; i++)
		snug_page_word(&page, snug_cap_name(recording->caps.at[i].cap));
	snug_page_end(&page);
}

static void put_rest(size_t count, struct snug_buf *out)
{
	if (count > LISTED_MAX)
		snug_buf_addf(out, "    and %zu more, which --format json lists\n",
			      count - LISTED_MAX);
}

static void put_access(const struct snug_seen_counts *counts, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };
	char word[32];

	if (!counts->files)
		return;
	snug_page_word(&page, "of the files:");
	page.indent = 4;
	for (unsigned bit = 0; bit < SNUG_ACCESS_MAX; bit++) {
		if (!counts->access[bit])
			continue;
		(void)snprintf(word, sizeof(word), "%s=%u", snug_access_name(bit),
			       counts->access[bit]);
		snug_page_word(&page, word);
	}
	snug_page_end(&page);
}

static void put_programs(const struct snug_seen_files *files, const struct snug_seen_counts *counts,
			 struct snug_buf *out)
{
	unsigned listed = 0;

	if (counts->programs)
		snug_buf_adds(out, "  programs run:\n");
	for (size_t i = 0; i < files->count && listed < LISTED_MAX;
	     i = snug_seen_next_path(files, i)) {
		if (!snug_seen_is_program(files, i))
			continue;
		snug_buf_adds(out, "    ");
		snug_escape_put(out, files->at[i].path);
		snug_buf_addc(out, '\n');
		listed++;
	}
	put_rest(counts->programs, out);
}

static void put_acts(const struct snug_seen_acts *acts, const struct snug_seen_counts *counts,
		     struct snug_buf *out)
{
	unsigned listed = 0;

	for (size_t i = 0; i < acts->count; i++) {
		const struct snug_seen_act *act = &acts->at[i];

		if (i && snug_seen_is_same_act(act, &acts->at[i - 1]))
			continue;
		if (!i || act->kind != acts->at[i - 1].kind) {
			listed = 0;
			snug_buf_addf(out, "  %s: %u\n", snug_act_form(act->kind)->word,
				      counts->acts[act->kind]);
		}
		if (listed++ < LISTED_MAX) {
			snug_buf_adds(out, "    ");
			snug_act_words(act, out);
			snug_buf_addc(out, '\n');
		}
		if (listed == counts->acts[act->kind])
			put_rest(listed, out);
	}
}

int snug_recording_text(const struct snug_recording *recording, const char *title,
			struct snug_buf *ret, struct snug_error *err)
{
	size_t refused = count_calls(recording, true);
	struct snug_seen_counts counts;

	snug_seen_count(recording, &counts);
	snug_escape_put(ret, recording->name ? recording->name : title);
	snug_buf_addf(ret, ", a recording of %llu run%s\n",
		      (unsigned long long)recording->run_count,
		      recording->run_count == 1 ? "" : "s");
	put_words("observed:", recording->observed, ret);
	put_words("not observed:", snug_observed_missing(recording->observed), ret);
	if (recording->lost_syscalls || recording->lost_caps || recording->lost_files)
		snug_buf_addf(
			ret,
			"  lost events: %llu of syscalls, %llu of capabilities, %llu of files\n",
			(unsigned long long)recording->lost_syscalls,
			(unsigned long long)recording->lost_caps,
			(unsigned long long)recording->lost_files);
	snug_buf_addf(ret, "  calls: %zu", count_calls(recording, false));
	if (refused)
		snug_buf_addf(ret, ", refused: %zu", refused);
	snug_buf_addc(ret, '\n');
	put_caps(recording, ret);
	snug_buf_adds(ret, "  ");
	snug_seen_words(recording->observed, &counts, ret);
	snug_buf_addc(ret, '\n');
	put_access(&counts, ret);
	put_programs(&recording->files, &counts, ret);
	put_acts(&recording->acts, &counts, ret);
	if (recording->raised_creds)
		snug_buf_adds(ret, "  an exec raised credentials\n");
	return snug_buf_check(ret, err);
}

/* ---- in JSON ---- */

static void put_json_files(struct snug_json_writer *w, const struct snug_seen_files *files,
			   const struct snug_seen_counts *counts)
{
	snug_json_put_key(w, "files");
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "count", counts->files);
	for (unsigned bit = 0; bit < SNUG_ACCESS_MAX; bit++)
		snug_json_pair_u64(w, snug_access_name(bit), counts->access[bit]);
	snug_json_close(w);
	snug_json_put_key(w, "programs");
	snug_json_open(w, '[');
	for (size_t i = 0; i < files->count; i = snug_seen_next_path(files, i))
		if (snug_seen_is_program(files, i))
			snug_bytes_put(w, files->at[i].path);
	snug_json_close(w);
}

int snug_recording_json(const struct snug_recording *recording, const char *title,
			struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	struct snug_seen_counts counts;

	snug_seen_count(recording, &counts);
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "kind", "recording");
	snug_json_pair_string(&w, "name", recording->name ? recording->name : title);
	snug_json_pair_u64(&w, "runs", recording->run_count);
	snug_json_put_key(&w, "observed");
	snug_observed_put(&w, recording->observed);
	snug_lost_put(&w, recording);
	snug_json_pair_u64(&w, "calls", count_calls(recording, false));
	snug_json_pair_u64(&w, "refused", count_calls(recording, true));
	snug_json_put_key(&w, "capabilities");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < recording->caps.count; i++)
		snug_json_put_string(&w, snug_cap_name(recording->caps.at[i].cap));
	snug_json_close(&w);
	/* What was not looked at is absent, not none. */
	if (recording->observed & (SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE))
		put_json_files(&w, &recording->files, &counts);
	snug_seen_acts_put(&w, &recording->acts, recording->observed);
	snug_json_pair_bool(&w, "raisedCredentials", recording->raised_creds);
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	return snug_json_pretty(text.data, text.len, ret, err);
}
