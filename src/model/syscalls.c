/* SPDX-License-Identifier: Apache-2.0 */
#include "model/syscalls.h"

#include <string.h>

#include "syscalls.inc"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE(abi)                                                                                 \
	{                                                                                          \
		abi##_calls, abi##_by_name, COUNT(abi##_calls)                                     \
	}

static const struct table {
	const struct snug_syscall *calls; /* by number */
	const uint16_t *by_name;	  /* places in calls, by name */
	size_t count;
} tables[SNUG_ARCH_MAX] = {
	[SNUG_ARCH_X86_64] = TABLE(x86_64),
	[SNUG_ARCH_I386] = TABLE(i386),
	[SNUG_ARCH_X32] = TABLE(x32),
	[SNUG_ARCH_ARM64] = TABLE(arm64),
};

const struct snug_syscall *snug_syscall_by_name(enum snug_arch arch, const char *name)
{
	const struct table *table = &tables[arch];
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct snug_syscall *call = &table->calls[table->by_name[middle]];
		/* Most are told apart by their first letters, without a call. */
		int order = (unsigned char)name[0] - (unsigned char)call->name[0];

		if (order == 0)
			order = strcmp(name, call->name);
		if (order == 0)
			return call;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct snug_syscall *snug_syscall_by_nr(enum snug_arch arch, uint32_t nr)
{
	const struct table *table = &tables[arch];
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (nr == table->calls[middle].nr)
			return &table->calls[middle];
		if (nr < table->calls[middle].nr)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct snug_syscall *snug_syscall_table(enum snug_arch arch, size_t *ret_count)
{
	*ret_count = tables[arch].count;
	return tables[arch].calls;
}

static bool is_foreign(const char *name)
{
	for (size_t i = 0; i < COUNT(foreign_names); i++) {
		if (strcmp(name, foreign_names[i]) == 0)
			return true;
	}
	return false;
}

bool snug_syscall_is_known(const char *name)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		if (snug_syscall_by_name((enum snug_arch)arch, name) != NULL)
			return true;
	}
	return is_foreign(name);
}

#define NAME_MAX_LEN 32u

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, row by row. Both are shorter than NAME_MAX_LEN. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_LEN + 1];
	size_t width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < width; j++) {
			unsigned replace = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = least(replace, least(row[j], row[j + 1]) + 1);
		}
	}
	return row[width];
}

const char *snug_syscall_suggest(const char *name)
{
	size_t len = strnlen(name, NAME_MAX_LEN);
	/* Two slips in a word of six letters or more, one in a shorter. */
	unsigned best = len >= 6 ? 3 : 2;
	const char *ret = NULL;

	if (len == NAME_MAX_LEN)
		return NULL;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		for (size_t i = 0; i < tables[arch].count; i++) {
			const char *known = tables[arch].calls[i].name;
			unsigned far = distance(name, known);

			if (far < best) {
				best = far;
				ret = known;
			}
		}
	}
	return ret;
}
