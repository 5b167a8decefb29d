/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/label.h"

#include <stdio.h>
#include <string.h>

#define WEB "snug-web-0123456789abcdef"
#define OLD "snug-web-fedcba9876543210"

static void test_made_names_are_ours(void **state)
{
	char label[SNUG_LABEL_SIZE], name[SNUG_LABEL_SIZE], longest[65];

	(void)state;
	snug_label_make("web", "0123456789abcdef0123", label);
	assert_string_equal(label, WEB);
	assert_true(snug_label_is_ours(label));
	memset(longest, 'n', 64);
	longest[64] = '\0';
	snug_label_make(longest, "0123456789abcdef", label);
	assert_true(snug_label_is_ours(label));
	assert_int_equal(strlen(label), 5 + 64 + 1 + 16);
	snug_label_name(label, name);
	assert_string_equal(name, longest);
	snug_label_name(WEB "//child", name);
	assert_string_equal(name, "");
}

/* What a config.json has of snug where hooks are installed is no label. */
static void test_may_be_in(void **state)
{
	char label[SNUG_LABEL_SIZE], text[256];

	(void)state;
	assert_false(snug_label_may_be_in("{\"hooks\":[{\"path\":\"/usr/local/lib/snug/snug-hook\","
					  "\"args\":[\"snug-hook\",\"--profile\",\"web\"]}]}"));
	assert_false(snug_label_may_be_in(""));
	snug_label_make("w", "0123456789abcdef", label);
	snprintf(text, sizeof(text),
		 "{\"a\":\"snug-hook\",\"apparmorProfile\":\"docker-default//&%s\"}", label);
	assert_true(snug_label_may_be_in(text));
	assert_true(snug_label_may_be_in("\"snug-snug-0123456789abcdef\""));
}

static void test_what_is_ours(void **state)
{
	static const struct {
		const char *label;
		bool ours;
	} rows[] = {
		{ WEB, true },
		{ "snug-a.b_c-d-0123456789abcdef", true },
		{ "snug-snug-x-0123456789abcdef-0123456789abcdef", true },
		{ "", false },
		{ "snug-", false },
		{ "snug--0123456789abcdef", false },
		{ "snug-.-0123456789abcdef", false },
		{ "snug-web-0123456789abcde", false },
		{ "snug-web-0123456789abcdef0", false },
		{ "snug-web-0123456789ABCDEF", false },
		{ "snug-web0123456789abcdef", false },
		{ "snug-we/b-0123456789abcdef", false },
		{ "docker-default", false },
		{ WEB "//child", false },
		{ WEB "//&" OLD, false },
		{ " " WEB, false },
		{ WEB " (enforce)", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (snug_label_is_ours(rows[i].label) != rows[i].ours)
			fail_msg("'%s'", rows[i].label);
	}
}

static void test_parts(void **state)
{
	const char *cursor = "docker-default//& " OLD "//&:ns:a//&" WEB "//&" WEB "//child";
	char label[SNUG_LABEL_SIZE];

	(void)state;
	assert_true(snug_label_next_ours(&cursor, label));
	assert_string_equal(label, OLD);
	assert_true(snug_label_next_ours(&cursor, label));
	assert_string_equal(label, WEB);
	assert_false(snug_label_next_ours(&cursor, label));
}

static void test_holds(void **state)
{
	(void)state;
	assert_true(snug_label_holds(WEB, WEB, false));
	assert_true(snug_label_holds("a//&" WEB, WEB, false));
	assert_true(snug_label_holds(WEB "//&a", WEB, false));
	assert_false(snug_label_holds("a//&" OLD, WEB, false));
	assert_false(snug_label_holds(WEB "0", WEB, true));
	assert_false(snug_label_holds(WEB "//child", WEB, false));
	assert_true(snug_label_holds("a//&" WEB "//child", WEB, true));
	assert_false(snug_label_holds("a//" WEB, WEB, true));
	assert_false(snug_label_holds("", WEB, true));
}

static void test_stack(void **state)
{
	static const struct {
		const char *stack, *want;
	} rows[] = {
		{ NULL, WEB },
		{ "", WEB },
		{ "unconfined", WEB },
		{ "docker-default", "docker-default//&" WEB },
		{ "a//&b", "a//&b//&" WEB },
		{ OLD,
		  OLD "//&" WEB }, /* an older version stays: beside it the new one only removes */
		{ WEB, WEB },
		{ "a//&" WEB "//&b", "a//&" WEB "//&b" },
		{ ":ns:a//&" WEB, WEB "//&:ns:a//&" WEB }, /* that one is looked for in ns */
		{ ":ns:a", WEB "//&:ns:a" }, /* behind it, the kernel would look for ours in ns */
		{ "unconfined//&a", "unconfined//&a//&" WEB },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 };

		snug_label_stack(rows[i].stack, WEB, &once);
		assert_string_equal(snug_buf_text(&once), rows[i].want);
		snug_label_stack(snug_buf_text(&once), WEB, &twice);
		assert_string_equal(snug_buf_text(&twice), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_names_are_ours),
		cmocka_unit_test(test_may_be_in),
		cmocka_unit_test(test_what_is_ours),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
