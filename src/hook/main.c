/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snug-hook [--root DIR] STAGE: what runtimes call at each container's start, so it is small,
 * static and does without libbpf. `snug hook STAGE` is the same code. What it cannot do itself, the
 * first load of the recorder or of an AppArmor profile, it asks the snug beside it for.
 */
#include "base/cleanup.h"
#include "hook/precreate.h"
#include "hook/probe.h"
#include "hook/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

#define WORDS_MAX 8

/* snug [--root DIR] hook WORD [ARGUMENT] */
struct wish {
	const char *word, *argument;
	int lock; /* its stdin: who works under it holds it, even when this process is killed */
	int said; /* where its stderr goes; -1: to ours */
};

static int start_snug(const struct snug_hooked *context, const char *path, const struct wish *wish,
		      pid_t *ret)
{
	char *argv[WORDS_MAX] = { (char *)path }, *none[] = { NULL };
	posix_spawn_file_actions_t actions;
	unsigned count = 1;
	int failed;

	if (context->store->root[0]) {
		argv[count++] = (char *)"--root";
		argv[count++] = (char *)context->store->root;
	}
	argv[count++] = (char *)"hook";
	argv[count++] = (char *)wish->word;
	argv[count] = (char *)wish->argument;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	failed = posix_spawn_file_actions_adddup2(&actions, wish->lock, STDIN_FILENO);
	if (!failed && wish->said >= 0)
		failed = posix_spawn_file_actions_adddup2(&actions, wish->said, STDERR_FILENO);
	if (!failed)
		failed = posix_spawn(ret, path, &actions, NULL, argv, none);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int ask_snug(const struct snug_hooked *context, const struct wish *wish, char path[PATH_MAX],
		    int *ret_status, struct snug_error *err)
{
	int failed;
	pid_t pid;

	if (find_snug(path, err) < 0)
		return -1;
	failed = start_snug(context, path, wish, &pid);
	if (failed)
		return snug_fail_errno(err, failed, "%s, which does this for the hook", path);
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int load(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	const struct wish wish = { .word = "load", .lock = lock, .said = -1 };
	char path[PATH_MAX];
	int status;

	if (ask_snug(context, &wish, path, &status, err) < 0)
		return -1;
	if (status == 0)
		return 0;
	snug_fail(err, SNUG_HOST, "%s could not load the recorder", path);
	return snug_remedy(err, "run `%s hook load` to see why", path);
}

/* The line that snug said, as an error of ours: one line is what runtimes show. */
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

static int ask_quietly(const struct snug_hooked *context, const char *word, const char *argument,
		       int lock, struct snug_error *err)
{
	SNUG_AUTO_FD int said = memfd_create("snug-said", MFD_CLOEXEC);
	const struct wish wish = { word, argument, lock, said };
	char path[PATH_MAX];
	int status;

	if (said < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (ask_snug(context, &wish, path, &status, err) < 0)
		return -1;
	return status == 0 ? 0 : fail_as_said(said, status, path, err);
}

static int load_profile(const struct snug_hooked *context, const char *label, int lock,
			struct snug_error *err)
{
	return ask_quietly(context, "load-profile", label, lock, err);
}

static int settle(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	return ask_quietly(context, "settle", NULL, lock, err);
}

/* ---- precreate ---- */

static int write_all(int fd, const struct snug_buf *text, const char *what, struct snug_error *err)
{
	for (size_t done = 0; done < text->len;) {
		ssize_t len = write(fd, text->data + done, text->len - done);

		if (len < 0 && errno != EINTR)
			return snug_fail_errno(err, errno, "%s", what);
		done += len > 0 ? (size_t)len : 0;
	}
	return 0;
}

/* Becomes `snug hook precreate`, with the config that was read from stdin once more on stdin. */
static int become_snug(const struct snug_store *store, const struct snug_buf *config,
		       struct snug_error *err)
{
	SNUG_AUTO_FD int again = memfd_create("snug-config", MFD_CLOEXEC);
	char path[PATH_MAX], *none[] = { NULL };
	char *argv[WORDS_MAX] = { path };
	unsigned count = 1;

	if (again < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (find_snug(path, err) < 0 || write_all(again, config, "memfd", err) < 0)
		return -1;
	if (store->root[0]) {
		argv[count++] = (char *)"--root";
		argv[count++] = (char *)store->root;
	}
	argv[count++] = (char *)"hook";
	argv[count] = (char *)"precreate";
	if (lseek(again, 0, SEEK_SET) < 0 || dup2(again, STDIN_FILENO) < 0)
		return snug_fail_errno(err, errno, "the config once more");
	(void)execve(path, argv, none);
	return snug_fail_errno(err, errno, "%s, which does this for the hook", path);
}

static int filter(const struct snug_store *store, struct snug_error *err)
{
	SNUG_AUTO(snug_precreate_clear) struct snug_precreate container = { 0 };

	if (snug_precreate_read(store, STDIN_FILENO, &container, err) < 0)
		return -1;
	if (snug_decision_is_off(&container.decided.decision))
		return write_all(STDOUT_FILENO, &container.config, "standard output", err);
	return become_snug(store, &container.config, err);
}

/* What is left alone, most containers on many hosts, costs no more than the decision. */
static int precreate(const struct snug_store *store, struct snug_error *err)
{
	char line[1024];

	if (filter(store, err) == 0)
		return 0;
	snug_error_line(err, line, sizeof(line));
	snug_precreate_note(store, line);
	return -1;
}

static int run(int argc, char **argv, char note[1024], struct snug_error *err)
{
	struct snug_store store = { .root = "" };
	struct snug_hooked context = {
		.store = &store, .load = load, .load_profile = load_profile, .settle = settle
	};

	if (argc == 4 && strcmp(argv[1], "--root") == 0) {
		store.root = argv[2];
		argv += 2;
	} else if (argc != 2) {
		return snug_fail(err, SNUG_USAGE,
				 "usage: snug-hook [--root DIR] "
				 "precreate|prestart|createRuntime|poststop");
	}
	note[0] = '\0';
	if (strcmp(argv[1], "precreate") == 0)
		return precreate(&store, err);
	if (argc == 2 && strcmp(argv[1], "probe") == 0)
		return snug_hook_probe(STDIN_FILENO, STDOUT_FILENO, err);
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
