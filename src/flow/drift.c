/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/drift.h"

#include "apply/apparmor.h"
#include "base/cleanup.h"
#include "flow/confine_text.h"
#include "flow/container_tasks.h"
#include "flow/drift_deep.h"
#include "flow/harden.h"
#include "flow/process.h"
#include "flow/wrap.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOMENT_NS 250000000L /* longer than a runtime takes to exec */

static void drop_tasks(struct snug_standing *standing)
{
	snug_task_views_clear(&standing->tasks);
	for (size_t i = 0; i < standing->lacks.count; i++)
		free(standing->lacks.at[i]);
	snug_vec_clear(&standing->lacks);
}

static void standing_clear(struct snug_standing *standing)
{
	drop_tasks(standing);
	for (unsigned i = 0; i < 2; i++)
		snug_seccomp_clear(&standing->policies[i]);
	free(standing->image);
	free(standing->rule);
}

void snug_standings_clear(struct snug_standings *standings)
{
	for (size_t i = 0; i < standings->count; i++)
		standing_clear(&standings->at[i]);
	snug_vec_clear(standings);
}

static void set_problem(struct snug_standing *ret, const struct snug_error *err)
{
	snug_error_line(err, ret->problem, sizeof(ret->problem));
}

/* ---- what is promised ---- */

/* As hardening and the exec boundary have it: a part that is to complain by promises nothing. */
static int promise_label(const struct snug_profile *profile, enum snug_apparmor_use use,
			 struct snug_promise *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_confine_text_clear) struct snug_confine_text text = { 0 };
	struct snug_aa_kernel kernel;
	struct snug_error none;

	if (!profile->has_apparmor || profile->apparmor.complain_only || use == SNUG_APPARMOR_OFF)
		return 0;
	if (use == SNUG_APPARMOR_IF_PRESENT && snug_aa_kernel_open(&kernel, &none) < 0)
		return snug_aa_kernel_is_absent(&none) ? 0
						       : snug_fail(err, none.code, "%s", none.what);
	if (use == SNUG_APPARMOR_IF_PRESENT)
		snug_aa_kernel_close(&kernel);
	if (snug_confine_text_make(profile, false, &text, err) < 0)
		return -1;
	memcpy(ret->labels[ret->label_count++], text.label, SNUG_LABEL_SIZE);
	return 0;
}

static int promise_deep(const struct snug_profile *profile, enum snug_runtime runtime,
			struct snug_standing *ret, struct snug_error *err)
{
	unsigned index = ret->profile_count - 1;

	if (!profile->seccomp_node)
		return 0;
	if (snug_deep_policy(profile, runtime, &ret->policies[index], err) < 0)
		return -1;
	ret->has_policy_of[index] = true;
	return 0;
}

static int promise_profile(const struct snug_drift_request *request, enum snug_runtime runtime,
			   const char *name, enum snug_apparmor_use use, struct snug_standing *ret,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	/* It may be the container's own word: never a path. */
	if (!snug_name_is_valid(name) || snug_name_is_path(name))
		return snug_fail(err, SNUG_INPUT, "profile '%.80s' is no name", name);
	snprintf(ret->profiles[ret->profile_count++], sizeof(ret->profiles[0]), "%s", name);
	if (snug_flow_profile(request->store, name, &profile, &path, err) < 0 ||
	    (request->deep && promise_deep(&profile, runtime, ret, err) < 0))
		return -1;
	snug_promise_add(&ret->promise, &profile);
	return promise_label(&profile, use, &ret->promise, err);
}

static int promise(const struct snug_drift_request *request, enum snug_runtime runtime,
		   const struct snug_decision *decision, struct snug_standing *ret,
		   struct snug_error *err)
{
	if (ret->mode != SNUG_MODE_ENFORCE && ret->mode != SNUG_MODE_AUDIT)
		return 0;
	for (unsigned i = 0; i < decision->profile_count; i++)
		if (promise_profile(request, runtime, decision->profiles[i],
				    decision->verdict.apparmor, ret, err) < 0)
			return -1;
	return 0;
}

/* ---- what was decided ---- */

/* Podman and CRI-O keep their containers where the runtimes do, and say who they are. */
static void name_engine(const struct snug_container *container, const struct snug_spec *spec,
			struct snug_standing *ret)
{
	const char *manager = spec ? snug_spec_annotation(spec, "io.container.manager") : NULL;
	const char *name =
		container->engine ? container->engine : snug_runtime_name(container->runtime);

