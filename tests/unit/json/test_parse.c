/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct snug_json *parse(const char *text)
{
	struct snug_json *doc = NULL;
	struct snug_error err;

	if (snug_json_parse(&doc, text, strlen(text), "f.json", &err) < 0)
		fail_msg("%s: %s at %u:%u", text, err.what, err.line, err.column);
	return doc;
}

static void refuse(const char *text, size_t len, struct snug_error *err)
{
	struct snug_json *doc = NULL;

	memset(err, 0xff, sizeof(*err));
	if (snug_json_parse(&doc, text, len, "f.json", err) == 0)
		fail_msg("taken: %s", text);
	assert_null(doc);
	assert_int_equal(err->code, SNUG_INPUT);
	assert_string_equal(err->file, "f.json");
}

#define BAD(text, line, column, path, what)                                                        \
	{                                                                                          \
		text, sizeof(text) - 1, line, column, path, what                                   \
	}

static const struct {
	const char *text;
	size_t len;
	unsigned line, column;
	const char *path, *what;
} bad[] = {
	BAD("", 1, 1, "$", "the document is empty"),
	BAD(" \n\t", 2, 2, "$", "the document is empty"),
	BAD("{", 1, 2, "$", "unexpected end of the document"),
	BAD("{\"a\"", 1, 5, "$.a", "unexpected end of the document"),
	BAD("{\"a\":", 1, 6, "$.a", "unexpected end of the document"),
	BAD("{\"a\":1", 1, 7, "$", "unexpected end of the document"),
	BAD("{\"a\":1,", 1, 8, "$", "unexpected end of the document"),
	BAD("[1,\n 2", 2, 3, "$[2]", "unexpected end of the document"),
	BAD("\"abc", 1, 5, "$", "unexpected end of the document"),
	BAD("\"abc\\", 1, 6, "$", "unexpected end of the document"),
	BAD("\"abc\\u12", 1, 9, "$", "unexpected end of the document"),
	BAD("tru", 1, 4, "$", "unexpected end of the document"),
	BAD("trux", 1, 4, "$", "expected true, false or null"),
	BAD("-", 1, 2, "$", "unexpected end of the document"),
	BAD("[-]", 1, 3, "$[0]", "expected a digit after the minus sign"),
	BAD("1.", 1, 3, "$", "unexpected end of the document"),
	BAD("[1.e]", 1, 4, "$[0]", "expected a digit after the decimal point"),
	BAD("[1e+]", 1, 5, "$[0]", "expected a digit after the exponent"),
	BAD("[01]", 1, 3, "$[1]", "expected ',' or ']'"),
	BAD("[+1]", 1, 2, "$[0]", "unexpected character"),
	BAD("[NaN]", 1, 2, "$[0]", "unexpected character"),
	BAD("['a']", 1, 2, "$[0]", "unexpected character"),
	BAD("[1,]", 1, 4, "$[1]", "expected a value"),
	BAD("[,1]", 1, 2, "$[0]", "expected a value"),
	BAD("[1 2]", 1, 4, "$[1]", "expected ',' or ']'"),
	BAD("[1:2]", 1, 3, "$[1]", "expected ',' or ']'"),
	BAD("[1}", 1, 3, "$[1]", "expected ',' or ']'"),
	BAD("{\"a\":1,}", 1, 8, "$", "expected a member name in quotes"),
	BAD("{,}", 1, 2, "$", "expected a member name in quotes"),
	BAD("{1:2}", 1, 2, "$", "expected a member name in quotes"),
	BAD("{\"a\" 1}", 1, 6, "$.a", "expected ':' after the member name"),
	BAD("{\"a\",1}", 1, 5, "$.a", "expected ':' after the member name"),
	BAD("{\"a\":1 \"b\":2}", 1, 8, "$", "expected ',' or '}'"),
	BAD("{\"a\":[1]]", 1, 9, "$", "expected ',' or '}'"),
	BAD("{\"a\":}", 1, 6, "$.a", "expected a value"),
	BAD("{\"l\":{\"s\":[{},\n {\"x\": ?}]}}", 2, 8, "$.l.s[1].x", "unexpected character"),
	BAD("// c\n1", 1, 1, "$", "a comment, which JSON has not"),
	BAD("{\"a\":1 /* c */}", 1, 8, "$", "a comment, which JSON has not"),
	BAD("1 2", 1, 3, "$", "text after the end of the document"),
	BAD("{}\n{}", 2, 1, "$", "text after the end of the document"),
	BAD("{} x", 1, 4, "$", "text after the end of the document"),
	BAD("{} \"x", 1, 4, "$", "text after the end of the document"),
	BAD("{} tru", 1, 4, "$", "text after the end of the document"),
	BAD("{}\f", 1, 3, "$", "text after the end of the document"),
	BAD("{}\0", 1, 3, "$", "text after the end of the document"),
	BAD("[1,\v2]", 1, 4, "$[1]", "unexpected character"),
	BAD("[1\v]", 1, 3, "$[1]", "unexpected character"),
	BAD("[\v]", 1, 2, "$[0]", "unexpected character"),
	BAD("\f1", 1, 1, "$", "unexpected character"),
	BAD("{\v\"a\":1}", 1, 2, "$", "unexpected character"),
	BAD("{\"a\":\f\"b\"}", 1, 6, "$.a", "unexpected character"),
	BAD("\xef\xbb\xbf{}", 1, 1, "$", "a byte-order mark before the document"),
	BAD("[\0]", 1, 2, "$[0]", "unexpected character"),
	BAD("[\"a\0b\"]", 1, 4, "$[0]", "a control character in a string"),
	BAD("[\"a\nb\"]", 1, 4, "$[0]", "a control character in a string"),
	BAD("[\"\\x\"]", 1, 4, "$[0]", "no such escape in a string"),
	BAD("[\"\\u12g4\"]", 1, 7, "$[0]", "\\u wants four hexadecimal digits"),
	BAD("[\"a\\u0000\"]", 1, 4, "$[0]", "a NUL in a string"),
	BAD("{\"k\\u0000\":1}", 1, 4, "$", "a NUL in a string"),
	BAD("[\"\\ud800\"]", 1, 3, "$[0]", "half of a surrogate pair in a string"),
	BAD("[\"\\ud800\\u0041\"]", 1, 3, "$[0]", "half of a surrogate pair in a string"),
	BAD("[\"\\ud800abcdef\"]", 1, 3, "$[0]", "half of a surrogate pair in a string"),
	BAD("[\"\\udc00\"]", 1, 3, "$[0]", "half of a surrogate pair in a string"),
	BAD("[\"a\xff\"]", 1, 4, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xc0\x80\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xe0\x80\x80\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xed\xa0\x80\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xf0\x80\x80\x80\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xf4\x90\x80\x80\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("[\"\xc3\"]", 1, 3, "$[0]", "a string that is not UTF-8"),
	BAD("{\"a\":1,\n\"b\":{\"x\":1,\"y\":2,\"x\":3}}", 2, 18, "$.b.x",
	    "the member is there twice"),
	BAD("{\"a\":1,\"\\u0061\":2}", 1, 8, "$.a", "the member is there twice"),
	BAD("{\"a\":1,\"b\":1,\"a\":2,\"b\":2}", 1, 14, "$.a", "the member is there twice"),
	BAD("[\"\\udc00\\udc00\"]", 1, 3, "$[0]", "half of a surrogate pair in a string"),
	BAD("{\"b\":1,\"a\":1,\"b\":2,\"a\":2}", 1, 14, "$.b", "the member is there twice"),
};

static void bad_documents_are_refused_with_their_place(void **state)
{
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refuse(bad[i].text, bad[i].len, &err);
		if (strcmp(err.what, bad[i].what) != 0 || err.line != bad[i].line ||
		    err.column != bad[i].column || strcmp(err.path, bad[i].path) != 0)
			fail_msg("%s: %u:%u: %s: %s", bad[i].text, err.line, err.column, err.path,
				 err.what);
		assert_true(err.remedy[0]);
	}
}

