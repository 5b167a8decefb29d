/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Widening: a call brings its equivalents, since another libc or another version uses them. Never
 * across a risk boundary: execve brings no execveat, read no process_vm_readv, mount no fsopen,
 * io_submit no io_uring_enter.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct snug_widened {
	const char *name; /* not every ABI has it */
	/* The member may come in with (argument `index` & mask) == value alone. */
	bool has_arg;
	unsigned index;
	uint64_t mask, value;
};

/* The group that holds call, itself included, ended by a NULL name; NULL: it is in no group. */
const struct snug_widened *snug_widen_group(const char *call);
