/* SPDX-License-Identifier: Apache-2.0 */
/* Golden: bytes in, edits, bytes out. */
#include "base/cleanup.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* "a.b.0": by member names and element numbers; "": the root. */
static const struct snug_json_node *find(const struct snug_json *doc, const char *where)
{
	const struct snug_json_node *node = snug_json_root(doc);
	char copy[128], *at = copy, *part;

	strcpy(copy, where);
	while (*where && (part = strsep(&at, "."))) {
		if (snug_json_type(node) == SNUG_JSON_OBJECT) {
			node = snug_json_member(node, part);
		} else {
			node = snug_json_first(node);
			for (int i = atoi(part); i > 0; i--)
				node = snug_json_next(node);
		}
		assert_non_null(node);
	}
	return node;
}

enum op { END, REPLACE, SET, PREPEND, APPEND, REMOVE };

struct step {
	enum op op;
	const char *where, *key, *json;
};

static int apply(struct snug_json *doc, const struct step *s, struct snug_error *err)
{
	const struct snug_json_node *node = find(doc, s->where);

	switch (s->op) {
	case REPLACE:
		return snug_json_replace(doc, node, s->json, err);
	case SET:
		return snug_json_set(doc, node, s->key, s->json, err);
	case PREPEND:
		return snug_json_prepend(doc, node, s->json, err);
	case APPEND:
		return snug_json_append(doc, node, s->json, err);
	case REMOVE:
		return snug_json_remove(doc, node, err);
	case END:
	default:
		return -1;
	}
}

struct row {
	const char *in;
	struct step steps[6];
	const char *out;
};

static void check(const struct row *row)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *again = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err;

	if (snug_json_parse(&doc, row->in, strlen(row->in), NULL, &err) < 0)
		fail_msg("%s: %s", row->in, err.what);
	assert_false(snug_json_is_edited(doc));
	for (const struct step *s = row->steps; s->op != END; s++)
		if (apply(doc, s, &err) < 0)
			fail_msg("%s: %s", row->in, err.what);
	assert_int_equal(snug_json_is_edited(doc), strcmp(row->in, row->out) != 0);
	assert_int_equal(snug_json_render(doc, &out, &err), 0);
	if (strcmp(out.data, row->out) != 0)
		fail_msg("in:\n%s\nwant:\n%s\ngot:\n%s", row->in, row->out, out.data);
	assert_int_equal(snug_json_parse(&again, out.data, out.len, NULL, &err), 0);
}

