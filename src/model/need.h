/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who needed a capability, and in which syscall: the witnesses that a recording keeps and a
 * profile's provenance shows. Format: docs/design.md, "Files".
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"
#include "model/arch.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_NEEDS_MAX	   8u  /* of one capability: the smallest, so that a union stays one */
#define SNUG_TASK_NAME_MAX 45u /* bytes of a name: a task's 15, each a U+FFFD at worst */

struct snug_cap_need {
	char program[SNUG_TASK_NAME_MAX + 1]; /* the task's name; "" where it has none */
	bool in_call;			      /* else no syscall is known: a kernel thread of it */
	enum snug_arch arch;		      /* 0 without a call, as nr */
	uint32_t nr;			      /* as the kernel gets it */
};

/* Sorted (by program, then none before a call, then arch and nr), unique, at most SNUG_NEEDS_MAX.
 */
struct snug_cap_needs SNUG_VEC_BODY(struct snug_cap_need);

/*
 * Adds one. Its program is any bytes before a NUL: what is not UTF-8 is kept as U+FFFD. Of more
 * than SNUG_NEEDS_MAX the smallest stay. -1 without memory; needs is unchanged then.
 */
int snug_cap_needs_add(struct snug_cap_needs *needs, const struct snug_cap_need *need);
/* into := into ∪ other, its smallest. -1 without memory: into may have some of other's then. */
int snug_cap_needs_merge(struct snug_cap_needs *into, const struct snug_cap_needs *other);
/* The member "needed" of an object; nothing when there are none. */
void snug_cap_needs_put(struct snug_json_writer *w, const struct snug_cap_needs *needs);
/* The member "needed" of an object, absent: none. Adds to ret, which may have some of it on failure
 * (SNUG_INPUT that names the place). */
int snug_cap_needs_read(const struct snug_json_node *object, struct snug_cap_needs *ret,
			struct snug_error *err) SNUG_CHECKED;
