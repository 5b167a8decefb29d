/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snug-runtime stands in for runc or crun: at create, run and exec it has what the runtime will
 * read made what the policy wants; all else it passes through. Then it becomes the runtime.
 */
#pragma once

#include "base/error.h"
#include "flow/decide.h"
#include "model/oci/runtime_args.h"

#include <limits.h>

struct snug_standin {
	const struct snug_store *store;
	const char *own_name; /* the file that was executed, without its folders */
	int argc;
	char **argv; /* ours; NULL at the end */

	/* Results of snug_runtime_prepare, on failure too, as far as it came. */
	char path[PATH_MAX]; /* the real runtime; "": not found */
	char *process;	     /* exec: the word that takes the place of argv's; malloc'ed */
	char **words;	     /* what argv is now, where a word was added; malloc'ed */
	struct snug_runtime_args args; /* what the runtime will read of argv */
	char note[1024];	       /* what could not be done of a container that starts */
};

/*
 * 0: runtime->path is to be executed with runtime->argv (whose word for exec's --process may be
 * runtime->process now, and which may have one more). An error: the container, or its exec, must
 * not start.
 *
 * Which runtime: what the policy's "runtimes" names for our own file's name, whole or without
 * "snug-"; else that name in the system's folders. Never by the environment.
 */
int snug_runtime_prepare(struct snug_standin *runtime, struct snug_error *err) SNUG_CHECKED;

/* As runtimes do: the line goes to the file that --log names too, where engines look. Best effort.
 */
void snug_runtime_log(const struct snug_standin *runtime, const char *line);
