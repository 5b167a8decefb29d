/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime's command line, read as runc and crun read it: which container is made of which bundle,
 * what is executed in one. Whoever stands in for a runtime changes what the runtime will read, so
 * what they would read otherwise, or may (an option that is not known, one given twice), is
 * refused.
 *
 * runc (urfave/cli, Go's flag): -bundle, --bundle, with a space or '='; of create, run, checkpoint
 * and restore also behind the container's id. crun (argp over getopt_long): --bund=X, -bX, -db X;
 * up to the first word that is no option.
 */
#pragma once

#include "base/error.h"
#include "model/target.h"

#include <stdbool.h>

enum snug_verb {
	SNUG_VERB_OTHER, /* state, kill, list … and no command at all */
	SNUG_VERB_CREATE,
	SNUG_VERB_RUN,
	SNUG_VERB_EXEC,
	SNUG_VERB_CHECKPOINT,
	SNUG_VERB_RESTORE,
	SNUG_VERB_MAX
};

/* All strings point into argv, or are NULL. */
struct snug_runtime_args {
	enum snug_verb verb;
	const char *log, *log_format, *root; /* global options */
	const char *bundle;		     /* create, run, restore; NULL: the current folder */
	const char *config;		     /* crun's --config */
	const char *id;
	/* exec */
	int verb_at;	     /* the word of argv that says it */
	const char *process; /* --process FILE */
	int process_at;	     /* the word of argv that holds FILE, whole or behind option and '=' */
	const char *adds;    /* an option that gives more than the container has: --cap, --apparmor,
			      * runc's --no-new-privs=false */
};

/* SNUG_INPUT: a command line that may be read in two ways. What was read up to there is in *ret. */
int snug_runtime_args_read(enum snug_runtime runtime, int argc, char *const *argv,
			   struct snug_runtime_args *ret, struct snug_error *err) SNUG_CHECKED;
