/* SPDX-License-Identifier: Apache-2.0 */
/* What a document's own style is, so that what is put in looks as if its author wrote it. */
#include "json/internal.h"

#include <string.h>

#define UNIT_TRIES 16 /* each may look back over a long line */

const char *snug_json_lead(const struct snug_json_node *node, size_t *ret_len)
{
	const char *text = node->doc->text, *end = text + node->item, *start = end;

	while (start > text && snug_json_is_space(start[-1]))
		start--;
	*ret_len = (size_t)(end - start);
	return start;
}

static bool copy(char *to, size_t size, const char *prefix, const char *text, size_t len)
{
	size_t before = strlen(prefix);

	if (before + len >= size || memchr(text, '\n', len))
		return false;
	memcpy(to, prefix, before);
	memcpy(to + before, text, len);
	to[before + len] = '\0';
	return true;
}

/* The white space at the start of the line that holds offset at. */
static const char *line_indent(const struct snug_json *doc, uint32_t at, size_t *ret_len)
{
	const char *nl = at ? memrchr(doc->text, '\n', at) : NULL;
	const char *line = nl ? nl + 1 : doc->text;

	for (*ret_len = 0; line[*ret_len] == ' ' || line[*ret_len] == '\t'; ++*ret_len)
		if (line + *ret_len >= doc->text + doc->len)
			break;
	return line;
}

static bool has_line(const struct snug_json_node *child)
{
	size_t len;
	const char *lead = snug_json_lead(child, &len);

	return memchr(lead, '\n', len) != NULL;
}

/* A child on a line of its own: its indentation is its container's line's and one unit. */
static bool find_unit(const struct snug_json_node *child, struct snug_json_style *style)
{
	size_t len, outer_len;
	const char *indent = snug_json_lead(child, &len), *outer, *nl = memrchr(indent, '\n', len);

	len -= (size_t)(nl + 1 - indent);
	indent = nl + 1;
	outer = line_indent(child->doc, child->doc->nodes.at[child->parent].start, &outer_len);
	if (outer_len > len || memcmp(outer, indent, outer_len) != 0)
		return false;
	return copy(style->unit, sizeof(style->unit), "", indent + outer_len, len - outer_len);
}

/* What stands between a name and its value. */
static bool find_colon(const struct snug_json_node *child, struct snug_json_style *style)
{
	const char *text = child->doc->text;
	uint32_t from = child->start;

	if (child->key == SNUG_JSON_NONE)
		return false;
	while (text[from - 1] != '"')
		from--;
	return copy(style->colon, sizeof(style->colon), "", text + from, child->start - from);
}

static bool find_comma(const struct snug_json_node *child, struct snug_json_style *style)
{
	size_t len;
	const char *lead = snug_json_lead(child, &len);

	return child->index && copy(style->comma, sizeof(style->comma), ",", lead, len);
}

static bool is_flat(const struct snug_json_node *node)
{
	return node->count && !memchr(node->doc->text + node->start, '\n', node->end - node->start);
}

void snug_json_style_of(const struct snug_json *doc, struct snug_json_style *ret)
{
	const struct snug_json_node *root = snug_json_root(doc);
	const char *from = doc->text + root->start;
	const char *nl = memchr(from, '\n', root->end - root->start);
	bool unit = false, colon = false, comma = false;
	unsigned tries = 0;

	*ret = (struct snug_json_style){ .unit = "  ", .colon = ": ", .comma = ", ", .flat = -1 };
	ret->newline = nl && nl > from && nl[-1] == '\r' ? "\r\n" : "\n";
	ret->one_line = !nl;
	for (size_t i = 1; i < doc->nodes.count; i++) {
		const struct snug_json_node *node = &doc->nodes.at[i];

		unit = unit || (has_line(node) && tries++ < UNIT_TRIES && find_unit(node, ret));
		colon = colon || find_colon(node, ret);
		comma = comma || find_comma(node, ret);
		if (ret->flat < 0 && is_flat(node))
			ret->flat = 1;
		if (unit && colon && comma && ret->flat > 0)
			break;
	}
	if (ret->one_line && !comma && !strcmp(ret->colon, ":"))
		strcpy(ret->comma, ",");
}
