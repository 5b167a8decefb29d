/* SPDX-License-Identifier: Apache-2.0 */
/* Files in places that others chose: named by an annotation, run in a runtime's place, installed
 * into an engine's folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/install.h"
#include "store/named.h"
#include "store/program.h"

#include "folder.h"

/* ---- what an annotation names ---- */

static void a_named_file_is_replaced_whole(void **state)
{
	const struct snug_buf old = text_of("old"), fresh = text_of("fresh");
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };
	bool there = true;
	struct stat st;

	(void)state;
	assert_int_equal(snug_named_read(in_folder("a.json"), 100, &there, &got, &err), 0);
	assert_false(there);
	assert_int_equal(snug_named_write(in_folder("a.json"), &old, &err), 0);
	assert_int_equal(snug_named_write(in_folder("a.json"), &fresh, &err), 0);
	assert_int_equal(snug_named_read(in_folder("a.json"), 5, &there, &got, &err), 0);
	assert_true(there);
	assert_string_equal(snug_buf_text(&got), "fresh");
	assert_int_equal(stat(in_folder("a.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(count_files(folder), 1);
}

static void a_named_file_in_a_bad_place_is_refused(void **state)
{
	static const char *const paths[] = { "link/a", "none/a", "open/a", "file/a",
					     "a/../open/a" };
	const struct snug_buf text = text_of("x");

	(void)state;
	make_folders("a");
	make_folders("open");
	assert_int_equal(chmod(in_folder("open"), 0777), 0);
	assert_int_equal(symlink("a", in_folder("link")), 0);
	put_file(in_folder("file"), "", 0644);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
		struct snug_error err = { 0 };
		bool there;

		if (snug_named_write(in_folder(paths[i]), &text, &err) == 0)
			fail_msg("written: %s", paths[i]);
		assert_non_null(err.what[0] ? err.what : NULL);
		if (snug_named_read(in_folder(paths[i]), 10, &there, &got, &err) == 0)
			fail_msg("read: %s", paths[i]);
	}
	assert_int_equal(count_files(in_folder("a")), 0);
	assert_int_equal(count_files(in_folder("open")), 0);
}

static void a_name_that_is_no_absolute_path_of_a_file(void **state)
{
	static const char *const paths[] = { "a/b", "/tmp/", "/" };
	const struct snug_buf text = text_of("x");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct snug_error err = { 0 };

		assert_int_equal(snug_named_write(paths[i], &text, &err), -1);
		assert_non_null(strstr(err.what, "absolute"));
	}
}

