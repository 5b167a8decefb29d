/* SPDX-License-Identifier: Apache-2.0 */
/* Whose files are trusted: root's and one's own; in a user namespace that does not know the host's
 * root, also those of whoever has the root of the file system. */
#include "store/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	 65534u
#define STRANGER 4711u
#define USER	 1000u

/* What a process is told, as bits of its exit status. */
enum {
	INSIDE = 1,
	OUTER = 2,
	ROOT = 4,
	SELF = 8,
	UNKNOWN = 16,
	OTHER = 32,
	CHILD = 64, /* one's own, where anybody may have put it */
	NO_NAMESPACE = 128
};

static int look(uid_t outer_wanted)
{
	uid_t outer;

	return (snug_in_user_namespace(&outer) ? INSIDE : 0) | (outer == outer_wanted ? OUTER : 0) |
	       (snug_trusts_owner(0) ? ROOT : 0) | (snug_trusts_owner(geteuid()) ? SELF : 0) |
	       (snug_trusts_owner(NOBODY) ? UNKNOWN : 0) |
	       (snug_trusts_owner(STRANGER) ? OTHER : 0) |
	       (snug_trusts_child(geteuid()) ? CHILD : 0);
}

static bool write_map(pid_t tgid, const char *map)
{
	char path[64];
	int fd;
	bool written;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)tgid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	written = fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map);
	close(fd);
	return written;
}

/* The looks of this user's process in a namespace of its own with this map. */
static int look_in(const char *map, uid_t user, uid_t outer)
{
	int ready[2], go[2], status;
	pid_t tgid;
	char byte = 0;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	tgid = fork();
	assert_true(tgid >= 0);
	if (tgid == 0) {
		byte = setresuid(user, user, user) < 0 || unshare(CLONE_NEWUSER) < 0 ? 'n' : 'y';
		if (write(ready[1], &byte, 1) != 1 || byte == 'n' || read(go[0], &byte, 1) != 1)
			_exit(NO_NAMESPACE);
		_exit(look(outer));
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	if (byte == 'y' && *map)
		assert_true(write_map(tgid, map));
	if (byte == 'y')
		assert_int_equal(write(go[1], "", 1), 1);
	assert_int_equal(waitpid(tgid, &status, 0), tgid);
	for (unsigned i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void on_the_host_nobody_is_trusted_beside(void **state)
{
	uid_t outer;

	(void)state;
	if (snug_in_user_namespace(&outer))
		skip(); /* the tests run in one themselves */
	assert_int_equal(look(NOBODY), OUTER | ROOT | SELF | CHILD);
}

static void a_namespace_has_its_outer_user(void **state)
{
	struct stat top;

	(void)state;
	if (geteuid() != 0 || stat("/", &top) < 0 || top.st_uid != 0)
		skip();
	if (look_in("", USER, NOBODY) == NO_NAMESPACE)
		skip(); /* no namespaces to be had */
	/* The host's root is nobody in there, and so are others: / says whose files are root's. */
	assert_int_equal(look_in("0 1000 1\n", USER, USER),
			 INSIDE | OUTER | ROOT | SELF | UNKNOWN | CHILD);
	/* It is known, and so nobody is somebody else. */
	assert_int_equal(look_in("0 0 10\n", 0, 0), INSIDE | OUTER | ROOT | SELF | CHILD);
	/* All there are: as good as none. */
	assert_int_equal(look_in("0 0 4294967295\n", 0, NOBODY), OUTER | ROOT | SELF | CHILD);
}

/* Who shows as 65534 himself cannot tell his own files from those of any user who is not known. */
static void who_is_not_known_has_no_files_of_his_own(void **state)
{
	struct stat top;

	(void)state;
	if (geteuid() != 0 || stat("/", &top) < 0 || top.st_uid != 0)
		skip();
	if (look_in("", USER, NOBODY) == NO_NAMESPACE)
		skip(); /* no namespaces to be had */
	assert_int_equal(look_in("", USER, NOBODY), INSIDE | OUTER | ROOT);
	assert_int_equal(look_in("0 0 10\n", USER, NOBODY), INSIDE | OUTER | ROOT);
	/* He is known, and they show as he does. */
	assert_int_equal(look_in("0 0 10\n65534 1000 1\n", USER, USER), INSIDE | OUTER | ROOT);
	assert_int_equal(look_in("0 0 10\n1000 1000 1\n", USER, USER),
			 INSIDE | OUTER | ROOT | SELF | CHILD);
}

/* Another number than 65534: proc(5). The kernel's own is the host's, so this one is made up. */
static void the_kernel_says_who_is_not_known(void **state)
{
	char path[] = "/tmp/snug-trust-XXXXXX";
	int status, fd;
	pid_t tgid;

	(void)state;
	if (geteuid() != 0)
		skip();
	fd = mkstemp(path);
	assert_true(write(fd, "4711\n", 5) == 5);
	close(fd);
	tgid = fork();
	if (tgid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_PRIVATE | MS_REC, NULL) < 0 ||
		    mount(path, "/proc/sys/kernel/overflowuid", "", MS_BIND, NULL) < 0)
			_exit(NO_NAMESPACE);
		_exit(look_in("0 0 10\n4711 4711 1\n", STRANGER, STRANGER));
	}
	assert_int_equal(waitpid(tgid, &status, 0), tgid);
	unlink(path);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == NO_NAMESPACE)
		skip();
	assert_int_equal(WEXITSTATUS(status), INSIDE | OUTER | ROOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_host_nobody_is_trusted_beside),
		cmocka_unit_test(a_namespace_has_its_outer_user),
		cmocka_unit_test(who_is_not_known_has_no_files_of_his_own),
		cmocka_unit_test(the_kernel_says_who_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
