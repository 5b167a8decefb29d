/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of flow/doctor share. Not for others. */
#pragma once

#include "flow/decide.h"
#include "flow/doctor.h"

/* Adds a finding; the remedy is added by snug_doctor_remedy, behind it. */
int snug_doctor_add(struct snug_checks *ret, struct snug_error *err, enum snug_check_state state,
		    const char *subject, const char *fmt, ...) SNUG_PRINTF(5, 6) SNUG_CHECKED;
void snug_doctor_remedy(struct snug_checks *ret, const char *fmt, ...) SNUG_PRINTF(2, 3);
/* The same of an error: what it says, and its remedy. */
int snug_doctor_add_error(struct snug_checks *ret, struct snug_error *err,
			  enum snug_check_state state, const char *subject,
			  const struct snug_error *found) SNUG_CHECKED;

#define SNUG_DOCTOR_HOOKS "/etc/containers/oci/hooks.d" /* looked at whatever is installed */

/* flow/doctor_host.c: the kernel, libraries, programs. */
int snug_doctor_host(struct snug_checks *ret, struct snug_error *err) SNUG_CHECKED;
/* flow/doctor_files.c: the policy, and hooks whose program is not there. */
int snug_doctor_policy(const struct snug_store *store, struct snug_checks *ret,
		       struct snug_error *err) SNUG_CHECKED;
int snug_doctor_hooks(const struct snug_store *store, const char *folder, struct snug_checks *ret,
		      struct snug_error *err) SNUG_CHECKED;
/* Is what snug install wrote still there, and are the programs that it names? */
int snug_doctor_installed(enum snug_engine engine, const struct snug_installed *installed,
			  struct snug_checks *ret, struct snug_error *err) SNUG_CHECKED;

/* A container of doctor's. */
struct snug_trial {
	const struct snug_store *store;
	enum snug_engine engine;
	const char *program; /* the link to snug-runtime, where the engine is told of one */
	bool bare;	     /* the engine alone, without snug */
	char id[48];
	char folder[256]; /* holds rootfs, with snug-hook in it */
	/* Results: */
	struct snug_buf said;	/* what the probe printed */
	struct snug_buf config; /* the config.json that the runtime read; empty: not to be had */
	char config_path[512];
	char container[128]; /* as the runtime calls it */
	char boundary[128];  /* by which profile it is confined at the exec boundary; "": by none */
	struct snug_error unlisted; /* why nobody can tell; .what "": one can */
};
/* flow/doctor_run.c. SNUG_HOST: no container came of it, with what the engine said. Whatever it
 * made of the engine's is gone afterwards. */
int snug_trial_run(struct snug_trial *trial, struct snug_error *err) SNUG_CHECKED;
/* Is the engine there, and its daemon, where it has one? SNUG_HOST: no, and why. */
int snug_trial_possible(enum snug_engine engine, struct snug_error *err) SNUG_CHECKED;

/* flow/doctor_judge.c: did what the policy promises arrive? */
int snug_doctor_judge(const struct snug_store *store, const struct snug_trial *trial,
		      struct snug_checks *ret, struct snug_error *err) SNUG_CHECKED;
/* flow/doctor_engine.c: all about one engine. named: asked for, installed or not. */
int snug_doctor_engine(const struct snug_store *store, enum snug_engine engine, bool named,
		       bool *ret_installed, struct snug_checks *ret,
		       struct snug_error *err) SNUG_CHECKED;
