/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/learn_part.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/process.h"
#include "json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_DEFAULT  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ANCESTORS_MAX 16
#define LINE_BYTES    512
#define STATE_BYTES   65536

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* malloc'ed, NULL when PATH has none. */
static char *search_path(const char *name)
{
	const char *path = getenv("PATH");

	for (const char *dir = path && *path ? path : PATH_DEFAULT; dir;) {
		const char *end = strchrnul(dir, ':');
		SNUG_AUTO(snug_freep) char *candidate = NULL;

		if (*dir == '/' && /* a relative entry would mean another program elsewhere */
		    asprintf(&candidate, "%.*s/%s", (int)(end - dir), dir, name) < 0)
			candidate = NULL;
		if (candidate && is_program(candidate))
			return SNUG_TAKE(candidate);
		dir = *end ? end + 1 : NULL;
	}
	return NULL;
}

int snug_runtime_find(const char *name, struct snug_runtime *ret, struct snug_error *err)
{
	ret->path = strchr(name, '/') ? realpath(name, NULL) : search_path(name);
	if (ret->path && is_program(ret->path))
		return 0;
	snug_fail(err, SNUG_HOST, "runtime %s: no such program%s", name,
		  strchr(name, '/') ? "" : " in PATH");
	return snug_remedy(err, "install it, or name another with --runtime");
}

/* In the child: the caller's mask, no signal ignored for our sake, then the program. */
static _Noreturn void become(const char *path, char *const argv[], const sigset_t *mask)
{
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execv(path, argv);
	dprintf(STDERR_FILENO, "snug: %s: %s\n", path, strerror(errno));
	_exit(127);
}

int snug_runtime_run(struct snug_runtime *runtime, const char *bundle, const char *id,
		     const sigset_t *mask, struct snug_error *err)
{
	char *const argv[] = { runtime->path,  (char *)"run", (char *)"--bundle",
			       (char *)bundle, (char *)id,    NULL };
	pid_t pid = fork();

	if (pid < 0)
		return snug_fail_errno(err, errno, "cannot start %s", runtime->path);
	if (pid == 0)
		become(runtime->path, argv, mask);
	runtime->pid = pid;
	runtime->pidfd = pidfd_open(pid, 0);
	if (runtime->pidfd >= 0)
		return 0;
	snug_fail_errno(err, errno, "cannot watch %s", runtime->path);
	kill(pid, SIGKILL);
	snug_runtime_wait(runtime);
	return -1;
}

void snug_runtime_wait(struct snug_runtime *runtime)
{
	if (runtime->pid < 0)
		return;
	while (waitpid(runtime->pid, &runtime->status, 0) < 0 && errno == EINTR)
		;
	runtime->pid = -1;
}

/* Runs the runtime on the side; its output goes to out_fd. Returns waitpid's status, or -1. */
static int call(const struct snug_runtime *runtime, char *const argv[], int out_fd)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		SNUG_AUTO_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		sigset_t none;

		sigemptyset(&none);
		if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0 ||
		    dup2(out_fd < 0 ? null : out_fd, STDOUT_FILENO) < 0)
			_exit(127);
		setsid(); /* ^C is not for it */
		become(runtime->path, argv, &none);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 ? status : -1;
}

void snug_runtime_delete(const struct snug_runtime *runtime, const char *id)
{
	char *const argv[] = { runtime->path, (char *)"delete", (char *)"--force", (char *)id,
			       NULL };

	(void)call(runtime, argv, -1);
}

/* What it prints, cut off at size; false when it fails or prints nothing. */
static bool capture(const struct snug_runtime *runtime, char *const argv[], char *ret, size_t size)
{
	SNUG_AUTO_FD int fd = memfd_create("runtime", MFD_CLOEXEC);
	ssize_t len;

	if (fd < 0 || call(runtime, argv, fd) != 0)
		return false;
	len = pread(fd, ret, size - 1, 0);
	if (len > 0)
		ret[len] = '\0';
	return len > 0;
}

bool snug_runtime_state(const struct snug_runtime *runtime, const char *id, char *ret, size_t size)
{
	char *const argv[] = { runtime->path, (char *)"state", (char *)id, NULL };

	return capture(runtime, argv, ret, size);
}

bool snug_runtime_has_other(const struct snug_runtime *runtime, const char *id, const char *bundle)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *node;
	char text[STATE_BYTES];
	struct snug_error ignored;
	const char *its;

	if (!snug_runtime_state(runtime, id, text, sizeof(text)))
		return false;
	if (snug_json_parse(&doc, text, strlen(text), "state", &ignored) < 0)
		return true;
	node = snug_json_member(snug_json_root(doc), "bundle");
	return !node || snug_json_string(node, &its, &ignored) < 0 || strcmp(its, bundle) != 0;
}

char *snug_runtime_version(const struct snug_runtime *runtime)
{
	char *const argv[] = { runtime->path, (char *)"--version", NULL };
	char text[LINE_BYTES], name[64], version[64];

	if (!capture(runtime, argv, text, sizeof(text)))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%63s version %63s", name, version) == 2)
		snprintf(text, sizeof(text), "%s %s", name, version);
	return strdup(text);
}

void snug_runtime_clear(struct snug_runtime *runtime)
{
	int saved = errno;

	snug_close_fd(&runtime->pidfd);
	free(runtime->path);
	*runtime = (struct snug_runtime)SNUG_RUNTIME_NONE;
	errno = saved;
}

bool snug_runtime_owns(const struct snug_runtime *runtime, pid_t pid)
{
	for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		if (pid == runtime->pid)
			return true;
		pid = snug_process_parent(pid);
	}
	return false;
}
