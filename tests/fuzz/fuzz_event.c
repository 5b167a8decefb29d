/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What user space makes of a recorder's maps. They are memory here (the functions of
 * learn/bpf_call.h are below), filled as the BPF side fills them: numbers within its tables,
 * everything that a container shapes (names, paths, argument values, who asks, how much of it, what
 * got lost on the way) from the input. It is a recording, which is written and read again as the
 * same; what is in the maps of that container is in it, or counted as lost, and nothing of
 * another's.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"
#include "learn/slot.h"
#include "learn/tables.h"
#include "model/act_form.h"
#include "model/argspec.h"
#include "model/recording.h"
#include "random.h"

#include <errno.h>

#define ENTRIES_MAX 40u
#define TEXTS	    12u /* so many hashes: some of which are found, some lost */
#define RUN	    0x1234u

struct memory_map {
	size_t key, value, count;
	char *keys, *values;
};

static struct memory_map maps[SNUG_MAP_MAX];
static struct snug_rec_slot the_slot;
static struct snug_rec_head heads[SNUG_REC_SLOTS];
static uint64_t missed;

/* ---- bpf(2), of memory: a descriptor is the map's number ---- */

int snug_bpf_get(const char *path)
{
	(void)path;
	errno = ENOENT;
	return -1;
}

int snug_bpf_lookup(int map, const void *key, void *ret_value)
{
	(void)key;
	CHECK(map == SNUG_MAP_SLOTS);
	memcpy(ret_value, &the_slot, sizeof(the_slot));
	return 0;
}

int snug_bpf_update(int map, const void *key, const void *value)
{
	(void)map, (void)key, (void)value;
	abort();
}

int snug_bpf_delete(int map, const void *key)
{
	(void)map, (void)key;
	abort();
}

int snug_bpf_batch(int map, int first, uint32_t *cursor, void *ret_keys, void *ret_values,
		   uint32_t *count)
{
	const struct memory_map *from = &maps[map];
	size_t at = first ? 0 : *cursor, left = from->count - at, take = left;

	if (take > *count)
		take = *count;
	if (take) {
		memcpy(ret_keys, from->keys + at * from->key, take * from->key);
		memcpy(ret_values, from->values + at * from->value, take * from->value);
	}
	*cursor = (uint32_t)(at + take);
	*count = (uint32_t)take;
	errno = ENOENT;
	return take == left ? -1 : 0;
}

int snug_bpf_iterate(int prog, int pidfd)
{
	(void)prog, (void)pidfd;
	abort();
}

int snug_bpf_misses(int prog, uint64_t *ret)
{
	*ret = prog % 7 == 0 ? missed : 0;
	return 0;
}

/* ---- the maps' contents ---- */

static void put(enum snug_rec_map which, const void *key, size_t key_size, const void *value,
		size_t value_size)
{
	struct memory_map *map = &maps[which];

	map->key = key_size;
	map->value = value_size;
	map->keys = realloc(map->keys, (map->count + 1) * key_size);
	map->values = realloc(map->values, (map->count + 1) * value_size);
	if (!map->keys || !map->values)
		abort();
	memcpy(map->keys + map->count * key_size, key, key_size);
	memcpy(map->values + map->count * value_size, value, value_size);
	map->count++;
}

static void drop_maps(void)
{
	for (unsigned i = 0; i < SNUG_MAP_MAX; i++) {
		free(maps[i].keys);
		free(maps[i].values);
		maps[i] = (struct memory_map){ 0 };
	}
}

/* Mostly the container's; slot 1 is another one. */
static uint16_t random_slot(void)
{
	return random_below(8) == 0;
}

static struct snug_rec_hash random_hash(void)
{
	return (struct snug_rec_hash){ { 1 + random_below(TEXTS), 7 } };
}

static struct snug_rec_program random_program(uint16_t slot)
{
	return (struct snug_rec_program){ .slot = slot, .dev = 1, .inode = random_below(4) };
}

static void put_random_text(void)
{
	static char text[SNUG_REC_TEXT_LONG];
	static const unsigned sizes[] = { SNUG_REC_TEXT_SHORT, SNUG_REC_TEXT_MID,
					  SNUG_REC_TEXT_LONG };
	struct snug_rec_text key = { .slot = random_slot(), .hash = random_hash() };
	unsigned tier = random_below(16) ? 0 : 1 + random_below(2);
	unsigned len = random_below(8) ? random_below(24) : random_below(sizes[tier] + 1);

	memset(text, 0, sizeof(text));
	for (unsigned i = 0; i < len; i++)
		text[i] = (char)(1 + random_below(255));
	if (len && random_below(4))
		text[0] = '/';
	if (key.slot)
		strcpy(text, "/of-another-container");
	put(SNUG_MAP_TEXTS_SHORT + tier, &key, sizeof(key), text, sizes[tier]);
}

