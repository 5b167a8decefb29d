/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fuzz targets share. A target is tests/fuzz/fuzz_NAME.c: LLVMFuzzerTestOneInput, which looks
 * at one input and ends the process where a property does not hold. `make fuzz` links it with
 * libFuzzer, `make check` with replay.c. Whatever it takes is freed again, and no input changes
 * what the next one sees: an input alone shows what it shows.
 *
 * Inputs of several texts have them one after the other, a line "%%" between.
 */
#pragma once

#define SNUG_FUZZ 1 /* to tests/random.h, so this comes first */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(holds)                                                                               \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			(void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,    \
				      #holds);                                                     \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define FUZZ_PARTS_MAX 3u
#define FUZZ_BETWEEN   "\n%%\n"

/* The texts of an input, each with a NUL behind it and memory of its own, so that who reads past
 * its end is seen. What is not there is "". */
struct fuzz_parts {
	char *text[FUZZ_PARTS_MAX];
	size_t len[FUZZ_PARTS_MAX];
};

static inline void fuzz_split(const uint8_t *data, size_t size, struct fuzz_parts *ret)
{
	static const char between[] = FUZZ_BETWEEN;
	const char *at = size ? (const char *)data : "", *end = at + size;

	for (unsigned i = 0; i < FUZZ_PARTS_MAX; i++) {
		const char *cut = NULL;

		if (i + 1 < FUZZ_PARTS_MAX && end > at)
			cut = memmem(at, (size_t)(end - at), between, sizeof(between) - 1);
		ret->len[i] = (size_t)((cut ? cut : end) - at);
		ret->text[i] = malloc(ret->len[i] + 1);
		if (!ret->text[i])
			abort();
		if (ret->len[i])
			memcpy(ret->text[i], at, ret->len[i]);
		ret->text[i][ret->len[i]] = '\0';
		at = cut ? cut + sizeof(between) - 1 : end;
	}
}

static inline void fuzz_parts_clear(struct fuzz_parts *parts)
{
	for (unsigned i = 0; i < FUZZ_PARTS_MAX; i++)
		free(parts->text[i]);
}
