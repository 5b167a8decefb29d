/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random edits of a JSON document, what they mean, worked out naively from a plain list of them,
 * and which bytes they must leave alone.
 */
#pragma once

#include "base/cleanup.h"
#include "json/internal.h"
#include "random.h"

#include <string.h>

#define EDITS_MAX 8u

static const char *const values[] = { "1",
				      "\"new\"",
				      "null",
				      "[]",
				      "{}",
				      "[1, [2], \"a\"]",
				      "{\"p\": {\"q\": [true, {\"r\":1.0}]}, \"s\":\"t\"}" };

/* The edits, in a list */

enum op { DROPPED, REPLACE, REMOVE, ADD_FRONT, ADD_BACK };

struct change {
	enum op op;
	const struct snug_json_node *node;
	const char *json;
	char key[8]; /* of an added member */
};

static struct change changes[EDITS_MAX];
static unsigned change_count;

static bool lies_in(const struct snug_json_node *node, const struct snug_json_node *outer)
{
	return node->start >= outer->start && node->end <= outer->end;
}

static bool is_add(const struct change *c)
{
	return c->op == ADD_FRONT || c->op == ADD_BACK;
}

static void note(enum op op, const struct snug_json_node *node, const char *json, const char *key)
{
	struct change now = { .op = op, .node = node, .json = json };

	strcpy(now.key, key);
	for (unsigned i = 0; i < change_count; i++) {
		struct change *c = &changes[i];
		bool again = is_add(&now) && is_add(c) && c->node == node && *key &&
			     !strcmp(c->key, key);

		if (again) {
			c->json = json;
			return;
		}
		if ((lies_in(node, c->node) && !is_add(c)) ||
		    (!is_add(&now) && lies_in(c->node, node)))
			c->op = DROPPED;
	}
	changes[change_count++] = now;
}

static int change_randomly(struct snug_json *doc, struct snug_error *err)
{
	const struct snug_json_node *node =
		&doc->nodes.at[random_below((unsigned)doc->nodes.count)];
	const char *json = values[random_below(7)];
	char key[] = { 'k', (char)('0' + random_below(9)), '\0' };
	const struct snug_json_node *member = snug_json_member(node, key);

	if (node->type == SNUG_JSON_OBJECT && random_below(2)) {
		note(member ? REPLACE : ADD_BACK, member ? member : node, json, member ? "" : key);
		return snug_json_set(doc, node, key, json, err);
	}
	if (node->type == SNUG_JSON_ARRAY && random_below(2)) {
		bool front = random_below(2);

		note(front ? ADD_FRONT : ADD_BACK, node, json, "");
		return front ? snug_json_prepend(doc, node, json, err)
			     : snug_json_append(doc, node, json, err);
	}
	if (node->parent != SNUG_JSON_NONE && random_below(2)) {
		note(REMOVE, node, NULL, "");
		return snug_json_remove(doc, node, err);
	}
	note(REPLACE, node, json, "");
	return snug_json_replace(doc, node, json, err);
}

/* What the edits mean */

static const struct change *change_of(const struct snug_json_node *node)
{
	for (unsigned i = 0; i < change_count; i++)
		if (changes[i].node == node &&
		    (changes[i].op == REPLACE || changes[i].op == REMOVE))
			return &changes[i];
	return NULL;
}

static bool is_removed(const struct snug_json_node *node)
{
	const struct change *c = change_of(node);

	return c && c->op == REMOVE;
}

static void put_meaning(const struct snug_json_node *node, struct snug_json_writer *w, bool edited);

static void put_json(const char *json, struct snug_json_writer *w)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;

	CHECK(snug_json_parse(&doc, json, strlen(json), NULL, &err) == 0);
	put_meaning(snug_json_root(doc), w, false);
}

static void put_members(const struct snug_json_node *node, struct snug_json_writer *w, bool edited)
{
	for (unsigned i = change_count; edited && i-- > 0;)
		if (changes[i].node == node && changes[i].op == ADD_FRONT)
			put_json(changes[i].json, w);
	for (const struct snug_json_node *c = snug_json_first(node); c; c = snug_json_next(c)) {
		if (edited && is_removed(c))
			continue;
		if (snug_json_key(c))
			snug_json_put_key(w, snug_json_key(c));
		put_meaning(c, w, edited);
	}
	for (unsigned i = 0; edited && i < change_count; i++) {
		if (changes[i].node != node || changes[i].op != ADD_BACK)
			continue;
		if (changes[i].key[0])
			snug_json_put_key(w, changes[i].key);
		put_json(changes[i].json, w);
	}
}

