/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/record.h"

#include "base/cleanup.h"
#include "flow/arm.h"
#include "flow/learn_part.h"
#include "flow/owner.h"
#include "flow/process.h"
#include "flow/run.h"
#include "model/oci/state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS	    250
#define STATE_BYTES 65536

struct recording_of {
	const struct snug_record *request;
	struct snug_runtime runtime;
	struct snug_shadow folder; /* the folder alone */
	struct snug_recorder *recorder;
	struct snug_run run;
	struct snug_init init;
	struct snug_company earlier;
	int root_fd; /* of the container; -1: not known */
	int listen_fd, signal_fd;
	sigset_t mask; /* as it was before */
};

/* The pid of a container, by its runtime. */
static int find_container(struct recording_of *r, pid_t *ret, struct snug_error *err)
{
	const char *id = r->request->container;
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_state state;
	char text[STATE_BYTES];

	if (snug_runtime_find(r->request->runtime ? r->request->runtime : "runc", &r->runtime,
			      err) < 0)
		return -1;
	if (!snug_runtime_state(&r->runtime, id, text, sizeof(text))) {
		snug_fail(err, SNUG_INPUT, "%s has no container %s", r->runtime.path, id);
		return snug_remedy(err, "see `%s list`; of an engine's container take --pid",
				   r->runtime.path);
	}
	if (snug_json_parse(&doc, text, strlen(text), "state", err) < 0 ||
	    snug_state_read(doc, &state, err) < 0)
		return -1;
	if (!state.pid)
		return snug_fail(err, SNUG_INPUT, "container %s does not run", id);
	*ret = state.pid;
	return 0;
}

/* Its command, as the process shows it. */
static void read_args(pid_t pid, struct snug_rec_owner *ret)
{
	SNUG_AUTO_FD int fd = -1;
	char path[64], text[SNUG_OWNER_ARGS + 1];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(text + at) + 1)
		snug_owner_add_arg(ret, text + at);
}

/* Has it a seccomp filter, which may refuse calls? */
static bool has_filter(pid_t pid)
{
	char path[64], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "Seccomp:\t2", strlen("Seccomp:\t2")) == 0;
	if (file)
		(void)fclose(file);
	return found;
}

/* As it is now, whatever takes the number later. */
static void hold_root(struct recording_of *r, pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	r->root_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->root_fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r->root_fd);
	snug_owner_set_root(&r->run.owner, "", path);
}

/* Who it is: held by a pidfd, so that no other process takes its number meanwhile. */
static int find(struct recording_of *r, struct snug_error *err)
{
	struct snug_rec_owner *owner = &r->run.owner;
	pid_t pid = r->request->pid;

	if (r->request->container && find_container(r, &pid, err) < 0)
		return -1;
	r->init.pidfd = pidfd_open(pid, 0);
	if (r->init.pidfd < 0)
		return errno == ESRCH || errno == EINVAL
			       ? snug_fail(err, SNUG_INPUT, "%d is no process", pid)
			       : snug_fail_errno(err, errno, "process %d", pid);
	if (snug_init_of(pid, &r->init, err) < 0)
		return -1;
	r->init.watch = has_filter(pid);
	owner->pid = (uint32_t)pid;
	read_args(pid, owner);
	hold_root(r, pid);
	if (r->request->container)
		snprintf(owner->id, sizeof(owner->id), "%s", r->request->container);
	else
		snprintf(owner->id, sizeof(owner->id), "pid-%d", pid);
	if (pidfd_send_signal(r->init.pidfd, 0, NULL, 0) < 0)
		return snug_fail(err, SNUG_INPUT, "process %d has ended", pid);
	return 0;
}

static int take_signals(struct recording_of *r, struct snug_error *err)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP };
	sigset_t ours;

	sigemptyset(&ours);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&ours, ends[i]);
	sigprocmask(SIG_BLOCK, &ours, NULL);
	r->signal_fd = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signal_fd < 0 ? snug_fail_errno(err, errno, "signalfd") : 0;
}

static void serve_asker(struct recording_of *r)
{
	struct snug_arm_request request = { .wish = SNUG_ARM_STATUS };
	struct snug_arm_answer answer = { 0 };
	struct snug_error err = { 0 };
	SNUG_AUTO_FD int fd = snug_arm_accept(r->listen_fd, &request, &err);

	if (fd < 0)
		return;
	if (request.wish == SNUG_ARM_BEGIN)
		snug_fail(&err, SNUG_SYSTEM, "this container is being recorded already");
	if (err.code || snug_run_answer(&r->run, request.wish, &answer, &err) < 0)
		snug_error_line(&err, answer.refusal, sizeof(answer.refusal));
	snug_arm_answer(fd, &answer);
}

