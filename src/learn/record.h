/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: loads the BPF programs, is pointed at a container's init, and says what it saw.
 * One recorder watches one container. Its links are held by descriptors: when the process dies
 * nothing stays attached.
 *
 *     open → seed (the init waits in a hook) → progress … → stop → collect → free
 */
#pragma once

#include "base/error.h"
#include "model/recording.h"

#include <stdbool.h>
#include <stdint.h>

struct snug_recorder;

/* Which of a container's cgroups is its own, and so tells who joins it. */
enum snug_join { SNUG_BY_NONE, SNUG_BY_CGROUP2, SNUG_BY_PIDS };

struct snug_progress {
	unsigned calls; /* distinct ones, runtime phase included */
	bool gate_passed;
	enum snug_gate gate; /* valid once gate_passed */
	bool executed;	     /* the user's program was reached */
};

/* What can be said before anything is tried: not root, no BTF. SNUG_HOST. */
int snug_recorder_check(struct snug_error *err) SNUG_CHECKED;
/*
 * Loads and attaches. SNUG_HOST, with what to do, where this kernel or this user cannot: not root,
 * no BTF, BPF refused. refusals: the container has a filter of its own, and what it refuses is to
 * be recorded as refused (else nothing is seen of it; this costs each call of the host a little
 * more).
 */
int snug_recorder_open(bool refusals, struct snug_recorder **ret,
		       struct snug_error *err) SNUG_CHECKED;
/* Does this kernel let us see capability checks? (Linux 6.14: the tracepoint cap_capable.) */
bool snug_recorder_sees_caps(const struct snug_recorder *recorder);

/* The container's first process, which does not run the user's program yet. */
struct snug_init {
	int pidfd;
	uint32_t user_ns, mnt_ns; /* inode numbers of /proc/PID/ns/user and mnt */
	uint32_t pid_ns;	  /* and of pid; 0 where that is not the container's own */
	enum snug_join join;
};

/* Starts tracking its leader. The caller holds it (a hook that has not returned). Once. */
int snug_recorder_seed(struct snug_recorder *recorder, const struct snug_init *init,
		       struct snug_error *err) SNUG_CHECKED;

void snug_recorder_progress(const struct snug_recorder *recorder, struct snug_progress *ret);

/* Detaches all: what was seen changes no more. Idempotent. */
void snug_recorder_stop(struct snug_recorder *recorder);

/*
 * Fills ret (which is empty before): gates, observed, lost, raised_creds, calls, caps, each seen in
 * run. The caller owns it and adds name and source. Only after stop.
 */
int snug_recorder_collect(const struct snug_recorder *recorder, uint64_t run,
			  struct snug_recording *ret, struct snug_error *err) SNUG_CHECKED;

void snug_recorder_free(struct snug_recorder *recorder); /* NULL is fine */
void snug_recorder_freep(struct snug_recorder **recorder);
