/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statements of a TOML file, one by one: enough to know which tables and keys are there, and
 * whether a table can be added at the end. No values but their text. What this does not read
 * (strings of several lines, escapes in keys) is refused, with the line: better that than an edit
 * of a file that was misunderstood.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SNUG_TOML_PATH_MAX 512u
#define SNUG_TOML_STEP	   "\x1f" /* between the parts of a path */

struct snug_toml {
	const char *file; /* for messages */
	const char *text; /* NUL-terminated */
	size_t at;
	unsigned line;
	char table[SNUG_TOML_PATH_MAX]; /* the one that we are in; "": none yet */
};

enum snug_toml_kind { SNUG_TOML_KEY, SNUG_TOML_TABLE, SNUG_TOML_TABLES /* [[…]] */ };
struct snug_toml_statement {
	enum snug_toml_kind kind;
	unsigned line;
	char path[SNUG_TOML_PATH_MAX]; /* from the top */
	size_t outer;		       /* so many bytes of it are the table's, for a key */
	const char *value;	       /* a key's; what follows '=' */
	size_t value_len;
};

/* 1: a statement; 0: the end; negative: SNUG_INPUT. */
int snug_toml_next(struct snug_toml *toml, struct snug_toml_statement *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* Is path the table `of`, or above it? */
bool snug_toml_is_above(const char *path, size_t len, const char *of);
/* Is text something that a TOML string can hold as it is? */
bool snug_toml_is_plain(const char *text);
