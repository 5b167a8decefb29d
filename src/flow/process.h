/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of a process. By number: who must be sure holds a pidfd and asks it afterwards.
 */
#pragma once

#include "base/error.h"
#include "learn/slot.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/types.h>

/* 0: it is gone. */
pid_t snug_process_parent(pid_t pid);
/* Its start, in clock ticks since boot: with the number, one process. 0: it is gone. */
uint64_t snug_process_start(pid_t pid);
/* Who traces it. 0: nobody, or nobody can tell. */
pid_t snug_process_tracer(pid_t pid);
/* Does the process of that start run, and is no zombie? */
bool snug_process_lives(pid_t pid, uint64_t start);
/* Does our /proc show all processes of this host? Not in a pid namespace but the first, nor with
 * another one's /proc. */
bool snug_process_sees_all(void);
/* Its paths in the hierarchies that can tell joiners; "": it is in none. Longer ones are cut, and
 * compare by what is left. */
struct snug_cgroups {
	char v2[1024], pids[1024];
};
void snug_process_cgroups(pid_t pid, struct snug_cgroups *ret);
/* The same of the file's text. */
void snug_cgroups_read(FILE *file, struct snug_cgroups *ret);
/* The inode number of one of its namespaces: "pid", "mnt", "user". */
int snug_process_namespace(pid_t pid, const char *kind, uint32_t *ret,
			   struct snug_error *err) SNUG_CHECKED;
/* A container's init: its namespaces, and which of its cgroups is not ours and so tells joiners.
 * pidfd and watch stay as they are. */
int snug_init_of(pid_t pid, struct snug_init *ret, struct snug_error *err) SNUG_CHECKED;
