/* SPDX-License-Identifier: Apache-2.0 */
/* What a process says of how it is confined is what the reader takes it for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "hook/probe.h"
#include "model/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child says that has taken no_new_privs and dropped CAP_CHOWN from its bounding set. */
static void read_child(int hold, struct snug_buf *ret)
{
	char chunk[4096];
	int out[2], status;
	ssize_t len;
	pid_t child;

	assert_int_equal(pipe(out), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct snug_error err;

		close(out[0]);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		prctl(PR_CAPBSET_DROP, 0, 0, 0, 0); /* CAP_CHOWN; root alone can */
		_exit(snug_hook_probe(hold, out[1], &err) == 0 ? 0 : 1);
	}
	close(out[1]);
	while ((len = read(out[0], chunk, sizeof(chunk))) > 0)
		snug_buf_add(ret, chunk, (size_t)len);
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_says_what_the_kernel_says(void **state)
{
	SNUG_AUTO_FD int ended = open("/dev/null", O_RDONLY | O_CLOEXEC);
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_probe probe;
	struct snug_error err = { 0 };

	(void)state;
	read_child(ended, &text);
	assert_int_equal(snug_probe_parse(&text, &probe, &err), 0);
	assert_true(probe.no_new_privs);
	if (geteuid() == 0)
		assert_int_equal(probe.caps[SNUG_CAP_BOUNDING] & 1, 0);
	/* What is cut off is not taken for the whole. */
	text.len -= strlen(SNUG_PROBE_END);
	text.data[text.len] = '\0';
	assert_int_equal(snug_probe_parse(&text, &probe, &err), -1);
}

/* The container stays until whoever looks at it from outside has done so. */
static void test_waits_for_the_end(void **state)
{
	int hold[2];
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(pipe(hold), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		SNUG_AUTO_FD int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		struct snug_error err;

		close(hold[1]);
		_exit(snug_hook_probe(hold[0], null, &err) == 0 ? 0 : 1);
	}
	close(hold[0]);
	assert_int_equal(write(hold[1], "more", 4), 4);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	close(hold[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_nobody_to_tell(void **state)
{
	SNUG_AUTO_FD int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_hook_probe(STDIN_FILENO, full, &err), -1);
	assert_int_equal(err.sys_errno, ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_the_kernel_says),
		cmocka_unit_test(test_waits_for_the_end),
		cmocka_unit_test(test_nobody_to_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
