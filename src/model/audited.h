/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What audit let pass, as the kernel's log tells it: calls that a filter answered with
 * SCMP_ACT_LOG, and what a complaining AppArmor profile of snug's allowed.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>

#define SNUG_AUDITED_MAX 256u /* different ones; what comes later is not listed */

struct snug_audited {
	char program[32]; /* its name (comm), as the log has it */
	char what[160];	  /* "mkdir", "i386/mkdir", "open /etc/shadow" */
	char profile[96]; /* AppArmor: the label; seccomp: "" (its lines name none) */
	unsigned count;
};
struct snug_audited_list {
	SNUG_VEC(struct snug_audited) of;
	unsigned left_out; /* lines past SNUG_AUDITED_MAX */
};
void snug_audited_clear(struct snug_audited_list *list);

/* Counts one line of the log, if it is of that kind. */
int snug_audited_add(struct snug_audited_list *list, const char *line,
		     struct snug_error *err) SNUG_CHECKED;
