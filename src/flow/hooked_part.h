/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a slot is (learn/recorder.h): private to flow/hooked*.c. */
#pragma once

#include "flow/hooked.h"
#include "learn/recorder.h"
#include "model/recording.h"

#define SNUG_STARTED_SIZE 32

/*
 * Of the container that a hook was called for: all but init_start. 1; 0: nobody wants it learned.
 * *ret_filter: its config.json has a filter of its own.
 */
int snug_owner_read(const struct snug_store *store, const struct snug_state *state,
		    struct snug_rec_owner *ret, bool *ret_filter,
		    struct snug_error *err) SNUG_CHECKED;
void snug_owner_started(const struct snug_rec_owner *owner, char ret[SNUG_STARTED_SIZE]);
/* Adds name and source to a recording of the owner's run. */
int snug_owner_describe(const struct snug_rec_owner *owner, enum snug_gate gate, bool ended,
			struct snug_recording *ret, struct snug_error *err) SNUG_CHECKED;
