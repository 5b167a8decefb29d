/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snug-hook [--root DIR] STAGE [OPTION...]: what runtimes call at each container's start, so it is
 * small, static and does without libbpf. `snug hook STAGE` is the same code. What it cannot do
 * itself, the first load of the recorder, of an AppArmor profile or of the guard, and to compile a
 * filter, it asks the snug beside it for.
 */
#include "base/cleanup.h"
#include "flow/trace.h"
#include "flow/apply.h"
#include "hook/precreate.h"
#include "hook/ask.h"
#include "hook/probe.h"
#include "hook/stage.h"
#include "self/confine.h"
#include "self/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int ask(const struct snug_hooked *context, const char *word, const char *argument, int lock,
	       struct snug_error *err)
{
	const struct snug_ask wish = {
		.root = context->store->root, .words = { word, argument }, .in = lock, .out = -1
	};

	return snug_ask(&wish, err);
}

static int load(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	char path[PATH_MAX];

	if (ask(context, "load", NULL, lock, err) == 0)
		return 0;
	(void)fprintf(stderr, "snug: %s\n", err->what);
	if (snug_ask_find(path, err) < 0)
		return -1;
	snug_fail(err, SNUG_HOST, "%s could not load the recorder", path);
	return snug_remedy(err, "run `%s hook load` to see why", path);
}

static int load_profile(const struct snug_hooked *context, const char *label, int lock,
			struct snug_error *err)
{
	return ask(context, "load-profile", label, lock, err);
}

static int settle(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	return ask(context, "settle", NULL, lock, err);
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
	char *argv[6] = { path }; /* with the NULL behind them */
	unsigned count = 1;

	if (again < 0)
		return snug_fail_errno(err, errno, "memfd_create");
	if (snug_ask_find(path, err) < 0 || write_all(again, config, "memfd", err) < 0)
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

/* By what was proved before; whatever else it takes, and whatever is wrong, is snug's. */
static bool apply_here(const struct snug_store *store, const struct snug_precreate *container,
		       struct snug_applied *ret)
{
	const struct snug_apply_request request = { .store = store,
						    .policy = &container->policy,
						    .decided = &container->decided,
						    .config = &container->config,
						    .path = SNUG_PRECREATE_CONFIG };
	struct snug_error ignored;

	return snug_flow_apply(&request, ret, &ignored) == 0;
}

static int filter(const struct snug_store *store, struct snug_error *err)
{
	SNUG_AUTO(snug_applied_clear) struct snug_applied applied = { 0 };
	SNUG_AUTO(snug_precreate_clear) struct snug_precreate container = { 0 };

	if (snug_precreate_read(store, STDIN_FILENO, &container, err) < 0)
		return -1;
	if (snug_decision_is_off(&container.decided.decision))
		return write_all(STDOUT_FILENO, &container.config, "standard output", err);
	if (!apply_here(store, &container, &applied))
		return become_snug(store, &container.config, err);
	if (applied.failure[0]) {
		snug_precreate_note(store, applied.failure);
		(void)fprintf(stderr, "snug-hook: %s\n", applied.failure);
	}
	return write_all(STDOUT_FILENO, &applied.text, "standard output", err);
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

static int plan(const struct snug_hooked *context, const char *profile, int lock,
		struct snug_error *err)
{
	return ask(context, "plan", profile, lock, err);
}

static int load_guard(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	return ask(context, "load-guard", NULL, lock, err);
}

static int judge(const struct snug_hooked *context, const char *bundle, struct snug_error *err)
{
	return ask(context, "judge", bundle, -1, err);
}

static int trace(const struct snug_hooked *context, const struct snug_traced *traced,
		 struct snug_error *err)
{
	const struct snug_ask wish = { .root = context->store->root,
				       .words = { "trace", traced->folder, traced->id,
						  traced->annotation },
				       .in = -1,
				       .out = -1 };

	return snug_ask(&wish, err);
}

static bool is_probe(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "probe") == 0;
}

static bool wants_help(int argc, char **argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

static int run(int argc, char **argv, char note[1024], struct snug_error *err)
{
	struct snug_store store = { .root = "" };
	struct snug_hooked context = { .store = &store,
				       .load = load,
				       .load_profile = load_profile,
				       .settle = settle,
				       .plan = plan,
				       .load_guard = load_guard,
				       .judge = judge,
				       .trace = trace };
	struct snug_hook_options options;

	if (argc > 3 && strcmp(argv[1], "--root") == 0) {
		store.root = argv[2];
		argv += 2;
		argc -= 2;
	}
	note[0] = '\0';
	if (argc == 2 && strcmp(argv[1], "precreate") == 0)
		return precreate(&store, err);
	if (is_probe(argc, argv))
		return snug_hook_probe(STDIN_FILENO, STDOUT_FILENO, err);
	if (wants_help(argc, argv))
		return puts("usage: snug-hook [--root DIR] " SNUG_HOOK_USAGE
			    "\n\nwhat runtimes and engines call, see snug-hook(1); snug install "
			    "puts it into their configuration") < 0;
	if (argc < 2)
		return snug_fail(err, SNUG_USAGE, "usage: snug-hook [--root DIR] " SNUG_HOOK_USAGE);
	if (snug_hook_options_read(argc - 1, argv + 1, &options, err) < 0)
		return -1;
	return snug_hook_stage(&context, &options, STDIN_FILENO, note, err);
}

int main(int argc, char **argv)
{
	struct snug_error err = { 0 };
	char line[1024];
	int failed = -1;

	line[0] = '\0';
	snug_guest_invite();
	/* What a container has is to be seen as it is. */
	if (is_probe(argc, argv) || snug_self_shed(&err) == 0)
		failed = run(argc, argv, line, &err);
	if (failed)
		snug_error_line(&err, line, sizeof(line));
	if (line[0])
		(void)fprintf(stderr, "snug-hook: %s\n", line);
	return failed ? (int)err.code : SNUG_DONE;
}
