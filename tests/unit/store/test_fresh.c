/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

#define WEB "var/lib/snug/recordings/web/"

static char *put(uint64_t run)
{
	const struct snug_buf text = text_of("{}");
	struct snug_error err;
	char *path;

	assert_int_equal(snug_store_put_recording(&store, "web", STARTED, run, &text, &path, &err),
			 0);
	return path;
}

/* --fresh, while others learn the same name. */
static void what_came_meanwhile_is_not_dropped(void **state)
{
	static const struct timespec long_ago[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	SNUG_AUTO(snug_paths_clear) struct snug_paths old = { 0 }, left = { 0 };
	SNUG_AUTO(snug_freep) char *first = put(1ull << 32);
	SNUG_AUTO(snug_freep) char *second = NULL;
	struct snug_error err;

	(void)state;
	put_file(in_folder(WEB ".snug-old"), "x", 0600);
	put_file(in_folder(WEB ".snug-new"), "x", 0600);
	assert_int_equal(utimensat(AT_FDCWD, in_folder(WEB ".snug-old"), long_ago, 0), 0);
	assert_int_equal(snug_store_old_recordings(&store, "web", &old, &err), 0);
	assert_int_equal(old.count, 3);
	second = put(2ull << 32);
	assert_int_equal(snug_store_drop_recordings(&store, "web", &old, &err), 0);
	assert_int_equal(snug_store_list_recordings(&store, "web", &left, &err), 0);
	assert_int_equal(left.count, 1);
	assert_string_equal(left.at[0], second);
	assert_int_equal(access(first, F_OK), -1);
	assert_int_equal(access(in_folder(WEB ".snug-old"), F_OK), -1);
	assert_int_equal(access(in_folder(WEB ".snug-new"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_came_meanwhile_is_not_dropped, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
