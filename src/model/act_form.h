/* SPDX-License-Identifier: Apache-2.0 */
/* How an act stands in a recording, and in words: one table for who reads and who writes. */
#pragma once

#include "base/buf.h"
#include "model/seen.h"
#include "model/symbols.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_ACT_MEMBERS_MAX 4u
#define SNUG_SIGNAL_MAX	     64u

enum snug_member_type {
	SNUG_MEMBER_NUMBER,
	SNUG_MEMBER_NAMED, /* a name, or a number that has none */
	SNUG_MEMBER_WORD,  /* a name */
	SNUG_MEMBER_FLAGS, /* a list of names, and of what is left as a number; absent: none */
	SNUG_MEMBER_PATH,  /* 1 to SNUG_PATH_MAX bytes */
	SNUG_MEMBER_TEXT,  /* up to SNUG_PATH_MAX bytes; absent: "" */
};

struct snug_act_member {
	const char *key; /* NULL: there are no more */
	enum snug_member_type type;
	unsigned slot; /* of the act's number or text */
	const struct snug_named *names;
	uint32_t max;	    /* of a number; 0: any */
	const char *before; /* what stands before it in words; NULL: nothing */
};

struct snug_act_form {
	const char *list;  /* the recording's member that holds acts of this kind */
	const char *op;	   /* the act's "op", where its list holds several kinds; else NULL */
	const char *word;  /* "socket", … */
	unsigned observed; /* SNUG_OBSERVED_*: without it nobody looked for them */
	struct snug_act_member members[SNUG_ACT_MEMBERS_MAX];
};

const struct snug_act_form *snug_act_form(enum snug_act_kind kind);
static inline bool snug_member_is_text(const struct snug_act_member *member)
{
	return member->type == SNUG_MEMBER_PATH || member->type == SNUG_MEMBER_TEXT;
}

/* "signal SIGTERM to outside", without the program; texts are escaped. */
void snug_act_words(const struct snug_seen_act *act, struct snug_buf *out);
/* "read, mapExec" */
void snug_access_words(unsigned access, struct snug_buf *out);
