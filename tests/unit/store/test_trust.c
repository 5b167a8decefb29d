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
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	 65534u
#define STRANGER 4711u
#define USER	 1000u

/* What a process is told, as bits of its exit status. */
enum { INSIDE = 1, OUTER = 2, ROOT = 4, SELF = 8, UNKNOWN = 16, OTHER = 32, NO_NAMESPACE = 64 };

static int look(uid_t outer_wanted)
{
	uid_t outer;

	return (snug_in_user_namespace(&outer) ? INSIDE : 0) | (outer == outer_wanted ? OUTER : 0) |
	       (snug_trusts_owner(0) ? ROOT : 0) | (snug_trusts_owner(geteuid()) ? SELF : 0) |
	       (snug_trusts_owner(NOBODY) ? UNKNOWN : 0) |
	       (snug_trusts_owner(STRANGER) ? OTHER : 0);
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
	assert_int_equal(look(NOBODY), OUTER | ROOT | SELF);
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
	assert_int_equal(look_in("0 1000 1\n", USER, USER), INSIDE | OUTER | ROOT | SELF | UNKNOWN);
	/* It is known, and so nobody is somebody else. */
	assert_int_equal(look_in("0 0 10\n", 0, 0), INSIDE | OUTER | ROOT | SELF);
	/* All there are: as good as none. */
	assert_int_equal(look_in("0 0 4294967295\n", 0, NOBODY), OUTER | ROOT | SELF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_host_nobody_is_trusted_beside),
		cmocka_unit_test(a_namespace_has_its_outer_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
