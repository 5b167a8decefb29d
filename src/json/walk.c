/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain reader: one walk over the text, without recursion, and nothing is read past its end,
 * behind which lies a space. At each character there is but one thing that may come next; what is
 * not that is no document, and it is yajl's reader (parse.c) that says why and where.
 *
 * It reads what snug or root wrote, which is megabytes, and it holds what another process says of
 * a foreign text against that text: nothing of it is believed.
 */
#include "json/internal.h"

#include "base/cleanup.h"
#include "base/plain.h"

#include <string.h>

#define NODE_BYTES 8u /* of text a value takes, about: what is reserved for */

struct walk {
	struct snug_json *doc;
	const char *text;
	uint32_t at, len;
	uint32_t open[SNUG_JSON_DEPTH_MAX], last[SNUG_JSON_DEPTH_MAX]; /* container, last child */
	unsigned depth;
	struct snug_error *err; /* SNUG_DONE while all that is known is that it is no document */
};

static void skip_space(struct walk *w)
{
	while (w->at < w->len && snug_json_is_space(w->text[w->at]))
		w->at++;
}

static bool take(struct walk *w, char c)
{
	if (w->at >= w->len || w->text[w->at] != c)
		return false;
	w->at++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* ---- scalars ---- */

/* Behind a backslash. */
static bool take_escape(struct walk *w)
{
	if (!take(w, 'u')) {
		if (w->at >= w->len || !w->text[w->at] || !strchr("\"\\/bfnrt", w->text[w->at]))
			return false;
		w->at++;
		return true;
	}
	for (int i = 0; i < 4; i++, w->at++)
		if (w->at >= w->len || !is_hex(w->text[w->at]))
			return false;
	return true;
}

/* From behind the plain characters at its head to the string's end: w->at is at the quote then. */
static bool find_end(struct walk *w)
{
	while (w->at < w->len && w->text[w->at] != '"') {
		if ((unsigned char)w->text[w->at] < 0x20)
			return false;
		if (take(w, '\\')) {
			if (!take_escape(w))
				return false;
		} else {
			w->at++;
		}
	}
	return w->at < w->len;
}

/* A string token; decoded into doc->strings, which has room for as much as the text has. */
static bool take_string(struct walk *w, uint32_t *ret)
{
	struct snug_buf *strings = &w->doc->strings;
	const char *from = w->text + w->at + 1, *why;
	size_t plain;

	if (!take(w, '"'))
		return false;
	*ret = (uint32_t)strings->len;
	plain = snug_plain(from, w->len - w->at);
	w->at += (uint32_t)plain;
	if (w->at < w->len && w->text[w->at] == '"') {
		memcpy(strings->data + strings->len, from, plain);
		strings->len += plain;
	} else if (!find_end(w) ||
		   snug_json_decode(from, (size_t)(w->text + w->at - from), strings, &why) != 0) {
		return false;
	}
	w->at++;
	strings->data[strings->len++] = '\0';
	return true;
}

static bool take_digits(struct walk *w)
{
	uint32_t from = w->at;

	while (w->at < w->len && is_digit(w->text[w->at]))
		w->at++;
	return w->at > from;
}

static bool take_number(struct walk *w)
{
	(void)take(w, '-');
	if (!take(w, '0') && !take_digits(w))
		return false;
	if (take(w, '.') && !take_digits(w))
		return false;
	if (!take(w, 'e') && !take(w, 'E'))
		return true;
	if (!take(w, '+'))
		(void)take(w, '-');
	return take_digits(w);
}

static bool take_word(struct walk *w, const char *word)
{
	size_t len = strlen(word);

	if (w->len - w->at < len || memcmp(w->text + w->at, word, len) != 0)
		return false;
	w->at += (uint32_t)len;
	return true;
}

/* ---- values ---- */

/* What a value is whose first character this is: a number where it is nothing else's. */
static enum snug_json_type type_at(char c)
{
	switch (c) {
	case '{':
		return SNUG_JSON_OBJECT;
	case '[':
		return SNUG_JSON_ARRAY;
	case '"':
		return SNUG_JSON_STRING;
	case 't':
	case 'f':
		return SNUG_JSON_BOOL;
	case 'n':
		return SNUG_JSON_NULL;
	default:
		return SNUG_JSON_NUMBER;
	}
}

static bool take_scalar(struct walk *w, enum snug_json_type type, uint32_t *ret_text)
{
	switch (type) {
	case SNUG_JSON_NULL:
		return take_word(w, "null");
	case SNUG_JSON_BOOL:
		return take_word(w, "true") || take_word(w, "false");
	case SNUG_JSON_STRING:
		return take_string(w, ret_text);
	case SNUG_JSON_NUMBER:
		return take_number(w);
	case SNUG_JSON_ARRAY:
	case SNUG_JSON_OBJECT:
	default:
		return false;
	}
}

static void link_node(struct walk *w, uint32_t self)
{
	struct snug_json_node *nodes = w->doc->nodes.at, *node = &nodes[self], *parent;
	uint32_t *last;

	if (!w->depth)
		return;
	parent = &nodes[w->open[w->depth - 1]];
	last = &w->last[w->depth - 1];
	node->parent = w->open[w->depth - 1];
	node->index = parent->count++;
	if (*last == SNUG_JSON_NONE)
		parent->first = self;
	else
		nodes[*last].next = self;
	*last = self;
}

static bool begin_container(struct walk *w, uint32_t self)
{
	if (w->depth == SNUG_JSON_DEPTH_MAX)
		return false;
	w->at++;
	w->open[w->depth] = self;
	w->last[w->depth] = SNUG_JSON_NONE;
	if (++w->depth > w->doc->depth)
		w->doc->depth = w->depth;
	return true;
}

/* The end of the innermost container, whose last character was taken. */
static bool end_container(struct walk *w)
{
	struct snug_json_node *node = &w->doc->nodes.at[w->open[--w->depth]];

	node->end = w->at;
	return node->type != SNUG_JSON_OBJECT || snug_json_refuse_duplicates(node, w->err) == 0;
}

/* A value that is here, of what began at item; of a container, its first character. */
static bool take_value(struct walk *w, uint32_t item, uint32_t key)
{
	struct snug_json *doc = w->doc;
	uint32_t self = (uint32_t)doc->nodes.count;
	struct snug_json_node *node;

	if (self >= SNUG_JSON_NODES_MAX || snug_vec_reserve(&doc->nodes, (size_t)self + 1) < 0)
		return false;
	node = &doc->nodes.at[doc->nodes.count++];
	*node = (struct snug_json_node){ .doc = doc,
					 .start = w->at,
					 .item = item,
					 .key = key,
					 .text = SNUG_JSON_NONE,
					 .parent = SNUG_JSON_NONE,
					 .first = SNUG_JSON_NONE,
					 .next = SNUG_JSON_NONE,
					 .edit = SNUG_JSON_NONE,
					 .type = (uint8_t)type_at(w->text[w->at]) };
	link_node(w, self);
	if (node->type == SNUG_JSON_ARRAY || node->type == SNUG_JSON_OBJECT)
		return begin_container(w, self);
	if (!take_scalar(w, snug_json_type(node), &node->text))
		return false;
	node->end = w->at;
	return true;
}

/* The next member or element of the innermost container, or its end. */
static bool take_child(struct walk *w)
{
	const struct snug_json_node *parent = &w->doc->nodes.at[w->open[w->depth - 1]];
	bool is_object = parent->type == SNUG_JSON_OBJECT;
	uint32_t item, key = SNUG_JSON_NONE;

	skip_space(w);
	if (take(w, is_object ? '}' : ']'))
		return end_container(w);
	if (parent->count && !take(w, ','))
		return false;
	skip_space(w);
	item = w->at;
	if (is_object) {
		if (!take_string(w, &key))
			return false;
		skip_space(w);
		if (!take(w, ':'))
			return false;
		skip_space(w);
	}
	return take_value(w, item, key);
}

static bool walk(struct walk *w)
{
	skip_space(w);
	if (!take_value(w, w->at, SNUG_JSON_NONE))
		return false;
	while (w->depth)
		if (!take_child(w))
			return false;
	skip_space(w);
	return w->at == w->len && !w->doc->strings.failed;
}

/* A decoded string and its NUL are shorter than its token: strings never move. */
static bool prepare(struct snug_json *doc, const char *text, size_t len, const char *file,
		    size_t nodes)
{
	return doc && snug_json_copy_text(doc, text, len, file) == 0 &&
	       snug_vec_reserve(&doc->nodes, nodes) == 0 &&
	       snug_vec_grow((void **)&doc->strings.data, &doc->strings.room, len + 1, 1) == 0;
}

static struct walk walk_of(struct snug_json *doc, struct snug_error *err)
{
	*err = (struct snug_error){ .code = SNUG_DONE };
	return (struct walk){
		.doc = doc, .text = doc->text, .len = (uint32_t)doc->len, .err = err
	};
}

/* ---- what snug or root wrote ---- */

int snug_json_parse_own(struct snug_json **ret, const char *text, size_t len, const char *file,
			struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct walk w;

	if (len > SNUG_JSON_BYTES_MAX)
		return snug_json_parse_yajl(ret, text, len, file, err);
	doc = calloc(1, sizeof(*doc));
	if (!prepare(doc, text, len, file, len / NODE_BYTES))
		return snug_fail_memory(err);
	w = walk_of(doc, err);
	if (!walk(&w))
		return snug_json_parse_yajl(ret, text, len, file, err);
	*ret = SNUG_TAKE(doc);
	return 0;
}

/* ---- what another process says of a text ---- */

size_t snug_json_place_count(const struct snug_json *doc)
{
	return doc->nodes.count;
}

void snug_json_places(const struct snug_json *doc, struct snug_json_place *ret)
{
	for (size_t i = 0; i < doc->nodes.count; i++) {
		const struct snug_json_node *node = &doc->nodes.at[i];

		ret[i] = (struct snug_json_place){ node->start, node->end, node->item, node->parent,
						   node->type };
	}
}

static bool is_as_told(const struct snug_json *doc, const struct snug_json_place *places,
		       size_t count)
{
	if (doc->nodes.count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct snug_json_node *node = &doc->nodes.at[i];
		const struct snug_json_place *told = &places[i];

		if (node->start != told->start || node->end != told->end ||
		    node->item != told->item || node->parent != told->parent ||
		    node->type != told->type)
			return false;
	}
	return true;
}

static const char unlike[] = "what was parsed of this document is not what it says";

int snug_json_adopt(struct snug_json **ret, const char *text, size_t len, const char *file,
		    const struct snug_json_place *places, size_t count, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct walk w;
	bool whole;

	if (len > SNUG_JSON_BYTES_MAX || !count || count > SNUG_JSON_NODES_MAX)
		return snug_fail(err, SNUG_SYSTEM, "%s", unlike);
	doc = calloc(1, sizeof(*doc));
	if (!prepare(doc, text, len, file, count))
		return snug_fail_memory(err);
	w = walk_of(doc, err);
	whole = walk(&w);
	if (!whole && err->code != SNUG_DONE)
		return -1;
	if (!whole || !is_as_told(doc, places, count))
		return snug_fail(err, SNUG_SYSTEM, "%s", unlike);
	*ret = SNUG_TAKE(doc);
	return 0;
}
