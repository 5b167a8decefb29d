/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's state that a runtime writes to a hook's stdin (runtime-spec, runtime.md,
 * "State"). Runtimes differ in `status`, and crun gives pid 0 to in-container stages.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"

#include <sys/types.h>

struct snug_state {
	const char *id;				  /* owned by the document, as is what follows */
	const char *bundle;			  /* "" where it is missing */
	pid_t pid;				  /* 0: none (any more) */
	const struct snug_json_node *annotations; /* NULL: absent */
};

/* SNUG_INPUT with the JSON path: no id, wrong types, a pid past an int. */
int snug_state_read(const struct snug_json *doc, struct snug_state *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* annotations[key], NULL if absent or no string. */
const char *snug_state_annotation(const struct snug_state *state, const char *key);