/* Whatever a document is cut to, it is refused, with a place inside it. */
static void truncated_documents_are_refused(void **state)
{
	static const char whole[] =
		"{\"a\": [1, -2.5e+3, \"x\\u00e9\\n\", {}], \"b\": {\"c\": true}}";
	struct snug_error err;

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		refuse(whole, len, &err);
		assert_true(err.column >= 1 && err.column <= len + 1);
	}
}

static char *repeated(const char *part, size_t times, size_t *ret_len)
{
	size_t len = strlen(part);
	char *text = malloc(len * times + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, part, len);
	text[len * times] = '\0';
	*ret_len = len * times;
	return text;
}

static void nesting_is_bounded(void **state)
{
	SNUG_AUTO(snug_freep) char *deep = NULL, *objects = NULL;
	struct snug_error err;
	char edge[2 * SNUG_JSON_DEPTH_MAX + 3];
	size_t len;

	(void)state;
	deep = repeated("[", 300000, &len);
	refuse(deep, len, &err);
	assert_string_equal(err.what, "more than 64 nested arrays and objects");
	assert_int_equal(err.column, SNUG_JSON_DEPTH_MAX + 1);
	objects = repeated("{\"a\":", 300000, &len);
	refuse(objects, len, &err);
	assert_string_equal(err.what, "more than 64 nested arrays and objects");

	memset(edge, '[', SNUG_JSON_DEPTH_MAX);
	memset(edge + SNUG_JSON_DEPTH_MAX, ']', SNUG_JSON_DEPTH_MAX);
	edge[(size_t)2 * SNUG_JSON_DEPTH_MAX] = '\0';
	snug_json_free(parse(edge));
	memmove(edge + 1, edge, strlen(edge) + 1);
	refuse(edge, strlen(edge), &err);
	assert_string_equal(err.what, "more than 64 nested arrays and objects");
}

