/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters that a live thread is really under, asked of the kernel (PTRACE_SECCOMP_GET_FILTER).
 * The thread is stopped for a moment and let go as it was; a signal that came meanwhile reaches it.
 */
#pragma once

#include "apply/filter.h"
#include "base/vec.h"

#include <sys/types.h>

#define SNUG_FILTERS_MAX 32u /* of one thread; the kernel's own limit is on instructions */
#define SNUG_STOP_MS_MAX 2000u

/* In the order in which they were loaded. */
struct snug_filters SNUG_VEC_BODY(struct snug_filter);
void snug_filters_clear(struct snug_filters *filters);

/*
 * Needs CAP_SYS_ADMIN, CAP_SYS_PTRACE and a caller under no filter of its own. A thread without
 * filters gives none, and 0. SNUG_HOST where the kernel refuses, SNUG_SYSTEM where the thread is
 * gone or does not stop within SNUG_STOP_MS_MAX. `tid` must not be traced by another.
 */
int snug_filters_read(pid_t tid, struct snug_filters *ret, struct snug_error *err) SNUG_CHECKED;
