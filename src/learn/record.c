/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/record.h"

#include "base/cleanup.h"
#include "learn/asker.h"
#include "learn/bpf_call.h"

#include <errno.h>
#include <stdlib.h>

struct snug_recorder {
	struct snug_maps maps;
	int link[SNUG_PROG_SEED]; /* of the programs that attach */
	bool watch;
	bool seeded;
	struct snug_rec_askers askers; /* read when first needed */
};

int snug_recorder_open(const struct snug_load *wanted, struct snug_recorder **ret,
		       struct snug_error *err)
{
	struct snug_load load = *wanted;
	SNUG_AUTO(snug_recorder_freep) struct snug_recorder *recorder = NULL;

	recorder = calloc(1, sizeof(*recorder));
	if (!recorder)
		return snug_fail_memory(err);
	load.slots = 1;
	recorder->watch = load.refusals;
	recorder->maps = (struct snug_maps)SNUG_MAPS_NONE;
	for (size_t i = 0; i < SNUG_PROG_SEED; i++)
		recorder->link[i] = -1;
	if (snug_recorder_load(&load, &recorder->maps, err) < 0)
		return -1;
	for (size_t i = 0; i < SNUG_PROG_SEED; i++) {
		if (recorder->maps.prog[i] < 0)
			continue;
		recorder->link[i] = snug_bpf_attach(recorder->maps.prog[i]);
		if (recorder->link[i] < 0)
			return snug_fail_errno(err, errno, "cannot attach the recorder");
	}
	*ret = SNUG_TAKE(recorder);
	return 0;
}

unsigned snug_recorder_observes(const struct snug_recorder *recorder)
{
	return snug_maps_observe((struct snug_maps *)&recorder->maps);
}

static int begin(struct snug_recorder *recorder, const struct snug_init *init,
		 int (*how)(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
			    struct snug_error *err),
		 struct snug_error *err)
{
	struct snug_init watched = *init;
	unsigned slot;

	watched.watch = recorder->watch;
	if (snug_slot_claim(&recorder->maps, &watched, NULL, &slot, err) < 0 ||
	    how(&recorder->maps, slot, &watched, err) < 0)
		return -1;
	recorder->seeded = true;
	return 0;
}

int snug_recorder_seed(struct snug_recorder *recorder, const struct snug_init *init,
		       struct snug_error *err)
{
	return begin(recorder, init, snug_slot_seed, err);
}

int snug_recorder_adopt(struct snug_recorder *recorder, const struct snug_init *init,
			struct snug_error *err)
{
	return begin(recorder, init, snug_slot_adopt, err);
}

void snug_recorder_progress(struct snug_recorder *recorder, struct snug_progress *ret)
{
	struct snug_error ignored;

	if (!recorder->seeded || snug_slot_progress(&recorder->maps, 0, ret, &ignored) < 0)
		*ret = (struct snug_progress){ 0 };
}

void snug_recorder_stop(struct snug_recorder *recorder)
{
	for (size_t i = 0; i < SNUG_PROG_SEED; i++) {
		snug_close_fd(&recorder->link[i]);
		recorder->link[i] = -1;
	}
}

int snug_recorder_collect(struct snug_recorder *recorder, uint64_t run, struct snug_recording *ret,
			  struct snug_error *err)
{
	if (snug_recorder_observes(recorder) & SNUG_OBSERVED_CAPABILITIES_APPROXIMATE &&
	    !recorder->askers.count && snug_askers_read(&recorder->askers, err) < 0)
		return -1;
	return snug_slot_collect(&recorder->maps, 0, run, &recorder->askers, ret, err);
}

void snug_recorder_free(struct snug_recorder *recorder)
{
	int saved = errno;

	if (recorder) {
		snug_recorder_stop(recorder);
		snug_maps_close(&recorder->maps);
	}
	free(recorder);
	errno = saved;
}

void snug_recorder_freep(struct snug_recorder **recorder)
{
	snug_recorder_free(*recorder);
}
