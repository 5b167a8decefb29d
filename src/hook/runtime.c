/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/runtime.h"

#include "base/cleanup.h"
#include "flow/hooked.h"
#include "flow/wrap.h"
#include "hook/ask.h"
#include "hook/runtime_part.h"
#include "store/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- which runtime ---- */

#define PREFIX "snug-"

static const char *short_name(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX) : name;
}

static const char *by_policy(const struct snug_policy_file *policy, const char *name)
{
	const char *path;

	if (!policy->there)
		return NULL;
	path = snug_policy_runtime(&policy->policy, name);
	return path ? path : snug_policy_runtime(&policy->policy, short_name(name));
}

static int find(struct snug_standin *runtime, const struct snug_policy_file *policy,
		struct snug_error *err)
{
	const char *path = by_policy(policy, runtime->own_name);

	if (path && snug_store_is_self(path)) {
		snug_fail(err, SNUG_INPUT, "%s: the runtime %s is snug-runtime itself",
			  policy->path, path);
		return snug_remedy(err, "name the real one under \"runtimes\"");
	}
	if (path) {
		snprintf(runtime->path, sizeof(runtime->path), "%s", path);
	} else if (!snug_store_find_runtime("", short_name(runtime->own_name), runtime->path)) {
		snug_fail(err, SNUG_HOST, "there is no runtime '%s' in /usr/bin and the like",
			  short_name(runtime->own_name));
		return snug_remedy(err, "link snug-runtime as snug-runc or snug-crun, or name the "
					"runtime under \"runtimes\" in the policy");
	}
	return snug_store_check_program(runtime->path, err);
}

/* How it reads its command line. */
static int kind_of(const char *path, enum snug_runtime *ret, struct snug_error *err)
{
	const char *name = strrchr(path, '/') + 1;

	if (strstr(name, "crun")) {
		*ret = SNUG_RUNTIME_CRUN;
	} else if (strstr(name, "runc")) {
		*ret = SNUG_RUNTIME_RUNC;
	} else {
		snug_fail(err, SNUG_HOST, "%s: neither runc nor crun by its name", path);
		return snug_remedy(err, "snug knows how these two read their command lines");
	}
	return 0;
}

/* ---- what is to be done ---- */

static int ask(const struct snug_standin *runtime, const struct snug_wrap *wrap, const char *word,
	       const char *file, int out, struct snug_error *err)
{
	const struct snug_ask wish = {
		.root = runtime->store->root,
		.words = { word, snug_runtime_name(wrap->runtime), wrap->bundle, wrap->config,
			   file },
		.in = -1,
		.out = out,
	};

	return snug_ask(&wish, err);
}

static void note(struct snug_standin *runtime, const char *failure)
{
	snprintf(runtime->note, sizeof(runtime->note), "%s", failure);
	snug_hooked_note_failure(runtime->store, runtime->args.id ? runtime->args.id : "?",
				 runtime->note);
}

/* Of a container that starts nevertheless, where the policy says so: loud, and noted. */
static int forgive(struct snug_standin *runtime, const struct snug_decision *decision,
		   struct snug_error *err)
{
	char line[1024];

	if (decision->verdict.refuse_on_error)
		return -1;
	snug_error_line(err, line, sizeof(line));
	note(runtime, line);
	return 0;
}

static bool may_enforce(const struct snug_policy_file *policy)
{
	return policy->there && snug_policy_may_enforce(&policy->policy);
}

/* What is not there now may be when the runtime looks. */
static int refuse_unseen(const char *what, const char *name, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s %.200s: cannot be found, and the policy enforces profiles",
		  what, name ? name : "");
	return snug_remedy(err, "name what is there, by a path of its own");
}

/* By what was proved before; whatever else it takes, and whatever is wrong, is snug's. */
static bool harden_here(struct snug_standin *runtime, const struct snug_wrap *wrap,
			const struct snug_wrapped *wrapped)
{
	struct snug_error ignored;
	char failure[1024];

	if (snug_wrap_apply(wrap, wrapped, failure, &ignored))
		return false;
	if (failure[0])
		note(runtime, failure);
	return true;
}

/* Is what was decided on what the runtime will read? */
static int check_place(const struct snug_runtime_args *args, const struct snug_bundle *bundle,
		       struct snug_error *err)
{
	return snug_store_check_links(args->bundle, err) < 0 ||
			       snug_store_check_links(args->config, err) < 0
		       ? -1
		       : snug_store_check_bundle(bundle->config, err);
}