static void put_random_file(void)
{
	struct snug_rec_file key = { .program = random_program(random_slot()),
				     .path = random_hash() };
	struct snug_rec_done done = { .access = 1u << random_below(SNUG_ACCESS_MAX) };

	done.access |= 1u << random_below(SNUG_ACCESS_MAX);
	done.others = random_below(2) ? done.access : 0;
	put(SNUG_MAP_FILES, &key, sizeof(key), &done, sizeof(done));
}

/* Numbers that a kind has, as the kernel gives them; 0 and no text past them. */
static void put_random_act(void)
{
	struct snug_rec_act key = { .program = random_program(random_slot()),
				    .kind = random_below(SNUG_ACT_MAX) };
	const struct snug_act_form *form = snug_act_form(key.kind);
	uint8_t value = 1;

	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++) {
		const struct snug_act_member *member = &form->members[i];

		if (snug_member_is_text(member))
			key.text[member->slot] = random_hash();
		else if (member->type == SNUG_MEMBER_WORD)
			key.number[member->slot] = random_below(2);
		else
			key.number[member->slot] = random_below(4) && !member->max
							   ? (uint32_t)random_u64()
							   : random_below(20);
	}
	put(SNUG_MAP_ACTS, &key, sizeof(key), &value, sizeof(value));
}

static void put_random_program(void)
{
	const struct snug_rec_program key = random_program(random_slot());
	const struct snug_rec_hash hash = random_hash();

	put(SNUG_MAP_PROGRAMS, &key, sizeof(key), &hash, sizeof(hash));
}

static void put_random_tuple(void)
{
	const struct snug_rec_tables *tables = snug_rec_tables();
	struct snug_rec_tuple key = { .slot = random_slot(),
				      .nr = (uint16_t)random_below(SNUG_REC_CALLS),
				      .abi = (uint8_t)random_below(SNUG_REC_ABIS) };
	const struct snug_rec_row *row;
	uint8_t value = 1;

	while (!tables->row_of[key.abi][key.nr])
		key.nr = (uint16_t)((key.nr + 1) % SNUG_REC_CALLS);
	row = &tables->rows[tables->row_of[key.abi][key.nr]];
	for (unsigned i = 0; i < row->count; i++)
		key.value[i] = row->mask[i] & (random_below(3) ? random_below(64) : random_u64());
	put(SNUG_MAP_TUPLES, &key, sizeof(key), &value, sizeof(value));
}

static void put_random_check(void)
{
	struct snug_rec_check key = { .slot = random_slot(), .cap = (uint16_t)random_below(64) };
	struct snug_rec_asked asked = { .nr = random_below(SNUG_REC_CALLS + 1),
					.abi = random_below(SNUG_REC_ABIS) };

	for (unsigned i = 0; i < SNUG_REC_FRAMES; i++)
		key.ip[i] = random_below(4) ? 0 : random_below(200);
	for (unsigned i = random_below(SNUG_REC_COMM); i > 0; i--)
		asked.comm[i - 1] = (char)random_below(256);
	put(SNUG_MAP_CHECKS, &key, sizeof(key), &asked, sizeof(asked));
}

static void random_slot_state(void)
{
	snug_rec_slot_init(&the_slot);
	for (unsigned n = random_below(ENTRIES_MAX); n > 0; n--) {
		unsigned phase = random_below(2), abi = random_below(SNUG_REC_ABIS),
			 nr = random_below(SNUG_REC_CALLS);
		uint8_t *call = &the_slot.calls[phase][abi][nr];

		if (random_below(8) == 0)
			the_slot.refused[phase][abi][nr / 64] |= UINT64_C(1) << nr % 64;
		else
			*call = *call == SNUG_CALL_ARGS ? SNUG_CALL_TUPLE : SNUG_CALL_DONE;
	}
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++)
		the_slot.any_args[abi][random_below(SNUG_REC_ROWS)] = random_below(4) == 0;
	the_slot.gates = SNUG_REC_GATE_LOAD | random_below(8); /* the source's own is among them */
	the_slot.raised = random_below(2);
	the_slot.cgroup = random_below(2);
	the_slot.lost_calls = random_below(3);
	the_slot.lost_checks = random_below(3);
	the_slot.lost_files = random_below(3);
	the_slot.missed_calls = random_below(2) ? random_u64() : 0;
	missed = random_below(2) ? random_u64() >> 8 : 0;
}