static void size_is_bounded(void **state)
{
	SNUG_AUTO(snug_freep) char *big = malloc((size_t)100 << 20);
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;

	(void)state;
	assert_non_null(big);
	memset(big, ' ', (size_t)100 << 20);
	big[0] = '1';
	refuse(big, (size_t)100 << 20, &err);
	assert_string_equal(err.what,
			    "a document of 104857600 bytes, more than the limit of 67108864");
	refuse(big, SNUG_JSON_BYTES_MAX + 1, &err);
	assert_int_equal(snug_json_parse(&doc, big, SNUG_JSON_BYTES_MAX, NULL, &err), 0);
}

/* An array of `count` - 1 numbers. */
static char *array_of(size_t count, size_t *ret_len)
{
	char *text = repeated(",1", count, ret_len);

	memcpy(text, "[1 ", 3); /* in place of ",1,1": one number less, and room */
	text[3] = ' ';
	text[(*ret_len)++] = ']';
	return text;
}

static void values_are_counted(void **state)
{
	SNUG_AUTO(snug_freep) char *most = NULL, *more = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;
	size_t len;

	(void)state;
	most = array_of(SNUG_JSON_NODES_MAX, &len);
	assert_int_equal(snug_json_parse(&doc, most, len, NULL, &err), 0);
	assert_int_equal(snug_json_count(snug_json_root(doc)), SNUG_JSON_NODES_MAX - 1);
	more = array_of(SNUG_JSON_NODES_MAX + 1, &len);
	refuse(more, len, &err);
	assert_string_equal(err.what, "more than 2097152 values");
}

/* 100,000 members, with and without a duplicate: this ends at once or never. */
static void large_objects_are_checked(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		snug_buf_addf(&text, "%c\n\"member%u\":%u", i ? ',' : '{', i, i);
	snug_buf_adds(&text, "}");
	assert_int_equal(snug_json_parse(&doc, text.data, text.len, NULL, &err), 0);
	text.data[--text.len] = '\0';
	snug_buf_adds(&text, ",\n \"member500\":1}");
	refuse(text.data, text.len, &err);
	assert_string_equal(err.path, "$.member500");
	assert_int_equal(err.line, 100002);
	assert_int_equal(err.column, 2);
}