/*
 * A bundle that others can change says nothing that could be relied on, a rule that leaves it alone
 * included; nor is anything written there.
 */
static int harden(struct snug_standin *runtime, const struct snug_wrap *wrap,
		  const struct snug_wrapped *wrapped, const struct snug_bundle *bundle,
		  struct snug_error *err)
{
	bool enforces = may_enforce(&wrapped->policy), done = snug_wrapped_is_done(wrapped);

	if (done && !enforces)
		return 0;
	if (check_place(&runtime->args, bundle, err) < 0)
		return enforces ? -1 : forgive(runtime, &wrapped->decided.decision, err);
	if (done || harden_here(runtime, wrap, wrapped) ||
	    ask(runtime, wrap, "harden-bundle", runtime->args.id, -1, err) == 0)
		return 0;
	return forgive(runtime, &wrapped->decided.decision, err);
}

static int start(struct snug_standin *runtime, enum snug_runtime kind,
		 const struct snug_policy_file *policy, struct snug_error *err)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	SNUG_AUTO(snug_bundle_clear) struct snug_bundle bundle = { 0 };
	struct snug_wrap wrap = { .store = runtime->store, .runtime = kind };

	/* No bundle: the runtime says so. */
	if (snug_bundle_find(&runtime->args, &bundle) < 0)
		return may_enforce(policy) ? refuse_unseen("bundle", runtime->args.bundle, err) : 0;
	wrap.bundle = bundle.folder;
	wrap.config = bundle.config;
	return snug_wrap_look(&wrap, &wrapped, err) < 0
		       ? -1
		       : harden(runtime, &wrap, &wrapped, &bundle, err);
}

/* 1: it takes snug. */
static int process_here(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
			const char *path, int fd, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error ignored;

	if (snug_wrap_process(wrap, wrapped, path, &text, &ignored))
		return 1;
	if (write(fd, snug_buf_text(&text), text.len) == (ssize_t)text.len)
		return 0;
	/* Not by snug either, which would write behind what is there now. */
	return snug_fail(err, SNUG_SYSTEM, "exec --process: no room for what it is hardened to");
}

/* exec's --process: what the runtime reads in its place. */
static int exec_process(struct snug_standin *runtime, const struct snug_wrap *wrap,
			const struct snug_wrapped *wrapped, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	int fd, here;

	if (snug_bundle_realpath(runtime->args.process, &path) < 0)
		return refuse_unseen("exec --process", runtime->args.process, err);
	fd = snug_runtime_memory(err);
	here = fd < 0 ? -1 : process_here(wrap, wrapped, path, fd, err);
	if (here < 0 || (here && ask(runtime, wrap, "harden-process", path, fd, err) < 0))
		return -1;
	return snug_runtime_put_process(runtime, fd, err);
}

/* runc reads it in the bundle anew, which may have been written anew since. */
static int check_own(const struct snug_standin *runtime, const struct snug_wrap *wrap,
		     const struct snug_wrapped *wrapped, const struct snug_bundle *bundle,
		     struct snug_error *err)
{
	bool within = wrapped->decided.decision.verdict.allow_exec;

	if (!bundle->is_shadowed && !within && snug_wrap_is_within(wrap, wrapped, &within, err) < 0)
		return -1;
	if (!bundle->is_shadowed && within)
		return 0;
	if (bundle->is_shadowed)
		snug_fail(err, SNUG_NO,
			  "exec: container %s has an annotation 'bundle', where runc takes the "
			  "process from",
			  runtime->args.id);
	else
		snug_fail(err, SNUG_NO,
			  "exec: %s, where runc takes the process from, is weaker "
			  "than the policy wants it now",
			  wrap->config);
	return snug_remedy(err, "give the process, by --process FILE");
}

/* What exec takes from the container itself. crun makes a process of its own, which has
 * no_new_privs where it is told so alone. */
static int exec_own(struct snug_standin *runtime, const struct snug_wrap *wrap,
		    const struct snug_wrapped *wrapped, const struct snug_bundle *bundle,
		    struct snug_error *err)
{
	if (wrap->runtime == SNUG_RUNTIME_RUNC)
		return check_own(runtime, wrap, wrapped, bundle, err);
	return wrapped->decided.spec.no_new_privs
		       ? snug_runtime_add_option(runtime, "--no-new-privs", err)
		       : 0;
}

