/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One container's slot in a recorder (learn/recorder.h): taken, pointed at the container's init,
 * read, given back.
 *
 *     claim → seed (the init waits in a hook), or adopt (it runs) → progress, collect … → free
 *
 * A recorder is a process's own (learn/record.h) or pinned (learn/pins.h); here it is descriptors.
 * Who shares a pinned one holds its lock around claim, seed and free. All errors: SNUG_SYSTEM
 * unless said otherwise.
 */
#pragma once

#include "base/error.h"
#include "learn/recorder.h"
#include "model/recording.h"

#include <stdbool.h>
#include <stdint.h>

enum snug_rec_map {
	SNUG_MAP_HEADS,
	SNUG_MAP_SLOTS,
	SNUG_MAP_TUPLES,
	SNUG_MAP_CHECKS,
	SNUG_MAP_CGROUPS,
	SNUG_MAP_BEFORE,
	SNUG_MAP_SEEDING,
	SNUG_MAP_TASKS,
	SNUG_MAP_OWNERS,
	SNUG_MAP_ASKERS,
	SNUG_MAP_FILES, /* from here on: of files.bpf.c, where the kernel lets it run */
	SNUG_MAP_ACTS,
	SNUG_MAP_PROGRAMS,
	SNUG_MAP_TEXTS_SHORT,
	SNUG_MAP_TEXTS_MID,
	SNUG_MAP_TEXTS_LONG,
	SNUG_MAP_MAX,
};

/* Those before SNUG_PROG_SEED are attached. */
enum snug_rec_prog {
	SNUG_PROG_SYS_ENTER,
	SNUG_PROG_FORK,
	SNUG_PROG_EXEC,
	SNUG_PROG_EXIT,
	SNUG_PROG_CGROUP,
	SNUG_PROG_CAPS,
	SNUG_PROG_SYS_EXIT, /* only while a slot is watching */
	SNUG_PROG_FILES,    /* from here on: of files.bpf.c */
	SNUG_PROG_OPEN = SNUG_PROG_FILES,
	SNUG_PROG_FILE_RECEIVE,
	SNUG_PROG_FILE_LOCK,
	SNUG_PROG_MMAP,
	SNUG_PROG_FILE_MPROTECT,
	SNUG_PROG_PATH_UNLINK,
	SNUG_PROG_PATH_RMDIR,
	SNUG_PROG_PATH_MKDIR,
	SNUG_PROG_PATH_MKNOD,
	SNUG_PROG_PATH_SYMLINK,
	SNUG_PROG_PATH_CHMOD,
	SNUG_PROG_PATH_CHOWN,
	SNUG_PROG_PATH_TRUNCATE,
	SNUG_PROG_FILE_TRUNCATE,
	SNUG_PROG_PATH_RENAME,
	SNUG_PROG_PATH_LINK,
	SNUG_PROG_BPRM_CREDS_FOR_EXEC,
	SNUG_PROG_EXEC_DONE,
	SNUG_PROG_SOCKET_CREATE,
	SNUG_PROG_UNIX_STREAM_CONNECT,
	SNUG_PROG_UNIX_MAY_SEND,
	SNUG_PROG_TASK_KILL,
	SNUG_PROG_PTRACE_ACCESS_CHECK,
	SNUG_PROG_PTRACE_TRACEME,
	SNUG_PROG_SB_MOUNT,
	SNUG_PROG_MOVE_MOUNT,
	SNUG_PROG_SB_UMOUNT,
	SNUG_PROG_SB_PIVOTROOT,
	SNUG_PROG_CAPABLE,
	SNUG_PROG_RETURNED, /* of opened.bpf.h, with EXEC_DONE */
	SNUG_PROG_SEED,
	SNUG_PROG_ADOPT,
	SNUG_PROG_MAX,
};

