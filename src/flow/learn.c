/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/learn_part.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/arm.h"
#include "flow/owner.h"
#include "flow/process.h"
#include "flow/run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS	   250
#define TWICE_SECS 2 /* a second ^C within this ends a container that ignored the first */

/* All that one learning holds. */
struct learning {
	const struct snug_learn *request;
	struct snug_shadow shadow;
	struct snug_runtime runtime;
	struct snug_recorder *recorder;
	int listen_fd, signal_fd;
	int init_fd; /* the container's init, once it is tracked */
	sighandler_t pipe_action;
	sigset_t mask; /* as it was before */
	struct snug_run run;
	char refusal[256]; /* why the container was not let start; "" if it was */
	time_t interrupted;
	struct snug_company earlier;
};

static int choose_id(struct learning *l, struct snug_error *err)
{
	const char *wanted = l->request->id;
	char *id = l->run.owner.id;
	int len;

	if (snug_run_begin(&l->run, l->request->name, err) < 0)
		return -1;
	if (wanted)
		len = snprintf(id, SNUG_LEARN_ID_MAX, "%s", wanted);
	else
		len = snprintf(id, SNUG_LEARN_ID_MAX, "snug-%s-%08x", l->request->name,
			       (unsigned)(l->run.owner.run >> 32));
	/* It becomes a folder's name; the runtime has its own rules beside. */
	if (len <= 0 || (unsigned)len >= SNUG_LEARN_ID_MAX || id[0] == '.' || id[0] == '-' ||
	    strchr(id, '/')) {
		snug_fail(err, SNUG_USAGE, "'%.80s' is no container id", wanted);
		return snug_remedy(err,
				   "letters, digits, '_', '.' and '-', a letter or digit first");
	}
	return 0;
}

static int take_signals(struct learning *l, struct snug_error *err)
{
	struct sigaction hangup;
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGQUIT);
	sigaddset(&ours, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) /* nohup */
		sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, &l->mask);
	/* A live line that nobody reads any more must not cost the recording. */
	l->pipe_action = signal(SIGPIPE, SIG_IGN);
	l->signal_fd = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signal_fd < 0 ? snug_fail_errno(err, errno, "signalfd") : 0;
}

/* The init waits in our hook: is it ours, and can it be tracked? */
static int arm(struct learning *l, pid_t pid, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = pidfd_open(pid, 0);
	struct snug_init init = { .pidfd = fd };

	if (l->init_fd >= 0)
		return snug_fail(err, SNUG_SYSTEM, "this container is being learned already");
	if (fd < 0)
		return snug_fail_errno(err, errno, "the container's init (pid %d)", pid);
	/* What is read by number is true of the pidfd's process if that lives afterwards. */
	if (!snug_runtime_owns(&l->runtime, pid) || snug_init_of(pid, &init, err) < 0 ||
	    pidfd_send_signal(fd, 0, NULL, 0) < 0)
		return snug_fail(err, SNUG_SYSTEM, "pid %d is not what %s started", pid,
				 l->runtime.path);
	if (snug_recorder_seed(l->recorder, &init, err) < 0)
		return -1;
	l->init_fd = fd;
	l->run.owner.pid = (uint32_t)pid;
	fd = -1;
	return 0;
}

/* What the recording says of runtime and image. Not asked at the start, which it would delay. */
static void tell_origin(struct learning *l)
{
	SNUG_AUTO(snug_freep) char *runtime = snug_runtime_version(&l->runtime);
	struct snug_rec_owner *owner = &l->run.owner;

	snprintf(owner->runtime, sizeof(owner->runtime), "%s", runtime ? runtime : "");
	snprintf(owner->image, sizeof(owner->image), "%s", l->shadow.image ? l->shadow.image : "");
}

static int grant(struct learning *l, const struct snug_arm_request *request,
		 struct snug_arm_answer *ret, struct snug_error *err)
{
	if (request->wish == SNUG_ARM_BEGIN)
		return arm(l, request->pid, err);
	if (request->wish == SNUG_ARM_FLUSH)
		tell_origin(l);
	return snug_run_answer(&l->run, request->wish, ret, err);
}

