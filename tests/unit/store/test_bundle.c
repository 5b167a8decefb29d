/* SPDX-License-Identifier: Apache-2.0 */
/* Notes of what was done to bundles, and whether somebody else could change a config.json or the
 * way to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/bundle.h"
#include "store/program.h"

#include "folder.h"

#include <sys/prctl.h>
#include <sys/wait.h>

static struct snug_bundle_note note_of(const char *config)
{
	struct snug_bundle_note note = {
		.wrote = "abc", .key = "-", .profile_count = 2, .profiles = { "web", "base" }
	};

	snprintf(note.config, sizeof(note.config), "%s", config);
	return note;
}

static bool has_note(const char *config)
{
	struct snug_bundle_note note;
	struct snug_error err = { 0 };
	bool there;

	assert_int_equal(snug_store_read_bundle(&store, config, &there, &note, &err), 0);
	return there;
}

static void put_note(const char *config)
{
	const struct snug_bundle_note note = note_of(config);
	struct snug_error err = { 0 };

	assert_int_equal(snug_store_put_bundle(&store, &note, &err), 0);
}

static void a_note_reads_as_it_was_written(void **state)
{
	struct snug_bundle_note got;
	struct snug_error err = { 0 };
	bool there;

	(void)state;
	put_file(in_folder("config.json"), "{}", 0644);
	assert_false(has_note(in_folder("config.json")));
	put_note(in_folder("config.json"));
	assert_int_equal(
		snug_store_read_bundle(&store, in_folder("config.json"), &there, &got, &err), 0);
	assert_true(there);
	assert_string_equal(got.config, in_folder("config.json"));
	assert_string_equal(got.wrote, "abc");
	assert_string_equal(got.key, "-");
	assert_int_equal(got.profile_count, 2);
	assert_string_equal(got.profiles[1], "base");
	assert_false(has_note(in_folder("other.json")));
}

static void notes_go_away(void **state)
{
	struct snug_error err = { 0 };

	(void)state;
	put_file(in_folder("a"), "", 0644);
	put_file(in_folder("b"), "", 0644);
	assert_int_equal(snug_store_drop_bundle(&store, in_folder("a"), &err),
			 0); /* nothing there */
	put_note(in_folder("a"));
	put_note(in_folder("b"));
	assert_int_equal(snug_store_drop_bundle(&store, in_folder("a"), &err), 0);
	assert_int_equal(snug_store_drop_bundle(&store, in_folder("a"), &err), 0);
	assert_false(has_note(in_folder("a")));
	assert_true(has_note(in_folder("b")));
	/* With its config.json gone, the next note takes it along. */
	assert_int_equal(unlink(in_folder("b")), 0);
	put_note(in_folder("a"));
	assert_false(has_note(in_folder("b")));
	assert_int_equal(count_files(in_folder("var/lib/snug/bundles")), 1);
}

/* What writing one costs does not grow with how many there are, nor do those that are gone pile up.
 */
static void notes_of_many(void **state)
{
	char name[16];

	(void)state;
	put_file(in_folder("stays"), "", 0644);
	put_note(in_folder("stays"));
	for (unsigned i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "gone%u", i);
		put_note(in_folder(name));
	}
	assert_true(has_note(in_folder("stays")));
	assert_in_range(count_files(in_folder("var/lib/snug/bundles")), 2, 12);
}

/* Such a note is none: the bundle is hardened anew. */
static void what_is_no_note(void **state)
{
	static const char *const texts[] = { "", "snug bundle 2\n", "snug bundle 1\nconfig x",
					     NULL };
	struct snug_bundle_note note = note_of("/a\n/b");
	struct snug_error err = { 0 };
	char digest[SNUG_DIGEST_SIZE], below[128], path[PATH_MAX + 256];
	SNUG_AUTO(snug_freep) char *text = NULL;

	(void)state;
	assert_int_equal(snug_store_put_bundle(&store, &note, &err), -1);
	assert_non_null(strstr(err.what, "line's end"));
	put_file(in_folder("a"), "", 0644);
	put_note(in_folder("a"));
	snug_digest(in_folder("a"), strlen(in_folder("a")), digest);
	snprintf(below, sizeof(below), "var/lib/snug/bundles/%s", digest);
	snprintf(path, sizeof(path), "%s", in_folder(below));
	for (unsigned i = 0; texts[i]; i++) {
		put_file(path, texts[i], 0600);
		assert_false(has_note(in_folder("a")));
	}
	put_note(in_folder("a"));
	assert_true(has_note(in_folder("a")));
	/* Of another config.json, or with words behind its end. */
	note = note_of(in_folder("a"));
	assert_true(asprintf(&text, "snug bundle 1\nconfig %s\nwrote x\nkey y\nx", in_folder("a")) >
		    0);
	put_file(path, text, 0600);
	assert_false(has_note(in_folder("a")));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(in_folder("a"), path), 0);
	assert_int_equal(snug_store_put_bundle(&store, &note, &err), -1);
	assert_non_null(strstr(err.what, "symlink"));
}

