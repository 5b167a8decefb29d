/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each running container beside what the policy promises of it. The decision is on the bundle's
 * config.json, or on the original of one that snug-runtime hardened; the promise is what the
 * profiles say now, so that a container which runs under an older version of one falls short where
 * that was looser, or has another AppArmor part.
 */
#pragma once

#include "flow/containers.h"
#include "model/drift.h"
#include "model/policy.h"
#include "model/seccomp.h"
#include "store/store.h"

#include <stdbool.h>

struct snug_standing {
	char engine[32]; /* "podman", "docker", "runc", … */
	char *image;	 /* owned; NULL: not known */
	bool has_policy;
	bool is_decided;     /* the mode is known */
	enum snug_mode mode; /* with a policy, or where it is learned */
	char profiles[2][SNUG_NAME_MAX + 1];
	unsigned profile_count;
	/* What each profile allows at most; deep alone, and with a seccomp part. */
	bool has_policy_of[2];
	struct snug_seccomp policies[2];
	char learn[SNUG_NAME_MAX + 1]; /* it is recorded as this; "": it is not */
	char *rule;		       /* which rule, in words; owned; NULL: nobody decided */
	struct snug_promise promise;   /* in enforce and audit mode */
	struct snug_task_views tasks;
	/* What each of tasks lacks of the promise, "" for nothing; owned. In audit mode that is
	 * what enforce would have. */
	SNUG_VEC(char *) lacks;
	size_t weakest;	    /* of tasks, by its number of filters and so on */
	char problem[1024]; /* what cannot be told, and why; "": all can */
	bool drift;	    /* the policy's promise is not kept, or nobody can tell what it is */
};
struct snug_standings SNUG_VEC_BODY(struct snug_standing);
void snug_standings_clear(struct snug_standings *standings);

struct snug_drift_request {
	const struct snug_store *store;
	const struct snug_containers *containers;
	bool deep; /* filters are read back and compared: each process is stopped for a moment */
};
/*
 * One standing for each of the containers, in their order. What falls short is looked at twice, a
 * moment apart: a runtime's own process, on its way into a container, is not confined yet.
 */
int snug_drift_look(const struct snug_drift_request *request, struct snug_standings *ret,
		    struct snug_error *err) SNUG_CHECKED;
