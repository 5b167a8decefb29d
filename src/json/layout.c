/* SPDX-License-Identifier: Apache-2.0 */
/* Laying values out: on one line, or broken over several. */
#include "json/internal.h"

#include "base/cleanup.h"

#include <string.h>

#define TAB_WIDTH 8u

struct layout {
	const struct snug_json_style *style;
	struct snug_buf *out;
	const char *base; /* indentation of the line on which the value starts */
	size_t base_len;
};

static bool is_container(const struct snug_json_node *node)
{
	return node->type == SNUG_JSON_ARRAY || node->type == SNUG_JSON_OBJECT;
}

static size_t key_len(const struct snug_json_node *node)
{
	const char *text = node->doc->text;
	uint32_t end = node->start;

	if (node->key == SNUG_JSON_NONE)
		return 0;
	while (text[end - 1] != '"')
		end--;
	return end - node->item;
}

static void put_key(const struct snug_json_node *node, const struct snug_json_style *style,
		    struct snug_buf *out)
{
	if (node->key == SNUG_JSON_NONE)
		return;
	snug_buf_add(out, node->doc->text + node->item, key_len(node));
	snug_buf_adds(out, style->colon);
}

static void put_source(const struct snug_json_node *node, struct snug_buf *out)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	snug_buf_add(out, text, len);
}

static void put_flat(const struct snug_json_node *node, const struct snug_json_style *style,
		     struct snug_buf *out)
{
	if (!is_container(node)) {
		put_source(node, out);
		return;
	}
	snug_buf_addc(out, node->type == SNUG_JSON_OBJECT ? '{' : '[');
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c)) {
		if (c->index)
			snug_buf_adds(out, style->comma);
		put_key(c, style, out);
		put_flat(c, style, out);
	}
	snug_buf_addc(out, node->type == SNUG_JSON_OBJECT ? '}' : ']');
}

/* Takes what node needs on one line from *room; false when it is too wide or nests too deeply. */
static bool measure(const struct snug_json_node *node, const struct snug_json_style *style,
		    int height, size_t *room)
{
	size_t need = is_container(node) ? 2 : node->end - node->start;

	if (node->count && height <= 0)
		return false;
	if (node->count)
		need += (node->count - 1) * strlen(style->comma);
	if (need > *room)
		return false;
	*room -= need;
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c)) {
		need = c->key == SNUG_JSON_NONE ? 0 : key_len(c) + strlen(style->colon);
		if (need > *room)
			return false;
		*room -= need;
		if (!measure(c, style, height - 1, room))
			return false;
	}
	return true;
}

void snug_json_last_line(const struct snug_buf *out, const char **ret_indent, size_t *ret_len,
			 size_t *ret_width)
{
	const char *text = snug_buf_text(out),
		   *nl = out->len ? memrchr(text, '\n', out->len) : NULL;
	const char *line = nl ? nl + 1 : text, *end = text + out->len;

	*ret_indent = line;
	*ret_width = 0;
	for (*ret_len = 0; line + *ret_len < end; ++*ret_len)
		if (line[*ret_len] != ' ' && line[*ret_len] != '\t')
			break;
	for (; line < end; line++)
		*ret_width += *line == '\t' ? TAB_WIDTH : 1;
}

/* One column is kept for the comma that may follow. */
static bool fits(const struct snug_json_node *node, const struct layout *l, int height)
{
	const char *indent;
	size_t len, width, room;

	snug_json_last_line(l->out, &indent, &len, &width);
	if (width + 1 >= SNUG_JSON_COLUMNS)
		return false;
	room = SNUG_JSON_COLUMNS - 1 - width;
	return measure(node, l->style, height, &room);
}

static void new_line(const struct layout *l, unsigned level)
{
	snug_buf_adds(l->out, l->style->newline);
	snug_buf_add(l->out, l->base, l->base_len);
	while (level--)
		snug_buf_adds(l->out, l->style->unit);
}

static bool is_list_of_scalars(const struct snug_json_node *node)
{
	if (node->type != SNUG_JSON_ARRAY)
		return false;
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c))
		if (is_container(c))
			return false;
	return true;
}

static void put_filled(const struct snug_json_node *node, const struct layout *l, unsigned level)
{
	size_t gap = strlen(l->style->comma), indent = l->base_len, column = SNUG_JSON_COLUMNS;

	indent += (level + 1) * strlen(l->style->unit);
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c)) {
		size_t need = c->end - c->start;

		if (column + gap + need + 1 > SNUG_JSON_COLUMNS) {
			if (c->index)
				snug_buf_addc(l->out, ',');
			new_line(l, level + 1);
			column = indent;
		} else {
			snug_buf_adds(l->out, l->style->comma);
			column += gap;
		}
		put_source(c, l->out);
		column += need;
	}
	new_line(l, level);
}

static void put(const struct snug_json_node *node, const struct layout *l, unsigned level);

static void put_broken(const struct snug_json_node *node, const struct layout *l, unsigned level)
{
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c)) {
		if (c->index)
			snug_buf_addc(l->out, ',');
		new_line(l, level + 1);
		put_key(c, l->style, l->out);
		put(c, l, level + 1);
	}
	new_line(l, level);
}

static void put(const struct snug_json_node *node, const struct layout *l, unsigned level)
{
	if (!node->count || (l->style->flat >= 0 && fits(node, l, l->style->flat))) {
		put_flat(node, l->style, l->out);
		return;
	}
	snug_buf_addc(l->out, node->type == SNUG_JSON_OBJECT ? '{' : '[');
	if (l->style->fill && is_list_of_scalars(node))
		put_filled(node, l, level);
	else
		put_broken(node, l, level);
	snug_buf_addc(l->out, node->type == SNUG_JSON_OBJECT ? '}' : ']');
}

void snug_json_layout(const struct snug_json_node *node, const struct snug_json_style *style,
		      bool flat_first, struct snug_buf *out)
{
	struct layout l = { .style = style, .out = out };
	SNUG_AUTO(snug_buf_clear) struct snug_buf base = { 0 };
	const char *indent;
	size_t len, width;

	if (style->one_line || (flat_first && fits(node, &l, SNUG_JSON_DEPTH_MAX + 1))) {
		put_flat(node, style, out);
		return;
	}
	snug_json_last_line(out, &indent, &len, &width);
	snug_buf_add(&base, indent, len); /* out moves while it grows */
	out->failed = out->failed || base.failed;
	l.base = snug_buf_text(&base);
	l.base_len = base.len;
	put(node, &l, 0);
}