static void a_note_in_a_place_of_others_is_refused(void **state)
{
	const struct snug_bundle_note note = note_of("/a");
	struct snug_bundle_note got;
	struct snug_error err = { 0 };
	bool there;

	(void)state;
	make_folders("var/lib/snug/bundles");
	assert_int_equal(chmod(in_folder("var/lib/snug/bundles"), 0777), 0);
	assert_int_equal(snug_store_put_bundle(&store, &note, &err), -1);
	assert_int_equal(snug_store_read_bundle(&store, "/a", &there, &got, &err), -1);
	assert_int_equal(snug_store_drop_bundle(&store, "/a", &err), -1);
	assert_int_equal(count_files(in_folder("var/lib/snug/bundles")), 0);
}

static void assert_config(const char *path, const char *why)
{
	struct snug_error err = { 0 };
	int result = snug_store_check_bundle(path, &err);

	if (result != (why ? -1 : 0) || (why && !strstr(err.what, why)))
		fail_msg("%s: %d, %s", path, result, err.what);
}

static void who_could_change_a_config(void **state)
{
	(void)state;
	make_folders("b");
	make_folders("open");
	put_file(in_folder("b/config.json"), "{}", 0644);
	put_file(in_folder("b/loose"), "{}", 0666);
	put_file(in_folder("open/config.json"), "{}", 0644);
	assert_int_equal(chmod(in_folder("open"), 0777), 0);
	assert_int_equal(symlink("config.json", in_folder("b/link")), 0);
	assert_config(in_folder("b/config.json"), NULL);
	assert_config("config.json", "absolute");
	assert_config(in_folder("b/loose"), "others can write");
	assert_config(in_folder("open/config.json"), "others can write");
	assert_config(in_folder("b/link"), "symlink");
	assert_config(in_folder("b/none"), "No such file");
	assert_config(in_folder("none/config.json"), "No such file");
}

static void assert_links(const char *path, const char *why)
{
	struct snug_error err = { 0 };
	int result = snug_store_check_links(path, &err);

	if (result != (why ? -1 : 0) || (why && !strstr(err.what, why)))
		fail_msg("%s: %d, %s", path ? path : "NULL", result, err.what);
}

static void links_on_the_way(void **state)
{
	(void)state;
	make_folders("real/b");
	make_folders("open");
	assert_int_equal(symlink("real", in_folder("link")), 0);
	assert_int_equal(symlink("link/b", in_folder("twice")), 0);
	assert_int_equal(symlink("round", in_folder("round")), 0);
	assert_int_equal(symlink("../real", in_folder("open/away")), 0);
	assert_int_equal(symlink("open/away", in_folder("over")), 0);
	assert_int_equal(chmod(in_folder("open"), 0777), 0);
	assert_links(NULL, NULL);
	assert_links(in_folder("real/b"), NULL);
	assert_links(in_folder("link/b/"), NULL);
	assert_links(in_folder("twice"), NULL);
	assert_links(in_folder("none/at/all"), NULL);
	assert_links(in_folder("round"), "Too many levels");
	assert_links(in_folder("open/away"), "others can write");
	assert_links(in_folder("over/b"), "others can write");
	if (geteuid() != 0) /* root alone gives something away */
		return;
	assert_int_equal(lchown(in_folder("link"), 65534, 65534), 0);
	assert_links(in_folder("link/b"), "user 65534");
	assert_links(in_folder("twice"), "user 65534");
}

/* ---- another user's user namespace ---- */

#define STRANGER 4321

static bool become_rootless(void)
{
	const char map[] = "0 4321 1";
	SNUG_AUTO_FD int fd = -1;

	if (setresuid(STRANGER, STRANGER, STRANGER) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
	    unshare(CLONE_NEWUSER) < 0)
		return false;
	fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	return write(fd, map, sizeof(map) - 1) == (ssize_t)sizeof(map) - 1;
}

/* Root's and any other user's look alike there: 65534. Programs have to be believed, bundles not.
 */
static void another_users_bundle_in_a_user_namespace(void **state)
{
	struct snug_error err = { 0 };
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_folders("b");
	put_file(in_folder("b/config.json"), "{}", 0644);
	assert_int_equal(chmod(folder, 0755), 0);
	pid = fork();
	if (pid == 0) {
		if (!become_rootless())
			_exit(77);
		if (snug_store_check_bundle(in_folder("b/config.json"), &err) == 0)
			_exit(1);
		if (snug_store_check_bundle("/etc/passwd", &err) == 0)
			_exit(2);
		_exit(snug_store_check_program("/bin/sh", &err) == 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HERE(a_note_reads_as_it_was_written),
		HERE(notes_go_away),
		HERE(notes_of_many),
		HERE(what_is_no_note),
		HERE(a_note_in_a_place_of_others_is_refused),
		HERE(who_could_change_a_config),
		HERE(links_on_the_way),
		HERE(another_users_bundle_in_a_user_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
