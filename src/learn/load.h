/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the recorder's programs and maps (libbpf, CO-RE). Nothing is attached yet. */
#pragma once

#include "base/error.h"
#include "learn/slot.h"

#include <stdbool.h>

struct snug_load {
	unsigned slots; /* 1, or SNUG_REC_SLOTS */
	bool refusals;	/* sys_exit's program too */
	bool adopting;	/* adopt instead of seed */
	bool no_files;	/* syscalls and capabilities alone */
};

/* What can be said before anything is tried: not root, no BTF. SNUG_HOST. */
int snug_recorder_check(struct snug_error *err) SNUG_CHECKED;
/*
 * ret gets descriptors of its own, its heads mapped; of programs and maps that were not asked for
 * (or whose tracepoint this kernel has not: cap_capable, before Linux 6.14) none. SNUG_HOST, with
 * what to do, where this kernel or this user cannot.
 */
int snug_recorder_load(const struct snug_load *load, struct snug_maps *ret,
		       struct snug_error *err) SNUG_CHECKED;
