/* SPDX-License-Identifier: Apache-2.0 */
/* What `learn` and `record` show: a line that follows the run, and a summary when it has ended. */
#pragma once

#include "cli/cli.h"
#include "flow/learn.h"

#include <stdbool.h>
#include <time.h>

#define SNUG_LIVE_SECS 10 /* "new in 10 s" */

struct snug_live {
	bool printed;
	time_t start, last_new;
	unsigned calls;
	unsigned at[SNUG_LIVE_SECS]; /* calls at each of the last seconds */
	time_t second;
};

/* For snug_learn.tick and note: the context is a struct snug_live, all zero before. */
void snug_live_tick(void *context, const struct snug_learn_tick *tick);
void snug_live_note(void *context, const char *text);

/*
 * The line goes, and behind a run that did it (result 0) comes its summary: on stderr, since stdout
 * may be the container's; for SNUG_FORMAT_JSON on stdout too. verb: "learned", "recorded". Returns
 * result.
 */
int snug_live_end(struct snug_live *live, int result, const struct snug_learned *learned,
		  const char *verb, const char *name, enum snug_format format);
