/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "learn/asker.h"
#include "learn/bpf_call.h"
#include "learn/slot_part.h"
#include "learn/tables.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 256 /* entries of a hash in one go; a bucket's chain is far shorter */

/* The hashes that are kept by slot: all their keys begin with it. */
static const struct {
	size_t key, value;
} sizes[SNUG_MAP_MAX] = {
	[SNUG_MAP_TUPLES] = { sizeof(struct snug_rec_tuple), sizeof(__u8) },
	[SNUG_MAP_CHECKS] = { sizeof(struct snug_rec_check), sizeof(struct snug_rec_asked) },
	[SNUG_MAP_FILES] = { sizeof(struct snug_rec_file), sizeof(struct snug_rec_done) },
	[SNUG_MAP_ACTS] = { sizeof(struct snug_rec_act), sizeof(__u8) },
	[SNUG_MAP_PROGRAMS] = { sizeof(struct snug_rec_program), sizeof(struct snug_rec_hash) },
	[SNUG_MAP_TEXTS_SHORT] = { sizeof(struct snug_rec_text), SNUG_REC_TEXT_SHORT },
	[SNUG_MAP_TEXTS_MID] = { sizeof(struct snug_rec_text), SNUG_REC_TEXT_MID },
	[SNUG_MAP_TEXTS_LONG] = { sizeof(struct snug_rec_text), SNUG_REC_TEXT_LONG },
};
_Static_assert(offsetof(struct snug_rec_tuple, slot) == 0 &&
		       offsetof(struct snug_rec_check, slot) == 0 &&
		       offsetof(struct snug_rec_file, program.slot) == 0 &&
		       offsetof(struct snug_rec_act, program.slot) == 0 &&
		       offsetof(struct snug_rec_program, slot) == 0 &&
		       offsetof(struct snug_rec_text, slot) == 0,
	       "a key begins with its slot");

struct chunk {
	char *keys, *values;
};

static void chunk_free(struct chunk *chunk)
{
	free(chunk->keys);
	free(chunk->values);
}

/* One chunk's entries of the slot. */
static int each_of(const struct chunk *chunk, enum snug_rec_map which, uint32_t count,
		   unsigned slot, int (*each)(void *context, const void *key, const void *value),
		   void *context)
{
	for (uint32_t i = 0; i < count; i++) {
		const char *key = chunk->keys + i * sizes[which].key;
		__u16 its;

		memcpy(&its, key, sizeof(its));
		if (its == slot && each(context, key, chunk->values + i * sizes[which].value) != 0)
			return -1;
	}
	return 0;
}

int snug_slot_each(struct snug_maps *maps, enum snug_rec_map which, unsigned slot,
		   int (*each)(void *context, const void *key, const void *value), void *context,
		   struct snug_error *err)
{
	SNUG_AUTO(chunk_free)
	struct chunk chunk = { calloc(CHUNK, sizes[which].key), calloc(CHUNK, sizes[which].value) };
	int map = snug_map_fd(maps, which), result;
	uint32_t cursor = 0, count;
	bool first = true;

	if (!chunk.keys || !chunk.values)
		return snug_fail_memory(err);
	do {
		count = CHUNK;
		result = snug_bpf_batch(map, first, &cursor, chunk.keys, chunk.values, &count);
		if (result < 0 && errno != ENOENT)
			return snug_fail_errno(err, errno, "cannot read the recorder's %s",
					       snug_map_names[which]);
		if (each_of(&chunk, which, count, slot, each, context) < 0)
			return snug_fail_memory(err);
		first = false;
	} while (result == 0);
	return 0;
}

/* One number of one ABI: the call as it was made, and as it was refused. */
static int collect_call(const struct snug_rec_slot *slot, unsigned abi, unsigned nr,
			const struct snug_seen_runs *runs, struct snug_recording *ret)
{
	unsigned row = snug_rec_tables()->row_of[abi][nr], made = 0, refused = 0;

	for (unsigned phase = 0; phase < SNUG_REC_PHASES; phase++) {
		made |= (unsigned)snug_rec_is_seen(slot->calls[phase][abi][nr]) << phase;
		refused |= (unsigned)(slot->refused[phase][abi][nr / 64] >> nr % 64 & 1) << phase;
	}
	for (int no = 0; no <= 1; no++) {
		struct snug_seen_call *call;

		if (!(no ? refused : made))
			continue;
		call = snug_recording_call(ret, snug_rec_arch(abi), snug_rec_model_nr(abi, nr), no);
		if (!call)
			return -1;
		call->phases = no ? refused : made;
		call->any_args = !no && row && slot->any_args[abi][row];
		call->runs = *runs;
	}
	return 0;
}

static int collect_calls(const struct snug_rec_slot *slot, uint64_t run, struct snug_recording *ret,
			 struct snug_error *err)
{
	struct snug_seen_runs runs = { 0 };

	snug_seen_runs_add(&runs, run);
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++)
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++)
			if (collect_call(slot, abi, nr, &runs, ret) < 0)
				return snug_fail_memory(err);
	return 0;
}

struct tuple_context {
	struct snug_recording *recording;
	uint64_t run;
};