/* Compact, keys decoded, scalars as they are spelt. */
static void put_meaning(const struct snug_json_node *node, struct snug_json_writer *w, bool edited)
{
	const struct change *change = edited ? change_of(node) : NULL;
	size_t len;
	const char *text = snug_json_source(node, &len);

	if (change) {
		put_json(change->json, w);
	} else if (node->type == SNUG_JSON_ARRAY || node->type == SNUG_JSON_OBJECT) {
		snug_json_open(w, node->type == SNUG_JSON_ARRAY ? '[' : '{');
		put_members(node, w, edited);
		snug_json_close(w);
	} else {
		snug_json_put_raw(w, text, len);
	}
}

static void check_meaning(const struct snug_json *doc, const struct snug_json *result)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf want = { 0 }, got = { 0 };
	struct snug_json_writer w = { .out = &want }, g = { .out = &got };

	put_meaning(snug_json_root(doc), &w, true);
	put_meaning(snug_json_root(result), &g, false);
	CHECK(!strcmp(want.data, got.data));
}

/* Untouched bytes */

static bool is_untouched(const struct snug_json_node *node)
{
	for (unsigned i = 0; i < change_count; i++)
		if (changes[i].op != DROPPED && lies_in(changes[i].node, node))
			return false;
	return true;
}

static bool same_bytes(const struct snug_json_node *a, uint32_t a_from, uint32_t a_to,
		       const struct snug_json_node *b, uint32_t b_from, uint32_t b_to)
{
	return a_to - a_from == b_to - b_from &&
	       !memcmp(a->doc->text + a_from, b->doc->text + b_from, a_to - a_from);
}

static unsigned added(const struct snug_json_node *node, enum op op)
{
	unsigned n = 0;

	for (unsigned i = 0; i < change_count; i++)
		n += changes[i].node == node && changes[i].op == op;
	return n;
}

static void check_bytes(const struct snug_json_node *node, const struct snug_json_node *result);

static void check_children(const struct snug_json_node *node, const struct snug_json_node *result)
{
	const struct snug_json_node *there = snug_json_first(result), *before = NULL, *c;
	uint32_t end = node->start + 1, there_end = result->start + 1;
	bool neighbours = true;

	for (unsigned n = added(node, ADD_FRONT); n > 0; n--, neighbours = false)
		there = snug_json_next(there);
	for (c = snug_json_first(node); c; c = snug_json_next(c)) {
		if (is_removed(c)) {
			neighbours = false;
			continue;
		}
		CHECK(!neighbours || same_bytes(c, end, c->item, there, there_end, there->item));
		CHECK(same_bytes(c, c->item, c->start, there, there->item, there->start));
		check_bytes(c, there);
		before = c;
		end = c->end;
		there_end = there->end;
		neighbours = true;
		there = snug_json_next(there);
	}
	if (before && neighbours && !there)
		CHECK(same_bytes(node, end, node->end, result, there_end, result->end));
}

static void check_bytes(const struct snug_json_node *node, const struct snug_json_node *result)
{
	if (change_of(node))
		return;
	if (is_untouched(node))
		CHECK(same_bytes(node, node->start, node->end, result, result->start, result->end));
	else
		check_children(node, result);
}

static void check_surroundings(const struct snug_json *doc, const struct snug_json *result)
{
	const struct snug_json_node *a = snug_json_root(doc), *b = snug_json_root(result);

	CHECK(same_bytes(a, 0, a->start, b, 0, b->start));
	CHECK(same_bytes(a, a->end, (uint32_t)doc->len, b, b->end, (uint32_t)result->len));
}

/* A document on one line stays on it; line ends are the document's. */
static void check_lines(const struct snug_buf *in, const struct snug_buf *out, bool messy)
{
	if (!strchr(in->data, '\n'))
		CHECK(!strchr(out->data, '\n'));
	if (strstr(in->data, "\r\n") && !messy)
		for (const char *nl = out->data; (nl = strchr(nl, '\n')); nl++)
			CHECK(nl[-1] == '\r');
	if (!strchr(in->data, '\r'))
		CHECK(!strchr(out->data, '\r'));
}

static bool mixes_line_ends(const struct snug_buf *in)
{
	for (const char *nl = in->data; (nl = strchr(nl, '\n')); nl++)
		if (nl == in->data || nl[-1] != '\r')
			return true;
	return false;
}
