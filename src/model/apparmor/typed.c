/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed tokens: the parts of a name that are a number, a digest or a UUID differ from run to run,
 * and mean the same. A process is one below /proc alone.
 */
#include "base/buf.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/sightings.h"

#include <stdlib.h>
#include <string.h>

#define INT_MIN_DIGITS 5u /* a year, a port or a mode is a name; a process or a time is not */
#define INT_MAX_DIGITS 15u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t run(const char *text, bool (*is)(char c))
{
	size_t len = 0;

	while (is(text[len]))
		len++;
	return len;
}

static bool is_uuid(const char *text)
{
	static const unsigned char parts[] = { 8, 4, 4, 4, 12 };

	for (unsigned i = 0; i < sizeof(parts); i++) {
		if (run(text, is_word) != parts[i] || run(text, is_hex) != parts[i])
			return false;
		text += parts[i];
		if (i < sizeof(parts) - 1 && *text++ != '-')
			return false;
	}
	return true;
}
#define UUID_LEN 36u

/* A word of letters and digits, of which the whole is one thing or no type at all: returns how
 * much of text it took, having put what that is. */
static size_t put_word(const char *text, struct snug_buf *out)
{
	const size_t len = run(text, is_word);
	const bool digits = run(text, is_digit) == len, hex = run(text, is_hex) == len;

	if (is_uuid(text)) {
		snug_buf_adds(out, "@{uuid}");
		return UUID_LEN;
	}
	if (digits && len >= INT_MIN_DIGITS && len <= INT_MAX_DIGITS)
		snug_buf_adds(out, "@{int}");
	else if (hex && len >= SNUG_AARE_HEX_MIN && len <= SNUG_AARE_HEX_MAX)
		snug_buf_addf(out, "@{hex%zu}", len);
	else
		snug_buf_add(out, text, len);
	return len;
}

/* One character of a pattern that is no word: an escape is copied whole, so that "\x2a" is no word
 * of its own. */
static size_t put_other(const char *text, struct snug_buf *out)
{
	size_t len = text[0] != '\\' ? 1 : text[1] == 'x' ? 4 : 2;

	snug_buf_add(out, text, len);
	return len;
}

/* What O_TMPFILE makes has its inode's number for a name (d_tmpfile). */
static size_t put_nameless(const char *text, struct snug_buf *out)
{
	const size_t len = strncmp(text, "/#", 2) == 0 ? run(text + 2, is_digit) : 0;

	if (!len || text[2 + len])
		return 0;
	snug_buf_adds(out, "/#@{int}");
	return 2 + len;
}

static void put_typed(const char *pattern, struct snug_buf *out)
{
	size_t len;

	for (; *pattern; pattern += len) {
		len = put_nameless(pattern, out);
		if (!len)
			len = is_word(*pattern) ? put_word(pattern, out) : put_other(pattern, out);
	}
}

/* Below a process's folder: a thread, or a descriptor, which is a number of any length. */
static bool put_numbered(const char **rest, struct snug_buf *out)
{
	static const char *const names[] = { "/task/", "/fd/", "/fdinfo/" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(*rest, names[i], len) != 0 || !is_digit((*rest)[len]))
			continue;
		snug_buf_addf(out, "%s%s", names[i], i == 0 ? "@{pid}" : "@{int}");
		*rest += len;
		*rest += run(*rest, is_digit);
		return true;
	}
	return false;
}

/* "/proc/7/status", "/proc/7/task/8/fd/9". */
static void put_proc(const char *pattern, struct snug_buf *out)
{
	const char *rest = pattern + strlen("/proc/");
	size_t digits = run(rest, is_digit);

	if (!digits || rest[digits] != '/') {
		snug_buf_adds(out, pattern);
		return;
	}
	snug_buf_adds(out, "/proc/@{pid}");
	rest += digits;
	while (put_numbered(&rest, out))
		continue;
	snug_buf_adds(out, rest);
}

int snug_aa_sightings_type(struct snug_aa_sightings *all, struct snug_error *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct snug_aa_sighting *one = &all->at[i];
		struct snug_buf typed = { 0 };
		char *pattern;

		if (one->kept || snug_aa_is_code(one))
			continue;
		if (strncmp(one->pattern, "/proc/", strlen("/proc/")) == 0)
			put_proc(one->pattern, &typed);
		else if (!snug_aa_is_delicate(one->pattern))
			put_typed(one->pattern, &typed);
		else
			continue;
		pattern = snug_buf_take(&typed);
		if (!pattern)
			return snug_fail_memory(err);
		if (strcmp(pattern, one->pattern) == 0)
			free(pattern);
		else
			snug_aa_sighting_widen(one, pattern, SNUG_AA_WHY_TYPED);
	}
	snug_aa_sightings_sort(all);
	return 0;
}