static int add_tuple(void *context, const void *entry, const void *value)
{
	const struct snug_rec_tuple *key = entry;
	struct tuple_context *c = context;
	struct snug_tuple tuple = { 0 };
	struct snug_seen_call *call;

	(void)value;
	memcpy(tuple.value, key->value, sizeof(tuple.value));
	call = snug_recording_call(c->recording, snug_rec_arch(key->abi),
				   snug_rec_model_nr(key->abi, key->nr), false);
	if (!call)
		return -1;
	if (!call->phases) { /* it was made between one look and the other */
		call->phases = SNUG_PHASE_WORKLOAD;
		snug_seen_runs_add(&call->runs, c->run);
	}
	return call->any_args ? 0 : snug_seen_call_tuple(call, &tuple);
}

static int collect_tuples(struct snug_maps *maps, unsigned slot, uint64_t run,
			  struct snug_recording *ret, struct snug_error *err)
{
	struct tuple_context context = { ret, run };

	if (snug_slot_each(maps, SNUG_MAP_TUPLES, slot, add_tuple, &context, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->calls.count; i++)
		if (ret->calls.at[i].any_args)
			snug_vec_clear(&ret->calls.at[i].tuples);
	return 0;
}

struct cap_context {
	const struct snug_rec_askers *askers;
	struct snug_recording *recording;
	uint64_t run;
};

static int add_need(struct snug_seen_cap *cap, const struct snug_rec_asked *asked)
{
	struct snug_cap_need need = { .in_call = asked->nr < SNUG_REC_CALLS &&
						 asked->abi < SNUG_REC_ABIS };

	memcpy(need.program, asked->comm, sizeof(asked->comm));
	if (need.in_call) {
		need.arch = snug_rec_arch(asked->abi);
		need.nr = snug_rec_model_nr(asked->abi, asked->nr);
	}
	return snug_cap_needs_add(&cap->needed, &need);
}

static int add_check(void *context, const void *entry, const void *asked)
{
	const struct snug_rec_check *check = entry;
	struct cap_context *c = context;
	uint64_t ip[SNUG_REC_FRAMES];
	struct snug_seen_cap *cap;

	memcpy(ip, check->ip, sizeof(ip));
	if (check->cap >= SNUG_CAP_MAX || snug_askers_probe(c->askers, ip, SNUG_REC_FRAMES))
		return 0;
	cap = snug_recording_cap(c->recording, check->cap);
	if (!cap)
		return -1;
	if (!cap->runs.count)
		snug_seen_runs_add(&cap->runs, c->run);
	return add_need(cap, asked);
}

static uint64_t since(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

/* A program that the kernel left out was running on that CPU already: whose event it was nobody
 * knows, so it counts against everybody who was there (and see struct snug_rec_head). */
static int collect_losses(struct snug_maps *maps, const struct snug_rec_slot *slot,
			  struct snug_recording *ret, struct snug_error *err)
{
	struct snug_rec_head *first = &maps->heads[0];
	uint64_t calls = 0, checks = 0, files = 0;

	for (enum snug_rec_prog i = 0; i < SNUG_PROG_SEED; i++) {
		int there = snug_prog_is_there(maps, i, err);
		uint64_t misses = 0;

		if (there < 0)
			return -1;
		if (there && snug_bpf_misses(maps->prog[i], &misses) < 0)
			return snug_fail_errno(err, errno, "what %s missed", snug_prog_names[i]);
		if (i == SNUG_PROG_CAPS || i == SNUG_PROG_CAPABLE)
			checks += misses;
		else
			*(i < SNUG_PROG_FILES ? &calls : &files) += misses;
		if (i == SNUG_PROG_RETURNED)
			calls += misses; /* what was refused, too */
	}
	ret->lost_syscalls = slot->lost_calls + since(slot->missed_calls, calls);
	ret->lost_caps = slot->lost_checks + since(slot->missed_checks, checks);
	ret->lost_files = slot->lost_files + since(slot->missed_files, files);
	first->missed_calls = calls;
	first->missed_checks = checks;
	first->missed_files = files;
	return 0;
}

int snug_slot_collect(struct snug_maps *maps, unsigned index, uint64_t run,
		      const struct snug_rec_askers *askers, struct snug_recording *ret,
		      struct snug_error *err)
{
	struct cap_context context = { askers, ret, run };
	struct snug_rec_slot slot;

	if (snug_slot_read(maps, index, &slot, err) < 0)
		return -1;
	ret->gates = slot.gates;
	ret->raised_creds = slot.raised != 0;
	if (snug_maps_observe(maps, &ret->observed, err) < 0 ||
	    collect_losses(maps, &slot, ret, err) < 0)
		return -1;
	if (slot.cgroup)
		ret->observed |= SNUG_OBSERVED_JOINERS;
	if (collect_calls(&slot, run, ret, err) < 0 ||
	    collect_tuples(maps, index, run, ret, err) < 0 ||
	    snug_slot_each(maps, SNUG_MAP_CHECKS, index, add_check, &context, err) < 0)
		return -1;
	return snug_slot_collect_files(maps, index, run, ret, err);
}
