/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/ask.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SNUG "snug"

int snug_ask_find(char ret[PATH_MAX], struct snug_error *err)
{
	ssize_t len = readlink("/proc/self/exe", ret, PATH_MAX - sizeof(SNUG));
	char *name;

	if (len <= 0)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	ret[len] = '\0';
	name = strrchr(ret, '/') + 1;
	memcpy(name, SNUG, sizeof(SNUG));
	return 0;
}

static int give(posix_spawn_file_actions_t *actions, int fd, int as)
{
	return fd >= 0 ? posix_spawn_file_actions_adddup2(actions, fd, as)
		       : posix_spawn_file_actions_addopen(actions, as, "/dev/null", O_RDWR, 0);
}

static int start(const struct snug_ask *ask, const char *path, int said, pid_t *ret)
{
	char *argv[SNUG_ASK_WORDS_MAX + 5] = { (char *)path }, *none[] = { NULL };
	posix_spawn_file_actions_t actions;
	unsigned count = 1;
	int failed;

	if (ask->root[0]) {
		argv[count++] = (char *)"--root";
		argv[count++] = (char *)ask->root;
	}
	argv[count++] = (char *)"hook";
	for (unsigned i = 0; ask->words[i]; i++)
		argv[count++] = (char *)ask->words[i];
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	failed = give(&actions, ask->in, STDIN_FILENO);
	if (!failed)
		failed = give(&actions, ask->out, STDOUT_FILENO);
	if (!failed)
		failed = give(&actions, said, STDERR_FILENO);
	if (!failed)
		failed = posix_spawn(ret, path, &actions, NULL, argv, none);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int fail_as_said(int said, int status, const char *path, struct snug_error *err)
{
	static const char head[] = "snug: ";
	char text[sizeof(err->what)];
	ssize_t len = pread(said, text, sizeof(text) - 1, 0);
	const char *line = text;

	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (strncmp(line, head, sizeof(head) - 1) == 0)
		line += sizeof(head) - 1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) > SNUG_SYSTEM || !line[0])
		return snug_fail(err, SNUG_HOST, "%s: it failed (wait status %d)", path, status);
	return snug_fail(err, (enum snug_code)WEXITSTATUS(status), "%s", line);
}

int snug_ask(const struct snug_ask *ask, struct snug_error *err)
{
	SNUG_AUTO_FD int said = memfd_create("snug-said", MFD_CLOEXEC);
	char path[PATH_MAX];
	int status, failed;
	pid_t pid;

	if (said < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (snug_ask_find(path, err) < 0)
		return -1;
	failed = start(ask, path, said, &pid);
	if (failed)
		return snug_fail_errno(err, failed, "%s, which does this", path);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : fail_as_said(said, status, path, err);
}
