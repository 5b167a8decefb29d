/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: what a hook at createRuntime or prestart makes of the policy. The runtime has read its
 * config already. Where the policy enforces a profile and the bundle's config.json is within it,
 * nothing has to be done; where it is weaker, or could be changed by others (then it is a hint of
 * nothing), the container is confined at its exec boundary, or refused.
 *
 * Whether a config is within a profile takes tens of milliseconds to find out, and engines give
 * every container the same: the answer is kept in ROOT/run/snug/gate, under the digest of what it
 * hangs on. snug-hook asks snug for one that is not there (snug_hooked.judge).
 */
#pragma once

#include "flow/boundary.h"
#include "flow/decide.h"

#include <limits.h>

struct snug_gated {
	struct snug_policy_file policy;
	struct snug_buf config;
	struct snug_decided decided;
	char path[PATH_MAX];		/* config.json */
	char weaker[SNUG_NAME_MAX + 1]; /* the profile that it is not within; "": none */
	bool open_paths; /* paths that the profile masks or has read-only are not so in it */
	struct snug_boundary_request boundary; /* profile NULL: it is let through */
};
/*
 * An error: the container must not start. With SNUG_NO the policy refuses it (whenWeaker). Not to
 * be moved.
 */
int snug_gate_look(const struct snug_hooked *context, const struct snug_state *state,
		   struct snug_gated *ret, struct snug_error *err) SNUG_CHECKED;
void snug_gate_clear(struct snug_gated *gate);

/* Is it known, from a start before, that this config is within its profiles? (Podman's precreate
 * made it so, say.) false: not known. */
bool snug_gate_knows_within(const struct snug_store *store, const struct snug_decided *decided);

/* snug_hooked.judge; snug's own, with libseccomp: flow/gate_judge.c. */
int snug_gate_judge(const struct snug_hooked *context, const char *bundle,
		    struct snug_error *err) SNUG_CHECKED;
