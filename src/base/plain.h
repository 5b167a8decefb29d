/* SPDX-License-Identifier: Apache-2.0 */
/* Text that stands for itself in JSON, in escaped names and in patterns' texts: most of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Printable ASCII but for '"' and '\'. */
static inline bool snug_is_plain(char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

/* How many of len bytes are plain before the first that is not: eight at a time, since texts of
 * megabytes are looked at for little else. */
static inline size_t snug_plain(const char *text, size_t len)
{
	const uint64_t each = UINT64_C(0x0101010101010101), top = each << 7;
	size_t at = 0;

	for (; len - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
		uint64_t word, quote, slash;

		memcpy(&word, text + at, sizeof(word));
		quote = word ^ each * '"';
		slash = word ^ each * '\\';
		/* A byte past 0x7e, below 0x20, or 0. What borrows from its neighbour or carries
		 * into it is one of these itself. */
		if ((word | (word + each) | (word - each * 0x20) | (quote - each) |
		     (slash - each)) &
		    top)
			break;
	}
	while (at < len && snug_is_plain(text[at]))
		at++;
	return at;
}