	if (manager && strcmp(manager, "libpod") == 0)
		name = "podman";
	else if (manager && strcmp(manager, "cri-o") == 0)
		name = "cri-o";
	snprintf(ret->engine, sizeof(ret->engine), "%s", name);
}

static int describe(const struct snug_wrapped *wrapped, struct snug_standing *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };
	const struct snug_decision *decision = &wrapped->decided.decision;
	const struct snug_spec *spec = wrapped->decided.doc ? &wrapped->decided.spec : NULL;
	const char *image = spec ? snug_spec_image(spec) : NULL;

	if (image && !(ret->image = strdup(image)))
		return snug_fail_memory(err);
	ret->is_decided = true;
	ret->mode = decision->verdict.mode;
	if (decision->learn)
		snprintf(ret->learn, sizeof(ret->learn), "%s", decision->learn);
	if (decision->rule == SNUG_DECIDED_NONE && !decision->profile_count && !decision->learn)
		return 0;
	snug_decided_words(&wrapped->policy, decision, &words);
	if (snug_buf_check(&words, err) < 0)
		return -1;
	ret->rule = snug_buf_take(&words);
	return 0;
}

static int decide_at(const struct snug_drift_request *request,
		     const struct snug_container *container, const char *bundle, const char *config,
		     struct snug_standing *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	const struct snug_wrap wrap = { .store = request->store,
					.bundle = bundle,
					.config = config,
					.looks_only = true,
					.runtime = container->runtime };
	int result = snug_wrap_look(&wrap, &wrapped, err);

	ret->has_policy = wrapped.policy.there;
	name_engine(container, wrapped.decided.doc ? &wrapped.decided.spec : NULL, ret);
	if (result < 0)
		return -1;
	return describe(&wrapped, ret, err) < 0
		       ? -1
		       : promise(request, container->runtime, &wrapped.decided.decision, ret, err);
}

/* Is there a policy, or something in its place? Asked where the bundle cannot be. */
static bool is_there_policy(const struct snug_store *store)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file policy = { 0 };
	struct snug_error ignored;

	return snug_policy_file_load(store, &policy, &ignored) < 0 || policy.there;
}

/* What cannot be told is a problem, and where there is a policy drift: somebody was promised
 * something. */
static void decide(const struct snug_drift_request *request, const struct snug_container *container,
		   struct snug_standing *ret)
{
	SNUG_AUTO(snug_freep) char *bundle = realpath(container->bundle, NULL);
	char config[PATH_MAX];
	struct snug_error err = { 0 };
	int result = -1;

	name_engine(container, NULL, ret);
	if (container->foreign) {
		snprintf(ret->problem, sizeof(ret->problem),
			 "its state is user %u's to write: nothing is promised of it",
			 container->owner);
		return;
	}
	snprintf(config, sizeof(config), "%s/config.json", bundle ? bundle : "");
	if (!bundle)
		(void)snug_fail_errno(&err, errno, "%s", container->bundle);
	else
		result = decide_at(request, container, bundle, config, ret, &err);
	if (result == 0)
		return;
	set_problem(ret, &err);
	ret->has_policy = is_there_policy(request->store);
	ret->drift = ret->has_policy;
}

/* ---- what is ---- */

static int judge_one(const struct snug_container *container, const struct snug_task_view *task,
		     struct snug_standing *standing, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf lack = { 0 };
	char *text;

	/* Not started yet: that is the runtime. */
	if (!container->created || task->tgid != container->pid) {
		(void)snug_task_falls_short(&standing->promise, task, &lack);
		for (unsigned i = 0; i < standing->profile_count; i++)
			if (standing->has_policy_of[i])
				snug_deep_lacks(task->tid, standing->profiles[i],
						&standing->policies[i], &lack);
	}
	text = strdup(snug_buf_text(&lack));
	if (!text || lack.failed || snug_vec_push(&standing->lacks, text) < 0) {
		free(text);
		return snug_fail_memory(err);
	}
	return 0;
}

