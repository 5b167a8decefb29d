/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the BPF side of the recorder and its user side share. Plain C that both compile: the BPF
 * side includes vmlinux.h first, the user side gets its types here.
 */
#pragma once

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#include "model/args.h"

/* ABIs in the order of enum snug_arch, those of this machine alone. */
#define SNUG_REC_X86_64 0
#define SNUG_REC_I386	1
#define SNUG_REC_X32	2
#define SNUG_REC_ABIS	4 /* a power of two, so that a mask bounds an index */
/* Call numbers below this are recorded (x32's without its bit); the kernel itself answers ENOSYS to
 * those above. */
#define SNUG_REC_CALLS 1024

/* Phases as indices. */
#define SNUG_REC_RUNTIME  0
#define SNUG_REC_WORKLOAD 1
#define SNUG_REC_PHASES	  2

/*
 * calls[phase][abi][nr]. DONE is the state that ends the record path after one load: the call was
 * seen and nothing more about it is wanted.
 */
#define SNUG_CALL_NEW	0 /* not seen */
#define SNUG_CALL_DONE	1
#define SNUG_CALL_ARGS	2 /* not seen; its arguments are wanted */
#define SNUG_CALL_TUPLE 3 /* seen; its arguments are wanted still */

/* Calls of the arguments table; row 0 is "none". */
#define SNUG_REC_ROWS 16

struct snug_rec_row {
	__u32 count;
	__u32 index[SNUG_TUPLE_ARGS];
	__u64 mask[SNUG_TUPLE_ARGS];
};

/* One masked tuple of arguments, seen in a phase: key of a map that holds nothing else. */
struct snug_rec_tuple {
	__u16 nr;
	__u8 abi;
	__u8 phase;
	__u32 zero;
	__u64 value[SNUG_TUPLE_ARGS];
};
/* Each row's tuples in each phase and ABI fit, so that only memory can make an insert fail. */
#define SNUG_REC_TUPLES 4096

/* A granted capability check: who asked is told by the innermost kernel return addresses. */
#define SNUG_REC_FRAMES 8
struct snug_rec_check {
	__u64 cap;
	__u64 ip[SNUG_REC_FRAMES];
};
#define SNUG_REC_CHECKS 2048

/* How processes that join a container by no descent of theirs are told. */
#define SNUG_JOIN_NONE 0 /* not at all: the container has no cgroup of its own */
#define SNUG_JOIN_V2   1 /* by its cgroup v2 */
#define SNUG_JOIN_PIDS 2 /* by its cgroup in the v1 hierarchy of the pids controller */

/*
 * Tracked tasks, in buckets of one cache line. A task is known by where its kernel stack lies: that
 * costs no helper call at sys_enter, is exact while the task lives, and is put right at each fork
 * and exit, since stacks are reused. Stacks are aligned to 16 KiB, so the low 14 bits of an entry
 * are ours.
 */
#define SNUG_BUCKETS	   8192
#define SNUG_BUCKETS_SHIFT (64 - 13)
#define SNUG_BUCKET_WAYS   8
#define SNUG_SLOTS	   (SNUG_BUCKETS * SNUG_BUCKET_WAYS)

#define SNUG_ENTRY_BITS	    0x3fffull
#define SNUG_ENTRY_SHIFT    14
#define SNUG_STATE	    3ull
#define SNUG_STATE_BEFORE   1ull /* before the gate: nothing counts yet */
#define SNUG_STATE_RUNTIME  2ull
#define SNUG_STATE_WORKLOAD 3ull
#define SNUG_ENTRY_BOSS	    4ull /* its own exec is what begins the workload phase */
#define SNUG_ENTRY_INIT	    8ull /* the container's first thread */
#define SNUG_ENTRY_ENTERED                                                                         \
	16ull /* in a call that sys_enter saw; kept while refusals are watched                     \
	       */

/* Gates that were passed, as bits of 1 << enum snug_gate. */
#define SNUG_REC_GATE_LOAD 1
#define SNUG_REC_GATE_EXEC 2
