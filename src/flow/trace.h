/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-seccomp-bpf-hook's annotation (model/trace.h), where the hook allows it below a folder
 * (snug_hooked.traces). Such a container is learned under a name of its own, and at its end what
 * was recorded becomes the file that it asks for, and is dropped.
 */
#pragma once

#include "flow/hooked.h"

/* What `snug hook trace FOLDER ID ANNOTATION` gets. */
struct snug_traced {
	const char *folder, *id, *annotation;
};

#define SNUG_TRACED_NAME_SIZE 32

bool snug_trace_is_asked(const struct snug_hooked *context, const struct snug_state *state);
/* The name to learn it under. An error: the file could not be written at the end. */
int snug_trace_begin(const struct snug_hooked *context, const struct snug_state *state,
		     char ret_name[SNUG_TRACED_NAME_SIZE], struct snug_error *err) SNUG_CHECKED;
/* Has it written where it was learned so. */
int snug_trace_end(const struct snug_hooked *context, const struct snug_state *state,
		   struct snug_error *err) SNUG_CHECKED;

/*
 * Writes the seccomp.json. Nothing to do where there is no recording of that name. SNUG_INPUT: a
 * path that the annotation must not name, a file in its place that is not snug's, an if: that is
 * none, or that linux.seccomp cannot unite with what was seen. Then the recording stays.
 */
int snug_trace_write(const struct snug_hooked *context, const struct snug_traced *traced,
		     struct snug_error *err) SNUG_CHECKED;

/* flow/trace.c, for flow/trace_write.c */
void snug_trace_name(const char *id, const char *output, char ret[SNUG_TRACED_NAME_SIZE]);
/* Is the output's place free, or snug's? */
int snug_trace_check(const char *output, struct snug_error *err) SNUG_CHECKED;