static void serve_asker(struct learning *l)
{
	struct snug_arm_request request = { .wish = SNUG_ARM_BEGIN };
	struct snug_arm_answer answer = { 0 };
	struct snug_error err = { 0 };
	SNUG_AUTO_FD int fd = -1;

	fd = snug_arm_accept(l->listen_fd, &request, &err);
	if (fd < 0 || grant(l, &request, &answer, &err) < 0)
		snug_error_line(&err, answer.refusal, sizeof(answer.refusal));
	/* Once a container was let start, others who ask for one do not count. */
	if (request.wish == SNUG_ARM_BEGIN && l->init_fd < 0)
		memcpy(l->refusal, answer.refusal, sizeof(answer.refusal));
	if (fd >= 0)
		snug_arm_answer(fd, &answer);
}

/*
 * Signals are the container's, and the runtime hands them on. What the terminal sends has reached
 * the runtime already; what was sent to us alone has not. A container's first process ignores
 * signals that it does not handle, so a second ^C close by kills it.
 */
static void serve_signal(struct learning *l)
{
	struct signalfd_siginfo info;
	time_t now = time(NULL);

	while (read(l->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_code != SI_KERNEL)
			(void)pidfd_send_signal(l->runtime.pidfd, (int)info.ssi_signo, NULL, 0);
		if (info.ssi_signo != SIGINT)
			continue;
		if (l->interrupted && now - l->interrupted <= TWICE_SECS && l->init_fd >= 0)
			(void)pidfd_send_signal(l->init_fd, SIGKILL, NULL, 0);
		l->interrupted = now;
	}
}

static bool is_watched(const struct learning *l)
{
	return l->request->tick && !l->shadow.has_terminal;
}

static void tick(struct learning *l)
{
	struct snug_learn_tick now = { .runs = l->earlier.runs,
				       .expected_new = l->earlier.expected_new };

	if (!is_watched(l))
		return;
	snug_recorder_progress(l->recorder, &now.progress);
	l->request->tick(l->request->context, &now);
}

/* Until the runtime ends. */
static void serve(struct learning *l)
{
	struct pollfd fds[] = { { .fd = l->runtime.pidfd, .events = POLLIN },
				{ .fd = l->listen_fd, .events = POLLIN },
				{ .fd = l->signal_fd, .events = POLLIN } };
	int timeout = is_watched(l) ? TICK_MS : -1;

	while (!(fds[0].revents & POLLIN)) {
		if (poll(fds, 3, timeout) < 0) {
			if (errno != EINTR)
				break;
			continue; /* what revents say is of the last time */
		}
		if (fds[1].revents & POLLIN)
			serve_asker(l);
		if (fds[2].revents & POLLIN)
			serve_signal(l);
		tick(l);
	}
	snug_runtime_wait(&l->runtime);
}

static int exit_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Did the user's program run? If not the reason is the runtime's to tell, and it has told. */
static int check_run(const struct learning *l, struct snug_error *err)
{
	struct snug_progress progress;

	if (l->refusal[0])
		return snug_fail(err, SNUG_SYSTEM, "container %s was not started: %s",
				 l->run.owner.id, l->refusal);
	snug_recorder_progress(l->recorder, &progress);
	if (l->init_fd >= 0 && progress.executed)
		return 0;
	snug_fail(err, SNUG_SYSTEM,
		  "%s ended with status %d before the program of container %s ran", l->runtime.path,
		  exit_of(l->runtime.status), l->run.owner.id);
	return snug_remedy(err,
			   "see what it printed above; `%s run` of the bundle itself must work",
			   l->request->runtime ? l->request->runtime : "runc");
}

/*
 * A runtime that was killed leaves its container, or half of one. What we did not arm may be
 * somebody's who has the same id.
 */
static void remove_remains(const struct learning *l)
{
	if (l->init_fd >= 0 ||
	    !snug_runtime_has_other(&l->runtime, l->run.owner.id, l->shadow.path))
		snug_runtime_delete(&l->runtime, l->run.owner.id);
}

static int run(struct learning *l, struct snug_error *err)
{
	l->listen_fd = snug_arm_listen(l->shadow.fd, err);
	if (l->listen_fd < 0)
		return -1;
	if (snug_runtime_run(&l->runtime, l->shadow.path, l->run.owner.id, &l->mask, err) < 0)
		return -1;
	serve(l);
	snug_recorder_stop(l->recorder);
	if (WIFSIGNALED(l->runtime.status))
		remove_remains(l);
	return check_run(l, err);
}

