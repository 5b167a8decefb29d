/* SPDX-License-Identifier: Apache-2.0 */
/* What was worked out before is found again, is root's alone, and does not grow for ever. */
#include "base/cleanup.h"
#include "store/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

#define PLACE "var/cache/snug/seccomp"
#define KEY   "a0000000000000000000000000000000000000000000000000000000000000ff"

static void put(const char *key, const char *text)
{
	const struct snug_buf value = text_of(text);
	struct snug_error err = { 0 };

	if (snug_store_put_cache(&store, key, &value, &err) < 0)
		fail_msg("%s: %s", err.file, err.what);
}

/* NULL: not there. */
static void check_read(const char *key, const char *wanted)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };
	bool there;

	if (snug_store_read_cache(&store, key, &there, &got, &err) < 0)
		fail_msg("%s: %s", err.file, err.what);
	assert_int_equal(there, wanted != NULL);
	assert_string_equal(snug_buf_text(&got), wanted ? wanted : "");
}

static void what_was_put_is_read(void **state)
{
	struct stat st;

	(void)state;
	check_read(KEY, NULL);
	put(KEY, "{}");
	check_read(KEY, "{}");
	check_read("prover", NULL);
	assert_int_equal(stat(in_folder(PLACE "/" KEY), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_folder(PLACE), &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
}

/* One more than there may be: all others go, and are worked out again. */
static void a_full_cache_begins_anew(void **state)
{
	char key[65];

	(void)state;
	for (unsigned i = 0; i < SNUG_CACHE_FILES_MAX; i++) {
		snprintf(key, sizeof(key), "%064x", i);
		put(key, "old");
	}
	assert_int_equal(count_files(in_folder(PLACE)), SNUG_CACHE_FILES_MAX);
	put(KEY, "again");
	assert_int_equal(count_files(in_folder(PLACE)), 1);
	check_read(KEY, "again");
	check_read(key, NULL);
	put(key, "new");
	check_read(key, "new");
	check_read(KEY, "again");
}

/* Who may write there could choose a container's section. */
static void a_cache_of_others_is_refused(void **state)
{
	const struct snug_buf value = text_of("{}");
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };
	bool there;

	(void)state;
	put(KEY, "{}");
	assert_int_equal(chmod(in_folder(PLACE), 0777), 0);
	assert_int_equal(snug_store_read_cache(&store, KEY, &there, &got, &err), -1);
	assert_int_equal(snug_store_put_cache(&store, KEY, &value, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_put_is_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_full_cache_begins_anew, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_cache_of_others_is_refused, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
