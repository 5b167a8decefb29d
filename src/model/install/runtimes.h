/* SPDX-License-Identifier: Apache-2.0 */
/*
 * [engine.runtimes] of containers.conf(5): where Podman finds a runtime of a name. A container
 * keeps the name alone, so what is named here stands in for containers that there are already, too.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>

#define SNUG_RUNTIMES_MAX 2u

/* Does this file say where the runtime is, or where the default one is, whichever that may be?
 * SNUG_INPUT: it cannot be told. */
int snug_runtimes_read(const struct snug_buf *text, const char *file, const char *runtime,
		       bool *ret_set, struct snug_error *err) SNUG_CHECKED;

/* Programs that stand in for runtimes. */
struct snug_runtimes {
	struct {
		const char *name; /* as Podman knows it */
		const char *program;
	} at[SNUG_RUNTIMES_MAX];
	unsigned count;
};
/* The table, behind what a drop-in says already. Nothing where there is none. */
int snug_runtimes_render(const struct snug_runtimes *runtimes, struct snug_buf *to,
			 struct snug_error *err) SNUG_CHECKED;
