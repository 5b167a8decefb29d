/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose processes are a container's, and how the kernel confines each of them. A process is in it
 * that is in its pid namespace or one below, in its mount namespace, or in its cgroup or one below;
 * in the last case not with the host's mount namespace, as engines' own processes are there. A pid
 * namespace that several containers share (a pod's) tells none of them.
 */
#pragma once

#include "flow/containers.h"
#include "model/drift.h"

/* All processes of this host, at one moment. */
struct snug_crowd;
int snug_crowd_look(const struct snug_containers *containers, struct snug_crowd **ret,
		    struct snug_error *err) SNUG_CHECKED;
void snug_crowd_freep(struct snug_crowd **crowd);

/*
 * The tasks of containers->at[index]: each process by its leader, and those of its threads that are
 * confined otherwise. Those that ended meanwhile are left out. The caller clears ret. SNUG_HOST:
 * /proc lacks what is needed.
 */
int snug_crowd_tasks(const struct snug_crowd *crowd, size_t index, struct snug_task_views *ret,
		     struct snug_error *err) SNUG_CHECKED;
