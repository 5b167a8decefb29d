/* SPDX-License-Identifier: Apache-2.0 */
/* Recording a container that runs already (gate `attach`): its start-up is not seen. */
#pragma once

#include "base/error.h"
#include "flow/learn.h"

struct snug_record {
	const struct snug_store *store;
	const char *name;
	const char *container; /* asked of runtime; NULL: pid counts */
	const char *runtime;   /* a path, or a name in PATH; NULL: runc */
	pid_t pid;	       /* of any of its processes; what descends from it belongs, too */
	bool no_files;	       /* record syscalls and capabilities alone */
	/* As in struct snug_learn. */
	void (*tick)(void *context, const struct snug_learn_tick *tick);
	void (*note)(void *context, const char *text);
	void *context;
};

/*
 * Records until the process ends, or until SIGINT, SIGTERM, SIGQUIT or SIGHUP. Returns 0 when a
 * whole recording was written. SNUG_INPUT: no such container or process, or it does not run.
 */
int snug_record(const struct snug_record *request, struct snug_learned *ret,
		struct snug_error *err) SNUG_CHECKED;
