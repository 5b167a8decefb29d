/* SPDX-License-Identifier: Apache-2.0 */
/* The hook and the learner meet at a socket, below a folder whose name is longer than an address.
 */
#include "flow/arm.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

static char top[64], folder[256], path[300];

static int set_up(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/snug-test-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(folder, sizeof(folder), "%s/" LONG LONG, top);
	snprintf(path, sizeof(path), "%s/" SNUG_ARM_SOCKET, folder);
	return mkdir(folder, 0700);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	return rmdir(top);
}

static int listen_there(void)
{
	SNUG_AUTO_FD int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct snug_error err = { 0 };
	int fd = snug_arm_listen(folder_fd, &err);

	assert_true(fd >= 0);
	return fd;
}

/* Asks in a child. It exits 0 when armed, 1 when refused with `expected`, else 2. */
static pid_t ask(const char *expected)
{
	pid_t child = fork();

	if (child == 0) {
		const struct snug_arm_request begin = { .wish = SNUG_ARM_BEGIN, .pid = 4711 };
		struct snug_arm_answer answer;
		struct snug_error err = { 0 };

		if (snug_arm_ask(path, &begin, &answer, &err) == 0)
			_exit(0);
		_exit(expected && strstr(err.what, expected) ? 1 : 2);
	}
	assert_true(child > 0);
	return child;
}

static int status_of(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void answers(void **state)
{
	static const struct {
		const char *refusal;
		int status;
	} rows[] = { { NULL, 0 }, { "not yours", 1 } };
	SNUG_AUTO_FD int listen_fd = listen_there();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		pid_t child = ask("not yours");
		struct snug_arm_request request = { 0 };
		struct snug_arm_answer answer = { 0 };
		struct snug_error err = { 0 };
		int fd = snug_arm_accept(listen_fd, &request, &err);

		assert_true(fd >= 0);
		assert_int_equal(request.wish, SNUG_ARM_BEGIN);
		assert_int_equal(request.pid, 4711);
		if (rows[i].refusal)
			strcpy(answer.refusal, rows[i].refusal);
		snug_arm_answer(fd, &answer);
		close(fd);
		assert_int_equal(status_of(child), rows[i].status);
	}
}

static void no_answer(void **state)
{
	SNUG_AUTO_FD int listen_fd = listen_there();
	struct snug_error err = { 0 };
	struct snug_arm_request request;
	pid_t child = ask("went away");

	(void)state;
	close(snug_arm_accept(listen_fd, &request, &err));
	assert_int_equal(status_of(child), 1);
}

static void nobody(void **state)
{
	const struct snug_arm_request request = { .wish = SNUG_ARM_BEGIN, .pid = 1 };
	struct snug_arm_answer answer;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_arm_ask(path, &request, &answer, &err), -1);
	assert_non_null(strstr(err.what, "nobody learns there"));
	assert_int_equal(snug_arm_ask("relative", &request, &answer, &err), -1);
	assert_int_equal(err.code, SNUG_USAGE);
}

/* A message that is none: too short, another magic, no such wish, no pid. */
static void nonsense(void **state)
{
	static const int32_t messages[][3] = {
		{ 0x736e7567, SNUG_ARM_BEGIN, 0 },
		{ 0x736e7567, SNUG_ARM_BEGIN, -5 },
		{ 0x736e7567, SNUG_ARM_FLUSH + 1, 1 },
		{ 7, SNUG_ARM_BEGIN, 1 },
	};
	SNUG_AUTO_FD int listen_fd = listen_there();

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		SNUG_AUTO_FD int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		SNUG_AUTO_FD int folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		struct snug_error err = { 0 };
		struct snug_arm_request request = { 0 };

		snprintf(address.sun_path, sizeof(address.sun_path),
			 "/proc/self/fd/%d/" SNUG_ARM_SOCKET, folder_fd);
		assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
		assert_true(send(client, messages[i % 4], i < 4 ? 12 : 3, 0) > 0);
		assert_int_equal(snug_arm_accept(listen_fd, &request, &err), -1);
		assert_int_equal(request.pid, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonsense, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
