/* SPDX-License-Identifier: Apache-2.0 */
#include "model/seen.h"

#include "model/escape.h"
#include "model/seen_set.h"

#include <stdlib.h>
#include <string.h>

/* What one takes in a recording beside its names, at most: every word of access twice, runs, white
 * space; each flag of a mount. */
#define FILE_BYTES 600u
#define ACT_BYTES  900u

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

void snug_seen_runs_merge(struct snug_seen_runs *into, const struct snug_seen_runs *other)
{
	for (unsigned i = 0; i < other->count; i++)
		snug_seen_runs_add(into, other->id[i]);
}

static const char *const access_names[SNUG_ACCESS_MAX] = {
	"read", "write",   "append",  "create",	   "delete", "rename", "replace", "link",
	"lock", "mapExec", "execute", "interpret", "raise",  "chmod",  "chown",	  "truncate",
};

const char *snug_access_name(unsigned bit)
{
	return access_names[bit];
}

/* Both begin as struct snug_set does. */
#define SAME_PLACE(type, member)                                                                   \
	_Static_assert(offsetof(struct type, member) == offsetof(struct snug_set, member),         \
		       #type " is a set")
SAME_PLACE(snug_seen_files, count);
SAME_PLACE(snug_seen_files, room);
SAME_PLACE(snug_seen_files, bytes);
SAME_PLACE(snug_seen_acts, count);
SAME_PLACE(snug_seen_acts, room);
SAME_PLACE(snug_seen_acts, bytes);

/* ---- files ---- */

int snug_seen_file_compare(const struct snug_seen_file *a, const struct snug_seen_file *b)
{
	int order = strcmp(a->path, b->path);

	return order ? order : strcmp(a->program, b->program);
}

static int compare_files(const void *a, const void *b)
{
	return snug_seen_file_compare(a, b);
}

static size_t file_bytes(const void *element)
{
	const struct snug_seen_file *file = element;

	return FILE_BYTES + snug_escape_json_len(file->path) + snug_escape_json_len(file->program);
}

static void clear_file(void *element)
{
	struct snug_seen_file *file = element;

	free(file->path);
	free(file->program);
}

static int copy_file(const void *from, void *ret)
{
	struct snug_seen_file file = *(const struct snug_seen_file *)from;

	file.path = strdup(file.path);
	file.program = strdup(file.program);
	if (!file.path || !file.program) {
		clear_file(&file);
		return -1;
	}
	memcpy(ret, &file, sizeof(file));
	return 0;
}

static void unite_files(void *into, const void *other)
{
	struct snug_seen_file *file = into;
	const struct snug_seen_file *from = other;

	file->access |= from->access;
	file->others |= from->others;
	snug_seen_runs_merge(&file->runs, &from->runs);
}

static const struct snug_set_kind files_kind = {
	.size = sizeof(struct snug_seen_file),
	.count_max = SNUG_SEEN_FILES_MAX,
	.bytes_max = SNUG_SEEN_FILES_BYTES_MAX,
	.compare = compare_files,
	.bytes = file_bytes,
	.copy = copy_file,
	.unite = unite_files,
	.clear = clear_file,
};

struct snug_seen_file *snug_seen_files_add(struct snug_seen_files *files, const char *path,
					   const char *program, unsigned access, unsigned others)
{
	const struct snug_seen_file file = { .path = (char *)path,
					     .program = (char *)program,
					     .access = access | others,
					     .others = others };

	return snug_set_add(&files_kind, (struct snug_set *)files, &file);
}

int snug_seen_files_merge(struct snug_seen_files *into, const struct snug_seen_files *other,
			  bool *ret_cut)
{
	return snug_set_merge(&files_kind, (struct snug_set *)into, (const struct snug_set *)other,
			      ret_cut);
}

const struct snug_seen_file *snug_seen_files_find(const struct snug_seen_files *files,
						  const struct snug_seen_file *file)
{
	return snug_set_find(&files_kind, (const struct snug_set *)files, file);
}

void snug_seen_files_clear(struct snug_seen_files *files)
{
	snug_set_clear(&files_kind, (struct snug_set *)files);
}

/* ---- acts ---- */

int snug_seen_act_compare(const struct snug_seen_act *a, const struct snug_seen_act *b)
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

static int compare_acts(const void *a, const void *b)
{
	return snug_seen_act_compare(a, b);
}

static size_t act_bytes(const void *element)
{
	const struct snug_seen_act *act = element;
	size_t sum = ACT_BYTES + snug_escape_json_len(act->program);

	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++)
		sum += snug_escape_json_len(act->text[i]);
	return sum;
}

static void clear_act(void *element)
{
	struct snug_seen_act *act = element;

	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++)
		free(act->text[i]);
	free(act->program);
}

static int copy_act(const void *from, void *ret)
{
	struct snug_seen_act act = *(const struct snug_seen_act *)from;
	bool whole = true;

	act.program = strdup(act.program);
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++) {
		act.text[i] = strdup(act.text[i]);
		whole &= act.text[i] != NULL;
	}
	if (!whole || !act.program) {
		clear_act(&act);
		return -1;
	}
	memcpy(ret, &act, sizeof(act));
	return 0;
}

static void unite_acts(void *into, const void *other)
{
	const struct snug_seen_act *from = other;

	snug_seen_runs_merge(&((struct snug_seen_act *)into)->runs, &from->runs);
}

static const struct snug_set_kind acts_kind = {
	.size = sizeof(struct snug_seen_act),
	.count_max = SNUG_SEEN_ACTS_MAX,
	.bytes_max = SNUG_SEEN_ACTS_BYTES_MAX,
	.compare = compare_acts,
	.bytes = act_bytes,
	.copy = copy_act,
	.unite = unite_acts,
	.clear = clear_act,
};

struct snug_seen_act *snug_seen_acts_add(struct snug_seen_acts *acts,
					 const struct snug_seen_act *act)
{
	return snug_set_add(&acts_kind, (struct snug_set *)acts, act);
}

int snug_seen_acts_merge(struct snug_seen_acts *into, const struct snug_seen_acts *other,
			 bool *ret_cut)
{
	return snug_set_merge(&acts_kind, (struct snug_set *)into, (const struct snug_set *)other,
			      ret_cut);
}

const struct snug_seen_act *snug_seen_acts_find(const struct snug_seen_acts *acts,
						const struct snug_seen_act *act)
{
	return snug_set_find(&acts_kind, (const struct snug_set *)acts, act);
}

void snug_seen_acts_clear(struct snug_seen_acts *acts)
{
	snug_set_clear(&acts_kind, (struct snug_set *)acts);
}
