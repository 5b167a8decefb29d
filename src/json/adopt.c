/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document made of what another process says of its text, and nothing of that believed.
 *
 * The text is walked once. At each character there is but one thing that may come next, and the
 * places only say where values end and what is nested in what: a place that does not fit is a
 * failure. No recursion, and nothing is read past the text's end, behind which lies a space.
 */
#include "json/internal.h"

#include "base/cleanup.h"

#include <string.h>

struct walk {
	struct snug_json *doc;
	uint32_t at;
	uint32_t open[SNUG_JSON_DEPTH_MAX], last[SNUG_JSON_DEPTH_MAX];
	unsigned depth;
};

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

static void skip_space(struct walk *w)
{
	while (w->at < w->doc->len && snug_json_is_space(w->doc->text[w->at]))
		w->at++;
}

static bool take(struct walk *w, char c)
{
	if (w->at >= w->doc->len || w->doc->text[w->at] != c)
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

/* Behind a backslash. */
static bool take_escape(struct walk *w)
{
	const char *text = w->doc->text;

	if (!take(w, 'u')) {
		if (w->at >= w->doc->len || !text[w->at] || !strchr("\"\\/bfnrt", text[w->at]))
			return false;
		w->at++;
		return true;
	}
	for (int i = 0; i < 4; i++, w->at++)
		if (w->at >= w->doc->len || !is_hex(text[w->at]))
			return false;
	return true;
}

/* A string token; decoded into doc->strings. */
static bool take_string(struct walk *w, uint32_t *ret)
{
	const char *text = w->doc->text, *why;
	struct snug_buf *strings = &w->doc->strings;
	uint32_t from;

	if (!take(w, '"'))
		return false;
	from = w->at;
	while (!take(w, '"')) {
		if (w->at >= w->doc->len || (unsigned char)text[w->at] < 0x20)
			return false;
		if (take(w, '\\') ? !take_escape(w) : (w->at++, false))
			return false;
	}
	*ret = (uint32_t)strings->len;
	if (snug_json_decode(text + from, w->at - 1 - from, strings, &why) != 0)
		return false;
	snug_buf_addc(strings, '\0');
	return true;
}

static bool take_digits(struct walk *w)
{
	uint32_t from = w->at;

	while (w->at < w->doc->len && is_digit(w->doc->text[w->at]))
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

	if (w->doc->len - w->at < len || memcmp(w->doc->text + w->at, word, len) != 0)
		return false;
	w->at += (uint32_t)len;
	return true;
}

static bool take_scalar(struct walk *w, const struct snug_json_place *place, uint32_t *ret_text)
{
	switch (place->type) {
	case SNUG_JSON_NULL:
		return take_word(w, "null");
	case SNUG_JSON_BOOL:
		return take_word(w, "true") || take_word(w, "false");
	case SNUG_JSON_NUMBER:
		return take_number(w);
	case SNUG_JSON_STRING:
		return take_string(w, ret_text);
	default:
		return false;
	}
}

/* The end of the innermost container. */
static bool end_container(struct walk *w, struct snug_error *err)
{
	struct snug_json_node *node = &w->doc->nodes.at[w->open[w->depth - 1]];

	skip_space(w);
	if (!take(w, node->type == SNUG_JSON_OBJECT ? '}' : ']') || w->at != node->end)
		return false;
	w->depth--;
	return node->type != SNUG_JSON_OBJECT || snug_json_refuse_duplicates(node, err) == 0;
}

/* Up to where the value is, its key included; what is not in its container is ended before. */
static bool approach(struct walk *w, const struct snug_json_place *place,
		     struct snug_json_node *node, struct snug_error *err)
{
	struct snug_json_node *nodes = w->doc->nodes.at, *parent;

	while (w->depth && w->open[w->depth - 1] != place->parent)
		if (!end_container(w, err))
			return false;
	skip_space(w);
	if (!w->depth)
		return place->parent == SNUG_JSON_NONE && w->doc->nodes.count == 0 &&
		       w->at == place->item && place->item == place->start;
	parent = &nodes[place->parent];
	if (parent->count && !take(w, ','))
		return false;
	skip_space(w);
	if (w->at != place->item)
		return false;
	if (parent->type != SNUG_JSON_OBJECT)
		return place->item == place->start;
	if (!take_string(w, &node->key))
		return false;
	skip_space(w);
	if (!take(w, ':'))
		return false;
	skip_space(w);
	return w->at == place->start;
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

/* The container's first character. */
static bool begin_container(struct walk *w, uint32_t self)
{
	const struct snug_json_node *node = &w->doc->nodes.at[self];

	if (w->depth == SNUG_JSON_DEPTH_MAX || !take(w, node->type == SNUG_JSON_OBJECT ? '{' : '['))
		return false;
	w->open[w->depth] = self;
	w->last[w->depth] = SNUG_JSON_NONE;
	if (++w->depth > w->doc->depth)
		w->doc->depth = w->depth;
	return true;
}

static bool add(struct walk *w, const struct snug_json_place *place, struct snug_error *err)
{
	struct snug_json *doc = w->doc;
	uint32_t self = (uint32_t)doc->nodes.count;
	struct snug_json_node node = { .doc = doc,
				       .start = place->start,
				       .end = place->end,
				       .item = place->item,
				       .key = SNUG_JSON_NONE,
				       .text = SNUG_JSON_NONE,
				       .parent = SNUG_JSON_NONE,
				       .first = SNUG_JSON_NONE,
				       .next = SNUG_JSON_NONE,
				       .edit = SNUG_JSON_NONE,
				       .type = (uint8_t)place->type };

	if (place->type > SNUG_JSON_OBJECT || !approach(w, place, &node, err))
		return false;
	doc->nodes.at[doc->nodes.count++] = node; /* there is room for all */
	link_node(w, self);
	if (node.type == SNUG_JSON_ARRAY || node.type == SNUG_JSON_OBJECT)
		return begin_container(w, self);
	return take_scalar(w, place, &doc->nodes.at[self].text) && w->at == place->end;
}

static bool walk(struct walk *w, const struct snug_json_place *places, size_t count,
		 struct snug_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!add(w, &places[i], err))
			return false;
	while (w->depth)
		if (!end_container(w, err))
			return false;
	skip_space(w);
	return w->at == w->doc->len;
}

static const char unlike[] = "what was parsed of this document is not what it says";

int snug_json_adopt(struct snug_json **ret, const char *text, size_t len, const char *file,
		    const struct snug_json_place *places, size_t count, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = calloc(1, sizeof(*doc));
	struct walk w = { .doc = doc };

	if (len > SNUG_JSON_BYTES_MAX || !count || count > SNUG_JSON_NODES_MAX)
		return snug_fail(err, SNUG_SYSTEM, "%s", unlike);
	if (!doc || snug_json_copy_text(doc, text, len, file) < 0 ||
	    snug_vec_reserve(&doc->nodes, count) < 0 ||
	    snug_vec_grow((void **)&doc->strings.data, &doc->strings.room, len + 1, 1) < 0)
		return snug_fail_memory(err);
	*err = (struct snug_error){ .code = SNUG_DONE };
	if (!walk(&w, places, count, err))
		return err->code == SNUG_DONE ? snug_fail(err, SNUG_SYSTEM, "%s", unlike) : -1;
	if (snug_buf_check(&doc->strings, err) < 0)
		return -1;
	*ret = SNUG_TAKE(doc);
	return 0;
}
