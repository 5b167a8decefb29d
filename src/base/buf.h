/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growable byte buffer, always NUL-terminated once something was added.
 *
 * Failure is sticky: when memory runs out, `failed` is set, what follows is ignored, and
 * snug_buf_check() says so once at the end. So building text needs no check at each step.
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct snug_buf {
	char *data; /* NULL while empty: use snug_buf_text() to print */
	size_t len; /* without the NUL */
	size_t room;
	bool failed;
};

void snug_buf_add(struct snug_buf *buf, const void *data, size_t len);
void snug_buf_adds(struct snug_buf *buf, const char *text);
void snug_buf_addc(struct snug_buf *buf, char c);
void snug_buf_addf(struct snug_buf *buf, const char *fmt, ...) SNUG_PRINTF(2, 3);

/* The text, "" while empty. Owned by buf, valid until the next change. */
const char *snug_buf_text(const struct snug_buf *buf);

/* 0, or negative with out of memory in err. */
int snug_buf_check(const struct snug_buf *buf, struct snug_error *err) SNUG_CHECKED;

/* Hands the text over (malloc'ed, NUL-terminated, never NULL unless it failed); buf is empty after.
 */
char *snug_buf_take(struct snug_buf *buf);

/* Frees the memory; buf is empty and usable after. */
void snug_buf_clear(struct snug_buf *buf);
