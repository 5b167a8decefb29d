/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorder of one container, held by descriptors alone: when the process dies nothing stays
 * attached.
 *
 *     open → seed or adopt → progress, collect … → stop → collect → free
 */
#pragma once

#include "base/error.h"
#include "learn/load.h"
#include "learn/slot.h"
#include "model/recording.h"

#include <stdbool.h>
#include <stdint.h>

struct snug_recorder;

/*
 * Loads, for one container whatever load->slots says, and attaches. refusals: the container has a
 * filter of its own, and what it refuses is to be recorded as refused (else nothing is seen of it;
 * this costs each call of the host a little more). Errors as snug_recorder_load's.
 */
int snug_recorder_open(const struct snug_load *load, struct snug_recorder **ret,
		       struct snug_error *err) SNUG_CHECKED;
/* What this kernel lets it see: SNUG_OBSERVED_*, but for the joiners, which depend on the
 * container.
 */
unsigned snug_recorder_observes(const struct snug_recorder *recorder);

/* Once, one of them. init->watch is taken from open. See snug_slot_seed, snug_slot_adopt. */
int snug_recorder_seed(struct snug_recorder *recorder, const struct snug_init *init,
		       struct snug_error *err) SNUG_CHECKED;
int snug_recorder_adopt(struct snug_recorder *recorder, const struct snug_init *init,
			struct snug_error *err) SNUG_CHECKED;

/* All zero before the container was seeded. */
void snug_recorder_progress(struct snug_recorder *recorder, struct snug_progress *ret);

/* Detaches all; what notes files and acts some seconds later, in a process of its own, where it
 * hangs on trampolines. What was seen of those that live may grow meanwhile. Idempotent. */
void snug_recorder_stop(struct snug_recorder *recorder);

/* As snug_slot_collect; before stop: what was seen so far. */
int snug_recorder_collect(struct snug_recorder *recorder, uint64_t run, struct snug_recording *ret,
			  struct snug_error *err) SNUG_CHECKED;

void snug_recorder_free(struct snug_recorder *recorder); /* NULL is fine */
void snug_recorder_freep(struct snug_recorder **recorder);
