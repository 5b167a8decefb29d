/* SPDX-License-Identifier: Apache-2.0 */
#include "model/text_diff.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void diffs_are_what_patch_reads(void **state)
{
	static const struct {
		const char *before, *after, *want; /* NULL: no file */
	} rows[] = {
		{ "a\n", "a\n", "" },
		{ NULL, NULL, "" },
		{ NULL, "a\n", "--- /dev/null\n+++ f\n@@ -0,0 +1,1 @@\n+a\n" },
		{ "a\n", NULL, "--- f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n" },
		{ NULL, "", "--- /dev/null\n+++ f\n" },
		{ "", "a\n", "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n" },
		{ "a\n", "a",
		  "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n" },
		{ "a", "a\nb\n",
		  "--- f\n+++ f\n@@ -1,1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		  "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
		{ "1\n2\n3\n4\n", "1\n2\n3\n4\n5\n",
		  "--- f\n+++ f\n@@ -2,3 +2,4 @@\n 2\n 3\n 4\n+5\n" },
		/* what is repeated is neither head nor tail twice */
		{ "a\na\n", "a\n", "--- f\n+++ f\n@@ -1,2 +1,1 @@\n a\n-a\n" },
		{ "a\n", "a\na\na\n", "--- f\n+++ f\n@@ -1,1 +1,3 @@\n a\n+a\n+a\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear)
		struct snug_buf before = { 0 }, after = { 0 }, out = { 0 };

		snug_buf_adds(&before, rows[i].before ? rows[i].before : "");
		snug_buf_adds(&after, rows[i].after ? rows[i].after : "");
		snug_text_diff("f", rows[i].before ? &before : NULL, rows[i].after ? &after : NULL,
			       &out);
		assert_string_equal(snug_buf_text(&out), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(diffs_are_what_patch_reads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
