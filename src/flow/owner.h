/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a run is (learn/recorder.h): read from what a hook gets, told in a recording. */
#pragma once

#include "base/error.h"
#include "learn/recorder.h"
#include "model/oci/state.h"
#include "model/policy.h"
#include "model/recording.h"
#include "store/store.h"

#define SNUG_STARTED_SIZE 32

struct snug_hooked;
/*
 * Of the container that a hook was called for: all but init_start. 1; 0: nobody wants it learned:
 * neither the policy nor, without one, the annotation io.snug.learn, nor the hook (flow/trace.h).
 * *ret_filter: its config.json has a filter of its own.
 */
int snug_owner_read(const struct snug_hooked *context, const struct snug_state *state,
		    struct snug_rec_owner *ret, bool *ret_filter,
		    struct snug_error *err) SNUG_CHECKED;
void snug_owner_started(const struct snug_rec_owner *owner, char ret[SNUG_STARTED_SIZE]);

struct snug_ending {
	enum snug_gate gate;
	bool ended;
	int exit; /* -1: not known */
};
/* Adds name and source to a recording of the owner's run. args: NULL for the owner's own, which may
 * have been cut. */
int snug_owner_describe(const struct snug_rec_owner *owner, const struct snug_paths *args,
			const struct snug_ending *ending, struct snug_recording *ret,
			struct snug_error *err) SNUG_CHECKED;
/* path: as config.json has it. */
void snug_owner_set_root(struct snug_rec_owner *owner, const char *bundle, const char *path);
/* Adds one word of the command, if it fits whole. */
void snug_owner_add_arg(struct snug_rec_owner *owner, const char *word);
