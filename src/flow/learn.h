/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One learning: run a bundle under recording and keep what was seen.
 *
 * The bundle stays as it was: the runtime gets a shadow of it (ROOT/run/snug/learn-ID) whose
 * config.json has absolute paths, an allow-all linux.seccomp where there was none (its load is
 * what makes the gate exact) and a prestart hook, first of all, that holds the container until
 * this process tracks its init.
 */
#pragma once

#include "base/error.h"
#include "learn/record.h"
#include "model/seen_count.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

/* What a live line shows. */
struct snug_learn_tick {
	struct snug_progress progress;
	uint64_t runs;	     /* earlier ones of the name */
	double expected_new; /* calls that this run is expected to add to them; below 0: unknown */
};

struct snug_learn {
	const struct snug_store *store;
	const char *bundle, *name;
	const char *runtime; /* a path, or a name in PATH; NULL: runc */
	const char *id;	     /* the container's; NULL: snug-NAME-8hex */
	bool no_files;	     /* record syscalls and capabilities alone */
	bool fresh;	     /* the name's earlier recordings go once this one is written */
	/* Called about four times a second while the container runs, unless the terminal is its
	 * own (process.terminal); NULL: nobody looks. */
	void (*tick)(void *context, const struct snug_learn_tick *tick);
	/* Something the user should know; one line. */
	void (*note)(void *context, const char *text);
	void *context;
};

struct snug_learned {
	char *path; /* of the recording; the caller frees it (snug_learned_clear) */
	int exit;   /* the workload's exit status, 128 + its signal */
	enum snug_gate gate;
	unsigned calls, caps; /* distinct ones of this run */
	unsigned refused;     /* calls that the container's own filter refused */
	unsigned observed;    /* SNUG_OBSERVED_* */
	struct snug_seen_counts seen;
	uint64_t lost;	     /* events, of all kinds */
	uint64_t runs;	     /* of the name, this one included */
	double expected_new; /* calls that the next run is expected to add; below 0: unknown */
};
void snug_learned_clear(struct snug_learned *learned);

/*
 * Returns 0 when a whole recording was written, whatever the workload returned. Leaves nothing
 * behind but the recording, on failure not even that. Blocks SIGINT, SIGQUIT, SIGTERM and SIGHUP
 * meanwhile: they are the container's, and what they end is written still.
 */
int snug_learn(const struct snug_learn *request, struct snug_learned *ret,
	       struct snug_error *err) SNUG_CHECKED;

/* Removes what learners that were killed left in ROOT/run/snug. Best effort. */
void snug_learn_clear_away(const struct snug_store *store);

/* All recordings of a name together: how complete they are, and whether they are of one kind. */
struct snug_company {
	uint64_t runs;	     /* 0: none */
	double expected_new; /* calls that another run is expected to add; below 0: unknown */
	bool mixed;	     /* they are of several commands or images */
};
int snug_learn_company(const struct snug_store *store, const char *name, struct snug_company *ret,
		       struct snug_error *err) SNUG_CHECKED;