/* The runtime says that there is none. (An id that is a path may be anybody's.) */
static bool is_nobody(const struct snug_runtime_args *args)
{
	return !args->process && !args->adds && !(args->id && strchr(args->id, '/'));
}

static int exec_in(struct snug_standin *runtime, enum snug_runtime kind,
		   const struct snug_policy_file *policy, struct snug_error *err)
{
	SNUG_AUTO(snug_wrapped_clear) struct snug_wrapped wrapped = { 0 };
	SNUG_AUTO(snug_bundle_clear) struct snug_bundle bundle = { 0 };
	struct snug_wrap wrap = { .store = runtime->store, .runtime = kind };
	bool there = false;

	if (!may_enforce(policy))
		return 0;
	if (snug_bundle_of_container(&runtime->args, kind, &bundle, &there, err) < 0)
		return -1;
	if (!there)
		return is_nobody(&runtime->args)
			       ? 0
			       : refuse_unseen("exec: container", runtime->args.id, err);
	wrap.bundle = bundle.folder;
	wrap.config = bundle.config;
	if (snug_store_check_links(bundle.named, err) < 0 ||
	    snug_store_check_bundle(wrap.config, err) < 0 ||
	    snug_wrap_look(&wrap, &wrapped, err) < 0)
		return -1;
	if (wrapped.decided.decision.verdict.mode != SNUG_MODE_ENFORCE)
		return 0;
	if (runtime->args.adds) {
		snug_fail(err, SNUG_NO, "exec --%s: container %s is enforced by the policy",
			  runtime->args.adds, runtime->args.id);
		return snug_remedy(err, "leave the option out, or change the profile");
	}
	return runtime->args.process ? exec_process(runtime, &wrap, &wrapped, err)
				     : exec_own(runtime, &wrap, &wrapped, &bundle, err);
}

/* What comes back from an image has the filter that is in there, whatever the policy says. */
static int refuse_images(const struct snug_policy_file *policy, const char *verb,
			 struct snug_error *err)
{
	if (!may_enforce(policy))
		return 0;
	snug_fail(err, SNUG_NO,
		  "%s: %s enforces profiles, and a restored container has those of its image", verb,
		  policy->path);
	return snug_remedy(err, "start the container anew");
}

/* A command line that snug cannot be sure of is no matter where nobody wants anything of it. */
static int read_args(struct snug_standin *runtime, enum snug_runtime kind,
		     const struct snug_policy_file *policy, struct snug_error *err)
{
	if (snug_runtime_args_read(kind, runtime->argc, runtime->argv, &runtime->args, err) == 0)
		return 0;
	if (policy->there)
		return -1;
	runtime->args.verb = SNUG_VERB_OTHER;
	return 0;
}

static int act(struct snug_standin *runtime, enum snug_runtime kind,
	       const struct snug_policy_file *policy, struct snug_error *err)
{
	switch (runtime->args.verb) {
	case SNUG_VERB_CREATE:
	case SNUG_VERB_RUN:
		return start(runtime, kind, policy, err);
	case SNUG_VERB_EXEC:
		return exec_in(runtime, kind, policy, err);
	case SNUG_VERB_CHECKPOINT:
		return refuse_images(policy, "checkpoint", err);
	case SNUG_VERB_RESTORE:
		return refuse_images(policy, "restore", err);
	case SNUG_VERB_OTHER:
	case SNUG_VERB_MAX:
		break;
	}
	return 0;
}

int snug_runtime_prepare(struct snug_standin *runtime, struct snug_error *err)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file policy = { 0 };
	enum snug_runtime kind = SNUG_RUNTIME_RUNC;
	struct snug_error later;
	bool broken = snug_policy_file_load(runtime->store, &policy, err) < 0;

	if (find(runtime, &policy, broken ? &later : err) < 0 ||
	    kind_of(runtime->path, &kind, broken ? &later : err) < 0)
		return -1;
	if (read_args(runtime, kind, &policy, broken ? &later : err) < 0)
		return -1;
	/* Nobody can tell what it says of a container; to list or to kill one harms nobody. */
	if (broken)
		return runtime->args.verb == SNUG_VERB_OTHER ? 0 : -1;
	return act(runtime, kind, &policy, err);
}