static const struct row rows[] = {
	/* one line, compact */
	{ "{\"a\":1,\"b\":2}",
	  { { SET, "", "c", "[1, {\"x\" : 2}]" } },
	  "{\"a\":1,\"b\":2,\"c\":[1,{\"x\":2}]}" },
	{ "{\"a\":1,\"b\":2}\n", { { SET, "", "a", "{\n}" } }, "{\"a\":{},\"b\":2}\n" },
	{ "{\"a\":1,\"b\":2,\"c\":3}", { { REMOVE, "a", 0, 0 } }, "{\"b\":2,\"c\":3}" },
	{ "{\"a\":1,\"b\":2,\"c\":3}", { { REMOVE, "b", 0, 0 } }, "{\"a\":1,\"c\":3}" },
	{ "{\"a\":1,\"b\":2,\"c\":3}", { { REMOVE, "c", 0, 0 } }, "{\"a\":1,\"b\":2}" },
	{ "{\"a\":1,\"b\":2,\"c\":3}",
	  { { REMOVE, "a", 0, 0 }, { REMOVE, "b", 0, 0 }, { REMOVE, "c", 0, 0 } },
	  "{}" },
	{ "{\"a\":1}", { { REMOVE, "a", 0, 0 }, { SET, "", "b", "2" } }, "{\"b\":2}" },
	{ "{\"a\":1}", { { SET, "", "b", "2" } }, "{\"a\":1,\"b\":2}" },
	{ "{}", { { SET, "", "b", "2" }, { SET, "", "c", "[1,2]" } }, "{\"b\": 2, \"c\": [1, 2]}" },
	{ "[]",
	  { { APPEND, "", 0, "2" }, { PREPEND, "", 0, "1" }, { PREPEND, "", 0, "0" } },
	  "[0, 1, 2]" },
	{ "[ ]\n", { { APPEND, "", 0, "2" } }, "[2]\n" },
	{ "[1]", { { APPEND, "", 0, "2" }, { PREPEND, "", 0, "0" } }, "[0, 1, 2]" },
	{ "[1,2]",
	  { { APPEND, "", 0, "3" }, { APPEND, "", 0, "4" }, { PREPEND, "", 0, "0" } },
	  "[0,1,2,3,4]" },
	/* one line, spaced, padded */
	{ "{ \"a\": 1, \"b\": [ 2, 3 ] }",
	  { { SET, "", "c", "{\"x\":1,\"y\":2}" } },
	  "{ \"a\": 1, \"b\": [ 2, 3 ], \"c\": {\"x\": 1, \"y\": 2} }" },
	{ "{ \"a\": 1, \"b\": [ 2, 3 ] }", { { REMOVE, "b", 0, 0 } }, "{ \"a\": 1 }" },
	{ "{ \"a\": 1, \"b\": [ 2, 3 ] }",
	  { { REMOVE, "a", 0, 0 }, { REMOVE, "b.0", 0, 0 } },
	  "{ \"b\": [ 3 ] }" },
	{ "{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }",
	  { { REMOVE, "b", 0, 0 } },
	  "{ \"a\" : 1 , \"c\" : 3 }" },
	/* two spaces */
	{ "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n",
	  { { SET, "b", "d", "{\"e\":[1,2]}" } },
	  "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2,\n    \"d\": {\n      \"e\": [\n        1,\n   "
	  "     2\n"
	  "      ]\n    }\n  }\n}\n" },
	{ "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
	  { { REMOVE, "a", 0, 0 } },
	  "{\n  \"b\": 2,\n  \"c\": 3\n}\n" },
	{ "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
	  { { REMOVE, "b", 0, 0 } },
	  "{\n  \"a\": 1,\n  \"c\": 3\n}\n" },
	{ "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
	  { { REMOVE, "c", 0, 0 } },
	  "{\n  \"a\": 1,\n  \"b\": 2\n}\n" },
	{ "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n",
	  { { REMOVE, "a", 0, 0 }, { REMOVE, "b", 0, 0 }, { REMOVE, "c", 0, 0 } },
	  "{}\n" },
	{ "{\n  \"a\": 1\n}\n",
	  { { REMOVE, "a", 0, 0 }, { SET, "", "b", "2" }, { SET, "", "c", "3" } },
	  "{\n  \"b\": 2,\n  \"c\": 3\n}\n" },
	{ "{\n  \"a\": {}\n}\n",
	  { { SET, "a", "b", "2" }, { SET, "a", "c", "[]" } },
	  "{\n  \"a\": {\n    \"b\": 2,\n    \"c\": []\n  }\n}\n" },
	{ "{\n  \"a\": [\n  ]\n}\n",
	  { { APPEND, "a", 0, "\"x\"" }, { PREPEND, "a", 0, "\"w\"" } },
	  "{\n  \"a\": [\n    \"w\",\n    \"x\"\n  ]\n}\n" },
	{ "[\n  1\n]",
	  { { APPEND, "", 0, "{\"a\":1}" }, { PREPEND, "", 0, "0" } },
	  "[\n  0,\n  1,\n  {\n    \"a\": 1\n  }\n]" },
	/* tabs, as `runc spec` writes */
	{ "{\n\t\"p\": {\n\t\t\"args\": [\n\t\t\t\"sh\"\n\t\t]\n\t},\n\t\"l\": {}\n}\n",
	  { { SET, "l", "s", "{\"d\":\"X\",\"n\":[\"a\",\"b\"]}" },
	    { REPLACE, "p.args", 0, "[\"ls\", \"-l\"]" } },
	  "{\n\t\"p\": {\n\t\t\"args\": [\n\t\t\t\"ls\",\n\t\t\t\"-l\"\n\t\t]\n\t},\n\t\"l\": "
	  "{\n\t\t\"s\": {\n"
	  "\t\t\t\"d\": \"X\",\n\t\t\t\"n\": "
	  "[\n\t\t\t\t\"a\",\n\t\t\t\t\"b\"\n\t\t\t]\n\t\t}\n\t}\n}\n" },
	/* three spaces, CRLF */
	{ "{\r\n   \"a\": 1,\r\n   \"b\": 2\r\n}\r\n",
	  { { SET, "", "c", "{\"d\":1}" }, { REMOVE, "a", 0, 0 } },
	  "{\r\n   \"b\": 2,\r\n   \"c\": {\r\n      \"d\": 1\r\n   }\r\n}\r\n" },
	/* no indentation */
	{ "{\n\"a\": 1,\n\"b\": [\n2\n]\n}\n",
	  { { APPEND, "b", 0, "{\"x\":1}" } },
	  "{\n\"a\": 1,\n\"b\": [\n2,\n{\n\"x\": 1\n}\n]\n}\n" },
	/* four spaces; lists on one line stay so, and new short ones are like them */
	{ "{\n    \"a\": [1, 2],\n    \"b\": {\"x\": 1}\n}\n",
	  { { APPEND, "a", 0, "3" },
	    { SET, "b", "y", "[4]" },
	    { SET, "", "c", "{\"n\":[5,6],\"m\":{}}" } },
	  "{\n    \"a\": [1, 2, 3],\n    \"b\": {\"x\": 1, \"y\": [4]},\n    \"c\": {\n        "
	  "\"n\": [5, 6],\n"
	  "        \"m\": {}\n    }\n}\n" },
	{ "{\n  \"a\": [1, 2],\n  \"b\": 0\n}\n",
	  { { REPLACE, "a", 0, "[{\"x\":1},{\"y\":[2]}]" }, { REPLACE, "b", 0, "[3,4]" } },
	  "{\n  \"a\": [{\"x\": 1}, {\"y\": [2]}],\n  \"b\": [3, 4]\n}\n" },
	/* too wide for the line that it stands in */
	{ "{\n  \"l\": {\"a\": 1}\n}\n",
	  { { SET, "l", "s",
	      "[\"0123456789012345678901234567890123456789\","
	      "\"0123456789012345678901234567890123456789\",1]" } },
	  "{\n  \"l\": {\"a\": 1, \"s\": [\n    \"0123456789012345678901234567890123456789\",\n"
	  "    \"0123456789012345678901234567890123456789\",\n    1\n  ]}\n}\n" },
	/* several on a line, groups, odd spacing: what was not edited stays */
	{ "{\n  \"a\":   1.0e1, \"b\":2,\n\n  \"c\" :3\n}\n",
	  { { REMOVE, "b", 0, 0 } },
	  "{\n  \"a\":   1.0e1,\n\n  \"c\" :3\n}\n" },
	{ "{\n  \"a\": 1, \"b\": 2,\n  \"c\": 3\n}\n",
	  { { REMOVE, "a", 0, 0 } },
	  "{\n  \"b\": 2,\n  \"c\": 3\n}\n" },
	{ "[\n  1,\n  2, 3,\n  4\n]\n", { { REMOVE, "1", 0, 0 } }, "[\n  1,\n  3,\n  4\n]\n" },
	{ "[\n  1\n  ,\n  2\n  ,\n  3\n]\n", { { REMOVE, "1", 0, 0 } }, "[\n  1\n  ,\n  3\n]\n" },
	{ "[{\n  \"a\": 1\n}, {}]\n",
	  { { SET, "1", "b", "2" }, { APPEND, "", 0, "{}" } },
	  "[{\n  \"a\": 1\n}, {\"b\": 2}, {}]\n" },
	/* the last edit of a node wins */
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { REPLACE, "a.b", 0, "7" }, { REPLACE, "a", 0, "8" } },
	  "{\"a\":8,\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { REPLACE, "a", 0, "8" }, { REPLACE, "a.b", 0, "7" } },
	  "{\"a\":{\"b\":7},\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { REMOVE, "a", 0, 0 }, { SET, "a", "x", "7" } },
	  "{\"a\":{\"b\":1,\"x\":7},\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { SET, "a", "x", "7" }, { REMOVE, "a", 0, 0 } },
	  "{\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { SET, "a", "x", "7" }, { SET, "a", "x", "9" } },
	  "{\"a\":{\"b\":1,\"x\":9},\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { REMOVE, "a.b", 0, 0 }, { SET, "a", "b", "3" } },
	  "{\"a\":{\"b\":3},\"c\":2}" },
	{ "{\"a\":{\"b\":1},\"c\":2}",
	  { { SET, "a", "x", "7" }, { REPLACE, "a", 0, "8" }, { REMOVE, "c", 0, 0 } },
	  "{\"a\":8}" },
	/* the same value, whatever its layout, is no edit; and it takes an earlier one back */
	{ "{\"a\" : [ 1,2 ] }", { { REPLACE, "a", 0, "[1, 2]" } }, "{\"a\" : [ 1,2 ] }" },
	{ "{\"a\" : {\"x\":1 } }",
	  { { REPLACE, "a", 0, "2" }, { SET, "", "a", "{\"x\":1}" } },
	  "{\"a\" : {\"x\":1 } }" },
	{ "{\"a\" : {\"x\":1 } }",
	  { { SET, "a", "y", "2" }, { SET, "", "a", "{\"x\":1}" } },
	  "{\"a\" : {\"x\":1 } }" },
	{ "[1.0]", { { REPLACE, "0", 0, "1" } }, "[1]" },
	{ "[ 1, [ ] ]", { { APPEND, "1", 0, "2" }, { REPLACE, "1", 0, "[]" } }, "[ 1, [ ] ]" },
	/* keys are quoted; scalars may be the root; white space around the document stays */
	{ "{}",
	  { { SET, "", "a\"\n\xc3\xa9", "\"\\u00e9\"" } },
	  "{\"a\\\"\\n\xc3\xa9\": \"\\u00e9\"}" },
	{ " \n 1 \n", { { REPLACE, "", 0, "[2]" } }, " \n [2] \n" },
	{ "\t{ } ", { { REPLACE, "", 0, "2" } }, "\t2 " },
};

