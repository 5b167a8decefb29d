/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/caps.h"

#include "base/cleanup.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>
#include <linux/capability.h>
#include <sys/capability.h>

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(SNUG_CAP_MAX, CAP_LAST_CAP + 1);
	for (unsigned number = 0; number < SNUG_CAP_MAX; number++) {
		char *theirs = cap_to_name((cap_value_t)number);
		unsigned got;

		assert_int_equal(strcasecmp(theirs, snug_cap_name(number)), 0);
		cap_free(theirs);
		assert_true(snug_cap_parse(snug_cap_name(number), &got));
		assert_int_equal(got, number);
		assert_true(snug_cap_parse(snug_cap_name(number) + 4, &got));
		assert_int_equal(got, number);
	}
	assert_null(snug_cap_name(SNUG_CAP_MAX));
}

static void test_parse(void **state)
{
	unsigned number;

	(void)state;
	assert_true(snug_cap_parse("cap_sys_admin", &number));
	assert_int_equal(number, CAP_SYS_ADMIN);
	assert_true(snug_cap_parse("Sys_Admin", &number));
	assert_false(snug_cap_parse("CAP_CAP_CHOWN", &number));
	assert_false(snug_cap_parse("CAP_", &number));
	assert_false(snug_cap_parse("", &number));
	assert_false(snug_cap_parse("CAP_CHOWNS", &number));
	assert_string_equal(snug_cap_set_name(SNUG_CAP_AMBIENT), "ambient");
}

static int read_text(const char *text, snug_caps *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

	if (snug_json_parse(&doc, text, strlen(text), NULL, err) < 0)
		return -1;
	return snug_caps_read(snug_json_root(doc), ret, err);
}

static void test_read_and_write(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_json_writer w = { .out = &out };
	struct snug_error err;
	snug_caps caps = 7;

	(void)state;
	assert_int_equal(read_text("[\"CAP_KILL\",\"CAP_CHOWN\",\"CAP_KILL\"]", &caps, &err), 0);
	assert_int_equal(caps, 1 << CAP_CHOWN | 1 << CAP_KILL);
	snug_caps_write(&w, caps | (snug_caps)1 << CAP_CHECKPOINT_RESTORE | (snug_caps)1 << 63);
	assert_string_equal(snug_buf_text(&out),
			    "[\"CAP_CHOWN\",\"CAP_KILL\",\"CAP_CHECKPOINT_RESTORE\"]");
	assert_int_equal(read_text("[]", &caps, &err), 0);
	assert_int_equal(caps, 0);
}

static void test_refused(void **state)
{
	struct snug_error err;
	snug_caps caps = 7;

	(void)state;
	assert_true(read_text("[\"CAP_CHOWN\",\"CAP_CHOWNED\"]", &caps, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.path, "$[1]");
	assert_int_equal(caps, 7);
	assert_true(read_text("[1]", &caps, &err) < 0);
	assert_true(read_text("\"CAP_CHOWN\"", &caps, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_read_and_write),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
