/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of hooks.d, version 1.0.0 (oci-hooks(5)): one hook of snug's for every container. Podman
 * and CRI-O refuse every container where a file in there names a stage that they do not know, and
 * of the two Podman alone knows precreate.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

struct snug_hooksd {
	const char *hook;   /* snug-hook's absolute path */
	const char *root;   /* its --root, absolute; NULL: none */
	const char *traces; /* for --allow-trace-syscall, absolute; NULL: none */
	const char *stage;  /* "precreate", "createRuntime", "poststop", … */
};
int snug_hooksd_render(const struct snug_hooksd *entry, struct snug_buf *ret,
		       struct snug_error *err) SNUG_CHECKED;

/* What somebody's file says: enough to tell whether its program is there. */
struct snug_hooksd_file {
	char *path;   /* the program; malloc'ed */
	bool is_ours; /* snug-hook, by its name */
};
/* SNUG_INPUT: engines would refuse it too. */
int snug_hooksd_read(const struct snug_buf *text, const char *file, struct snug_hooksd_file *ret,
		     struct snug_error *err) SNUG_CHECKED;
