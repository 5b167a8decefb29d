/* SPDX-License-Identifier: Apache-2.0 */
/* The document with its edits: every byte that no edit touched is copied. */
#include "json/internal.h"

#include "base/cleanup.h"

#include <string.h>

struct render {
	const struct snug_json *doc;
	struct snug_json_style style;
	struct snug_buf *out;
};

static const struct snug_json_edit *edit_of(const struct snug_json_node *node)
{
	return node->edit == SNUG_JSON_NONE ? NULL : &node->doc->edits.at[node->edit];
}

static bool is_removed(const struct snug_json_node *node)
{
	return node->edit != SNUG_JSON_NONE && edit_of(node)->remove;
}

static bool has_lead_line(const struct snug_json_node *node)
{
	size_t len;
	const char *lead = snug_json_lead(node, &len);

	return memchr(lead, '\n', len) != NULL;
}

static void copy(struct render *r, uint32_t from, uint32_t to)
{
	snug_buf_add(r->out, r->doc->text + from, to - from);
}

static void copy_lead(struct render *r, const struct snug_json_node *child)
{
	size_t len;
	const char *lead = snug_json_lead(child, &len);

	snug_buf_add(r->out, lead, len);
}

/* The white space behind a child. */
static void copy_tail(struct render *r, const struct snug_json_node *child)
{
	uint32_t end = child->end;

	while (end < r->doc->len && snug_json_is_space(r->doc->text[end]))
		end++;
	copy(r, child->end, end);
}

/* Whether what is put into an empty container goes on lines of its own. */
static bool breaks_when_filled(const struct render *r, const struct snug_json_node *container)
{
	if (r->style.one_line)
		return false;
	return container->parent == SNUG_JSON_NONE || has_lead_line(container);
}

/* One container while it is written. */
struct filling {
	const struct snug_json_node *container, *first, *last; /* children in the source */
	const struct snug_json_node *before, *removed; /* written last; the first removed since */
	size_t written;
	const char *indent; /* of the container's line, where it is empty and breaks */
	size_t indent_len;
	bool breaks;
};

/* White space before a new item, as its neighbour has it. True when it starts a line. */
static bool put_gap(struct render *r, const struct filling *f, bool front)
{
	const struct snug_json_node *near = front ? f->first : f->last;
	const struct snug_json_node *other = front && near ? snug_json_next(near) : near;
	size_t len;
	const char *lead, *nl;

	if (f->breaks) {
		snug_buf_adds(r->out, r->style.newline);
		snug_buf_add(r->out, f->indent, f->indent_len);
		snug_buf_adds(r->out, r->style.unit);
		return true;
	}
	lead = near ? snug_json_lead(near, &len) : NULL;
	nl = lead ? memrchr(lead, '\n', len) : NULL;
	if (nl) {
		snug_buf_adds(r->out, r->style.newline);
		snug_buf_add(r->out, nl + 1, (size_t)(lead + len - nl - 1));
		return true;
	}
	if (f->written && other && other->index && !has_lead_line(other))
		copy_lead(r, other);
	else if (f->written)
		snug_buf_adds(r->out, r->style.comma + 1);
	return false;
}

static void put_added(struct render *r, struct filling *f, const struct snug_json_added *added,
		      bool front)
{
	bool own_line;

	if (f->written)
		snug_buf_addc(r->out, ',');
	if (!f->written && f->first) {
		copy_lead(r, f->first);
		own_line = has_lead_line(f->first);
	} else {
		own_line = put_gap(r, f, front);
	}
	if (added->key) {
		snug_json_quote(r->out, added->key);
		snug_buf_adds(r->out, r->style.colon);
	}
	snug_json_layout(snug_json_root(added->value), &r->style, !own_line, r->out);
	f->written++;
	f->before = NULL;
}

static void put_node(struct render *r, const struct snug_json_node *node);

