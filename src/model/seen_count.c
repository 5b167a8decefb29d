/* SPDX-License-Identifier: Apache-2.0 */
#include "model/seen_count.h"

#include <string.h>

size_t snug_seen_next_path(const struct snug_seen_files *files, size_t index)
{
	const char *path = files->at[index].path;

	do
		index++;
	while (index < files->count && strcmp(files->at[index].path, path) == 0);
	return index;
}

/* What was done with the file, by all programs together. */
static unsigned access_of(const struct snug_seen_files *files, size_t index)
{
	const size_t end = snug_seen_next_path(files, index);
	unsigned access = 0;

	for (; index < end; index++)
		access |= files->at[index].access;
	return access;
}

/* Who runs maps itself: where files are approximate that is all that tells of an exec. */
static bool maps_itself(const struct snug_seen_file *file)
{
	return file->access & SNUG_ACCESS_MAP && strcmp(file->path, file->program) == 0;
}

bool snug_seen_is_program(const struct snug_seen_files *files, size_t index)
{
	const size_t end = snug_seen_next_path(files, index);

	if (access_of(files, index) & (SNUG_ACCESS_EXECUTE | SNUG_ACCESS_INTERPRET))
		return true;
	for (; index < end; index++)
		if (maps_itself(&files->at[index]))
			return true;
	return false;
}

bool snug_seen_is_same_act(const struct snug_seen_act *a, const struct snug_seen_act *b)
{
	if (a->kind != b->kind || memcmp(a->number, b->number, sizeof(a->number)) != 0)
		return false;
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++)
		if (strcmp(a->text[i], b->text[i]) != 0)
			return false;
	return true;
}

void snug_seen_count(const struct snug_recording *recording, struct snug_seen_counts *ret)
{
	const struct snug_seen_files *files = &recording->files;
	const struct snug_seen_acts *acts = &recording->acts;

	*ret = (struct snug_seen_counts){ 0 };
	for (size_t i = 0; i < files->count; i = snug_seen_next_path(files, i)) {
		unsigned access = access_of(files, i);

		ret->files++;
		ret->programs += snug_seen_is_program(files, i);
		for (unsigned bit = 0; bit < SNUG_ACCESS_MAX; bit++)
			ret->access[bit] += access >> bit & 1;
	}
	/* Sorted by program last. */
	for (size_t i = 0; i < acts->count; i++)
		if (i == 0 || !snug_seen_is_same_act(&acts->at[i - 1], &acts->at[i]))
			ret->acts[acts->at[i].kind]++;
}

void snug_seen_words(unsigned observed, const struct snug_seen_counts *counts, struct snug_buf *out)
{
	if (!(observed & (SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE)))
		snug_buf_adds(out, "files: not observed");
	else
		snug_buf_addf(out, "files: %u%s, programs run: %u", counts->files,
			      observed & SNUG_OBSERVED_FILES_APPROXIMATE ? " (approximate)" : "",
			      counts->programs);
	if (!(observed & SNUG_OBSERVED_NETWORK))
		snug_buf_adds(out, ", sockets: not observed");
	else
		snug_buf_addf(out, ", sockets: %u", counts->acts[SNUG_ACT_SOCKET]);
}
