/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "store/file.h"
#include "store/store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "folder.h"

#include <sys/file.h>

static int put_profile(const char *name, const char *text, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	const struct snug_buf buf = text_of(text);

	return snug_store_put_profile(&store, name, &buf, &path, err);
}

static void expect_mode(const char *below, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(in_folder(below), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(st.st_uid, geteuid());
}

static void expect_error(const struct snug_error *err, const char *below, const char *what)
{
	assert_int_equal(err->code, SNUG_INPUT);
	assert_string_equal(err->file, in_folder(below));
	assert_string_equal(err->what, what);
	assert_true(err->remedy[0]);
}

static void names_and_paths_are_told_apart(void **state)
{
	(void)state;
	assert_true(snug_name_is_path("./web"));
	assert_true(snug_name_is_path("web.json"));
	assert_true(snug_name_is_path(".json"));
	assert_false(snug_name_is_path("web"));
	assert_false(snug_name_is_path("json"));
}

/* Whoever can read the folder can lock it. */
static void nobody_waits_for_a_reader_of_the_profiles(void **state)
{
	SNUG_AUTO_FD int fd = -1;
	struct snug_error err;
	struct stat st;

	(void)state;
	assert_int_equal(put_profile("web", "{\"origin\":\"generated\"}", &err), 0);
	fd = open(in_folder("var/lib/snug/profiles"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	alarm(20);
	assert_int_equal(put_profile("web", "{\"origin\":\"generated\"}", &err), 0);
	alarm(0);
	assert_int_equal(stat(in_folder("var/lib/snug/profiles/.lock"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void bad_names_are_refused(void **state)
{
	struct snug_error err;
	struct snug_paths paths = { 0 };

	(void)state;
	assert_int_equal(put_recording("../x", "{}", &err), -1);
	assert_int_equal(err.code, SNUG_USAGE);
	assert_int_equal(put_profile("../x", "{}", &err), -1);
	assert_int_equal(read_profile("../x", &err), -1);
	assert_int_equal(snug_store_list_recordings(&store, "..", &paths, &err), -1);
	assert_int_equal(drop_recordings("..", &err), -1);
	assert_int_equal(count_files(folder), 0);
}

static void recordings_are_put_listed_and_dropped(void **state)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };
	SNUG_AUTO(snug_freep) char *first = NULL, *second = NULL, *again = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	const struct snug_buf one = text_of("one"), two = text_of("two");
	struct snug_error err;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(snug_store_put_recording(&store, "web", STARTED, RUN, &one, &second, &err),
			 0);
	umask(0777);
	assert_int_equal(snug_store_put_recording(&store, "web", "2026-11-23T21:07:59Z", 7, &one,
						  &first, &err),
			 0);
	umask(mask);
	assert_string_equal(
		second, in_folder("var/lib/snug/recordings/web/20261123T210800Z-a1b2c3d4.json"));
	assert_string_equal(
		first, in_folder("var/lib/snug/recordings/web/20261123T210759Z-00000000.json"));
	expect_mode("var", 0755);
	expect_mode("var/lib", 0755);
	expect_mode("var/lib/snug", 0755);
	expect_mode("var/lib/snug/recordings", 0700);
	expect_mode("var/lib/snug/recordings/web", 0700);
	expect_mode("var/lib/snug/recordings/web/20261123T210800Z-a1b2c3d4.json", 0600);

	/* flush: the same run again */
	assert_int_equal(snug_store_put_recording(&store, "web", STARTED, RUN, &two, &again, &err),
			 0);
	assert_string_equal(again, second);
	assert_int_equal(snug_file_read(second, 100, &got, &err), 0);
	assert_string_equal(got.data, "two");

	/* what a crash left, and what is not ours */
	put_file(in_folder("var/lib/snug/recordings/web/.snug-0123"), "x", 0600);
	put_file(in_folder("var/lib/snug/recordings/web/notes.txt"), "x", 0600);
	put_file(in_folder("var/lib/snug/recordings/web/.hidden.json"), "x", 0600);
	assert_int_equal(snug_store_list_recordings(&store, "web", &paths, &err), 0);
	assert_int_equal(paths.count, 2);
	assert_string_equal(paths.at[0], first);
	assert_string_equal(paths.at[1], second);

	assert_int_equal(drop_recordings("web", &err), 0);
	assert_int_equal(count_files(in_folder("var/lib/snug/recordings/web")), 3);
	assert_int_equal(drop_recordings("web", &err), 0);
	assert_int_equal(drop_recordings("other", &err), 0);
}

static void umask_does_not_hide_the_profiles(void **state)
{
	struct snug_error err;
	mode_t mask = umask(077);
	int result = put_profile("web", "{}", &err);

	(void)state;
	umask(mask);
	assert_int_equal(result, 0);
	expect_mode("var/lib/snug", 0755);
	expect_mode("var/lib/snug/profiles", 0755);
	expect_mode("var/lib/snug/profiles/web.json", 0644);
}

static void a_time_that_is_none_makes_no_file(void **state)
{
	static const char *const bad[] = { "",	      "yesterday",
					   "../../x", "2026/11",
					   "2026 ",   "20261123202611232026112320261123202611232" };
	const struct snug_buf buf = text_of("{}");
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			snug_store_put_recording(&store, "web", bad[i], RUN, &buf, &path, &err),
			-1);
	assert_int_equal(count_files(folder), 0);
}

static void the_first_profile_found_wins(void **state)
{
	static const char *const places[] = { "usr/share/snug/profiles",
					      "usr/local/share/snug/profiles",
					      "var/lib/snug/profiles", "etc/snug/profiles" };
	struct snug_error err;

	(void)state;
	assert_int_equal(read_profile("web", &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
		SNUG_AUTO(snug_freep) char *path = NULL;
		char file[100];

		make_folders(places[i]);
		snprintf(file, sizeof(file), "%s/web.json", places[i]);
		put_file(in_folder(file), places[i], 0644);
		assert_int_equal(snug_store_read_profile(&store, "web", &got, &path, &err), 0);
		assert_string_equal(got.data, places[i]);
		assert_string_equal(path, in_folder(file));
	}
}

static void profiles_by_hand_are_not_overwritten(void **state)
{
	static const char path[] = "var/lib/snug/profiles/web.json";
	static const char *const hand[] = { "{\"snugProfile\":1}",
					    "{\"origin\":\"hand\"}",
					    "{\"origin\":1}",
					    "not JSON",
					    "[]",
					    "" };
	struct snug_error err;

	(void)state;
	assert_int_equal(put_profile("web", "{\"origin\":\"generated\"}", &err), 0);
	assert_int_equal(put_profile("web", "{\"origin\":\"generated\", \"name\":\"web\"}", &err),
			 0);
	for (size_t i = 0; i < sizeof(hand) / sizeof(hand[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };

		put_file(in_folder(path), hand[i], 0644);
		assert_int_equal(put_profile("web", "{\"origin\":\"generated\"}", &err), -1);
		expect_error(&err, path,
			     "snug did not generate this profile and does not overwrite it");
		assert_int_equal(snug_file_read(in_folder(path), 100, &got, &err), 0);
		assert_string_equal(snug_buf_text(&got), hand[i]);
	}
	assert_int_equal(count_files(in_folder("var/lib/snug/profiles")), 2); /* and the lock */
}

static void symlinks_are_refused(void **state)
{
	struct snug_paths paths = { 0 };
	struct snug_error err;

	(void)state;
	make_folders("elsewhere/recordings");
	make_folders("var/lib");
	assert_int_equal(symlink(in_folder("elsewhere"), in_folder("var/lib/snug")), 0);
	assert_int_equal(put_recording("web", "{}", &err), -1);
	expect_error(&err, "var/lib/snug", "a symlink where snug keeps its files");
	assert_int_equal(put_profile("web", "{}", &err), -1);
	assert_int_equal(read_profile("web", &err), -1);
	assert_int_equal(drop_recordings("web", &err), -1);
	assert_int_equal(count_files(in_folder("elsewhere")), 1);
	assert_int_equal(count_files(in_folder("elsewhere/recordings")), 0);

	assert_int_equal(unlink(in_folder("var/lib/snug")), 0);
	make_folders("var/lib/snug/profiles");
	make_folders("var/lib/snug/recordings/web");
	put_file(in_folder("elsewhere/p"), "{\"origin\":\"generated\"}", 0644);
	assert_int_equal(
		symlink("../../../../elsewhere/p", in_folder("var/lib/snug/profiles/web.json")), 0);
	assert_int_equal(read_profile("web", &err), -1);
	expect_error(&err, "var/lib/snug/profiles/web.json",
		     "a symlink where snug keeps its files");
	assert_int_equal(put_profile("web", "{}", &err), -1);
	assert_int_equal(
		symlink(in_folder("elsewhere/p"), in_folder("var/lib/snug/recordings/web/1.json")),
		0);
	assert_int_equal(snug_store_list_recordings(&store, "web", &paths, &err), -1);
	expect_error(&err, "var/lib/snug/recordings/web/1.json",
		     "a symlink where snug keeps its files");
}

static void what_is_no_folder_is_refused(void **state)
{
	struct snug_error err;

	(void)state;
	make_folders("var/lib");
	put_file(in_folder("var/lib/snug"), "", 0644);
	assert_int_equal(put_recording("web", "{}", &err), -1);
	expect_error(&err, "var/lib/snug", "not a folder, where snug keeps its files");
	assert_int_equal(read_profile("web", &err), -1);
	expect_error(&err, "var/lib/snug", "not a folder, where snug keeps its files");
}

/* Each folder on the way, the one of --root and one above it too. */
static void folders_that_others_can_write_are_refused(void **state)
{
	static const char *const ways[] = { "r", "r/var", "r/var/lib", "r/var/lib/snug",
					    "r/var/lib/snug/profiles" };
	const struct snug_buf buf = text_of("{}");
	char root[PATH_MAX + 256];
	struct snug_store below = { .root = root };
	struct snug_error err;

	(void)state;
	make_folders("r/var/lib/snug/profiles");
	strcpy(root, in_folder("r"));
	for (size_t i = 0; i < 2 * sizeof(ways) / sizeof(ways[0]); i++) {
		SNUG_AUTO(snug_freep) char *path = NULL;
		const char *way = ways[i / 2];

		assert_int_equal(chmod(in_folder(way), i % 2 ? 0775 : 0757), 0);
		assert_int_equal(snug_store_put_profile(&below, "web", &buf, &path, &err), -1);
		expect_error(&err, way,
			     i % 2 ? "others can write it (mode 0775)"
				   : "others can write it (mode 0757)");
		assert_int_equal(chmod(in_folder(way), 0755), 0);
	}
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(put_profile("web", "{}", &err), -1);
	assert_string_equal(err.file, folder);
	assert_string_equal(err.what, "others can write it (mode 0777)");
}

static void sticky_folders_are_safe_above_only(void **state)
{
	struct snug_error err;

	(void)state;
	make_folders("var/lib/snug/profiles");
	assert_int_equal(chmod(in_folder("var/lib"), 01777), 0);
	assert_int_equal(put_profile("web", "{\"origin\":\"generated\"}", &err), 0);
	assert_int_equal(chmod(in_folder("var/lib/snug/profiles"), 01777), 0);
	assert_int_equal(put_profile("web", "{}", &err), -1);
	expect_error(&err, "var/lib/snug/profiles", "others can write it (mode 1777)");
}

static void foreign_folders_are_refused(void **state)
{
	struct snug_error err;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_folders("var/lib/snug/profiles");
	assert_int_equal(chown(in_folder("var/lib/snug"), 12345, 0), 0);
	assert_int_equal(put_profile("web", "{}", &err), -1);
	expect_error(&err, "var/lib/snug", "owned by user 12345, who could change what snug reads");
	/* a sticky folder does not make up for a child that is somebody's */
	assert_int_equal(chmod(in_folder("var/lib"), 01777), 0);
	assert_int_equal(put_profile("web", "{}", &err), -1);
	expect_error(&err, "var/lib/snug", "owned by user 12345, who could change what snug reads");
}

static void files_that_others_can_write_are_refused(void **state)
{
	static const char path[] = "etc/snug/profiles/web.json";
	struct snug_error err;

	(void)state;
	make_folders("etc/snug/profiles");
	put_file(in_folder(path), "{}", 0664);
	assert_int_equal(read_profile("web", &err), -1);
	expect_error(&err, path, "others can write it (mode 0664)");
	assert_int_equal(chmod(in_folder(path), 0644), 0);
	assert_int_equal(read_profile("web", &err), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(in_folder(path), 12345, 0), 0);
		assert_int_equal(read_profile("web", &err), -1);
		expect_error(&err, path, "owned by user 12345, who could change what snug reads");
	}
	assert_int_equal(unlink(in_folder(path)), 0);
	assert_int_equal(mkdir(in_folder(path), 0755), 0);
	assert_int_equal(read_profile("web", &err), -1);
	expect_error(&err, path, "a folder where a file should be");
}

static void a_root_that_is_missing_is_named(void **state)
{
	struct snug_store gone = { .root = "/nowhere/at/all" };
	struct snug_paths paths = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_store_list_recordings(&gone, "web", &paths, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.file, "/nowhere/at/all");
	assert_string_equal(err.remedy, "make this folder first");
}

/* A symlink in --root's own DIR is the caller's choice. */
static void a_root_may_be_a_symlink(void **state)
{
	const struct snug_buf buf = text_of("{}");
	SNUG_AUTO(snug_freep) char *path = NULL;
	char root[PATH_MAX + 256];
	struct snug_store linked = { .root = root };
	struct snug_error err;

	(void)state;
	make_folders("r");
	assert_int_equal(symlink("r", in_folder("link")), 0);
	strcpy(root, in_folder("link"));
	assert_int_equal(snug_store_put_profile(&linked, "web", &buf, &path, &err), 0);
	assert_string_equal(path, in_folder("link/var/lib/snug/profiles/web.json"));
	assert_int_equal(access(in_folder("r/var/lib/snug/profiles/web.json"), F_OK), 0);
}

static void full_and_read_only_disks_leave_nothing(void **state)
{
	SNUG_AUTO(snug_freep) char *big = malloc((1 << 20) + 1);
	struct snug_error err;

	(void)state;
	own_mounts();
	memset(big, ' ', 1 << 20);
	big[1 << 20] = '\0';
	make_folders("var");
	mount_small(in_folder("var"), "size=64k,mode=755");
	assert_int_equal(put_recording("web", big, &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_int_equal(count_files(in_folder("var/lib/snug/recordings/web")), 0);
	assert_int_equal(put_recording("web", "{}", &err), 0);
	assert_int_equal(mount(NULL, in_folder("var"), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(put_recording("web", "{}", &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, EROFS);
	assert_int_equal(snug_store_check_recordings(&store, "web", &err), -1);
	assert_int_equal(err.sys_errno, EROFS);
	assert_int_equal(snug_store_check_recordings(&store, "new", &err), -1);
	assert_int_equal(err.sys_errno, EROFS);
	assert_int_equal(put_profile("web", "{}", &err), -1);
	assert_int_equal(err.sys_errno, EROFS);
	assert_int_equal(drop_recordings("web", &err), -1);
	assert_int_equal(err.sys_errno, EROFS);
	assert_int_equal(count_files(in_folder("var/lib/snug/recordings/web")), 1);
	assert_int_equal(umount(in_folder("var")), 0);

	/* no room for one more folder */
	mount_small(in_folder("var"), "nr_inodes=2,mode=755");
	assert_int_equal(put_recording("web", "{}", &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_int_equal(umount(in_folder("var")), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_paths_are_told_apart),
		IN_FOLDER(bad_names_are_refused),
		IN_FOLDER(nobody_waits_for_a_reader_of_the_profiles),
		IN_FOLDER(recordings_are_put_listed_and_dropped),
		IN_FOLDER(umask_does_not_hide_the_profiles),
		IN_FOLDER(a_time_that_is_none_makes_no_file),
		IN_FOLDER(the_first_profile_found_wins),
		IN_FOLDER(profiles_by_hand_are_not_overwritten),
		IN_FOLDER(symlinks_are_refused),
		IN_FOLDER(what_is_no_folder_is_refused),
		IN_FOLDER(folders_that_others_can_write_are_refused),
		IN_FOLDER(sticky_folders_are_safe_above_only),
		IN_FOLDER(foreign_folders_are_refused),
		IN_FOLDER(files_that_others_can_write_are_refused),
		cmocka_unit_test(a_root_that_is_missing_is_named),
		IN_FOLDER(a_root_may_be_a_symlink),
		IN_FOLDER(full_and_read_only_disks_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
