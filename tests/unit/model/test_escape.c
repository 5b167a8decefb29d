/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void bytes_are_written_and_read(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		{ "", "" },
		{ "/etc/passwd", "/etc/passwd" },
		{ "a b\"c'd*[{^", "a b\"c'd*[{^" },
		{ "a\nb\tc\x01\x7f", "a\\012b\\011c\\001\\177" },
		{ "a\\b\\\\012", "a\\134b\\134\\134012" },
		{ "caf\xc3\xa9 \xe2\x80\xa6 \xf0\x9f\x90\x9a", "caf\xc3\xa9 … 🐚" },
		{ "\xff\xc3", "\\377\\303" },
		{ "\xc3"
		  "x\xa9",
		  "\\303x\\251" },
		{ "\xed\xa0\x80", "\\355\\240\\200" },	      /* a surrogate */
		{ "\xc0\xaf", "\\300\\257" },		      /* an overlong slash */
		{ "\xc2\x9b\xc2\xa0", "\\302\\233\xc2\xa0" }, /* CSI, and what comes past the C1s */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, bytes = { 0 };
		const char *why = "";

		snug_escape_put(&text, rows[i].bytes);
		assert_string_equal(snug_buf_text(&text), rows[i].text);
		if (snug_escape_read(rows[i].text, &bytes, &why) != 0)
			fail_msg("%s: %s", rows[i].text, why);
		assert_string_equal(snug_buf_text(&bytes), rows[i].bytes);
	}
}

static void what_is_never_written_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *why;
	} rows[] = {
		{ "a\\", 2, "three octal digits" },
		{ "a\\1", 2, "three octal digits" },
		{ "a\\12", 2, "three octal digits" },
		{ "\\n", 1, "three octal digits" },
		{ "\\x41", 1, "three octal digits" },
		{ "\\128", 1, "three octal digits" },
		{ "\\400", 1, "three octal digits" },
		{ "ab\\000", 3, "NUL" },
		{ "ab\\101", 3, "without a backslash" },
		{ "\\012\\040", 5, "without a backslash" },
		{ "caf\\303\\251", 4, "without a backslash" }, /* it is é */
		{ "x\\134\\134\\057", 10, "without a backslash" },
		{ "a\nb", 2, "written as a backslash" },
		{ "\\012\x7f", 5, "written as a backslash" },
		{ "a\xff", 2, "written as a backslash" },
		{ "\xc2\x85", 1, "written as a backslash" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf bytes = { 0 };
		const char *why = "";
		size_t at = snug_escape_read(rows[i].text, &bytes, &why);

		if (at != rows[i].at || !strstr(why, rows[i].why))
			fail_msg("%s: %zu, %s", rows[i].text, at, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_written_and_read),
		cmocka_unit_test(what_is_never_written_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