static void tick(struct recording_of *r)
{
	struct snug_learn_tick now = { .runs = r->earlier.runs,
				       .expected_new = r->earlier.expected_new };

	if (!r->request->tick)
		return;
	snug_recorder_progress(r->recorder, &now.progress);
	r->request->tick(r->request->context, &now);
}

/* Until the container or the user ends it. */
static void serve(struct recording_of *r)
{
	struct pollfd fds[] = { { .fd = r->init.pidfd, .events = POLLIN },
				{ .fd = r->signal_fd, .events = POLLIN },
				{ .fd = r->listen_fd, .events = POLLIN } };

	while (!(fds[0].revents & POLLIN) && !(fds[1].revents & POLLIN)) {
		if (poll(fds, 3, r->request->tick ? TICK_MS : -1) < 0) {
			if (errno != EINTR)
				break;
			continue; /* what revents say is of the last time */
		}
		if (fds[2].revents & POLLIN)
			serve_asker(r);
		tick(r);
	}
	snug_recorder_stop(r->recorder);
}

static int open_recorder(struct recording_of *r, struct snug_error *err)
{
	const struct snug_load load = { .refusals = r->init.watch,
					.adopting = true,
					.no_files = r->request->no_files };

	return snug_recorder_open(&load, &r->recorder, err);
}

static int record(struct recording_of *r, struct snug_error *err)
{
	const struct snug_record *request = r->request;

	if (snug_recorder_check(err) < 0 || snug_run_begin(&r->run, request->name, err) < 0 ||
	    find(r, err) < 0 ||
	    snug_store_check_recordings(request->store, request->name, err) < 0 ||
	    take_signals(r, err) < 0 ||
	    snug_shadow_folder(request->store->root, "record", r->run.owner.id, &r->folder, err) <
		    0 ||
	    open_recorder(r, err) < 0)
		return -1;
	r->run.recorder = r->recorder;
	r->listen_fd = snug_arm_listen(r->folder.fd, err);
	if (r->listen_fd < 0)
		return -1;
	if (snug_learn_company(request->store, request->name, &r->earlier, err) < 0)
		r->earlier = (struct snug_company){ .expected_new = -1 };
	if (!request->no_files)
		snug_learn_gaps(snug_recorder_observes(r->recorder), request->note,
				request->context);
	if (snug_recorder_adopt(r->recorder, &r->init, err) < 0)
		return -1;
	serve(r);
	return 0;
}

static int finish(struct recording_of *r, struct snug_learned *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_freep) char *version = NULL;

	if (r->request->container)
		version = snug_runtime_version(&r->runtime);
	snprintf(r->run.owner.runtime, sizeof(r->run.owner.runtime), "%s", version ? version : "");
	if (snug_run_write(&r->run, true, &recording, &ret->path, err) < 0)
		return -1;
	snug_learned_of(&recording, SNUG_GATE_ATTACH, ret);
	ret->exit = -1;
	snug_learned_place(r->request->store, r->request->name, r->request->note,
			   r->request->context, ret);
	return 0;
}

static void release(struct recording_of *r)
{
	struct signalfd_siginfo late; /* it has asked for the end that is here */

	while (r->signal_fd >= 0 && read(r->signal_fd, &late, sizeof(late)) > 0)
		;
	snug_recorder_free(r->recorder);
	snug_close_fd(&r->listen_fd);
	snug_close_fd(&r->signal_fd);
	snug_close_fd(&r->init.pidfd);
	snug_close_fd(&r->root_fd);
	snug_shadow_remove(&r->folder);
	snug_runtime_clear(&r->runtime);
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
}

int snug_record(const struct snug_record *request, struct snug_learned *ret, struct snug_error *err)
{
	SNUG_AUTO(release)
	struct recording_of r = { .request = request,
				  .runtime = SNUG_RUNTIME_NONE,
				  .folder = SNUG_SHADOW_NONE,
				  .run = { .store = request->store },
				  .init = { .pidfd = -1 },
				  .root_fd = -1,
				  .listen_fd = -1,
				  .signal_fd = -1 };
	SNUG_AUTO(snug_learned_clear) struct snug_learned learned = { 0 };

	sigprocmask(SIG_SETMASK, NULL, &r.mask);
	if (record(&r, err) < 0 || finish(&r, &learned, err) < 0)
		return -1;
	*ret = learned;
	learned = (struct snug_learned){ 0 };
	return 0;
}
