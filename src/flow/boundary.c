/* SPDX-License-Identifier: Apache-2.0 */
/* What hooks do: without libseccomp and libbpf. */
#include "flow/boundary.h"

#include "base/cleanup.h"
#include "flow/boundary_plan.h"
#include "flow/confine.h"
#include "flow/inputs.h"
#include "flow/process.h"
#include "flow/run_folder.h"
#include "model/oci/spec.h"
#include "store/file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DYING_MS      2000 /* how long poststop waits for who was killed */
#define ANCESTORS_MAX 64
#define CAP_SYS_ADMIN 21
#define PLAN_TRIES    16

/* Of one container. */
struct session {
	const struct snug_hooked *context;
	const struct snug_state *state;
	const struct snug_boundary_request *request;
	int lock;     /* ROOT/run/snug/boundary */
	char *folder; /* its name */
	int pidfd;
	char guard[SNUG_GUARD_PATH_MAX];
	struct snug_boundary_made made;
};

static void leave(struct session *s)
{
	snug_close_fd(&s->lock);
	snug_close_fd(&s->pidfd);
	snug_freep(&s->folder);
	snug_boundary_made_clear(&s->made);
}

/* ---- can it be done? ---- */

/* A handler of crun's (WebAssembly, a virtual machine) runs the workload without an execve. */
static int refuse_handler(const char *name, struct snug_error *err)
{
	snug_fail(err, SNUG_HOST,
		  "annotation %s: what it names can run the workload without an execve", name);
	return snug_remedy(err, "take the annotation out, or the hook");
}

/* The bundle's config.json: a hint, for what can be told before the container runs. */
static int read_config(const char *bundle, struct snug_json **ret, struct snug_spec *ret_spec,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0 ||
	    snug_json_parse(ret, snug_buf_text(&text), text.len, path, err) < 0)
		return -1;
	return snug_spec_read(*ret, ret_spec, err);
}

static int refuse_privileges(struct snug_error *err)
{
	snug_fail(err, SNUG_HOST,
		  "neither the profile nor the container's config.json has no_new_privs, and "
		  "without that a filter takes CAP_SYS_ADMIN, which the container has not");
	return snug_remedy(err, "let the profile say \"noNewPrivileges\": true");
}

static int check_config(const struct session *s, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_boundary_plan *plan = &s->made.plan;
	struct snug_spec spec;
	const char *name;

	for (size_t i = 0; (name = snug_spec_handler_name(i)); i++)
		if (snug_state_annotation(s->state, name))
			return refuse_handler(name, err);
	/* Runtimes tell the annotations that there are. */
	if (s->state->annotations && plan->no_new_privs)
		return 0;
	if (read_config(s->state->bundle, &doc, &spec, err) < 0)
		return -1;
	for (size_t i = 0; (name = snug_spec_handler_name(i)); i++)
		if (snug_spec_annotation(&spec, name))
			return refuse_handler(name, err);
	if (plan->filter.count && !plan->no_new_privs && !spec.no_new_privs &&
	    !(spec.caps[SNUG_CAP_EFFECTIVE] >> CAP_SYS_ADMIN & 1))
		return refuse_privileges(err);
	return 0;
}

/* The runtime called the hook, and made the container: so who is neither is another's process,
 * which must not be traced, and less killed. */
static bool has_common_parent(pid_t pid)
{
	pid_t parent = snug_process_parent(pid), ours = getppid();

	for (unsigned i = 0; parent > 0 && ours > 0 && i < ANCESTORS_MAX; i++) {
		if (ours == parent)
			return true;
		ours = snug_process_parent(ours);
	}
	return false;
}

/* What is read by number is true of the pidfd's process if that lives afterwards. */
static int open_process(struct session *s, struct snug_error *err)
{
	pid_t pid = s->state->pid;

	s->pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (s->pidfd < 0 || !snug_process_start(pid))
		return snug_fail(err, SNUG_INPUT, "the state's pid %d is no process", (int)pid);
	if (!has_common_parent(pid)) {
		snug_fail(err, SNUG_INPUT,
			  "the state's pid %d was not started by who called this hook", (int)pid);
		return snug_remedy(err, "let the runtime call the hook");
	}
	if (pidfd_send_signal(s->pidfd, 0, NULL, 0) < 0)
		return snug_fail(err, SNUG_INPUT, "the state's pid %d is no process", (int)pid);
	return 0;
}

/* ---- the plan ---- */

/* A plan is its profile's as that is now: one that is edited while it is made is made again. */
static int find_plan(struct session *s, struct snug_error *err)
{
	const struct snug_store *store = s->context->store;
	const char *name = s->request->profile;
	int found = snug_boundary_plan_find(store, s->lock, name, &s->made, err);

	for (unsigned i = 0; found == 0 && i < PLAN_TRIES; i++)
		found = s->context->plan(s->context, name, s->lock, err) < 0
				? -1
				: snug_boundary_plan_find(store, s->lock, name, &s->made, err);
	if (found == 0)
		return snug_fail(err, SNUG_SYSTEM, "profile %s is edited again and again", name);
	return found == 1 ? 0 : -1;
}