static int judge(const struct snug_container *container, struct snug_standing *standing,
		 struct snug_error *err)
{
	standing->weakest = 0;
	for (size_t i = 0; i < standing->tasks.count; i++) {
		const struct snug_task_view *task = &standing->tasks.at[i];

		if (judge_one(container, task, standing, err) < 0)
			return -1;
		if (snug_task_is_weaker(task, &standing->tasks.at[standing->weakest]))
			standing->weakest = i;
	}
	return 0;
}

static bool lacks_something(const struct snug_standing *standing)
{
	for (size_t i = 0; i < standing->lacks.count; i++)
		if (standing->lacks.at[i][0])
			return true;
	return false;
}

static int view(const struct snug_crowd *crowd, const struct snug_containers *containers,
		size_t index, struct snug_standing *ret, struct snug_error *err)
{
	struct snug_error bad;

	if (snug_crowd_tasks(crowd, index, &ret->tasks, &bad) < 0) {
		set_problem(ret, &bad);
		ret->drift = ret->has_policy;
	}
	return judge(&containers->at[index], ret, err);
}

/* Of what the second look sees, what the first saw too. */
static void keep_both(const struct snug_standing *first, struct snug_standing *second)
{
	for (size_t i = 0; i < second->lacks.count; i++) {
		bool seen = false;

		for (size_t j = 0; j < first->lacks.count && !seen; j++)
			seen = first->lacks.at[j][0] &&
			       first->tasks.at[j].tid == second->tasks.at[i].tid;
		if (!seen)
			second->lacks.at[i][0] = '\0';
	}
}

static int view_again(const struct snug_crowd *crowd, const struct snug_containers *containers,
		      size_t index, struct snug_standing *standing, struct snug_error *err)
{
	struct snug_standing first = { .tasks = standing->tasks };
	int result;

	memcpy(&first.lacks, &standing->lacks, sizeof(first.lacks));
	memset(&standing->tasks, 0, sizeof(standing->tasks));
	memset(&standing->lacks, 0, sizeof(standing->lacks));
	result = view(crowd, containers, index, standing, err);
	keep_both(&first, standing);
	drop_tasks(&first);
	return result;
}

static int look_again(const struct snug_containers *containers, struct snug_standings *standings,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_crowd_freep) struct snug_crowd *crowd = NULL;
	const struct timespec moment = { .tv_nsec = MOMENT_NS };
	bool any = false;

	for (size_t i = 0; i < standings->count; i++)
		any |= lacks_something(&standings->at[i]);
	if (!any)
		return 0;
	(void)nanosleep(&moment, NULL);
	if (snug_crowd_look(containers, &crowd, err) < 0)
		return -1;
	for (size_t i = 0; i < standings->count; i++)
		if (lacks_something(&standings->at[i]) &&
		    view_again(crowd, containers, i, &standings->at[i], err) < 0)
			return -1;
	return 0;
}

static int look(const struct snug_drift_request *request, struct snug_standings *ret,
		struct snug_error *err)
{
	const struct snug_containers *containers = request->containers;
	SNUG_AUTO(snug_crowd_freep) struct snug_crowd *crowd = NULL;

	if (snug_crowd_look(containers, &crowd, err) < 0)
		return -1;
	for (size_t i = 0; i < containers->count; i++) {
		struct snug_standing standing = { 0 };

		decide(request, &containers->at[i], &standing);
		if (snug_vec_push(ret, standing) < 0) {
			standing_clear(&standing);
			return snug_fail_memory(err);
		}
		if (view(crowd, containers, i, &ret->at[i], err) < 0)
			return -1;
	}
	return look_again(containers, ret, err);
}

/* Who has ended meanwhile promises nothing any more, and its bundle may be gone. */
static void excuse(const struct snug_container *container, struct snug_standing *standing)
{
	if (!standing->drift || snug_process_lives(container->pid, container->start))
		return;
	standing->drift = false;
	snprintf(standing->problem, sizeof(standing->problem), "it has ended meanwhile");
}

int snug_drift_look(const struct snug_drift_request *request, struct snug_standings *ret,
		    struct snug_error *err)
{
	if (!request->containers->count)
		return 0;
	if (look(request, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->count; i++) {
		ret->at[i].drift |=
			ret->at[i].mode == SNUG_MODE_ENFORCE && lacks_something(&ret->at[i]);
		excuse(&request->containers->at[i], &ret->at[i]);
	}
	return 0;
}
