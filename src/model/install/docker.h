/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's daemon.json: an entry of `runtimes`, and `default-runtime`. All else in it stays, byte
 * for byte.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

struct snug_docker_entry {
	const char *file;  /* for messages */
	const char *name;  /* of the runtime */
	const char *path;  /* its program, absolute */
	bool make_default; /* default-runtime too */
	bool is_ours;	   /* an entry of that name was written by snug, and may be replaced */
};
/* now: the file's text; NULL: there is none. SNUG_INPUT: no daemon.json, or an entry of that name
 * that is somebody else's. */
int snug_docker_add(const struct snug_docker_entry *entry, const struct snug_buf *now,
		    struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/*
 * The entry out again, and default-runtime as it was in `before` (NULL: there was no file), where
 * it is still the entry's. *ret_gone: there was no file before, and nothing is left in this one.
 */
int snug_docker_take_out(const struct snug_docker_entry *entry, const struct snug_buf *now,
			 const struct snug_buf *before, struct snug_buf *ret, bool *ret_gone,
			 struct snug_error *err) SNUG_CHECKED;
