/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/json share. Not for others. */
#pragma once

#include "base/vec.h"
#include "json/json.h"

#include <string.h>

#define SNUG_JSON_NONE UINT32_MAX

/* Offsets fit 32 bits because SNUG_JSON_BYTES_MAX does. Nodes lie in pre-order. */
struct snug_json_node {
	struct snug_json *doc;
	uint32_t start, end;	      /* the value's bytes in doc->text */
	uint32_t item;		      /* where its key starts, or the value where there is none */
	uint32_t key, text;	      /* decoded, in doc->strings; NONE */
	uint32_t parent, first, next; /* nodes; NONE */
	uint32_t index, count;	      /* among its siblings; of its children */
	uint32_t edit;		      /* in doc->edits; NONE */
	uint8_t type;
	bool touched; /* an edit may lie here or below */
};

/* Something that an edit puts into a container. */
struct snug_json_added {
	char *key; /* decoded; NULL in an array */
	struct snug_json *value;
};

struct snug_json_edit {
	uint32_t node; /* NONE: dropped */
	bool remove;
	struct snug_json *replace;
	SNUG_VEC(struct snug_json_added)
	front; /* in the order of the calls: the last comes first */
	SNUG_VEC(struct snug_json_added) back;
};

struct snug_json {
	char *text; /* len bytes and a space, see parse.c */
	size_t len;
	char *file; /* NULL: none */
	struct snug_buf strings;
	SNUG_VEC(struct snug_json_node) nodes;
	SNUG_VEC(struct snug_json_edit) edits;
	unsigned depth; /* of the deepest container */
};

/* The name of what lies in an object, where each has one. */
static inline const char *snug_json_name(const struct snug_json_node *member)
{
	return member->doc->strings.data + member->key;
}

/* Is this a member of that name? The first byte tells most of them apart, without a call. */
static inline bool snug_json_key_is(const struct snug_json_node *member, const char *key)
{
	const char *own = snug_json_name(member);

	return own[0] == key[0] && strcmp(own, key) == 0;
}

/* How new values are laid out. */
struct snug_json_style {
	char unit[17], colon[9], comma[9]; /* comma: between values on one line, with the comma */
	const char *newline;
	bool one_line; /* never a new line */
	bool fill;     /* lists of scalars line by line */
	int flat;      /* values of at most this height stay on a line when they fit; -1: none */
};

#define SNUG_JSON_COLUMNS 100u

/* json/string.c: decodes the inside of a string token. 0, or the offset of what is wrong + 1. */
size_t snug_json_decode(const char *raw, size_t len, struct snug_buf *ret, const char **ret_why);
void snug_json_quote(struct snug_buf *out, const char *text);

static inline bool snug_json_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* json/parse.c */
/* Fills file, line, column and path (of `node`; NULL: none) of an error that was just made. */
void snug_json_locate(const struct snug_json *doc, size_t at, const struct snug_json_node *node,
		      struct snug_error *err);

/* A copy of the text (and a space) and of the file's name. -1: no memory. */
int snug_json_copy_text(struct snug_json *doc, const char *text, size_t len, const char *file);

/* json/duplicates.c. An object whose members are all there. */
int snug_json_refuse_duplicates(const struct snug_json_node *object,
				struct snug_error *err) SNUG_CHECKED;

/* json/layout.c */
/* Writes node at the end of `out`, whose last line tells indentation and column. */
void snug_json_layout(const struct snug_json_node *node, const struct snug_json_style *style,
		      bool flat_first, struct snug_buf *out);
/* The white space at the start of out's last line, and that line's width. */
void snug_json_last_line(const struct snug_buf *out, const char **ret_indent, size_t *ret_len,
			 size_t *ret_width);

/* json/style.c */
void snug_json_style_of(const struct snug_json *doc, struct snug_json_style *ret);
/* The white space before node's item (key or element). */
const char *snug_json_lead(const struct snug_json_node *node, size_t *ret_len);
