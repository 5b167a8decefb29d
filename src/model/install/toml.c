/* SPDX-License-Identifier: Apache-2.0 */
#include "model/install/toml.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int fail(const struct snug_toml *toml, const char *what, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s", what);
	snprintf(err->file, sizeof(err->file), "%s", toml->file);
	err->line = toml->line;
	return -1;
}

static char here(const struct snug_toml *toml)
{
	return toml->text[toml->at];
}

static void skip_blanks(struct snug_toml *toml)
{
	toml->at += strspn(toml->text + toml->at, " \t");
}

/* To the next statement: over empty lines and comments. */
static void skip_lines(struct snug_toml *toml)
{
	for (;;) {
		skip_blanks(toml);
		if (here(toml) == '#')
			toml->at += strcspn(toml->text + toml->at, "\n");
		if (here(toml) == '\r' && toml->text[toml->at + 1] == '\n')
			toml->at++;
		if (here(toml) != '\n')
			return;
		toml->at++;
		toml->line++;
	}
}

/* The text within quotes, at one; toml->at is behind them. */
static int read_quoted(struct snug_toml *toml, const char **ret, size_t *ret_len,
		       struct snug_error *err)
{
	const char quote[] = { here(toml), '\n', '\0' };
	const char *text = toml->text + toml->at + 1;
	size_t len = strcspn(text, quote);

	while (quote[0] == '"' && text[len] == '"' && len > 0 && text[len - 1] == '\\')
		len += 1 + strcspn(text + len + 1, quote);
	if (len == 0 && text[0] == quote[0] && text[1] == quote[0])
		return fail(toml, "a string of several lines, which snug does not read here", err);
	if (text[len] != quote[0])
		return fail(toml, "a string that does not end on its line", err);
	*ret = text;
	*ret_len = len;
	toml->at += len + 2;
	return 0;
}

static bool is_bare(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* One part of a key. */
static int read_part(struct snug_toml *toml, const char **ret, size_t *ret_len,
		     struct snug_error *err)
{
	*ret = toml->text + toml->at;
	if (here(toml) == '"' || here(toml) == '\'') {
		if (read_quoted(toml, ret, ret_len, err) < 0)
			return -1;
		if (memchr(*ret, '\\', *ret_len) || memchr(*ret, SNUG_TOML_STEP[0], *ret_len))
			return fail(toml, "a key with an escape, which snug does not read here",
				    err);
		return 0;
	}
	for (*ret_len = 0; is_bare(here(toml)); toml->at++)
		(*ret_len)++;
	return *ret_len ? 0 : fail(toml, "no key where one should be", err);
}

/* A key, dotted or not, behind what is in path already. */
static int read_key(struct snug_toml *toml, char path[SNUG_TOML_PATH_MAX], struct snug_error *err)
{
	const char *part;
	size_t len, used = strlen(path);

	for (;;) {
		skip_blanks(toml);
		if (read_part(toml, &part, &len, err) < 0)
			return -1;
		if (used + len + 2 > SNUG_TOML_PATH_MAX)
			return fail(toml, "a key of more bytes than snug reads here", err);
		if (used)
			path[used++] = SNUG_TOML_STEP[0];
		memcpy(path + used, part, len);
		used += len;
		path[used] = '\0';
		skip_blanks(toml);
		if (here(toml) != '.')
			return 0;
		toml->at++;
	}
}

/* Nothing but a comment may follow on the line. */
static int end_line(struct snug_toml *toml, struct snug_error *err)
{
	skip_blanks(toml);
	if (here(toml) == '#')
		toml->at += strcspn(toml->text + toml->at, "\n");
	if (here(toml) == '\r')
		toml->at++;
	return here(toml) == '\n' || !here(toml)
		       ? 0
		       : fail(toml, "something behind a statement, which snug does not read", err);
}

static int read_table(struct snug_toml *toml, struct snug_toml_statement *ret,
		      struct snug_error *err)
{
	bool list = toml->text[toml->at + 1] == '[';

	toml->at += list ? 2 : 1;
	ret->kind = list ? SNUG_TOML_TABLES : SNUG_TOML_TABLE;
	if (read_key(toml, ret->path, err) < 0)
		return -1;
	if (here(toml) != ']' || (list && toml->text[toml->at + 1] != ']'))
		return fail(toml, "the name of a table does not end", err);
	toml->at += list ? 2 : 1;
	memcpy(toml->table, ret->path, sizeof(toml->table));
	return end_line(toml, err);
}

/* A value, which may go over lines within brackets. */
static int read_value(struct snug_toml *toml, struct snug_toml_statement *ret,
		      struct snug_error *err)
{
	const char *ignored;
	unsigned depth = 0;
	size_t len;

	skip_blanks(toml);
	ret->value = toml->text + toml->at;
	for (;; toml->at++) {
		char c = here(toml);

		while (c == '"' || c == '\'') {
			if (read_quoted(toml, &ignored, &len, err) < 0)
				return -1;
			c = here(toml);
		}
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth)
			depth--;
		if (!c || c == '#' || (c == '\n' && !depth)) {
			if (c != '#' || !depth)
				break;
			toml->at += strcspn(toml->text + toml->at, "\n");
			c = here(toml);
		}
		toml->line += c == '\n';
		if (!c)
			break;
	}
	if (depth)
		return fail(toml, "a value whose brackets do not end", err);
	ret->value_len = (size_t)(toml->text + toml->at - ret->value);
	return end_line(toml, err);
}

int snug_toml_next(struct snug_toml *toml, struct snug_toml_statement *ret, struct snug_error *err)
{
	if (!toml->line)
		toml->line = 1;
	skip_lines(toml);
	*ret = (struct snug_toml_statement){ .line = toml->line };
	if (!here(toml))
		return 0;
	if (here(toml) == '[')
		return read_table(toml, ret, err) < 0 ? -1 : 1;
	memcpy(ret->path, toml->table, sizeof(ret->path));
	ret->outer = strlen(ret->path);
	if (read_key(toml, ret->path, err) < 0)
		return -1;
	if (here(toml) != '=')
		return fail(toml, "a key without a value", err);
	toml->at++;
	return read_value(toml, ret, err) < 0 ? -1 : 1;
}

bool snug_toml_is_above(const char *path, size_t len, const char *of)
{
	return strncmp(path, of, len) == 0 && (!of[len] || of[len] == SNUG_TOML_STEP[0]);
}

bool snug_toml_is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\' || *text == 0x7f)
			return false;
	return true;
}
