/* SPDX-License-Identifier: Apache-2.0 */
#include "model/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void snug_seen_runs_add(struct snug_seen_runs *runs, uint64_t id)
{
	unsigned at = 0;

	while (at < runs->count && runs->id[at] < id)
		at++;
	if (at == SNUG_SEEN_RUNS_MAX || (at < runs->count && runs->id[at] == id))
		return;
	if (runs->count < SNUG_SEEN_RUNS_MAX)
		runs->count++;
	memmove(&runs->id[at + 1], &runs->id[at], (runs->count - 1 - at) * sizeof(id));
	runs->id[at] = id;
}

static const char *const access_names[SNUG_ACCESS_MAX] = {
	"read", "write",   "append",  "create",	   "delete", "rename", "replace", "link",
	"lock", "mapExec", "execute", "interpret", "raise",  "chmod",  "chown",	  "truncate",
};

const char *snug_access_name(unsigned bit)
{
	return access_names[bit];
}

/* ---- files ---- */

static int compare_file(const struct snug_seen_file *file, const char *path, const char *program)
{
	int order = strcmp(file->path, path);

	return order ? order : strcmp(file->program, program);
}

static struct snug_seen_file *insert_file(struct snug_seen_files *files, size_t at,
					  const char *path, const char *program)
{
	struct snug_seen_file file = { .path = strdup(path), .program = strdup(program) };

	if (!file.path || !file.program || snug_vec_push(files, file) < 0) {
		free(file.path);
		free(file.program);
		return NULL;
	}
	memmove(&files->at[at + 1], &files->at[at], (files->count - 1 - at) * sizeof(file));
	files->at[at] = file;
	return &files->at[at];
}

struct snug_seen_file *snug_seen_files_add(struct snug_seen_files *files, const char *path,
					   const char *program, unsigned access, unsigned others)
{
	size_t low = 0, high = files->count;
	struct snug_seen_file *file = NULL;

	/* What comes in order goes to the end at once. */
	if (high && compare_file(&files->at[high - 1], path, program) < 0)
		low = high;
	while (low < high && !file) {
		size_t middle = low + (high - low) / 2;
		int order = compare_file(&files->at[middle], path, program);

		if (order == 0)
			file = &files->at[middle];
		else if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!file && files->count == SNUG_SEEN_FILES_MAX) {
		errno = E2BIG;
		return NULL;
	}
	if (!file)
		file = insert_file(files, low, path, program);
	if (!file)
		return NULL;
	file->access |= access;
	file->others |= others;
	return file;
}

static void merge_runs(struct snug_seen_runs *into, const struct snug_seen_runs *other)
{
	for (unsigned i = 0; i < other->count; i++)
		snug_seen_runs_add(into, other->id[i]);
}

int snug_seen_files_merge(struct snug_seen_files *into, const struct snug_seen_files *other)
{
	for (size_t i = 0; i < other->count; i++) {
		const struct snug_seen_file *from = &other->at[i];
		struct snug_seen_file *file = snug_seen_files_add(into, from->path, from->program,
								  from->access, from->others);

		if (!file)
			return -1;
		merge_runs(&file->runs, &from->runs);
	}
	return 0;
}

void snug_seen_files_clear(struct snug_seen_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->at[i].path);
		free(files->at[i].program);
	}
	snug_vec_clear(files);
}

/* ---- acts ---- */

static int compare_acts(const struct snug_seen_act *a, const struct snug_seen_act *b)
{
	int order = 0;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	for (unsigned i = 0; i < SNUG_ACT_NUMBERS; i++)
		if (a->number[i] != b->number[i])
			return a->number[i] < b->number[i] ? -1 : 1;
	for (unsigned i = 0; !order && i < SNUG_ACT_TEXTS; i++)
		order = strcmp(a->text[i], b->text[i]);
	return order ? order : strcmp(a->program, b->program);
}

static void clear_act(struct snug_seen_act *act)
{
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++)
		free(act->text[i]);
	free(act->program);
}

/* The strings are copies; the runs are none yet. */
static int copy_act(const struct snug_seen_act *from, struct snug_seen_act *ret)
{
	bool whole = true;

	*ret = (struct snug_seen_act){ .kind = from->kind, .program = strdup(from->program) };
	memcpy(ret->number, from->number, sizeof(ret->number));
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++) {
		ret->text[i] = strdup(from->text[i]);
		whole &= ret->text[i] != NULL;
	}
	if (whole && ret->program)
		return 0;
	clear_act(ret);
	return -1;
}

struct snug_seen_act *snug_seen_acts_add(struct snug_seen_acts *acts,
					 const struct snug_seen_act *act)
{
	size_t low = 0, high = acts->count;
	struct snug_seen_act copy;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_acts(&acts->at[middle], act);

		if (order == 0)
			return &acts->at[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (acts->count == SNUG_SEEN_ACTS_MAX) {
		errno = E2BIG;
		return NULL;
	}
	if (copy_act(act, &copy) < 0)
		return NULL;
	if (snug_vec_push(acts, copy) < 0) {
		clear_act(&copy);
		return NULL;
	}
	memmove(&acts->at[low + 1], &acts->at[low], (acts->count - 1 - low) * sizeof(copy));
	acts->at[low] = copy;
	return &acts->at[low];
}

int snug_seen_acts_merge(struct snug_seen_acts *into, const struct snug_seen_acts *other)
{
	for (size_t i = 0; i < other->count; i++) {
		struct snug_seen_act *act = snug_seen_acts_add(into, &other->at[i]);

		if (!act)
			return -1;
		merge_runs(&act->runs, &other->at[i].runs);
	}
	return 0;
}

void snug_seen_acts_clear(struct snug_seen_acts *acts)
{
	for (size_t i = 0; i < acts->count; i++)
		clear_act(&acts->at[i]);
	snug_vec_clear(acts);
}