static void edits_look_hand_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

static void bad_edits_are_refused_and_change_nothing(void **state)
{
	static const char text[] = "{\"a\": [1], \"b\": {}}";
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	const struct snug_json_node *a, *b;
	char deep[2 * SNUG_JSON_DEPTH_MAX + 1];
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_json_parse(&doc, text, sizeof(text) - 1, "f.json", &err), 0);
	a = find(doc, "a");
	b = find(doc, "b");
	assert_int_equal(snug_json_replace(doc, a, "[1,", &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_int_equal(snug_json_set(doc, a, "x", "1", &err), -1);
	assert_string_equal(err.what, "expected an object, found an array");
	assert_string_equal(err.path, "$.a");
	assert_int_equal(snug_json_append(doc, b, "1", &err), -1);
	assert_int_equal(snug_json_prepend(doc, b, "1", &err), -1);
	assert_int_equal(snug_json_append(doc, a, "1 2", &err), -1);
	memset(deep, '[', SNUG_JSON_DEPTH_MAX);
	memset(deep + SNUG_JSON_DEPTH_MAX, ']', SNUG_JSON_DEPTH_MAX);
	deep[(size_t)2 * SNUG_JSON_DEPTH_MAX] = '\0';
	assert_int_equal(snug_json_append(doc, a, deep, &err), -1);
	assert_int_equal(snug_json_replace(doc, a, deep, &err), -1);
	assert_int_equal(snug_json_set(doc, b, "x", deep, &err), -1);
	assert_false(snug_json_is_edited(doc));
	assert_int_equal(snug_json_render(doc, &out, &err), 0);
	assert_string_equal(out.data, text);
	deep[(size_t)2 * SNUG_JSON_DEPTH_MAX - 1] = '\0'; /* one level less fits */
	assert_int_equal(snug_json_replace(doc, a, deep + 1, &err), 0);
}

static void nodes_show_the_source_whatever_was_edited(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;
	uint64_t value;

	(void)state;
	assert_int_equal(snug_json_parse(&doc, "{\"a\":1}", 7, NULL, &err), 0);
	assert_int_equal(snug_json_set(doc, find(doc, ""), "a", "2", &err), 0);
	assert_int_equal(snug_json_u64(find(doc, "a"), &value, &err), 0);
	assert_int_equal(value, 1);
}

static void rendered_documents_are_bounded(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_freep) char *big = malloc(SNUG_JSON_BYTES_MAX + 1);
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err;

	(void)state;
	memset(big, 'x', SNUG_JSON_BYTES_MAX);
	big[0] = big[SNUG_JSON_BYTES_MAX - 1] = '"';
	big[SNUG_JSON_BYTES_MAX] = '\0';
	assert_int_equal(snug_json_parse(&doc, "[1]", 3, NULL, &err), 0);
	assert_int_equal(snug_json_append(doc, find(doc, ""), big, &err), 0);
	assert_int_equal(snug_json_render(doc, &out, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_look_hand_written),
		cmocka_unit_test(bad_edits_are_refused_and_change_nothing),
		cmocka_unit_test(nodes_show_the_source_whatever_was_edited),
		cmocka_unit_test(rendered_documents_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
