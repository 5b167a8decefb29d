/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes but NUL as text: what is no UTF-8, control characters and the backslash are written as
 * a backslash and three octal digits, \377, as in /proc/self/mountinfo. One text for each string of
 * bytes, and one string for each text that is read.
 */
#pragma once

#include "base/buf.h"

#include <stddef.h>

void snug_escape_put(struct snug_buf *out, const char *bytes);
/* The bytes that a JSON string of it takes, without its quotes. */
size_t snug_escape_json_len(const char *bytes);
/*
 * Appends the bytes that text stands for. Returns 0; else 1 + the offset of what snug_escape_put()
 * never writes, and why: ret has some of them then.
 */
size_t snug_escape_read(const char *text, struct snug_buf *ret, const char **ret_why);
