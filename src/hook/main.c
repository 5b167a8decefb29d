/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snug-hook [--root DIR] STAGE: what runtimes call at each container's start, so it is small,
 * static and does without libbpf. `snug hook STAGE` is the same code. What it cannot do itself, the
 * first load of the recorder, it asks the snug beside it for.
 */
#include "base/cleanup.h"
#include "hook/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SNUG "snug"

/* The program snug in this one's folder. */
static int find_snug(char ret[PATH_MAX], struct snug_error *err)
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

static int load(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	char path[PATH_MAX];
	char *argv[] = { path,		 (char *)"--root", (char *)context->store->root,
			 (char *)"hook", (char *)"load",   NULL };
	char *none[] = { NULL };
	posix_spawn_file_actions_t actions;
	int failed, status;
	pid_t pid;

	if (find_snug(path, err) < 0)
		return -1;
	if (!context->store->root[0]) { /* no --root */
		argv[1] = argv[3];
		argv[2] = argv[4];
		argv[3] = NULL;
	}
	/* As its stdin: who loads holds the lock, even when this process is killed. */
	if (posix_spawn_file_actions_init(&actions) != 0)
		return snug_fail_memory(err);
	failed = posix_spawn_file_actions_adddup2(&actions, lock, STDIN_FILENO);
	if (!failed)
		failed = posix_spawn(&pid, path, &actions, NULL, argv, none);
	(void)posix_spawn_file_actions_destroy(&actions);
	if (failed)
		return snug_fail_errno(err, failed, "%s, which loads the recorder", path);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return 0;
	snug_fail(err, SNUG_HOST, "%s could not load the recorder", path);
	return snug_remedy(err, "run `%s hook load` to see why", path);
}

static int run(int argc, char **argv, char note[1024], struct snug_error *err)
{
	struct snug_store store = { .root = "" };
	struct snug_hooked context = { .store = &store, .load = load };

	if (argc == 4 && strcmp(argv[1], "--root") == 0) {
		store.root = argv[2];
		argv += 2;
	} else if (argc != 2) {
		return snug_fail(err, SNUG_USAGE,
				 "usage: snug-hook [--root DIR] prestart|createRuntime|poststop");
	}
	return snug_hook_stage(&context, argv[1], STDIN_FILENO, note, err);
}

int main(int argc, char **argv)
{
	struct snug_error err = { 0 };
	char line[1024];
	int failed = run(argc, argv, line, &err);

	if (failed)
		snug_error_line(&err, line, sizeof(line));
	if (line[0])
		(void)fprintf(stderr, "snug-hook: %s\n", line);
	return failed ? (int)err.code : SNUG_DONE;
}
