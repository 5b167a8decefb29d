/* SPDX-License-Identifier: Apache-2.0 */
/* containers.conf's [engine.runtimes]: whose place snug-runtime would take, and the table that it
 * gets. */
#include "model/install/runtimes.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void files_that_name_a_runtime_are_found(void **state)
{
	static const struct {
		const char *text;
		int want; /* 1: set; 0: not; -1: refused */
	} rows[] = {
		{ "", 0 },
		{ "[engine]\nruntime = \"crun\"\n", 0 },
		{ "[engine]\nruntime = \"/usr/bin/crun\"\n", 1 },
		{ "#[engine.runtimes]\n#crun = [\"/x\"]\n", 0 },
		{ "[engine.runtimes]\nrunc = [\"/x\"]\n", 0 },
		{ "[containers.runtimes]\ncrun = [\"/x\"]\n", 0 },
		{ "[engine.runtimes]\ncrun = [\n  \"/x\",\n  \"/y\",\n]\n", 1 },
		{ "[engine.runtimes]\n\"crun\" = []\n", 1 },
		{ "engine.runtimes.crun = ['/x']\n", 1 },
		{ "[engine]\nruntimes = { crun = ['/x'] }\n", -1 },
		{ "engine = { }\n", -1 },
		{ "[engine.runtimes\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		struct snug_error err = { 0 };
		bool set = false;
		int result;

		snug_buf_adds(&text, rows[i].text);
		result = snug_runtimes_read(&text, "f", "crun", &set, &err);
		if ((result < 0 ? -1 : set) != rows[i].want)
			fail_msg("row %zu: %d, %d", i, result, set);
		if (result < 0)
			assert_int_equal(err.code, SNUG_INPUT);
	}
}

static void what_is_written_is_read(void **state)
{
	const struct snug_runtimes runtimes = { { { "crun", "/a/snug-crun" }, { "runc", "/b" } },
						2 };
	const struct snug_runtimes odd = { { { "crun", "/a\"b" } }, 1 }, none = { .count = 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, other = { 0 };
	struct snug_error err;
	bool crun = false, runc = false, youki = false;

	(void)state;
	assert_int_equal(snug_runtimes_render(&runtimes, &text, &err), 0);
	assert_string_equal(snug_buf_text(&text), "[engine.runtimes]\ncrun = [\"/a/snug-crun\"]\n"
						  "runc = [\"/b\"]\n");
	assert_int_equal(snug_runtimes_read(&text, "f", "crun", &crun, &err), 0);
	assert_int_equal(snug_runtimes_read(&text, "f", "runc", &runc, &err), 0);
	assert_int_equal(snug_runtimes_read(&text, "f", "youki", &youki, &err), 0);
	assert_true(crun && runc && !youki);
	assert_int_equal(snug_runtimes_render(&none, &other, &err), 0);
	assert_int_equal(other.len, 0);
	assert_true(snug_runtimes_render(&odd, &other, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_name_a_runtime_are_found),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
