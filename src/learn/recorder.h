/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the BPF side of the recorder and its user side share: the layout of its maps. Plain C that
 * both compile: the BPF side includes vmlinux.h first, the user side gets its types here.
 *
 * One set of programs records any number of containers: each has a slot. The maps:
 *
 *     heads    array, memory-mapped: is the slot taken, how many of its tasks live
 *     slots    array: what was seen of each container
 *     tuples   hash: argument tuples of all containers
 *     checks   hash: capability checks of all containers, each with who asked for it first
 *     cgroups  hash: which cgroup is whose
 *     before   hash: threads that are before their gate, and how many filters they had
 *     files, acts, programs, texts_*
 *              hashes: what AppArmor's rules are about (files.bpf.c)
 *     .bss     the table of tracked tasks (tasks.bpf.h)
 *     owners, askers: user space's own (learn/pins.h)
 */
#pragma once

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#include "model/args.h"

/* Changes with every change of what is in this file: pinned maps outlive an upgrade of snug. */
#define SNUG_REC_LAYOUT 5

/* Containers at once. */
#define SNUG_REC_SLOTS 256

/* ABIs in the order of enum snug_arch, those of this machine alone, its own first (learn/tables.h).
 * A call by another, a 32-bit program's on arm64, is one that was lost. */
#define SNUG_REC_NATIVE 0
#if defined(__aarch64__) || defined(__TARGET_ARCH_arm64)
#define SNUG_REC_ABIS 1
#else
#define SNUG_REC_I386 1
#define SNUG_REC_X32  2
#define SNUG_REC_ABIS 3
#endif
/* Call numbers below this are recorded (x32's without its bit); the kernel itself answers ENOSYS to
 * those above. */
#define SNUG_REC_CALLS 1024
#define SNUG_REC_CAPS  41 /* known ones */

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

/* What tells BPF how to read calls: constant once it is loaded. */
struct snug_rec_tables {
	__u8 row_of[SNUG_REC_ABIS][SNUG_REC_CALLS];
	struct snug_rec_row rows[SNUG_REC_ROWS];
	__u16 clone_nr[SNUG_REC_ABIS];
	__u16 clone3_nr[SNUG_REC_ABIS];
	__u16 capset_nr[SNUG_REC_ABIS];
	__u16 prctl_nr[SNUG_REC_ABIS];
	__u16 seccomp_nr[SNUG_REC_ABIS];
};

/* How processes that join a container by no descent of theirs are told. */
#define SNUG_JOIN_NONE 0 /* not at all: the container has no cgroup of its own */
#define SNUG_JOIN_V2   1 /* by its cgroup v2 */
#define SNUG_JOIN_PIDS 2 /* by its cgroup in the v1 hierarchy of the pids controller */

/* What one container was seen doing. */
struct snug_rec_slot {
	/* Written by user space before the slot is taken. */
	__u64 missed_calls, missed_checks, missed_files; /* the first head's, then */
	__u32 join;					 /* SNUG_JOIN_* */
	__u32 watching; /* it has a filter of its own: what that refuses is recorded as such */
	/* Inode numbers. pid_ns is 0 where that is not the container's own. */
	__u32 user_ns, mnt_ns, pid_ns;
	__u32 outer_mnt_ns[2]; /* of who pointed at it, and of process 1 */

	/* The container's own cgroup, taken when it is seeded; 0: it has none, or another's. */
	__u32 hierarchy;
	__u64 cgroup;

	__u32 seeded;	   /* threads that user space pointed at: the first, or all adopted */
	__u32 gate;	   /* its own gate: SNUG_REC_GATE_*, 0 while before it */
	__u32 gates;	   /* all that were passed, joiners' too */
	__u32 executed;	   /* it reached the user's program */
	__u32 raised;	   /* an exec raised credentials */
	__u32 checks;	   /* of the map `checks` */
	__u64 lost_calls;  /* tuples or tasks that found no room, flags that could not be
			    * read, calls by an ABI that has none of the numbers above */
	__u64 lost_checks; /* capability checks that found no room */
	__u64 lost_files;  /* files and acts that found no room, paths that could not be read */
	__u32 files;	   /* entries of the maps `files` and `acts` */
	__u32 zero;

