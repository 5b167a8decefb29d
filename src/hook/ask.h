/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snug-hook and snug-runtime, which are static and small, cannot do themselves they ask the
 * snug beside them for: `snug [--root DIR] hook WORD...`, with an empty environment.
 */
#pragma once

#include "base/error.h"

#include <limits.h>

#define SNUG_ASK_WORDS_MAX 6

struct snug_ask {
	const char *root;			   /* --root's DIR; "": none */
	const char *words[SNUG_ASK_WORDS_MAX + 1]; /* the rest NULL */
	int in, out;				   /* its standard input and output; -1: none */
};

/* The program snug in this one's folder. */
int snug_ask_find(char ret[PATH_MAX], struct snug_error *err) SNUG_CHECKED;
/* Waits for it. An error: the line that it said, for one line is what runtimes show. Else what it
 * said goes to standard error. */
int snug_ask(const struct snug_ask *ask, struct snug_error *err) SNUG_CHECKED;
