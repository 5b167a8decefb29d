/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void the_writer_writes_compact_json(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_json_writer w = { .out = &out };

	(void)state;
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "s", "x");
	snug_json_pair_u64(&w, "n", UINT64_MAX);
	snug_json_pair_bool(&w, "t", true);
	snug_json_put_key(&w, "a");
	snug_json_open(&w, '[');
	snug_json_put_u64(&w, 0);
	snug_json_put_string(&w, "y");
	snug_json_put_null(&w);
	snug_json_put_bool(&w, false);
	snug_json_put_raw(&w, "1.50", 4);
	snug_json_open(&w, '{');
	snug_json_close(&w);
	snug_json_open(&w, '[');
	snug_json_close(&w);
	snug_json_close(&w);
	snug_json_put_key(&w, "z");
	snug_json_put_null(&w);
	snug_json_close(&w);
	assert_string_equal(out.data, "{\"s\":\"x\",\"n\":18446744073709551615,\"t\":true,"
				      "\"a\":[0,\"y\",null,false,1.50,{},[]],\"z\":null}");
}

static void strings_are_escaped_as_little_as_may_be(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "", "\"\"" },
		{ "a/b\x7f", "\"a/b\x7f\"" },
		{ "\"\\\b\f\n\r\t\x01\x1f", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		/* not UTF-8 */
		{ "a\xff"
		  "b\xc3",
		  "\"a\xef\xbf\xbd"
		  "b\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_json_writer w = { .out = &out };
		struct snug_error err;

		snug_json_put_string(&w, rows[i].text);
		assert_string_equal(out.data, rows[i].json);
		assert_int_equal(snug_json_parse(&doc, out.data, out.len, NULL, &err), 0);
	}
}

static void every_byte_survives_writing_and_parsing(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 0x80; c++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_json_writer w = { .out = &out };
		char text[] = { 'a', (char)c, 'b', '\0' };
		struct snug_error err;
		const char *back;

		snug_json_put_string(&w, text);
		assert_int_equal(snug_json_parse(&doc, out.data, out.len, NULL, &err), 0);
		assert_int_equal(snug_json_string(snug_json_root(doc), &back, &err), 0);
		assert_string_equal(back, text);
	}
}

#define NUMBER10 "1000000000,1000000000,1000000000,1000000000,1000000000"

static void pretty_files_are_for_people(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ " 1 ", "1\n" },
		{ "{}", "{}\n" },
		{ "[ ]", "[]\n" },
		{ "{\"a\":1,\"b\":[2,3]}", "{\"a\": 1, \"b\": [2, 3]}\n" },
		{ "{\"a\":[{\"b\":1}]}", "{\n  \"a\": [{\"b\": 1}]\n}\n" },
		{ "{\"a\":[{\"b\":[1]},{\"c\":{\"d\":{\"e\":[]}}}]}",
		  "{\n  \"a\": [\n    {\"b\": [1]},\n    {\n      \"c\": {\"d\": {\"e\": []}}\n    "
		  "}\n  ]\n}\n" },
		{ "{\"n\":[" NUMBER10 "," NUMBER10 "]}",
		  "{\n  \"n\": [\n    1000000000, 1000000000, 1000000000, 1000000000, 1000000000, "
		  "1000000000, 1000000000, 1000000000,\n    1000000000, 1000000000\n  ]\n}\n" },
		{ "[" NUMBER10 ",{\"a\":1}," NUMBER10 "]",
		  "[\n  1000000000,\n  1000000000,\n  1000000000,\n  1000000000,\n  1000000000,\n"
		  "  {\"a\": 1},\n  1000000000,\n  1000000000,\n  1000000000,\n  1000000000,\n"
		  "  1000000000\n]\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 }, again = { 0 };
		struct snug_error err;

		assert_int_equal(snug_json_pretty(rows[i].in, strlen(rows[i].in), &out, &err), 0);
		assert_string_equal(out.data, rows[i].out);
		assert_int_equal(snug_json_pretty(out.data, out.len, &again, &err), 0);
		assert_string_equal(again.data, out.data);
		snug_buf_clear(&again);
	}
}

/* No line of a pretty file is wider than 100 columns, unless one scalar alone is. */
static void pretty_lines_end_at_100(void **state)
{
	(void)state;
	for (unsigned width = 80; width < 110; width++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		struct snug_error err;
		char *at, *line;
		bool flat;

		snug_buf_addf(&in, "[[\"%0*d\",1],2]", (int)width, 0);
		assert_int_equal(snug_json_pretty(in.data, in.len, &out, &err), 0);
		flat = !strchr(out.data + 0, '\n')[1];
		/* [["…", 1], 2] and the place of a comma */
		assert_int_equal(flat, width + 2 + 11 <= 100);
		for (at = out.data; (line = strsep(&at, "\n"));)
			assert_true(strlen(line) <= (width + 7 > 100 ? width + 7 : 100));
	}
}

static void filled_lines_end_at_100(void **state)
{
	(void)state;
	for (unsigned width = 1; width < 90; width++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		size_t widest = 0;
		struct snug_error err;
		char *at, *line;

		for (unsigned i = 0; i < 200; i++)
			snug_buf_addf(&in, "%c\"%0*u\"", i ? ',' : '[', (int)width, 0u);
		snug_buf_addc(&in, ']');
		assert_int_equal(snug_json_pretty(in.data, in.len, &out, &err), 0);
		for (at = out.data; (line = strsep(&at, "\n"));)
			widest = strlen(line) > widest ? strlen(line) : widest;
		assert_true(widest <= 100);
		assert_true(widest + width + 4 > 100); /* and there was no room for one more */
	}
}

static void bad_json_is_not_pretty(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_json_pretty("[1,", 3, &out, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_writer_writes_compact_json),
		cmocka_unit_test(strings_are_escaped_as_little_as_may_be),
		cmocka_unit_test(every_byte_survives_writing_and_parsing),
		cmocka_unit_test(pretty_files_are_for_people),
		cmocka_unit_test(pretty_lines_end_at_100),
		cmocka_unit_test(filled_lines_end_at_100),
		cmocka_unit_test(bad_json_is_not_pretty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
