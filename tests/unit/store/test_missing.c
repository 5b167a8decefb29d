/* SPDX-License-Identifier: Apache-2.0 */
/* What a store without the thing asked for says, and what it says before a recording. */
#include "base/cleanup.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

static void no_recording_says_what_there_is(void **state)
{
	struct snug_paths paths = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_store_list_recordings(&store, "web", &paths, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.remedy, "make one: snug learn BUNDLE --name web");
	assert_int_equal(put_recording("db", "{}", &err), 0);
	assert_int_equal(put_recording("api", "{}", &err), 0);
	assert_int_equal(put_recording("web", "{}", &err), 0);
	assert_int_equal(drop_recordings("web", &err), 0);
	assert_int_equal(snug_store_list_recordings(&store, "web", &paths, &err), -1);
	assert_string_equal(err.remedy, "there are: api, db");
	assert_int_equal(paths.count, 0);
}

/* Whoever records for an hour wants to know before. */
static void a_store_that_cannot_take_a_recording_says_so_before(void **state)
{
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_store_check_recordings(&store, "web", &err), 0);
	assert_int_equal(count_files(folder), 0);
	assert_int_equal(snug_store_check_recordings(&store, "../x", &err), -1);
	assert_int_equal(err.code, SNUG_USAGE);
	assert_int_equal(put_recording("web", "{}", &err), 0);
	assert_int_equal(snug_store_check_recordings(&store, "web", &err), 0);
	assert_int_equal(chmod(in_folder("var/lib/snug/recordings/web"), 0777), 0);
	assert_int_equal(snug_store_check_recordings(&store, "web", &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.file, in_folder("var/lib/snug/recordings/web"));
	assert_string_equal(err.what, "others can write it (mode 0777)");
	assert_int_equal(snug_store_check_recordings(&store, "other", &err), 0);
}

static void no_profile_says_what_may_be_meant(void **state)
{
	struct snug_error err;

	(void)state;
	assert_int_equal(read_profile("web", &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.remedy,
			    "make it: snug learn BUNDLE --name web, then snug generate web");
	assert_int_equal(put_recording("web", "{}", &err), 0);
	assert_int_equal(read_profile("web", &err), -1);
	assert_string_equal(err.remedy, "make it from its recordings: snug generate web");
	make_folders("web");
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(read_profile("web", &err), -1);
	assert_int_equal(chdir("/"), 0);
	assert_string_equal(err.remedy, "for the file or folder of that name write ./web");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(no_recording_says_what_there_is),
		IN_FOLDER(a_store_that_cannot_take_a_recording_says_so_before),
		IN_FOLDER(no_profile_says_what_may_be_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