/* A flush has put this run's file there before. */
static void spare(struct snug_paths *old, const char *path)
{
	const char *own = strrchr(path, '/') + 1;

	for (size_t i = 0; i < old->count; i++) {
		if (strcmp(old->at[i], own) != 0)
			continue;
		free(old->at[i]);
		old->at[i] = old->at[--old->count];
		return;
	}
}

/* Writes the run's recording; --fresh: then the earlier ones go. */
static int keep(const struct learning *l, struct snug_recording *recording,
		struct snug_learned *ret, struct snug_error *err)
{
	const struct snug_learn *request = l->request;
	SNUG_AUTO(snug_paths_clear) struct snug_paths old = { 0 };

	if ((request->fresh &&
	     snug_store_old_recordings(request->store, request->name, &old, err) < 0) ||
	    snug_run_write(&l->run, true, recording, &ret->path, err) < 0)
		return -1;
	spare(&old, ret->path);
	return request->fresh ? snug_store_drop_recordings(request->store, request->name, &old, err)
			      : 0;
}

static int finish(struct learning *l, struct snug_learned *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	struct snug_progress progress;

	snug_recorder_progress(l->recorder, &progress);
	l->run.exit = exit_of(l->runtime.status);
	tell_origin(l);
	if (keep(l, &recording, ret, err) < 0)
		return -1;
	snug_learned_of(&recording, progress.gate, ret);
	ret->exit = l->run.exit;
	snug_learned_place(l->request->store, l->request->name, l->request->note,
			   l->request->context, ret);
	return 0;
}

static void release(struct learning *l)
{
	struct signalfd_siginfo late; /* it asks for an end that is here already */

	while (read(l->signal_fd, &late, sizeof(late)) > 0)
		;
	snug_recorder_free(l->recorder);
	snug_close_fd(&l->listen_fd);
	snug_close_fd(&l->init_fd);
	snug_shadow_remove(&l->shadow);
	snug_runtime_clear(&l->runtime);
	if (l->signal_fd >= 0)
		signal(SIGPIPE, l->pipe_action);
	snug_close_fd(&l->signal_fd);
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
}

static int open_recorder(struct learning *l, struct snug_error *err)
{
	const struct snug_load load = { .refusals = l->shadow.has_filter,
					.no_files = l->request->no_files };

	return snug_recorder_open(&load, &l->recorder, err);
}

int snug_learn(const struct snug_learn *request, struct snug_learned *ret, struct snug_error *err)
{
	SNUG_AUTO(release)
	struct learning l = { .request = request,
			      .run = { .store = request->store },
			      .shadow = SNUG_SHADOW_NONE,
			      .runtime = SNUG_RUNTIME_NONE,
			      .listen_fd = -1,
			      .signal_fd = -1,
			      .init_fd = -1 };
	SNUG_AUTO(snug_learned_clear) struct snug_learned learned = { 0 };

	sigprocmask(SIG_SETMASK, NULL, &l.mask);
	if (!snug_name_is_valid(request->name))
		return snug_fail(err, SNUG_USAGE, "%s is no name", request->name);
	if (choose_id(&l, err) < 0 || snug_recorder_check(err) < 0 ||
	    snug_runtime_find(request->runtime ? request->runtime : "runc", &l.runtime, err) < 0 ||
	    snug_store_check_recordings(request->store, request->name, err) < 0 ||
	    take_signals(&l, err) < 0 ||
	    snug_shadow_make(request, l.run.owner.id, &l.shadow, err) < 0 ||
	    open_recorder(&l, err) < 0)
		return -1;
	if (request->fresh ||
	    snug_learn_company(request->store, request->name, &l.earlier, err) < 0)
		l.earlier = (struct snug_company){ .expected_new = -1 };
	l.run.recorder = l.recorder;
	l.run.args = &l.shadow.args;
	snug_owner_set_root(&l.run.owner, "", l.shadow.root);
	if (!request->no_files)
		snug_learn_gaps(snug_recorder_observes(l.recorder), request->note,
				request->context);
	if (run(&l, err) < 0 || finish(&l, &learned, err) < 0)
		return -1;
	*ret = learned;
	learned = (struct snug_learned){ 0 };
	return 0;
}
