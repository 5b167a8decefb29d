/* SPDX-License-Identifier: Apache-2.0 */
/* What `learn` and `record` show: a line that follows the run, and a summary when it has ended. */
#pragma once

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
void snug_live_erase(struct snug_live *live);

/* On stderr: stdout may be the container's. verb: "learned", "recorded". */
void snug_learned_print(const struct snug_learned *learned, const char *verb, const char *name);
/* On stdout. */
void snug_learned_print_json(const struct snug_learned *learned);
