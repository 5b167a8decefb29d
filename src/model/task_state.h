/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the kernel confines a process, as /proc/PID/status tells it; what a profile makes of that at
 * the exec boundary; and whether that is how it is.
 */
#pragma once

#include "base/error.h"
#include "model/oci/caps.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SNUG_TASK_STATUS_BYTES_MAX 8192u  /* of /proc/PID/status; Linux 6.18 writes about 1,500 */
#define SNUG_USER_MAP_BYTES_MAX	   65536u /* 340 lines: include/linux/user_namespace.h */

struct snug_task_state {
	unsigned threads;
	pid_t tracer; /* 0: nobody traces it */
	bool no_new_privs;
	unsigned seccomp; /* 0 none, 1 strict, 2 by filters */
	unsigned filters; /* in the order of /proc/PID/status: Seccomp_filters */
	snug_caps caps[SNUG_CAP_SET_MAX];
};

/* SNUG_HOST where a line is missing: Seccomp_filters came with Linux 5.9. */
int snug_task_state_read(const char *text, struct snug_task_state *ret,
			 struct snug_error *err) SNUG_CHECKED;

/* What confines a process beside AppArmor. */
struct snug_task_limits {
	bool has_caps;
	snug_caps caps; /* none of the sets may hold more */
	bool no_new_privs;
	bool filter; /* one more */
};

/*
 * What `now` becomes under the limits; nothing is added. SNUG_HOST where the kernel will not let
 * the process do that to itself: without no_new_privs a filter takes CAP_SYS_ADMIN and the bounding
 * set CAP_SETPCAP. With no_new_privs a bounding set that CAP_SETPCAP is missing for stays, since no
 * execve can give any of it then.
 */
int snug_task_limit(const struct snug_task_state *now, const struct snug_task_limits *limits,
		    struct snug_task_state *ret, struct snug_error *err) SNUG_CHECKED;
/* SNUG_HOST, with what differs, where `is` is not `wanted`. Threads and tracer are not looked at.
 */
int snug_task_state_same(const struct snug_task_state *wanted, const struct snug_task_state *is,
			 struct snug_error *err) SNUG_CHECKED;

/* ---- who it is ---- */

/* The name in the text of /proc/PID/status; "" if it has none. */
void snug_task_comm(const char *text, char ret[64]);
/* Has the task ended, by that text? Then nothing in it counts. */
bool snug_task_is_dead(const char *text);
/* Is one of its user ids, by that text, this one? */
bool snug_task_has_uid(const char *text, uint32_t uid);
/* By the text of a /proc/PID/uid_map: root of its user namespace, as we number users. false: it has
 * none. */
bool snug_user_map_root(const char *text, uint32_t *ret);
