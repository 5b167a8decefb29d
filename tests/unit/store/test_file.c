/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "store/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <cmocka.h>

#include "folder.h"

static void expect_text(const char *path, const char *text)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err;

	if (snug_file_read(path, 1 << 20, &got, &err) < 0)
		fail_msg("%s: %s", path, err.what);
	assert_string_equal(snug_buf_text(&got), text);
	assert_int_equal(got.len, strlen(text));
}

static void files_are_read_whole(void **state)
{
	(void)state;
	put_file(in_folder("empty"), "", 0644);
	expect_text(in_folder("empty"), "");
	put_file(in_folder("a"), "text\n", 0644);
	expect_text(in_folder("a"), "text\n");
	assert_int_equal(symlink("a", in_folder("link")), 0);
	expect_text(in_folder("link"), "text\n"); /* the caller's choice */
}

static void reading_is_bounded(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err;

	(void)state;
	put_file(in_folder("a"), "12345", 0644);
	assert_int_equal(snug_file_read(in_folder("a"), 5, &got, &err), 0);
	snug_buf_clear(&got);
	assert_int_equal(snug_file_read(in_folder("a"), 4, &got, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.what, "larger than the limit of 4 bytes");
	assert_string_equal(err.file, in_folder("a"));
	assert_int_equal(got.len, 0);
	/* says that it is empty, and is not */
	assert_int_equal(snug_file_read("/proc/self/status", 10, &got, &err), -1);
	assert_string_equal(err.what, "larger than the limit of 10 bytes");
	assert_int_equal(truncate(in_folder("a"), (off_t)100 << 20), 0);
	assert_int_equal(snug_file_read(in_folder("a"), 16 << 20, &got, &err), -1);
	assert_string_equal(err.what, "larger than the limit of 16777216 bytes");
	assert_int_equal(got.len, 0);
}

static void what_is_no_file_is_refused(void **state)
{
	struct {
		const char *path, *what;
	} rows[] = {
		{ folder, "a folder where a file should be" },
		{ "/dev/zero", "a device where a file should be" },
		{ in_folder("pipe"), "a pipe where a file should be" },
		{ in_folder("none"), "cannot open it: No such file or directory" },
		{ "", "cannot open it: No such file or directory" },
	};

	(void)state;
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
		struct snug_error err;

		assert_int_equal(snug_file_read(rows[i].path, 100, &got, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(err.what, rows[i].what);
		assert_string_equal(err.file, rows[i].path);
		assert_true(err.remedy[0]);
	}
}

static void files_are_written(void **state)
{
	struct snug_error err;
	struct stat st;

	(void)state;
	assert_int_equal(snug_file_write(in_folder("a"), 0640, "one", 3, &err), 0);
	expect_text(in_folder("a"), "one");
	assert_int_equal(stat(in_folder("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(count_files(folder), 1);
	/* a reader that has the old file open keeps it: it is replaced, not written over */
	{
		SNUG_AUTO_FD int old = open(in_folder("a"), O_RDONLY);
		char text[8] = "";

		assert_int_equal(snug_file_write(in_folder("a"), 0600, "two!", 4, &err), 0);
		assert_int_equal(read(old, text, 7), 3);
		assert_string_equal(text, "one");
	}
	expect_text(in_folder("a"), "two!");
	assert_int_equal(count_files(folder), 1);
	assert_int_equal(snug_file_write(in_folder("a"), 0600, NULL, 0, &err), 0);
	expect_text(in_folder("a"), "");
}

static void an_existing_file_keeps_mode_and_owner(void **state)
{
	struct snug_error err;
	struct stat st;

	(void)state;
	put_file(in_folder("a"), "1", 0604);
	if (geteuid() == 0)
		assert_int_equal(chown(in_folder("a"), 12345, 54321), 0);
	assert_int_equal(snug_file_write(in_folder("a"), 0600, "2", 1, &err), 0);
	assert_int_equal(stat(in_folder("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	assert_int_equal(st.st_uid, geteuid() == 0 ? 12345 : geteuid());
	assert_int_equal(st.st_gid, geteuid() == 0 ? 54321 : getegid());
	/* but no set-id bit goes over to what we wrote */
	assert_int_equal(chmod(in_folder("a"), 06755), 0);
	assert_int_equal(snug_file_write(in_folder("a"), 0600, "3", 1, &err), 0);
	assert_int_equal(stat(in_folder("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void relative_paths_are_written_here(void **state)
{
	SNUG_AUTO_FD int here = open(".", O_RDONLY | O_DIRECTORY);
	struct snug_error err;
	int result;

	(void)state;
	assert_int_equal(chdir(folder), 0);
	result = snug_file_write("b", 0600, "x", 1, &err);
	assert_int_equal(fchdir(here), 0);
	assert_int_equal(result, 0);
	expect_text(in_folder("b"), "x");
}

static void expect_refused(const char *path, const char *what)
{
	unsigned before = count_files(folder);
	struct snug_error err;

	assert_int_equal(snug_file_write(path, 0600, "new", 3, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.what, what);
	assert_string_equal(err.file, path);
	assert_true(err.remedy[0]);
	assert_int_equal(count_files(folder), before);
}

static void what_is_no_file_is_not_replaced(void **state)
{
	(void)state;
	put_file(in_folder("a"), "old", 0644);
	assert_int_equal(symlink("a", in_folder("link")), 0);
	assert_int_equal(symlink("nowhere", in_folder("dangling")), 0);
	assert_int_equal(mkdir(in_folder("d"), 0755), 0);
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	expect_refused(in_folder("link"), "a symlink where a file should be");
	expect_refused(in_folder("dangling"), "a symlink where a file should be");
	expect_refused(in_folder("d"), "a folder where a file should be");
	expect_refused(in_folder("d/"), "a folder where a file should be");
	expect_refused(in_folder("d/.."), "a folder where a file should be");
	expect_refused(in_folder("pipe"), "a pipe where a file should be");
	expect_refused("/dev/null", "a device where a file should be");
	expect_refused(in_folder("no/file"), "cannot open its folder: No such file or directory");
	expect_text(in_folder("a"), "old");
}

static void a_full_disk_leaves_the_old_file(void **state)
{
	SNUG_AUTO(snug_freep) char *big = calloc(1, 1 << 20);
	struct snug_error err;

	(void)state;
	own_mounts();
	assert_int_equal(mkdir(in_folder("m"), 0755), 0);
	mount_small(in_folder("m"), "size=64k");
	assert_int_equal(snug_file_write(in_folder("m/a"), 0600, "old", 3, &err), 0);
	assert_int_equal(snug_file_write(in_folder("m/a"), 0600, big, 1 << 20, &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_string_equal(err.what, "cannot write it: No space left on device");
	assert_true(err.remedy[0]);
	expect_text(in_folder("m/a"), "old");
	assert_int_equal(count_files(in_folder("m")), 1);
	assert_int_equal(umount(in_folder("m")), 0);
}

static void a_read_only_disk_is_named(void **state)
{
	struct snug_error err;

	(void)state;
	own_mounts();
	assert_int_equal(mkdir(in_folder("m"), 0755), 0);
	mount_small(in_folder("m"), "size=64k");
	assert_int_equal(snug_file_write(in_folder("m/a"), 0600, "old", 3, &err), 0);
	assert_int_equal(mount(NULL, in_folder("m"), NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(snug_file_write(in_folder("m/a"), 0600, "new", 3, &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(err.sys_errno, EROFS);
	assert_true(err.remedy[0]);
	expect_text(in_folder("m/a"), "old");
	assert_int_equal(umount(in_folder("m")), 0);
}

#define DEAD  ".snug-00000000deadbeef"
#define ALIVE ".snug-00000000a11fe000"

/* A writer that was killed has no lock on its temporary any more; one that writes has. */
static void dead_writers_temporaries_go(void **state)
{
	SNUG_AUTO_FD int alive = -1;
	struct snug_error err;

	(void)state;
	put_file(in_folder(DEAD), "half", 0600);
	put_file(in_folder(ALIVE), "half", 0600);
	put_file(in_folder(".snug-mine"), "a file of that name", 0600);
	assert_int_equal(symlink("a", in_folder(".snug-0000000000000001")), 0);
	alive = open(in_folder(ALIVE), O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(alive, LOCK_EX), 0);
	assert_int_equal(snug_file_write(in_folder("a"), 0600, "new", 3, &err), 0);
	assert_int_equal(access(in_folder(DEAD), F_OK), -1);
	assert_int_equal(count_files(folder), 4);
	expect_text(in_folder(ALIVE), "half");
	if (geteuid() != 0)
		return;
	put_file(in_folder(DEAD), "somebody's", 0600);
	assert_int_equal(chown(in_folder(DEAD), 12345, 12345), 0);
	assert_int_equal(snug_file_write(in_folder("a"), 0600, "new", 3, &err), 0);
	expect_text(in_folder(DEAD), "somebody's");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(files_are_read_whole),
		IN_FOLDER(reading_is_bounded),
		IN_FOLDER(what_is_no_file_is_refused),
		IN_FOLDER(files_are_written),
		IN_FOLDER(an_existing_file_keeps_mode_and_owner),
		IN_FOLDER(relative_paths_are_written_here),
		IN_FOLDER(what_is_no_file_is_not_replaced),
		IN_FOLDER(a_full_disk_leaves_the_old_file),
		IN_FOLDER(a_read_only_disk_is_named),
		IN_FOLDER(dead_writers_temporaries_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
