/* SPDX-License-Identifier: Apache-2.0 */
/* Which word may have been meant by a misspelt one. */
#pragma once

#include <stddef.h>

#define SNUG_NEAR_WORD_MAX 24u /* bytes; longer words are far from all */

/* Letters to insert, delete or replace to make b of a (Levenshtein). */
unsigned snug_near_distance(const char *a, const char *b);
/* Of count words the one at a typo or two from `word`, the first of equals; NULL: none. */
const char *snug_near(const char *word, const char *const *words, size_t count);
