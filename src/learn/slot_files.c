/* SPDX-License-Identifier: Apache-2.0 */
/* Files and acts of a slot, from hashes to a recording. */
#include "base/cleanup.h"
#include "learn/slot_part.h"
#include "model/act_form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct text {
	struct snug_rec_hash hash;
	char *text;
};

struct program {
	struct snug_rec_program key;
	struct snug_rec_hash hash;
};

struct entry {
	struct snug_rec_file key;
	struct snug_rec_done done;
};

struct file {
	const char *path, *program;
	struct snug_rec_done done;
};

/* What the maps hold of one container. */
struct harvest {
	SNUG_VEC(struct text) texts; /* by hash, once sorted */
	SNUG_VEC(struct program) programs;
	SNUG_VEC(struct entry) entries;
	SNUG_VEC(struct snug_rec_act) acts;
	SNUG_VEC(struct file) files;
	size_t text_size; /* of the map that is being read */
	uint64_t run;
	struct snug_recording *recording;
};

static void harvest_clear(struct harvest *harvest)
{
	for (size_t i = 0; i < harvest->texts.count; i++)
		free(harvest->texts.at[i].text);
	snug_vec_clear(&harvest->texts);
	snug_vec_clear(&harvest->programs);
	snug_vec_clear(&harvest->entries);
	snug_vec_clear(&harvest->acts);
	snug_vec_clear(&harvest->files);
}

static int add_text(void *context, const void *key, const void *value)
{
	struct harvest *harvest = context;
	struct text text = { .text = strndup(value, harvest->text_size) };

	memcpy(&text.hash, (const char *)key + offsetof(struct snug_rec_text, hash),
	       sizeof(text.hash));
	if (text.text && snug_vec_push(&harvest->texts, text) == 0)
		return 0;
	free(text.text);
	return -1;
}

static int compare_texts(const void *a, const void *b)
{
	const struct text *left = a, *right = b;

	return memcmp(&left->hash, &right->hash, sizeof(left->hash));
}

static int read_texts(struct snug_maps *maps, unsigned slot, struct harvest *harvest,
		      struct snug_error *err)
{
	static const struct {
		enum snug_rec_map map;
		size_t size;
	} tiers[] = { { SNUG_MAP_TEXTS_SHORT, SNUG_REC_TEXT_SHORT },
		      { SNUG_MAP_TEXTS_MID, SNUG_REC_TEXT_MID },
		      { SNUG_MAP_TEXTS_LONG, SNUG_REC_TEXT_LONG } };

	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++) {
		harvest->text_size = tiers[i].size;
		if (snug_slot_each(maps, tiers[i].map, slot, add_text, harvest, err) < 0)
			return -1;
	}
	if (harvest->texts.count)
		qsort(harvest->texts.at, harvest->texts.count, sizeof(*harvest->texts.at),
		      compare_texts);
	return 0;
}

/* NULL: it is not there. */
static const char *text_of(const struct harvest *harvest, const struct snug_rec_hash *hash)
{
	const struct text wanted = { .hash = *hash }, *found = NULL;

	if (harvest->texts.count)
		found = bsearch(&wanted, harvest->texts.at, harvest->texts.count, sizeof(wanted),
				compare_texts);
	return found ? found->text : NULL;
}

static int add_program(void *context, const void *key, const void *value)
{
	struct harvest *harvest = context;
	struct program program;

	memcpy(&program.key, key, sizeof(program.key));
	memcpy(&program.hash, value, sizeof(program.hash));
	return snug_vec_push(&harvest->programs, program);
}

static int compare_programs(const void *a, const void *b)
{
	const struct program *left = a, *right = b;

	return memcmp(&left->key, &right->key, sizeof(left->key));
}

/* "" where nobody could say. */
static const char *program_of(const struct harvest *harvest, const struct snug_rec_program *key)
{
	const struct program wanted = { .key = *key }, *found = NULL;
	const char *path;

	if (harvest->programs.count)
		found = bsearch(&wanted, harvest->programs.at, harvest->programs.count,
				sizeof(wanted), compare_programs);
	path = found ? text_of(harvest, &found->hash) : NULL;
	return path ? path : "";
}

static int add_entry(void *context, const void *key, const void *value)
{
	struct harvest *harvest = context;
	struct entry entry;

	memcpy(&entry.key, key, sizeof(entry.key));
	memcpy(&entry.done, value, sizeof(entry.done));
	return snug_vec_push(&harvest->entries, entry);
}

static int add_act(void *context, const void *key, const void *value)
{
	struct harvest *harvest = context;
	struct snug_rec_act act;

	(void)value;
	memcpy(&act, key, sizeof(act));
	return snug_vec_push(&harvest->acts, act);
}

