/* SPDX-License-Identifier: Apache-2.0 */
/* The running containers of this host, as the state folders of runc and crun have them: no daemon
 * is asked, and no runtime is run. */
#pragma once

#include "base/buf.h"
#include "base/vec.h"
#include "model/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SNUG_CONTAINERS_MAX 8192u

struct snug_container {
	char *id, *bundle;  /* owned */
	char *root;	    /* the runtime's --root; owned */
	const char *engine; /* whose folder that is: "docker", "containerd"; NULL: the runtime's */
	enum snug_runtime runtime;
	pid_t pid; /* the first process */
	uint64_t start;
	bool own_cgroup;
	bool created; /* and not started yet: the first process is the runtime's own */
	bool foreign; /* others than root and the caller wrote, or could write, all of this */
	uid_t owner;
};
struct snug_containers SNUG_VEC_BODY(struct snug_container);
void snug_containers_clear(struct snug_containers *containers);

/*
 * In these state folders; count 0: in those that runc, crun and the engines use. Each process is
 * listed once, that of a trusted state first. What cannot be read is a line in ret_problems.
 */
int snug_containers_find(char *const *roots, size_t count, struct snug_containers *ret,
			 struct snug_buf *ret_problems, struct snug_error *err) SNUG_CHECKED;
