/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard's maps, as its BPF side (guard.bpf.c) and its user side share them. Plain C that both
 * compile: the BPF side includes vmlinux.h first.
 */
#pragma once

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* Part of where the guard is pinned: another layout's is another guard. */
#define SNUG_GUARD_LAYOUT 2
#define SNUG_GUARD_MAX	  4096 /* containers at once */

/* By what a container is told. */
#define SNUG_GUARD_BY_MOUNTS  0 /* it has no cgroup of its own: by its mount namespace */
#define SNUG_GUARD_BY_CGROUP2 1
#define SNUG_GUARD_BY_PIDS    2 /* its cgroup in the v1 hierarchy of the pids controller */

struct snug_guard_key {
	__u64 id;	 /* of the cgroup, or of the mount namespace */
	__u32 by;	 /* SNUG_GUARD_BY_* */
	__u32 hierarchy; /* of the cgroup */
};

/* What was promised of a container. */
struct snug_guard_promise {
	__u64 caps;   /* no process that execs has more */
	__u64 loaded; /* where the filter is that it got at its execve; 0: it has none yet */
	__u32 init;   /* the container's first process */
	__u32 tracer; /* who is to confine it at its execve */
	/* Inode numbers; pid_ns is 0 where that is not the container's own. */
	__u32 user_ns, mnt_ns, pid_ns;
	__u32 outer_mnt_ns[2]; /* the runtime's, and process 1's */
	__u32 no_new_privs;
	__u32 filter;	  /* one more than the runtime loaded */
	__u32 allow_exec; /* who joins may fall short: counted, not killed */
	__u32 sealed;	  /* the first process has passed its execve */
	__u32 filters;	  /* least number of them, once it is sealed */
	__u32 killed, allowed;
	char id[128];	   /* the container's; cut */
	char profile[128]; /* its profile's name */
};

/* What `enlist` is run for: value of the map `wanted`. */
struct snug_guard_wish {
	struct snug_guard_promise promise;
	__u32 by;
	__u32 own_mounts; /* the mount namespace is not the host's: it may tell, if need be */
	__u32 done;	  /* 1: enlisted */
	__u32 zero;
};
