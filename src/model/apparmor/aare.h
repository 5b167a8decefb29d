/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of paths (AARE), as apparmor_parser compiles them (parser_regex.c). In a profile:
 *
 *     *  **  ?            any bytes but '/'; any bytes; one byte but '/'
 *     [a-z0]  [^a-z0]     one byte of letters, digits, '.', '_'; one of all others, '/' too
 *     {a,b}               either; nested to SNUG_AARE_DEPTH_MAX
 *     @{pid} @{int} @{uuid} @{hexN}   a process; 1 to 20 digits; a UUID; N hex digits
 *     \*  \x0a            that byte
 *
 * All else stands for itself; what is not printable ASCII is written \xHH. Between '/' and '/' or
 * the end, * and ** match one byte at least. A folder's path ends in '/'.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_AARE_TEXT_MAX  16400u /* bytes: a path of SNUG_PATH_MAX, all of it \xHH */
#define SNUG_AARE_DEPTH_MAX 8u
#define SNUG_AARE_NODES_MAX 65536u
#define SNUG_AARE_HEX_MIN   16u
#define SNUG_AARE_HEX_MAX   128u

enum snug_aare_op {
	SNUG_AARE_BYTE,	 /* this byte, then next */
	SNUG_AARE_CLASS, /* a byte of the class, then next */
	SNUG_AARE_SPLIT, /* next or other */
	SNUG_AARE_MATCH,
};

struct snug_aare_class {
	uint64_t bits[4];
};
bool snug_aare_class_has(const struct snug_aare_class *set, unsigned char byte);

struct snug_aare_node {
	enum snug_aare_op op;
	unsigned char byte;
	uint32_t set; /* of classes */
	uint32_t next, other;
};

/* A non-deterministic automaton that starts in node 0. */
struct snug_aare {
	SNUG_VEC(struct snug_aare_node) nodes;
	SNUG_VEC(struct snug_aare_class) classes;
	uint32_t *work; /* room for matching */
};

/* SNUG_INPUT, without a place, for what is no pattern. */
int snug_aare_parse(const char *text, struct snug_aare *ret, struct snug_error *err) SNUG_CHECKED;
/* How many characters at its head stand for themselves: what it matches begins with them. */
size_t snug_aare_fixed(const char *text);
/* Is it one? Without building it where that can be told by its characters. */
int snug_aare_check(const char *text, struct snug_error *err) SNUG_CHECKED;
void snug_aare_clear(struct snug_aare *aare);
bool snug_aare_match(const struct snug_aare *aare, const char *path);

/* The states that state leads to without a byte, added to states (sorted by arrival, each once:
 * seen[i] == mark). Returns the new count. */
size_t snug_aare_close(const struct snug_aare *aare, uint32_t state, uint32_t *states, size_t count,
		       uint32_t *seen, uint32_t mark);
/* Does a state that is not SPLIT take this byte? */
bool snug_aare_takes(const struct snug_aare *aare, uint32_t state, unsigned char byte);

enum snug_aare_answer { SNUG_AARE_YES, SNUG_AARE_NO, SNUG_AARE_UNKNOWN };
/*
 * Does each path that a matches match one of b[0 … count)? Exact, but for a step limit past which
 * it is not known. NO: witness is such a path, a short one. SNUG_SYSTEM without memory.
 */
int snug_aare_within(const struct snug_aare *a, const struct snug_aare *const *b, size_t count,
		     enum snug_aare_answer *ret, struct snug_buf *witness,
		     struct snug_error *err) SNUG_CHECKED;

/* The pattern that matches this path alone. */
void snug_aare_quote(const char *path, struct snug_buf *ret);
/* The path, where the pattern matches one alone. */
bool snug_aare_literal(const char *text, struct snug_buf *ret);

/* What a variable stands for (a pattern), by the name between the braces; false: none. */
bool snug_aare_variable(const char *name, size_t len, struct snug_buf *ret);
