/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts snug into an engine's own configuration, and takes it out again. First a plan, which changes
 * nothing and can be shown; then it is carried out: the record of what was there first, then one
 * file after the other, each whole. So whatever happens in between, installing again completes it
 * and uninstalling takes it back.
 *
 * - podman: three files of hooks.d (precreate, createRuntime, poststop), for Podman alone, and
 * links to snug-runtime that stand in for its runtimes, since no hook sees what `exec` adds.
 * - crio: two (createRuntime, poststop) in a folder of snug's, and a file in crio.conf.d that
 *   names it beside those that CRI-O has already.
 * - docker: a runtime in daemon.json, whose program is a link to snug-runtime of the runtime's
 * name.
 * - containerd: the same in config.toml.
 * - runc, crun: a link to snug-runtime, /usr/local/bin/snug-runc.
 */
#pragma once

#include "base/buf.h"
#include "base/vec.h"
#include "model/install/record.h"
#include "store/store.h"

enum snug_engine {
	SNUG_ENGINE_PODMAN,
	SNUG_ENGINE_DOCKER,
	SNUG_ENGINE_CONTAINERD,
	SNUG_ENGINE_CRIO,
	SNUG_ENGINE_RUNC,
	SNUG_ENGINE_CRUN,
	SNUG_ENGINE_MAX
};
const char *snug_engine_name(enum snug_engine engine);
/* false: no engine is called so */
bool snug_engine_parse(const char *word, enum snug_engine *ret);

struct snug_install_request {
	const struct snug_store *store;
	enum snug_engine engine;
	const char *hooks_dir; /* podman, crio: another folder for the hooks; NULL: the engine's */
	const char *traces;    /* podman, crio: --allow-trace-syscall for the hooks; NULL: none */
	bool make_default;     /* docker: the runtime is the default one */
	bool hooks_only;       /* podman: its runtimes stay as they are */
};

/* A file as it is, and as it is to be. */
struct snug_install_step {
	char *path;
	enum snug_installed_kind kind;
	bool there, stays; /* is it there; will it be */
	struct snug_buf now, wanted;
};

struct snug_install_plan {
	enum snug_engine engine;
	bool uninstall;
	char *root;				  /* what is before each path: "" for the host's */
	char *record;				  /* its path */
	struct snug_installed installed;	  /* what the record is to say */
	SNUG_VEC(struct snug_install_step) steps; /* none: there is nothing to do */
};

/* SNUG_INPUT: somebody else's file is in the place of one of ours, a file that snug cannot edit, or
 * one that was changed since. SNUG_HOST: snug-hook or snug-runtime is not beside snug. */
int snug_install_plan(const struct snug_install_request *request, struct snug_install_plan *ret,
		      struct snug_error *err) SNUG_CHECKED;
/* SNUG_NO: it is not installed. SNUG_INPUT: a file that was changed since, in a way that snug's
 * part cannot be told from. */
int snug_uninstall_plan(const struct snug_store *store, enum snug_engine engine,
			struct snug_install_plan *ret, struct snug_error *err) SNUG_CHECKED;
void snug_install_plan_clear(struct snug_install_plan *plan);

/* What the plan changes, as a unified diff; a link as a line. */
void snug_install_plan_diff(const struct snug_install_plan *plan, struct snug_buf *ret);
/* SNUG_SYSTEM: a file is not any more what it was when it was planned: plan again. */
int snug_install_carry_out(struct snug_install_plan *plan, struct snug_error *err) SNUG_CHECKED;

/* The record of an engine; *ret_there false: it is not installed. */
int snug_install_read_record(const struct snug_store *store, enum snug_engine engine,
			     bool *ret_there, struct snug_installed *ret,
			     struct snug_error *err) SNUG_CHECKED;
