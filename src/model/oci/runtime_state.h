/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runc and crun keep of a container in their state folders: ROOT/ID/state.json and
 * ROOT/ID/status. No part of the runtime-spec: runc 1.0 to 1.3 and crun 1.0 to 1.20 write these.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "model/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SNUG_RUNTIME_STATE_BYTES_MAX ((size_t)8 << 20)

struct snug_runtime_state {
	const char *bundle; /* absolute; owned by the document */
	pid_t pid;	    /* the first process; 0: it has ended */
	uint64_t start;	    /* in clock ticks since boot: with pid, one process */
	bool own_cgroup;    /* the runtime made one for it */
};
/* SNUG_INPUT with the JSON path: something is missing, or of the wrong type. */
int snug_runtime_state_read(const struct snug_json *doc, enum snug_runtime runtime,
			    struct snug_runtime_state *ret, struct snug_error *err) SNUG_CHECKED;
/* "state.json", "status" */
const char *snug_runtime_state_file(enum snug_runtime runtime);