static void put_child(struct render *r, struct filling *f, const struct snug_json_node *child)
{
	if (!f->written) {
		copy_lead(r, f->first);
	} else if (f->before && !f->removed) {
		copy(r, f->before->end, child->item);
	} else if (f->before) {
		copy_tail(r, f->before);
		snug_buf_addc(r->out, ',');
		copy_lead(r, has_lead_line(f->removed) ? f->removed : child);
	} else {
		snug_buf_addc(r->out, ',');
		put_gap(r, f, true);
	}
	copy(r, child->item, child->start);
	put_node(r, child);
	f->written++;
	f->before = child;
	f->removed = NULL;
}

static void put_end(struct render *r, const struct filling *f)
{
	if (!f->written && !f->first) {
		copy(r, f->container->start + 1, f->container->end - 1);
	} else if (f->written && f->last) {
		copy_tail(r, f->last);
	} else if (f->written && f->breaks) {
		snug_buf_adds(r->out, r->style.newline);
		snug_buf_add(r->out, f->indent, f->indent_len);
	}
	copy(r, f->container->end - 1, f->container->end);
}

static void put_container(struct render *r, const struct snug_json_node *node)
{
	const struct snug_json_edit *edit = edit_of(node);
	SNUG_AUTO(snug_buf_clear) struct snug_buf indent = { 0 };
	struct filling f = { .container = node, .first = snug_json_first(node) };
	size_t width;

	for (const struct snug_json_node *c = f.first; c; c = snug_json_next(c))
		f.last = c;
	f.breaks = !f.first && breaks_when_filled(r, node);
	if (f.breaks) {
		snug_json_last_line(r->out, &f.indent, &f.indent_len, &width);
		snug_buf_add(&indent, f.indent, f.indent_len); /* out moves while it grows */
		r->out->failed = r->out->failed || indent.failed;
		f.indent = snug_buf_text(&indent);
	}

	copy(r, node->start, node->start + 1);
	for (size_t i = edit ? edit->front.count : 0; i-- > 0;)
		put_added(r, &f, &edit->front.at[i], true);
	for (const struct snug_json_node *c = f.first; c; c = snug_json_next(c)) {
		if (!is_removed(c))
			put_child(r, &f, c);
		else if (!f.removed)
			f.removed = c;
	}
	for (size_t i = 0; edit && i < edit->back.count; i++)
		put_added(r, &f, &edit->back.at[i], false);
	put_end(r, &f);
}

/* A list that was on one line stays on it, and so does what stands in a line with others. */
static bool stays_flat(const struct snug_json_node *node)
{
	if (node->count)
		return !memchr(node->doc->text + node->start, '\n', node->end - node->start);
	return node->parent != SNUG_JSON_NONE && !has_lead_line(node);
}

static void put_node(struct render *r, const struct snug_json_node *node)
{
	const struct snug_json_edit *edit = edit_of(node);

	if (edit && edit->replace)
		snug_json_layout(snug_json_root(edit->replace), &r->style, stays_flat(node),
				 r->out);
	else if (node->touched && (node->type == SNUG_JSON_ARRAY || node->type == SNUG_JSON_OBJECT))
		put_container(r, node);
	else
		copy(r, node->start, node->end);
}

int snug_json_render(const struct snug_json *doc, struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(doc);
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct render r = { .doc = doc, .out = &out };

	snug_json_style_of(doc, &r.style);
	copy(&r, 0, root->start);
	put_node(&r, root);
	copy(&r, root->end, (uint32_t)doc->len);
	if (snug_buf_check(&out, err) < 0)
		return -1;
	if (out.len > SNUG_JSON_BYTES_MAX)
		return snug_fail(err, SNUG_INPUT,
				 "the edited document has %zu bytes, more than the limit of %zu",
				 out.len, SNUG_JSON_BYTES_MAX);
	snug_buf_add(ret, out.data, out.len);
	return snug_buf_check(ret, err);
}
