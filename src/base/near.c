/* SPDX-License-Identifier: Apache-2.0 */
#include "base/near.h"

#include <string.h>

#define TYPOS_MAX 2u

unsigned snug_near_distance(const char *a, const char *b)
{
	unsigned row[SNUG_NEAR_WORD_MAX + 1];
	size_t len = strlen(b);

	if (strlen(a) > SNUG_NEAR_WORD_MAX || len > SNUG_NEAR_WORD_MAX)
		return SNUG_NEAR_WORD_MAX;
	for (unsigned j = 0; j <= len; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[len];
}

const char *snug_near(const char *word, const char *const *words, size_t count)
{
	unsigned least = TYPOS_MAX + 1;
	const char *near = NULL;

	for (size_t i = 0; i < count; i++) {
		unsigned distance = snug_near_distance(word, words[i]);

		if (distance < least) {
			least = distance;
			near = words[i];
		}
	}
	return near;
}
