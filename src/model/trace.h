/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-seccomp-bpf-hook's annotation, io.containers.trace-syscall: `of:/PATH[;if:/PATH]`. What a
 * container calls becomes the seccomp.json at of:, and the one at if: is allowed too. Whoever
 * starts a container writes it.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <limits.h>
#include <stdbool.h>

#define SNUG_ANNOTATION_TRACE "io.containers.trace-syscall"

struct snug_trace {
	char output[PATH_MAX];
	char base[PATH_MAX]; /* "": none */
};
/*
 * SNUG_INPUT: another part than these two, one of them twice, no of:, a path that is not absolute,
 * has a part "." or ".." or an empty one, or does not lie below folder (absolute) by its words.
 * (Symlinks are for whoever opens it.)
 */
int snug_trace_parse(const char *annotation, const char *folder, struct snug_trace *ret,
		     struct snug_error *err) SNUG_CHECKED;

/* A seccomp.json (an object with members) with a comment that says whose it is and, where it is not
 * NULL, what is missing in it: engines read past it. Pretty; ret is empty before. */
int snug_trace_mark(const struct snug_buf *text, const char *generator, const char *missing,
		    struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* Does it have such a comment? */
bool snug_trace_is_marked(const struct snug_buf *text);
