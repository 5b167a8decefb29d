/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invariant 3, lossless: whatever is edited, the result means what the edits say, and every byte
 * that they do not touch is there unchanged. The edits are kept in a plain list beside, whose
 * meaning is worked out naively.
 */
#include "base/cleanup.h"
#include "json/internal.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define CASES	  10000u
#define EDITS_MAX 8u

/* Random documents */

struct shape {
	struct snug_buf *out;
	const char *unit, *newline, *colon, *gap; /* unit NULL: on one line */
	bool messy;				  /* random white space everywhere */
	unsigned values;
};

static const char *const scalars[] = {
	"0",	"-0.0",	 "1.50E+01",	      "18446744073709551616", "true", "false", "null",
	"\"\"", "\"x\"", "\"\\u0041\\n\\/\"", "\"\xc3\xa9 ,:{}[]\"",  "[]",   "{ }",   "\"[\\\"\""
};

static const char *const values[] = { "1",
				      "\"new\"",
				      "null",
				      "[]",
				      "{}",
				      "[1, [2], \"a\"]",
				      "{\"p\": {\"q\": [true, {\"r\":1.0}]}, \"s\":\"t\"}" };

static void put_mess(struct shape *s)
{
	static const char *const mess[] = { "", "", "", " ", "\n", "\t", "\r\n  ", "\n\n    " };

	if (s->messy)
		snug_buf_adds(s->out, mess[random_below(8)]);
}

static void put_line(struct shape *s, unsigned level)
{
	if (!s->unit)
		return;
	snug_buf_adds(s->out, s->newline);
	while (level--)
		snug_buf_adds(s->out, s->unit);
}

static void put_random(struct shape *s, unsigned level)
{
	unsigned kind = random_below(level > 4 || s->values > 60 ? 2 : 6), n = random_below(5);
	bool object = kind & 1;

	if (kind < 2 && (level || random_below(8) == 0)) {
		snug_buf_adds(s->out, scalars[random_below(14)]);
		return;
	}
	snug_buf_addc(s->out, object ? '{' : '[');
	put_mess(s);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			snug_buf_adds(s->out, s->unit ? "," : s->gap);
		put_line(s, level + 1);
		put_mess(s);
		s->values++;
		if (object) {
			snug_buf_addf(s->out, random_below(4) ? "\"k%u\"" : "\"\\u006b%u\"", i);
			put_mess(s);
			snug_buf_adds(s->out, s->colon);
			put_mess(s);
		}
		put_random(s, level + 1);
		put_mess(s);
	}
	if (n)
		put_line(s, level);
	snug_buf_addc(s->out, object ? '}' : ']');
}

static void put_document(struct snug_buf *out)
{
	static const char *const units[] = { NULL, "", "  ", "   ", "    ", "\t", "        " };
	static const char *const colons[] = { ":", ": ", " : " }, *const gaps[] = { ",", ", " };
	struct shape s = { .out = out,
			   .unit = units[random_below(7)],
			   .newline = random_below(3) ? "\n" : "\r\n",
			   .colon = colons[random_below(3)],
			   .gap = gaps[random_below(2)],
			   .messy = random_below(3) == 0 };

	put_mess(&s);
	put_random(&s, 0);
	put_mess(&s);
}

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

	assert_int_equal(snug_json_parse(&doc, json, strlen(json), NULL, &err), 0);
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

static void edits_do_what_they_say_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		struct snug_error err;

		random_case(i);
		put_document(&in);
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		change_count = 0;
		for (unsigned n = random_below(EDITS_MAX); n > 0; n--)
			CHECK(change_randomly(doc, &err) == 0);
		CHECK(snug_json_render(doc, &out, &err) == 0);
		CHECK(snug_json_is_edited(doc) || !strcmp(in.data, out.data));
		CHECK(snug_json_parse(&result, out.data, out.len, NULL, &err) == 0);
		check_meaning(doc, result);
		check_bytes(snug_json_root(doc), snug_json_root(result));
		check_surroundings(doc, result);
		check_lines(&in, &out, mixes_line_ends(&in));
	}
}

/* Edits that are made again change nothing more: hardening twice is hardening once. */
static void edits_made_again_change_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, once = { 0 };
		const char *json = values[random_below(7)];
		struct snug_error err;

		random_case(i);
		snug_buf_adds(&in, "{\"deep\": ");
		put_document(&in);
		snug_buf_adds(&in, random_below(2) ? "\n}" : "}");
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		CHECK(snug_json_set(doc, snug_json_root(doc), "new", json, &err) == 0);
		CHECK(snug_json_render(doc, &once, &err) == 0);
		CHECK(snug_json_parse(&result, once.data, once.len, NULL, &err) == 0);
		CHECK(snug_json_set(result, snug_json_root(result), "new", json, &err) == 0);
		CHECK(!snug_json_is_edited(result));
	}
}

/* Damaged documents are refused with a place, or are documents and come back as they are. */
static void damage_is_refused_or_harmless(void **state)
{
	static const char bytes[] = "{}[],:\"\\ue0-.1tn\n\t\v /*\x80\xed\xff";

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		struct snug_error err = { 0 };

		random_case(i);
		put_document(&in);
		for (unsigned n = 1 + random_below(3); n > 0; n--)
			in.data[random_below((unsigned)in.len)] =
				bytes[random_below(sizeof(bytes))];
		if (snug_json_parse(&doc, in.data, in.len, NULL, &err) < 0) {
			CHECK(err.code == SNUG_INPUT && err.line && err.column &&
			      err.path[0] == '$');
			CHECK(err.what[0] && err.remedy[0] && !strchr(err.what, '\n'));
			continue;
		}
		CHECK(snug_json_render(doc, &out, &err) == 0);
		CHECK(out.len == in.len && !memcmp(out.data, in.data, in.len));
	}
}

static void pretty_keeps_the_meaning(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 }, again = { 0 };
		struct snug_error err;

		random_case(i);
		put_document(&in);
		change_count = 0;
		CHECK(snug_json_pretty(in.data, in.len, &out, &err) == 0);
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		CHECK(snug_json_parse(&result, out.data, out.len, NULL, &err) == 0);
		check_meaning(doc, result);
		CHECK(snug_json_pretty(out.data, out.len, &again, &err) == 0);
		CHECK(!strcmp(out.data, again.data));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_do_what_they_say_and_nothing_else),
		cmocka_unit_test(edits_made_again_change_nothing),
		cmocka_unit_test(damage_is_refused_or_harmless),
		cmocka_unit_test(pretty_keeps_the_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