/* A recorder's maps and programs. */
struct snug_maps {
	const char *pins; /* folder that holds what is not open yet; NULL: all is open */
	int map[SNUG_MAP_MAX];
	int prog[SNUG_PROG_MAX];
	struct snug_rec_head *heads; /* mapped */
	unsigned count;		     /* slots */
};
#define SNUG_MAPS_NONE                                                                             \
	{                                                                                          \
		.map = { [0 ... SNUG_MAP_MAX - 1] = -1 },                                          \
		.prog = { [0 ... SNUG_PROG_MAX - 1] = -1 },                                        \
	}
extern const char *const snug_map_names[SNUG_MAP_MAX];	 /* as pinned */
extern const char *const snug_prog_names[SNUG_PROG_MAX]; /* as pinned and in the object */

/* Maps the heads; maps->map[HEADS] is open or pinned. SNUG_HOST: of another version of snug. */
int snug_maps_open(struct snug_maps *maps, struct snug_error *err) SNUG_CHECKED;
void snug_maps_close(struct snug_maps *maps);
/* What the programs that are there see: SNUG_OBSERVED_*, but for the joiners. */
int snug_maps_observe(struct snug_maps *maps, unsigned *ret, struct snug_error *err) SNUG_CHECKED;
/* Opens it if need be; -1 with errno. The descriptor stays maps'. */
int snug_map_fd(struct snug_maps *maps, enum snug_rec_map which);
int snug_prog_fd(struct snug_maps *maps, enum snug_rec_prog which);
/* 1: it is there, and open; 0: this recorder has none. */
int snug_map_is_there(struct snug_maps *maps, enum snug_rec_map which,
		      struct snug_error *err) SNUG_CHECKED;
int snug_prog_is_there(struct snug_maps *maps, enum snug_rec_prog which,
		       struct snug_error *err) SNUG_CHECKED;

/* Which of a container's cgroups is its own, and so tells who joins it. */
enum snug_join { SNUG_BY_NONE, SNUG_BY_CGROUP2, SNUG_BY_PIDS };

/* The container's first process. */
struct snug_init {
	int pidfd;
	uint32_t user_ns, mnt_ns; /* inode numbers of /proc/PID/ns/user and mnt */
	uint32_t pid_ns;	  /* and of pid; 0 where that is not the container's own */
	uint32_t outer_mnt_ns[2]; /* those of who looks at it, and of process 1, are none of its */
	enum snug_join join;
	bool watch; /* it has a filter of its own: see what that refuses */
};

struct snug_progress {
	unsigned calls; /* distinct ones, runtime phase included */
	bool gate_passed;
	enum snug_gate gate; /* valid once gate_passed */
	bool executed;	     /* the user's program was reached */
	uint64_t lost;	     /* events so far */
	unsigned alive;	     /* tracked tasks */
};

/* Takes a free slot. owner: kept with it; NULL: not shared. SNUG_HOST when all are taken. */
int snug_slot_claim(struct snug_maps *maps, const struct snug_init *init,
		    const struct snug_rec_owner *owner, unsigned *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* Starts tracking init's leader, which does not run the user's program yet. The caller holds it (a
 * hook that has not returned). Once. */
int snug_slot_seed(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
		   struct snug_error *err) SNUG_CHECKED;
/* Starts tracking a container that runs: init, what descends from it, what is in its cgroup. */
int snug_slot_adopt(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
		    struct snug_error *err) SNUG_CHECKED;

int snug_slot_progress(struct snug_maps *maps, unsigned slot, struct snug_progress *ret,
		       struct snug_error *err) SNUG_CHECKED;
/*
 * Fills ret (which is empty before): gates, observed, lost, raised_creds, calls, caps, each seen in
 * run. The caller owns it and adds name and source. At any time; what is seen meanwhile may be
 * left out.
 */
int snug_slot_collect(struct snug_maps *maps, unsigned slot, uint64_t run,
		      const struct snug_rec_askers *askers, struct snug_recording *ret,
		      struct snug_error *err) SNUG_CHECKED;
/* Gives the slot back; what lives of the container is tracked no more. Idempotent. */
int snug_slot_free(struct snug_maps *maps, unsigned slot, struct snug_error *err) SNUG_CHECKED;
