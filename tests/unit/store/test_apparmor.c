/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "store/apparmor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

#define LABEL "snug-web-0123456789abcdef"
#define PLACE "var/lib/snug/apparmor/" LABEL

static int put(const char *label, const char *text, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	const struct snug_buf buf = text_of(text);

	return snug_store_put_apparmor(&store, label, &buf, &path, err);
}

static void expect_text(const char *want)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error err;

	assert_int_equal(snug_store_read_apparmor(&store, LABEL, &text, &path, &err), 0);
	assert_string_equal(snug_buf_text(&text), want);
	assert_string_equal(path, in_folder(PLACE));
}

static void what_is_put_is_read(void **state)
{
	struct snug_error err;
	struct stat before, after;

	(void)state;
	assert_int_equal(put(LABEL, "profile", &err), 0);
	expect_text("profile");
	assert_int_equal(stat(in_folder(PLACE), &before), 0);
	assert_int_equal(before.st_mode & 07777, 0600);
	assert_int_equal(stat(in_folder("var/lib/snug/apparmor"), &after), 0);
	assert_int_equal(after.st_mode & 07777, 0700);
	/* The same again is not written; what somebody changed is. */
	assert_int_equal(put(LABEL, "profile", &err), 0);
	assert_int_equal(stat(in_folder(PLACE), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(put(LABEL, "profilf", &err), 0);
	expect_text("profilf");
}

static void what_is_not_ours_is_refused(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error err;

	(void)state;
	assert_true(put("../../x", "", &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_true(put("docker-default", "", &err) < 0);
	assert_true(snug_store_read_apparmor(&store, LABEL, &text, &path, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "is not there"));
	assert_int_equal(put(LABEL, "profile", &err), 0);
	assert_int_equal(chmod(in_folder(PLACE), 0622), 0);
	snug_freep(&path);
	path = NULL;
	assert_true(snug_store_read_apparmor(&store, LABEL, &text, &path, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "others can write it"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_is_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_not_ours_is_refused, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
