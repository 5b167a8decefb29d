/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/ask.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* Signals as at a login, whatever the caller left: snug waits for children of its own. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t all, none;

	sigfillset(&all);
	sigemptyset(&none);
	if (posix_spawnattr_setsigdefault(attributes, &all) ||
	    posix_spawnattr_setsigmask(attributes, &none))
		return -1;
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int spawn(const struct snug_ask *ask, const char *path, int said, char *const argv[],
		 pid_t *ret)
{
	char *none[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = ENOMEM;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return failed;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (set_signals(&attributes) == 0 && !give(&actions, ask->in, STDIN_FILENO) &&
		    !give(&actions, ask->out, STDOUT_FILENO) &&
		    !give(&actions, said, STDERR_FILENO))
			failed = posix_spawn(ret, path, &actions, &attributes, argv, none);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int start(const struct snug_ask *ask, const char *path, int said, pid_t *ret)
{
	char *argv[SNUG_ASK_WORDS_MAX + 6] = { (char *)path };
	unsigned count = 1;

	if (ask->root[0]) {
		argv[count++] = (char *)"--root";
		argv[count++] = (char *)ask->root;
	}
	argv[count++] = (char *)"hook";
	/* A container may be called -h. */
	argv[count++] = (char *)"--";
	for (unsigned i = 0; ask->words[i]; i++)
		argv[count++] = (char *)ask->words[i];
	return spawn(ask, path, said, argv, ret);
}

/*
 * Where SIGCHLD is ignored the kernel reaps children itself, and tells nobody how they ended. The
 * caller's choice, which a runtime inherits, comes back afterwards.
 */
static int run(const struct snug_ask *ask, const char *path, int said, int *ret_status,
	       struct snug_error *err)
{
	const struct sigaction told = { .sa_handler = SIG_DFL };
	struct sigaction before;
	pid_t pid, ended = -1;
	int failed;

	if (sigaction(SIGCHLD, &told, &before) < 0)
		return snug_fail_errno(err, errno, "SIGCHLD");
	failed = start(ask, path, said, &pid);
	if (!failed)
		while ((ended = waitpid(pid, ret_status, 0)) < 0 && errno == EINTR)
			;
	if (!failed && ended < 0)
		failed = errno;
	(void)sigaction(SIGCHLD, &before, NULL);
	return failed ? snug_fail_errno(err, failed, "%s, which does this", path) : 0;
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

/* What it has to say of what was done nevertheless. */
static void pass_on(int said)
{
	char text[1024];
	ssize_t len = pread(said, text, sizeof(text), 0);

	if (len > 0)
		(void)!write(STDERR_FILENO, text, (size_t)len);
}

int snug_ask(const struct snug_ask *ask, struct snug_error *err)
{
	SNUG_AUTO_FD int said = memfd_create("snug-said", MFD_CLOEXEC);
	char path[PATH_MAX];
	int status;

	if (said < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (snug_ask_find(path, err) < 0 || run(ask, path, said, &status, err) < 0)
		return -1;
	if (status != 0)
		return fail_as_said(said, status, path, err);
	pass_on(said);
	return 0;
}
