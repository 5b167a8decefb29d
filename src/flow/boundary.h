/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enforcing a profile at the exec boundary (apply/boundary.h) on a container whose config.json snug
 * did not write: what a prestart or createRuntime hook does, and what is left of it afterwards.
 *
 * ROOT/run/snug/boundary holds a plan for each profile, NAME.plan: the profile's own text, and what
 * becomes of it (flow/boundary_plan.h). Its lock is the guard's too.
 */
#pragma once

#include "flow/hooked.h"
#include "learn/guard_use.h"

#include <stdbool.h>

struct snug_boundary_request {
	const char *profile; /* a NAME of the store's */
	bool accept_incomplete;
	bool paths_are_kept; /* what the profile masks or has read-only, the runtime's config has so
			      */
	bool without_apparmor;	  /* leaves that part of the profile out */
	bool apparmor_if_present; /* does so on a host that has none */
	bool without_guard;	  /* `exec` runs as the config says, and nobody tells */
	bool allow_exec;	  /* the guard lets what joins fall short, and counts it */
};

/*
 * prestart, createRuntime: returns when the tracer holds the container and the guard has its
 * promise. An error: the container must not start; where the tracer held it already it is dead.
 * SNUG_HOST: this host or this container cannot be confined so.
 */
int snug_boundary_begin(const struct snug_hooked *context, const struct snug_state *state,
			const struct snug_boundary_request *request,
			struct snug_error *err) SNUG_CHECKED;
/* poststop: the guard is detached with its last container, and stays loaded for the next. Nothing
 * to do where there is no guard. */
int snug_boundary_end(const struct snug_hooked *context, const struct snug_state *state,
		      struct snug_error *err) SNUG_CHECKED;
/* What ended without a poststop, and the guard when nobody is left; cheap where there is none. */
int snug_boundary_reap(const struct snug_store *store, struct snug_error *err) SNUG_CHECKED;
/* Whom the guard guards. The caller clears ret (snug_vec_clear). */
int snug_boundary_list(const struct snug_store *store, struct snug_guard_list *ret,
		       struct snug_error *err) SNUG_CHECKED;

/* ---- snug's own, with libseccomp and libbpf: snug_hooked.plan and .load_guard ---- */

/* flow/boundary_make.c: compiles the profile's calls, less what is in it for the runtimes, and
 * proves the filter. */
int snug_boundary_make(const struct snug_hooked *context, const char *profile, int lock,
		       struct snug_error *err) SNUG_CHECKED;
/* flow/load.c */
int snug_load_guard(const struct snug_hooked *context, int lock,
		    struct snug_error *err) SNUG_CHECKED;