/* Paths have a byte at least, as those of files. */
static bool has_paths(const struct snug_seen_act *act)
{
	const struct snug_act_form *form = snug_act_form(act->kind);

	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++)
		if (form->members[i].type == SNUG_MEMBER_PATH &&
		    !act->text[form->members[i].slot][0])
			return false;
	return true;
}

/* A text that is not there was lost: false. So was an act that no recording can say. */
static bool name_act(const struct harvest *harvest, const struct snug_rec_act *from,
		     struct snug_seen_act *ret)
{
	*ret = (struct snug_seen_act){ .kind = from->kind };
	memcpy(ret->number, from->number, sizeof(ret->number));
	ret->program = (char *)program_of(harvest, &from->program);
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++) {
		const struct snug_rec_hash *hash = &from->text[i];
		bool some = hash->word[0] || hash->word[1];

		ret->text[i] = some ? (char *)text_of(harvest, hash) : "";
		if (!ret->text[i])
			return false;
	}
	return has_paths(ret);
}

static int put_acts(const struct harvest *harvest, struct snug_error *err)
{
	struct snug_recording *recording = harvest->recording;

	for (size_t i = 0; i < harvest->acts.count; i++) {
		struct snug_seen_act act, *added = NULL;

		errno = E2BIG;
		if (name_act(harvest, &harvest->acts.at[i], &act))
			added = snug_seen_acts_add(&recording->acts, &act);
		if (added)
			snug_seen_runs_add(&added->runs, harvest->run);
		else if (errno == E2BIG)
			recording->lost_files++;
		else
			return snug_fail_memory(err);
	}
	return 0;
}

static int compare_files(const void *a, const void *b)
{
	const struct file *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : strcmp(left->program, right->program);
}

static int name_files(struct harvest *harvest, struct snug_error *err)
{
	for (size_t i = 0; i < harvest->entries.count; i++) {
		const struct entry *entry = &harvest->entries.at[i];
		struct file file = { .path = text_of(harvest, &entry->key.path),
				     .program = program_of(harvest, &entry->key.program),
				     .done = entry->done };

		if (!file.path || !file.path[0])
			harvest->recording->lost_files++;
		else if (snug_vec_push(&harvest->files, file) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* In order, so that each goes to the end at once. */
static int put_files(struct harvest *harvest, struct snug_error *err)
{
	struct snug_recording *recording = harvest->recording;

	if (name_files(harvest, err) < 0)
		return -1;

	if (harvest->files.count)
		qsort(harvest->files.at, harvest->files.count, sizeof(*harvest->files.at),
		      compare_files);
	for (size_t i = 0; i < harvest->files.count; i++) {
		const struct file *file = &harvest->files.at[i];
		struct snug_seen_file *added =
			snug_seen_files_add(&recording->files, file->path, file->program,
					    file->done.access, file->done.others);

		if (added)
			snug_seen_runs_add(&added->runs, harvest->run);
		else if (errno == E2BIG)
			recording->lost_files++;
		else
			return snug_fail_memory(err);
	}
	return 0;
}

_Static_assert(SNUG_REC_FILES_ONE <= SNUG_SEEN_FILES_MAX, "one container's files fit a recording");

int snug_slot_collect_files(struct snug_maps *maps, unsigned slot, uint64_t run,
			    struct snug_recording *ret, struct snug_error *err)
{
	SNUG_AUTO(harvest_clear) struct harvest harvest = { .run = run, .recording = ret };
	int files = snug_map_is_there(maps, SNUG_MAP_FILES, err);
	int acts = files > 0 ? snug_map_is_there(maps, SNUG_MAP_ACTS, err) : files;

	if (files <= 0 || acts < 0)
		return acts;
	/* The reverse of the order in which BPF puts them: what refers to another is read first. */
	if (snug_slot_each(maps, SNUG_MAP_FILES, slot, add_entry, &harvest, err) < 0 ||
	    (acts && snug_slot_each(maps, SNUG_MAP_ACTS, slot, add_act, &harvest, err) < 0) ||
	    snug_slot_each(maps, SNUG_MAP_PROGRAMS, slot, add_program, &harvest, err) < 0 ||
	    read_texts(maps, slot, &harvest, err) < 0)
		return -1;
	if (harvest.programs.count)
		qsort(harvest.programs.at, harvest.programs.count, sizeof(*harvest.programs.at),
		      compare_programs);
	return put_files(&harvest, err) < 0 || put_acts(&harvest, err) < 0 ? -1 : 0;
}
