/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording's "observed" says. */
#include "model/recording.h"

#include <string.h>

static const struct {
	const char *word;
	unsigned bit;
	const char *approximate; /* NULL: exactly, or not at all */
	unsigned about;
} rows[] = {
	{ "syscalls", SNUG_OBSERVED_SYSCALLS, NULL, 0 },
	{ "capabilities", SNUG_OBSERVED_CAPABILITIES, "capabilities:approximate",
	  SNUG_OBSERVED_CAPABILITIES_APPROXIMATE },
	{ "joiners", SNUG_OBSERVED_JOINERS, NULL, 0 },
	{ "files", SNUG_OBSERVED_FILES, "files:approximate", SNUG_OBSERVED_FILES_APPROXIMATE },
	{ "network", SNUG_OBSERVED_NETWORK, NULL, 0 },
	{ "signals", SNUG_OBSERVED_SIGNALS, NULL, 0 },
	{ "mounts", SNUG_OBSERVED_MOUNTS, NULL, 0 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *snug_observed_word(unsigned observed, unsigned row)
{
	if (row >= ROWS)
		return NULL;
	if (observed & rows[row].about)
		return rows[row].approximate;
	return observed & rows[row].bit ? rows[row].word : "";
}

unsigned snug_observed_parse(const char *word)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (strcmp(word, rows[i].word) == 0)
			return rows[i].bit;
		if (rows[i].approximate && strcmp(word, rows[i].approximate) == 0)
			return rows[i].bit | rows[i].about;
	}
	return 0;
}

unsigned snug_observed_missing(unsigned observed)
{
	unsigned missing = 0;

	for (unsigned i = 0; i < ROWS; i++)
		if (!(observed & (rows[i].bit | rows[i].about)))
			missing |= rows[i].bit;
	return missing;
}

/* Each is a chain: exactly, approximately, not at all. */
unsigned snug_observed_merge(unsigned a, unsigned b)
{
	unsigned both = 0;

	for (unsigned i = 0; i < ROWS; i++) {
		const unsigned any = rows[i].bit | rows[i].about;

		if (a & any && b & any)
			both |= rows[i].bit | ((a | b) & rows[i].about);
	}
	return both;
}

void snug_observed_put(struct snug_json_writer *w, unsigned observed)
{
	const char *word;

	snug_json_open(w, '[');
	for (unsigned i = 0; (word = snug_observed_word(observed, i)); i++)
		if (*word)
			snug_json_put_string(w, word);
	snug_json_close(w);
}
