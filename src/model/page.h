/* SPDX-License-Identifier: Apache-2.0 */
/* Words, filled line by line for a terminal of 80 columns. */
#pragma once

#include "base/buf.h"

#define SNUG_PAGE_COLUMNS 80u

struct snug_page {
	struct snug_buf *out;
	unsigned indent; /* of a line's first word; may be changed between words */
	unsigned column; /* 0: nothing is on the line yet */
};

/* Columns count characters: a word may be UTF-8. */
void snug_page_word(struct snug_page *page, const char *word);
/* Ends the line, if there is something on it. */
void snug_page_end(struct snug_page *page);
