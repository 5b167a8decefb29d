/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what a filter must allow although no workload asked for it. Two parts:
 *
 * - what a runtime does itself, under the filter that it has just loaded, before it executes the
 *   user's program, at create and start and at exec. In the native ABI alone;
 * - the kernel's own, in every ABI: a call that resumes or returns from a signal, the end of a
 *   thread, and the clocks, which the vDSO answers without a call on one host and with it on
 *   another.
 */
#pragma once

#include "model/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snug_floor_query {
	/*
	 * All supported runtimes, their newer releases included; or one, as of Debian 12 (runc 1.1,
	 * crun 1.8). What a newer one does is in a recording made with it, in phase `runtime`.
	 * SNUG_RUNTIME_SNUG alone has the kernel's own and no more: at the exec boundary the filter
	 * is loaded after all of it.
	 */
	bool all;
	enum snug_runtime only; /* not read if all */
	/*
	 * The container sets no_new_privs: runtimes then load the filter last. Without, they still
	 * drop capabilities and change the user under it.
	 */
	bool no_new_privs;
};

struct snug_floor_call {
	const char *name; /* not every ABI has it */
	const char *why;  /* "kernel", "floor:runc", "floor:crun", "floor:runc-newer", … */
	bool every_abi;	  /* false: the native one alone */
	bool has_arg;	  /* one argument matters (model/args.h), and its value is: */
	unsigned index;	  /* as in SNUG_ARGS_TABLE, with that row's mask */
	uint64_t value;
};

/*
 * The next call of the floor, sorted by name; a call with several argument values comes once for
 * each. *cursor is 0 at first. false: no more, *ret is unchanged.
 */
bool snug_floor_next(const struct snug_floor_query *query, size_t *cursor,
		     struct snug_floor_call *ret);