static void values_are_read(void **state)
{
	SNUG_AUTO(snug_json_freep)
	struct snug_json *doc =
		parse("{\"s\":\"a\\u00e9\\ud83d\\ude00\\\"\\\\\\/"
		      "\\b\\f\\n\\r\\t\xc3\xa9\",\"t\":true,\"f\":false,"
		      "\"z\":0,\"m\":18446744073709551615,\"i\":-9223372036854775808,\"n\":null}");
	const struct snug_json_node *root = snug_json_root(doc);
	struct snug_error err;
	const char *s;
	uint64_t u;
	int64_t i;
	bool b;

	(void)state;
	assert_int_equal(snug_json_string(snug_json_member(root, "s"), &s, &err), 0);
	assert_string_equal(s, "a\xc3\xa9\xf0\x9f\x98\x80\"\\/\b\f\n\r\t\xc3\xa9");
	assert_int_equal(snug_json_bool(snug_json_member(root, "t"), &b, &err), 0);
	assert_true(b);
	assert_int_equal(snug_json_bool(snug_json_member(root, "f"), &b, &err), 0);
	assert_false(b);
	assert_int_equal(snug_json_u64(snug_json_member(root, "z"), &u, &err), 0);
	assert_int_equal(u, 0);
	assert_int_equal(snug_json_u64(snug_json_member(root, "m"), &u, &err), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(snug_json_i64(snug_json_member(root, "i"), &i, &err), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(snug_json_type(snug_json_member(root, "n")), SNUG_JSON_NULL);
	assert_null(snug_json_member(root, "nobody"));
	assert_null(snug_json_member(NULL, "s"));
	assert_null(snug_json_member(snug_json_member(root, "s"), "s"));
	assert_int_equal(snug_json_count(root), 7);
}

static void wrong_values_name_their_place(void **state)
{
	static const struct {
		const char *json;
		const char *u64, *i64;
	} rows[] = {
		{ "18446744073709551616", "18446744073709551616 is too large a number",
		  "18446744073709551616 is too large a number" },
		{ "9223372036854775808", NULL, "9223372036854775808 is too large a number" },
		{ "-9223372036854775809", "expected no negative number, found -9223372036854775809",
		  "-9223372036854775809 is too large a number" },
		{ "1.0", "expected an integer, found 1.0", "expected an integer, found 1.0" },
		{ "1e3", "expected an integer, found 1e3", "expected an integer, found 1e3" },
		{ "-1", "expected no negative number, found -1", NULL },
		{ "9223372036854775807", NULL, NULL },
		{ "\"1\"", "expected a number, found a string",
		  "expected a number, found a string" },
	};

	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		const struct snug_json_node *node;
		struct snug_error err = { 0 };
		uint64_t u;
		int64_t i;

		snug_buf_addf(&text, "{\"a.b\":\n [%s]}", rows[r].json);
		doc = parse(text.data);
		node = snug_json_first(snug_json_first(snug_json_root(doc)));
		assert_int_equal(snug_json_u64(node, &u, &err), rows[r].u64 ? -1 : 0);
		if (rows[r].u64) {
			assert_string_equal(err.what, rows[r].u64);
			assert_string_equal(err.path, "$[\"a.b\"][0]");
			assert_int_equal(err.line, 2);
			assert_int_equal(err.column, 3);
			assert_string_equal(err.file, "f.json");
			assert_int_equal(err.code, SNUG_INPUT);
		}
		assert_int_equal(snug_json_i64(node, &i, &err), rows[r].i64 ? -1 : 0);
		if (rows[r].i64)
			assert_string_equal(err.what, rows[r].i64);
	}
}

static void source_is_the_spelling(void **state)
{
	SNUG_AUTO(snug_json_freep)
	struct snug_json *doc = parse(" [ 1.50E+01 , \"\\u0041\" , [ ] , 7]\n");
	static const char *const want[] = { "1.50E+01", "\"\\u0041\"", "[ ]", "7" };
	const struct snug_json_node *c = snug_json_first(snug_json_root(doc));
	size_t len;

	(void)state;
	for (size_t i = 0; i < 4; i++, c = snug_json_next(c)) {
		const char *text = snug_json_source(c, &len);

		assert_int_equal(len, strlen(want[i]));
		assert_memory_equal(text, want[i], len);
	}
	assert_null(c);
	doc = (snug_json_free(doc), parse("-12.5e3"));
	assert_memory_equal(snug_json_source(snug_json_root(doc), &len), "-12.5e3", 7);
	assert_int_equal(len, 7);
}

static void names_that_runtimes_read_differently_are_refused(void **state)
{
	static const char *const names[] = { "seccomp", "linux", "maskedPaths", NULL };
	static const char *const bad_keys[] = { "Seccomp",
						"SECCOMP",
						"\xc5\xbf"
						"eccomp",
						"Linux",
						"maskedpaths",
						"mas\xe2\x84\xaa"
						"edPaths" };
	static const char *const good_keys[] = { "seccomp", "maskedPaths", "seccom", "seccompx", "",
						 "x" };
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_keys) / sizeof(bad_keys[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

		snug_buf_addf(&text, "{\"seccomp\":1,\"%s\":{}}", bad_keys[i]);
		doc = parse(text.data);
		assert_int_equal(snug_json_refuse_folded(snug_json_root(doc), names, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_true(err.remedy[0]);
	}
	for (size_t i = 0; i < sizeof(good_keys) / sizeof(good_keys[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

		snug_buf_addf(&text, "{\"%s\":1}", good_keys[i]);
		doc = parse(text.data);
		assert_int_equal(snug_json_refuse_folded(snug_json_root(doc), names, &err), 0);
	}
	assert_int_equal(snug_json_refuse_folded(NULL, names, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_documents_are_refused_with_their_place),
		cmocka_unit_test(truncated_documents_are_refused),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(values_are_counted),
		cmocka_unit_test(large_objects_are_checked),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(wrong_values_name_their_place),
		cmocka_unit_test(source_is_the_spelling),
		cmocka_unit_test(names_that_runtimes_read_differently_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