/* What is to be there if the host has AppArmor is left out where it has none, not where nobody can
 * tell. */
static int drop_label_without_apparmor(struct session *s, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf enabled = { 0 };

	if (snug_inputs_read_apparmor(&enabled, err) < 0)
		return -1;
	if (snug_buf_text(&enabled)[0] != 'Y')
		s->made.plan.label[0] = '\0';
	return 0;
}

static int choose_plan(struct session *s, struct snug_error *err)
{
	const char *name = s->request->profile;

	if (!snug_name_is_valid(name)) {
		snug_fail(err, SNUG_USAGE, "--profile: '%.80s' is no profile's NAME", name);
		return snug_remedy(err, "letters, digits, . _ -, at most %u", SNUG_NAME_MAX);
	}
	if (find_plan(s, err) < 0)
		return -1;
	if (s->made.incomplete[0] && !s->request->accept_incomplete) {
		snug_fail(err, SNUG_INPUT, "profile %s is incomplete: %s", name,
			  s->made.incomplete);
		return snug_remedy(err, "record it again, or add --accept-incomplete to the hook");
	}
	if (s->made.paths && !s->request->paths_are_kept) {
		snug_fail(
			err, SNUG_HOST,
			"profile %s masks paths or has them read-only, which nothing can do at the "
			"exec boundary",
			name);
		return snug_remedy(err, "have the config hardened before the runtime reads it "
					"(precreate, snug-runtime, snug harden)");
	}
	if (s->request->without_apparmor)
		s->made.plan.label[0] = '\0';
	return s->request->apparmor_if_present ? drop_label_without_apparmor(s, err) : 0;
}

static int load_label(const struct session *s, struct snug_error *err)
{
	if (!s->made.plan.label[0] ||
	    snug_confine_label(s->context, s->state, s->made.plan.label, err) == 0)
		return 0;
	if (!err->remedy[0])
		snug_remedy(err, "or add --without-apparmor to the hook");
	return -1;
}

/* ---- the guard ---- */

static int need_guard(struct session *s, struct snug_error *err)
{
	bool there = false;

	if (s->request->without_guard)
		return 0;
	/* It knows tasks by the numbers that the host gives them. */
	if (!snug_process_sees_all())
		snug_fail(err, SNUG_HOST, "the guard is for the host's first pid namespace");
	else if (snug_guard_path(s->context->store->root, s->guard, err) == 0 &&
		 snug_guard_is_there(s->guard, &there, err) == 0 &&
		 (there || s->context->load_guard(s->context, s->lock, err) == 0))
		return 0;
	if (!err->remedy[0])
		snug_remedy(err, "or add --without-guard to the hook: then `exec` is not confined");
	return -1;
}

static uint32_t guard_by(enum snug_join join)
{
	return join == SNUG_BY_CGROUP2 ? SNUG_GUARD_BY_CGROUP2
	       : join == SNUG_BY_PIDS  ? SNUG_GUARD_BY_PIDS
				       : SNUG_GUARD_BY_MOUNTS;
}

static int promise(const struct session *s, pid_t tracer, struct snug_error *err)
{
	const struct snug_boundary_plan *plan = &s->made.plan;
	struct snug_guard_wish wish = { 0 };
	struct snug_guard_promise *promise = &wish.promise;
	struct snug_init init;

	if (s->request->without_guard)
		return 0;
	if (snug_init_of(s->state->pid, &init, err) < 0)
		return -1;
	wish.by = guard_by(init.join);
	wish.own_mounts = init.mnt_ns != init.outer_mnt_ns[0]; /* the runtime's, as the hook's */
	promise->caps = plan->has_caps ? plan->caps : ~UINT64_C(0);
	promise->tracer = (uint32_t)tracer;
	promise->no_new_privs = plan->no_new_privs;
	promise->filter = plan->filter.count != 0;
	promise->allow_exec = s->request->allow_exec;
	promise->user_ns = init.user_ns;
	promise->mnt_ns = init.mnt_ns;
	promise->pid_ns = init.pid_ns;
	memcpy(promise->outer_mnt_ns, init.outer_mnt_ns, sizeof(promise->outer_mnt_ns));
	snprintf(promise->id, sizeof(promise->id), "%s", s->state->id);
	snprintf(promise->profile, sizeof(promise->profile), "%s", s->request->profile);
	return snug_guard_enlist(s->guard, &wish, s->pidfd, err);
}

/* The other stage's doing? Two profiles at once are somebody's mistake: the second finds the
 * container traced. A promise may be of a process that had the number before, so the promised
 * tracer has to be there. */
