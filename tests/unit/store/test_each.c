/* SPDX-License-Identifier: Apache-2.0 */
/* snug_store_each_recording: one after the other, with the store's own look at each. */
#include "base/cleanup.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

#define WEB "var/lib/snug/recordings/web"

struct seen {
	unsigned count, fails_at;
	unsigned texts[3];
};

/* A recording here is one digit: which it is. */
static int visit(void *context, const struct snug_buf *text, const char *path,
		 struct snug_error *err)
{
	struct seen *seen = context;
	char name[] = WEB "/0.json";

	assert_int_equal(text->len, 1);
	name[sizeof(WEB)] = text->data[0];
	assert_string_equal(path, in_folder(name));
	assert_in_range(text->data[0], '0', '2');
	seen->texts[text->data[0] - '0']++;
	return ++seen->count == seen->fails_at ? snug_fail(err, SNUG_NO, "enough") : 0;
}

static void put_three(void)
{
	make_folders(WEB);
	put_file(in_folder(WEB "/0.json"), "0", 0600);
	put_file(in_folder(WEB "/1.json"), "1", 0600);
	put_file(in_folder(WEB "/2.json"), "2", 0600);
	put_file(in_folder(WEB "/notes.txt"), "none of them", 0600);
	put_file(in_folder(WEB "/.hidden.json"), "nor this", 0600);
}

static void each_once(void **state)
{
	struct seen seen = { 0 };
	struct snug_error err;

	(void)state;
	put_three();
	assert_int_equal(snug_store_each_recording(&store, "web", visit, &seen, &err), 0);
	assert_int_equal(seen.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(seen.texts[i], 1);
}

static void the_visitor_can_end_it(void **state)
{
	struct seen seen = { .fails_at = 2 };
	struct snug_error err;

	(void)state;
	put_three();
	assert_int_equal(snug_store_each_recording(&store, "web", visit, &seen, &err), -1);
	assert_string_equal(err.what, "enough");
	assert_int_equal(seen.count, 2);
}

static void what_others_can_write_is_refused(void **state)
{
	struct seen seen = { 0 };
	struct snug_error err;

	(void)state;
	put_three();
	assert_int_equal(chmod(in_folder(WEB "/1.json"), 0666), 0);
	assert_int_equal(snug_store_each_recording(&store, "web", visit, &seen, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.file, in_folder(WEB "/1.json"));
	assert_int_equal(seen.texts[1], 0);
}

static void none_is_said(void **state)
{
	struct seen seen = { 0 };
	struct snug_error err;

	(void)state;
	put_three();
	assert_int_equal(snug_store_each_recording(&store, "other", visit, &seen, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.remedy, "there are: web"));
	assert_int_equal(snug_store_each_recording(&store, "..", visit, &seen, &err), -1);
	assert_int_equal(seen.count, 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(each_once),
		IN_FOLDER(the_visitor_can_end_it),
		IN_FOLDER(what_others_can_write_is_refused),
		IN_FOLDER(none_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