	__u64 refused[SNUG_REC_PHASES][SNUG_REC_ABIS][SNUG_REC_CALLS / 64];
	__u32 tuple_count[SNUG_REC_ABIS][SNUG_REC_ROWS];
	__u8 any_args[SNUG_REC_ABIS][SNUG_REC_ROWS];
	__u8 calls[SNUG_REC_PHASES][SNUG_REC_ABIS][SNUG_REC_CALLS];
};

/* Of a slot: what changes at each fork and exit, apart from what each call reads. */
struct snug_rec_head {
	__u32 taken;   /* user space's: SNUG_TAKEN, or 0: free. Set last, cleared last */
	__u32 alive;   /* tracked tasks */
	__u32 closing; /* user space's: no task may be tracked any more */
	__u32 layout;  /* in the first head: SNUG_REC_LAYOUT. At this offset in every layout */
	__u32 pid;     /* user space's: its owner's */
	__u32 last;    /* user space's, in the first head: the slot that was taken last */
	__u32 dirty;   /* user space's: tasks of its last container lived when it was freed, and a
			* program that was running for one of them may have left entries since */
	__u32 zero;
	/* User space's, in the first head: recursion misses of the programs when they were read
	 * last. To read them takes two calls a program, too many for a claim: what is missed
	 * between the last reading and a claim is taken for a loss of that container. */
	__u64 missed_calls, missed_checks, missed_files;
};

#define SNUG_TAKEN	    1
#define SNUG_TAKEN_WATCHING 3 /* by a slot that is watching */

/* One masked tuple of arguments: key of a map that holds nothing else. */
struct snug_rec_tuple {
	__u16 slot;
	__u16 nr;
	__u8 abi;
	__u8 zero[3];
	__u64 value[SNUG_TUPLE_ARGS];
};
#define SNUG_REC_TUPLES	    16384
#define SNUG_REC_TUPLES_ONE 2048 /* a recorder of one container: rows × ABIs × SNUG_TUPLES_MAX */

/* A granted capability check: who asked is told by the innermost kernel return addresses. */
#define SNUG_REC_FRAMES 8
struct snug_rec_check {
	__u16 slot;
	__u16 cap;
	__u32 zero;
	__u64 ip[SNUG_REC_FRAMES];
};
/* Who made the first such check. */
#define SNUG_REC_COMM 16
struct snug_rec_asked {
	char comm[SNUG_REC_COMM];
	__u32 nr;  /* of the call it was in; SNUG_REC_CALLS: none */
	__u32 abi; /* of that call */
};
#define SNUG_REC_CHECKS	    16384
#define SNUG_REC_CHECKS_ONE 2048 /* of one container, more are losses */

/*
 * Files and acts. A text (a path, mostly) is known by a hash of 128 bits and kept once for each
 * container, in the map that fits it.
 */
struct snug_rec_hash {
	__u64 word[2];
};
struct snug_rec_text {
	__u16 slot;
	__u16 zero[3];
	struct snug_rec_hash hash;
};
#define SNUG_REC_TEXT_SHORT 128
#define SNUG_REC_TEXT_MID   512
#define SNUG_REC_TEXT_LONG  4096 /* bytes, without a NUL where it is full */

/* A program: the file that a process runs. Value: the hash of its path. */
struct snug_rec_program {
	__u16 slot;
	__u16 zero;
	__u32 dev;
	__u64 inode;
};

struct snug_rec_file {
	struct snug_rec_program program; /* who did it */
	struct snug_rec_hash path;
};
struct snug_rec_done {
	__u32 access; /* SNUG_ACCESS_* of model/seen.h */
	__u32 others;
};

/* One of enum snug_act_kind, as model/seen.h has it. */
#define SNUG_REC_TEXTS 3
struct snug_rec_act {
	struct snug_rec_program program;
	__u32 kind;
	__u32 number[3];
	struct snug_rec_hash text[SNUG_REC_TEXTS]; /* all 0: none */
};
/* Calls that tell of files by what they return (opened.bpf.h). */
#define SNUG_REC_RETURNS_FILE 1 /* a descriptor of one that was opened */
#define SNUG_REC_RETURNS_MAP  2 /* a mapping: mmap */