static void what_is_no_small_file_is_not_read(void **state)
{
	static const char *const names[] = { "large", "fifo", "folder", "link" };

	(void)state;
	put_file(in_folder("large"), "123456", 0644);
	assert_int_equal(mkfifo(in_folder("fifo"), 0644), 0);
	make_folders("folder");
	assert_int_equal(symlink("large", in_folder("link")), 0);
	for (size_t i = 0; i < 4; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
		struct snug_error err = { 0 };
		bool there;

		if (snug_named_read(in_folder(names[i]), 5, &there, &got, &err) == 0)
			fail_msg("read: %s", names[i]);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

/* ---- a program ---- */

static void assert_program(const char *path, const char *why)
{
	struct snug_error err = { 0 };
	int result = snug_store_check_program(path, &err);

	if (result != (why ? -1 : 0) || (why && !strstr(err.what, why)))
		fail_msg("%s: %d, %s", path, result, err.what);
}

static void programs(void **state)
{
	(void)state;
	make_folders("bin");
	make_folders("open");
	put_file(in_folder("bin/good"), "#!/bin/sh\n", 0755);
	put_file(in_folder("bin/data"), "", 0644);
	put_file(in_folder("bin/loose"), "#!/bin/sh\n", 0777);
	put_file(in_folder("open/good"), "#!/bin/sh\n", 0755);
	assert_int_equal(chmod(in_folder("open"), 0777), 0);
	assert_int_equal(symlink("good", in_folder("bin/link")), 0);
	assert_int_equal(symlink("../open/good", in_folder("bin/away")), 0);
	assert_int_equal(symlink("nowhere", in_folder("bin/dangling")), 0);
	assert_program(in_folder("bin/good"), NULL);
	assert_program(in_folder("bin/link"), NULL);
	assert_program("bin/good", "absolute");
	assert_program(in_folder("bin"), "no file");
	assert_program(in_folder("bin/loose"), "others can write");
	assert_program(in_folder("open/good"), "others can write");
	assert_program(in_folder("bin/away"), "others can write");
	assert_program(in_folder("bin/none"), "No such file");
	assert_program(in_folder("bin/dangling"), "No such file");
	assert_program(in_folder("none/good"), "No such file");
}

/* ---- what is installed ---- */

static void installed_files_and_links(void **state)
{
	const struct snug_installed_at file = { in_folder("etc/engine/conf"), false, 100 };
	const struct snug_buf text = text_of("a = 1\n"), target = text_of("snug-runtime"),
			      other = text_of("other");
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };
	bool there = true;
	char path[PATH_MAX];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s", in_folder("etc/engine/link"));
	make_folders("etc");
	assert_int_equal(snug_installed_read(&file, &there, &got, &err), 0);
	assert_false(there);
	assert_int_equal(snug_installed_write(&file, &text, &err), 0);
	assert_int_equal(snug_installed_read(&file, &there, &got, &err), 0);
	assert_true(there);
	assert_string_equal(snug_buf_text(&got), "a = 1\n");
	for (unsigned i = 0; i < 2; i++) {
		const struct snug_installed_at link = { path, true, 100 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 };

		assert_int_equal(snug_installed_write(&link, i ? &other : &target, &err), 0);
		assert_int_equal(snug_installed_read(&link, &there, &now, &err), 0);
		assert_string_equal(snug_buf_text(&now), i ? "other" : "snug-runtime");
	}
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(count_files(in_folder("etc/engine")), 2);
}

/* A mode and an owner that the operator gave stay. */
static void an_installed_file_keeps_its_mode(void **state)
{
	const struct snug_installed_at at = { in_folder("conf"), false, 100 };
	const struct snug_buf text = text_of("new");
	struct snug_error err = { 0 };
	struct stat st;

	(void)state;
	put_file(at.path, "old", 0600);
	assert_int_equal(snug_installed_write(&at, &text, &err), 0);
	assert_int_equal(stat(at.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void what_is_something_else_is_not_taken_for_it(void **state)
{
	(void)state;
	make_folders("folder");
	put_file(in_folder("file"), "x", 0644);
	assert_int_equal(symlink("file", in_folder("link")), 0);
	for (unsigned i = 0; i < 4; i++) {
		static const char *const names[] = { "folder", "link", "folder", "file" };
		const struct snug_installed_at at = { in_folder(names[i]), i >= 2, 100 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
		struct snug_error err = { 0 };
		bool there;

		if (snug_installed_read(&at, &there, &got, &err) == 0)
			fail_msg("taken: %s as a %s", names[i], i >= 2 ? "link" : "file");
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

static void installed_things_go_away(void **state)
{
	struct snug_error err = { 0 };

	(void)state;
	make_folders("engine");
	put_file(in_folder("engine/conf"), "x", 0644);
	snug_installed_remove_folder(in_folder("engine"));
	assert_int_equal(count_files(folder), 1); /* not empty: it stays */
	assert_int_equal(snug_installed_remove(in_folder("engine/conf"), &err), 0);
	assert_int_equal(snug_installed_remove(in_folder("engine/conf"), &err), 0);
	assert_int_equal(snug_installed_remove(in_folder("none/conf"), &err), 0);
	assert_int_equal(snug_installed_remove(in_folder("engine"), &err), -1);
	snug_installed_remove_folder(in_folder("engine"));
	assert_int_equal(count_files(folder), 0);
}

static void missing_folders_and_lists(void **state)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths missing = { 0 }, names = { 0 }, none = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	make_folders("a");
	assert_int_equal(snug_installed_missing(in_folder("a/b/c/f"), &missing, &err), 0);
	assert_int_equal(snug_installed_missing(in_folder("a/b/g"), &missing, &err), 0);
	assert_int_equal(missing.count, 2);
	assert_string_equal(missing.at[0], in_folder("a/b"));
	assert_string_equal(missing.at[1], in_folder("a/b/c"));
	put_file(in_folder("a/z.json"), "", 0644);
	put_file(in_folder("a/.hidden"), "", 0644);
	put_file(in_folder("a/b.json"), "", 0644);
	assert_int_equal(snug_installed_list(in_folder("a"), &names, &err), 0);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.at[0], ".hidden");
	assert_string_equal(names.at[1], "b.json");
	assert_string_equal(names.at[2], "z.json");
	assert_int_equal(snug_installed_list(in_folder("none"), &none, &err), 0);
	assert_int_equal(none.count, 0);
	assert_int_equal(snug_installed_list(in_folder("a/z.json"), &none, &err), -1);
}

static void a_root_and_its_records(void **state)
{
	const struct snug_store host = { .root = "" }, nowhere = { .root = in_folder("none") };
	SNUG_AUTO(snug_freep) char *root = NULL, *ours = NULL, *record = NULL, *no = NULL;
	struct snug_error err = { 0 };
	struct stat st;
	int lock = -1;

	(void)state;
	assert_int_equal(snug_installed_root(&host, &root, &err), 0);
	assert_string_equal(root, "");
	assert_int_equal(snug_installed_root(&store, &ours, &err), 0);
	assert_string_equal(ours, folder);
	assert_int_equal(snug_installed_root(&nowhere, &no, &err), -1);
	record = snug_installed_record(ours, "podman");
	assert_string_equal(record, in_folder("var/lib/snug/install/podman.json"));
	assert_int_equal(snug_installed_lock(ours, &lock, &err), 0);
	assert_true(lock >= 0);
	close(lock);
	assert_int_equal(count_files(in_folder("var/lib/snug")), 1);
	/* Whoever can open it can lock it. One of an older snug is taken from others. */
	assert_int_equal(chmod(in_folder("var/lib/snug/install"), 0755), 0);
	assert_int_equal(snug_installed_lock(ours, &lock, &err), 0);
	assert_int_equal(fstat(lock, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	close(lock);
	assert_int_equal(stat(in_folder("var/lib/snug"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE(a_named_file_is_replaced_whole),
		HERE(a_named_file_in_a_bad_place_is_refused),
		HERE(a_name_that_is_no_absolute_path_of_a_file),
		HERE(what_is_no_small_file_is_not_read),
		HERE(programs),
		HERE(installed_files_and_links),
		HERE(an_installed_file_keeps_its_mode),
		HERE(what_is_something_else_is_not_taken_for_it),
		HERE(installed_things_go_away),
		HERE(missing_folders_and_lists),
		HERE(a_root_and_its_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
