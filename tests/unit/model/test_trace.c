/* SPDX-License-Identifier: Apache-2.0 */
/* The annotation that whoever starts a container writes, and whose a file is. */
#include "model/trace.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_taken(void **state)
{
	static const struct {
		const char *annotation, *folder, *output, *base;
	} rows[] = {
		{ "of:/d/x.json", "/d", "/d/x.json", "" },
		{ "of:/d/x.json", "/d//", "/d/x.json", "" },
		{ "of:/x", "/", "/x", "" },
		{ "of:/d/e/..x;if:/d/y", "/d", "/d/e/..x", "/d/y" },
		{ "if:/d/y:z;of:/d/x", "/d", "/d/x", "/d/y:z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_trace got;
		struct snug_error err;

		assert_int_equal(snug_trace_parse(rows[i].annotation, rows[i].folder, &got, &err),
				 0);
		assert_string_equal(got.output, rows[i].output);
		assert_string_equal(got.base, rows[i].base);
	}
}

static void test_refused(void **state)
{
	static const char *const rows[] = {
		"",
		";",
		"of:",
		"of:/d",
		"of:/d/",
		"of:/e/x",
		"of:/de/x",
		"of:d/x",
		"of:/d/../e",
		"of:/d/..",
		"of:/d/./x",
		"of:/d//x",
		"of://d/x",
		"of:/d/x/",
		"if:/d/x",
		"of:/d/x;",
		";of:/d/x",
		"of:/d/x;of:/d/y",
		"of:/d/x;if:/d/y;if:/d/y",
		"of:/d/x;if:/e/y",
		"of:/d/x;to:/d/y",
		" of:/d/x",
		"OF:/d/x",
		"/d/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_trace got = { .output = "as it was" };
		struct snug_error err;

		assert_int_equal(snug_trace_parse(rows[i], "/d", &got, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(got.output, "as it was");
	}
}

/* The longest path is taken whole, one more byte is not. */
static void test_long(void **state)
{
	char text[PATH_MAX + 8] = "of:/d/";
	struct snug_trace got;
	struct snug_error err;

	(void)state;
	memset(text + 6, 'x', PATH_MAX - 4);
	text[3 + PATH_MAX - 1] = '\0';
	assert_int_equal(snug_trace_parse(text, "/d", &got, &err), 0);
	assert_string_equal(got.output, text + 3);
	text[3 + PATH_MAX - 1] = 'x';
	text[3 + PATH_MAX] = '\0';
	assert_int_equal(snug_trace_parse(text, "/d", &got, &err), -1);
}

static void test_mark(void **state)
{
	static const struct {
		const char *text;
		bool ours;
	} rows[] = {
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"comment\":\"snug 1\"}", true },
		{ "{\"comment\":\"snugly\"}", false },
		{ "{\"comment\":1}", false },
		{ "{\"syscalls\":[{\"comment\":\"snug 1\"}]}", false },
		{ "{}", false },
		{ "snug ", false },
		{ "", false },
	};
	SNUG_AUTO(snug_buf_clear) struct snug_buf plain = { 0 }, marked = { 0 };
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

		snug_buf_adds(&text, rows[i].text);
		assert_int_equal(snug_trace_is_marked(&text), rows[i].ours);
	}
	snug_buf_adds(&plain, "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}\n");
	assert_int_equal(snug_trace_mark(&plain, "snug 9", "lost", &marked, &err), 0);
	assert_string_equal(
		snug_buf_text(&marked),
		"{\n  \"comment\": \"snug wrote this of a container's calls (snug 9); "
		"it is not whole: lost\",\n  \"defaultAction\": \"SCMP_ACT_ERRNO\"\n}\n");
	assert_true(snug_trace_is_marked(&marked));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
