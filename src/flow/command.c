/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/command.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_MAX 120 /* a container's start on an emulated machine */
#define TEXT_MAX    ((size_t)1 << 20)

extern char **environ;

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int in,
		  int out, int said)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	if (posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO) ||
	    posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO) ||
	    posix_spawn_file_actions_adddup2(actions, said, STDERR_FILENO) ||
	    posix_spawnattr_setsigdefault(attributes, &all) ||
	    posix_spawnattr_setsigmask(attributes, &none) ||
	    posix_spawnattr_setpgroup(attributes, 0))
		return ENOMEM;
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETPGROUP);
}

static int spawn(const char *const *argv, int in, int out, int said, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	failed = set_up(&actions, &attributes, in, out, said);
	if (!failed)
		failed = posix_spawnp(ret, argv[0], &actions, &attributes, (char **)argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

int snug_command_start(const char *const *argv, struct snug_command_run *ret,
		       struct snug_error *err)
{
	SNUG_AUTO_FD int in = -1, out = -1;
	int pipes[2], failed;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return snug_fail_errno(err, errno, "pipe");
	in = pipes[0];
	ret->in = pipes[1];
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return snug_fail_errno(err, errno, "pipe");
	ret->out = pipes[0];
	out = pipes[1];
	if (fcntl(ret->out, F_SETFL, O_NONBLOCK) < 0)
		return snug_fail_errno(err, errno, "pipe");
	ret->said = memfd_create("snug-said", MFD_CLOEXEC);
	if (ret->said < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	failed = spawn(argv, in, out, ret->said, &ret->pid);
	if (failed) {
		ret->pid = 0;
		snug_fail_errno(err, failed, "%s", argv[0]);
		err->code = SNUG_HOST;
		return -1;
	}
	ret->pidfd = pidfd_open(ret->pid, 0);
	return ret->pidfd < 0 ? snug_fail_errno(err, errno, "pidfd_open") : 0;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool ends_with(const struct snug_buf *text, const char *mark)
{
	size_t len = strlen(mark);

	return len && text->len >= len && memcmp(text->data + text->len - len, mark, len) == 0;
}

static int fail_late(struct snug_error *err)
{
	return snug_fail(err, SNUG_HOST, "it did not come to an end within %d s", SECONDS_MAX);
}

/* What is there to be read. 1: that was the end of it. */
static int drain(struct snug_command_run *run, struct snug_error *err)
{
	char chunk[4096];
	ssize_t len;

	while ((len = read(run->out, chunk, sizeof(chunk))) != 0) {
		if (len < 0 && errno == EAGAIN)
			return 0;
		if (len < 0 && errno != EINTR)
			return snug_fail_errno(err, errno, "its standard output");
		if (len > 0)
			snug_buf_add(&run->text, chunk, (size_t)len);
		if (run->text.len > TEXT_MAX)
			return snug_fail(err, SNUG_HOST, "it says too much");
	}
	return 1;
}

/* Its own end counts, not that of its output: what it left behind may hold that open. */
int snug_command_await(struct snug_command_run *run, const char *mark, struct snug_error *err)
{
	long long end = now_ms() + SECONDS_MAX * 1000LL;
	int closed = 0;

	while (!ends_with(&run->text, mark)) {
		struct pollfd wait[] = { { .fd = run->pidfd, .events = POLLIN },
					 { .fd = closed ? -1 : run->out, .events = POLLIN } };
		long long left = end - now_ms();
		bool ended;

		if (left <= 0)
			return fail_late(err);
		if (poll(wait, 2, (int)left) <= 0)
			continue;
		ended = wait[0].revents != 0;
		closed = drain(run, err);
		if (closed < 0)
			return -1;
		if (ended)
			break;
	}
	return snug_buf_check(&run->text, err);
}

/* The last line of what it said that says something; of a long one its end, where runtimes put what
 * hooks said. */
static void last_line(int said, char *ret, size_t size)
{
	char text[4096], *line, *at = text;
	off_t end = lseek(said, 0, SEEK_END),
	      from = end > (off_t)sizeof(text) - 1 ? end - ((off_t)sizeof(text) - 1) : 0;
	ssize_t len = pread(said, text, sizeof(text) - 1, from);

	text[len > 0 ? len : 0] = '\0';
	snprintf(ret, size, "it failed and said nothing");
	while ((line = strsep(&at, "\n")))
		if (line[strspn(line, " \t\r")])
			snprintf(ret, size, "%s",
				 strlen(line) < size ? line : line + strlen(line) - size + 1);
}

static int wait_end(struct snug_command_run *run, struct snug_error *err)
{
	while (waitpid(run->pid, &run->status, 0) < 0)
		if (errno != EINTR)
			return snug_fail_errno(err, errno, "wait");
	run->pid = 0;
	return 0;
}

int snug_command_end(struct snug_command_run *run, struct snug_error *err)
{
	char line[400];

	snug_close_fd(&run->in);
	run->in = -1;
	if (snug_command_await(run, "", err) < 0 || wait_end(run, err) < 0)
		return -1;
	if (run->status == 0)
		return 0;
	last_line(run->said, line, sizeof(line));
	return snug_fail(err, SNUG_HOST, "%s", line);
}

void snug_command_clear(struct snug_command_run *run)
{
	if (run->pid > 0) {
		(void)kill(-run->pid, SIGKILL);
		(void)waitpid(run->pid, NULL, 0);
	}
	snug_close_fd(&run->in);
	snug_close_fd(&run->out);
	snug_close_fd(&run->said);
	snug_close_fd(&run->pidfd);
	snug_buf_clear(&run->text);
}

int snug_command(const char *const *argv, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_command_clear) struct snug_command_run run = SNUG_COMMAND_NONE;
	size_t len;

	if (snug_command_start(argv, &run, err) < 0 || snug_command_end(&run, err) < 0)
		return -1;
	if (!ret)
		return 0;
	len = run.text.len;
	if (len && run.text.data[len - 1] == '\n')
		len--;
	snug_buf_add(ret, snug_buf_text(&run.text), len);
	return snug_buf_check(ret, err);
}