#define SNUG_REC_FILES_ONE 16384 /* files and acts of one container, more are losses */
/* Room of each hash, of all containers and of a recorder of one: buckets take memory (16 bytes
 * each) also where they are empty. */
#define SNUG_REC_FILES		 65536
#define SNUG_REC_FILES_OF_ONE	 16384
#define SNUG_REC_ACTS		 16384
#define SNUG_REC_ACTS_OF_ONE	 4096
#define SNUG_REC_PROGRAMS	 8192
#define SNUG_REC_PROGRAMS_OF_ONE 2048
#define SNUG_REC_SHORTS		 65536
#define SNUG_REC_SHORTS_OF_ONE	 16384
#define SNUG_REC_MIDS		 32768
#define SNUG_REC_MIDS_OF_ONE	 16384
#define SNUG_REC_LONGS		 8192
#define SNUG_REC_LONGS_OF_ONE	 4096

struct snug_rec_cgroup {
	__u64 id; /* unique in a hierarchy alone */
	__u32 hierarchy;
	__u32 zero;
};

/*
 * Tracked tasks, in buckets of one cache line. A task is known by where its kernel stack lies: that
 * costs no helper call at sys_enter, is exact while the task lives, and is put right at each fork
 * and exit, since stacks are reused.
 *
 * An entry: 42 bits of the stack's address relative to the table's, shifted left by 8 (addresses
 * have 56 bits at most, the rest is their sign), 22 that are ours since stacks are aligned to
 * 16 KiB: the slot in 16, flags in 6.
 */
#define SNUG_BUCKETS	   8192ul
#define SNUG_BUCKETS_SHIFT (64 - 13)
#define SNUG_BUCKET_WAYS   8
#define SNUG_TASKS	   (SNUG_BUCKETS * SNUG_BUCKET_WAYS)

#define SNUG_TAG_SHIFT	    8
#define SNUG_ENTRY_SHIFT    22
#define SNUG_ENTRY_BITS	    ((1ull << SNUG_ENTRY_SHIFT) - 1)
#define SNUG_STATE	    3ull
#define SNUG_STATE_BEFORE   1ull /* before the gate: nothing counts yet */
#define SNUG_STATE_RUNTIME  2ull
#define SNUG_STATE_WORKLOAD 3ull
#define SNUG_ENTRY_BOSS	    4ull  /* its own exec is what begins the workload phase */
#define SNUG_ENTRY_INIT	    8ull  /* the container's first thread */
#define SNUG_ENTRY_WATCHED  16ull /* its slot is watching */
#define SNUG_ENTRY_ENTERED  32ull /* in a call that sys_enter saw; kept while watched */
#define SNUG_SLOT_SHIFT	    6
#define SNUG_ENTRY_SLOT	    (SNUG_ENTRY_BITS & ~63ull)

/* Gates that were passed, as bits of 1 << enum snug_gate. */
#define SNUG_REC_GATE_LOAD   1
#define SNUG_REC_GATE_EXEC   2
#define SNUG_REC_GATE_ATTACH 4

/* The kernel functions that ask for a capability without meaning it, as ranges: value of the map
 * `askers`, which holds what /proc/kallsyms said when the recorder was loaded. */
#define SNUG_REC_ASKERS 64
struct snug_rec_askers {
	__u32 count;
	__u32 zero;
	struct {
		__u64 from, to;
	} at[SNUG_REC_ASKERS];
};

/* Whose a slot is: value of the map `owners`. Strings end with NUL. */
#define SNUG_OWNER_ARGS 2048
struct snug_rec_owner {
	__u64 run;
	__u64 started;	  /* seconds since 1970 */
	__u64 init_start; /* the init's start time (/proc/PID/stat): with pid, one process */
	__u32 pid;	  /* of the init, as the hook saw it */
	__u32 args_len;
	char name[72];
	char id[264];	   /* the container's */
	char runtime[128]; /* "runc", as far as a hook can tell; "" */
	char image[512];   /* "": not known */
	char root[1024];   /* where its root file system lies; "": not known, or too long */
	char args[SNUG_OWNER_ARGS]; /* one after the other, each with its NUL; whole ones alone */
};