static void times(unsigned most, void (*what)(void))
{
	for (unsigned n = random_below(most); n > 0; n--)
		what();
}

/* ---- what is made of them ---- */

static bool holds_path(const struct snug_recording *recording, const char *path)
{
	for (size_t i = 0; i < recording->files.count; i++)
		if (strcmp(recording->files.at[i].path, path) == 0)
			return true;
	return false;
}

/* All calls that were seen; of files and acts as many as there are different ones, or lost. */
static void check_whole(const struct snug_recording *recording)
{
	size_t files = 0, acts = 0;
	unsigned calls = 0;

	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++) {
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++) {
			bool seen = false;

			for (unsigned phase = 0; phase < 2; phase++)
				seen |= the_slot.calls[phase][abi][nr] == SNUG_CALL_DONE ||
					the_slot.calls[phase][abi][nr] == SNUG_CALL_TUPLE;
			calls += seen;
		}
	}
	CHECK(recording->calls.count >= calls);
	for (size_t i = 0; i < maps[SNUG_MAP_FILES].count; i++)
		files +=
			((const struct snug_rec_file *)maps[SNUG_MAP_FILES].keys)[i].program.slot ==
			0;
	for (size_t i = 0; i < maps[SNUG_MAP_ACTS].count; i++)
		acts += ((const struct snug_rec_act *)maps[SNUG_MAP_ACTS].keys)[i].program.slot ==
			0;
	CHECK(recording->files.count + recording->acts.count <= files + acts);
	CHECK(files + acts == 0 ||
	      recording->files.count + recording->acts.count + recording->lost_files > 0);
	CHECK(!holds_path(recording, "/of-another-container"));
}

static void check_text(const struct snug_recording *recording)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, again = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording back = { 0 };
	struct snug_error err = { 0 };

	CHECK(snug_recording_render(recording, &text, &err) == 0);
	if (snug_recording_parse(text.data, text.len, "again", &back, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n", err.path, err.what, text.data);
	CHECK(err.code == SNUG_DONE);
	CHECK(snug_recording_render(&back, &again, &err) == 0);
	if (text.len != again.len || memcmp(text.data, again.data, text.len) != 0)
		(void)fprintf(stderr, "%s\n%s\n", text.data, again.data);
	CHECK(text.len == again.len && memcmp(text.data, again.data, text.len) == 0);
}

static void open_maps(struct snug_maps *ret)
{
	bool exact = random_below(4);

	*ret = (struct snug_maps)SNUG_MAPS_NONE;
	ret->heads = heads;
	ret->count = SNUG_REC_SLOTS;
	memset(heads, 0, sizeof(heads));
	for (int i = 0; i < SNUG_MAP_MAX; i++)
		ret->map[i] = i;
	ret->prog[SNUG_PROG_SYS_ENTER] = SNUG_PROG_SYS_ENTER;
	ret->prog[random_below(2) ? SNUG_PROG_CAPABLE : SNUG_PROG_CAPS] = 7;
	ret->prog[exact ? SNUG_PROG_OPEN : SNUG_PROG_RETURNED] = 14;
	times(ENTRIES_MAX, put_random_file);
	if (exact)
		times(ENTRIES_MAX, put_random_act);
	else
		ret->map[SNUG_MAP_ACTS] = -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	struct snug_rec_askers askers = { .count = 1, .at = { { 10, 20 } } };
	struct snug_source source = { .run = RUN, .exit = -1 };
	struct snug_maps opened;
	struct snug_error err;

	random_input(data, size);
	drop_maps();
	open_maps(&opened);
	random_slot_state();
	times(ENTRIES_MAX, put_random_tuple);
	times(ENTRIES_MAX, put_random_check);
	times(TEXTS, put_random_text);
	times(8, put_random_program);
	CHECK(snug_slot_collect(&opened, 0, RUN, &askers, &recording, &err) == 0);
	CHECK(snug_recording_set_run(&recording, RUN) == 0 &&
	      snug_vec_push(&recording.sources, source) == 0);
	check_whole(&recording);
	check_text(&recording);
	drop_maps();
	return 0;
}