static bool is_begun(const struct session *s)
{
	const uint32_t tracer = (uint32_t)snug_process_tracer(s->state->pid);
	struct snug_guard_list list = { 0 };
	struct snug_error ignored;
	bool begun = false;

	if (tracer && !s->request->without_guard && snug_guard_list(s->guard, &list, &ignored) == 0)
		for (size_t i = 0; i < list.count; i++)
			begun |= list.at[i].init == (uint32_t)s->state->pid &&
				 list.at[i].tracer == tracer &&
				 strcmp(list.at[i].profile, s->request->profile) == 0;
	snug_vec_clear(&list);
	return begun;
}

/* ---- begin ---- */

/* Both in the tracer. */
static int confirm(void *data, int pidfd, struct snug_error *err)
{
	const struct session *s = data;

	return s->request->without_guard || !s->made.plan.filter.count
		       ? 0
		       : snug_guard_confirm(s->guard, pidfd, err);
}

static void note_failure(void *data, const char *line)
{
	const struct session *s = data;
	char text[1024];

	snprintf(text, sizeof(text), "killed at its exec boundary: profile %s: %s",
		 s->request->profile, line);
	snug_hooked_note_failure(s->context->store, s->state->id, text);
}

static int arm(struct session *s, struct snug_error *err)
{
	const struct snug_boundary_target target = {
		.tgid = s->state->pid,
		.pidfd = s->pidfd,
		.plan = &s->made.plan,
		.confined = confirm,
		.failed = note_failure,
		.data = s,
	};
	pid_t tracer;

	if (snug_boundary_arm(&target, &tracer, err) < 0)
		return -1;
	if (promise(s, tracer, err) == 0)
		return 0;
	kill(tracer, SIGKILL); /* and with it the container */
	(void)waitpid(tracer, NULL, 0);
	return -1;
}

int snug_boundary_begin(const struct snug_hooked *context, const struct snug_state *state,
			const struct snug_boundary_request *request, struct snug_error *err)
{
	SNUG_AUTO(leave)
	struct session s = { context, state, request, .lock = -1, .pidfd = -1 };

	if (snug_boundary_check_host(err) < 0 || open_process(&s, err) < 0)
		return -1;
	s.lock = snug_run_lock(context->store->root, SNUG_BOUNDARY_FOLDER, &s.folder, err);
	if (s.lock < 0 || choose_plan(&s, err) < 0 || check_config(&s, err) < 0 ||
	    load_label(&s, err) < 0 || need_guard(&s, err) < 0)
		return -1;
	return is_begun(&s) ? 0 : arm(&s, err);
}

/* ---- end ---- */

static bool lives(uint32_t init)
{
	return kill((pid_t)init, 0) == 0 || errno != ESRCH;
}

static int settle(const struct snug_store *store, const char *guard, bool keep,
		  struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int lock = -1;

	if (!snug_process_sees_all())
		return 0; /* elsewhere the living look dead */
	lock = snug_run_lock(store->root, SNUG_BOUNDARY_FOLDER, &folder, err);
	return lock < 0 ? -1 : snug_guard_settle(guard, keep, lives, err);
}

/* crun calls poststop before the process that it killed is dead. */
static void await_death(const char *guard, const char *id)
{
	struct snug_guard_list list = { 0 };
	struct snug_error ignored;

	if (snug_guard_list(guard, &list, &ignored) == 0)
		for (size_t i = 0; i < list.count; i++) {
			SNUG_AUTO_FD int fd = -1;
			struct pollfd poller = { .events = POLLIN };

			if (strncmp(list.at[i].id, id, sizeof(list.at[i].id) - 1) != 0)
				continue;
			poller.fd = fd = pidfd_open((pid_t)list.at[i].init, 0);
			if (fd >= 0)
				(void)poll(&poller, 1, DYING_MS);
		}
	snug_vec_clear(&list);
}

int snug_boundary_end(const struct snug_hooked *context, const struct snug_state *state,
		      struct snug_error *err)
{
	char guard[SNUG_GUARD_PATH_MAX];

	if (snug_guard_path(context->store->root, guard, err) < 0)
		return -1;
	if (access(guard, F_OK) < 0)
		return errno == ENOENT ? 0 : snug_fail_errno(err, errno, "%s", guard);
	await_death(guard, state->id);
	return settle(context->store, guard, true, err);
}

int snug_boundary_reap(const struct snug_store *store, struct snug_error *err)
{
	char guard[SNUG_GUARD_PATH_MAX];

	if (snug_guard_path(store->root, guard, err) < 0 || access(guard, F_OK) < 0)
		return 0;
	return settle(store, guard, false, err);
}

int snug_boundary_list(const struct snug_store *store, struct snug_guard_list *ret,
		       struct snug_error *err)
{
	char guard[SNUG_GUARD_PATH_MAX];

	if (snug_guard_path(store->root, guard, err) < 0)
		return -1;
	return snug_guard_list(guard, ret, err);
}
