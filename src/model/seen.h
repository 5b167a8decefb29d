/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a recording holds for AppArmor: what was done with files, and what else its rules are about.
 * Format: docs/design.md, "Files".
 *
 * Paths are as AppArmor sees them (security/apparmor/path.c): from the root of the mount namespace,
 * symlinks resolved, a folder's with a '/' at its end. Any bytes but NUL, 1 to SNUG_PATH_MAX.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_PATH_MAX	   4096u /* bytes of a path, without a NUL */
#define SNUG_SEEN_RUNS_MAX 3u /* ids of an observation; model/completeness.h asks for one and two  \
			       */
#define SNUG_SEEN_FILES_MAX 32768u
#define SNUG_SEEN_ACTS_MAX  8192u
#define SNUG_ACT_NUMBERS    3u
#define SNUG_ACT_TEXTS	    3u

/* What was done with a path, as bits. Each names the LSM hook that told it. */
#define SNUG_ACCESS_READ (1u << 0) /* opened for reading, or mapped readable */
#define SNUG_ACCESS_WRITE                                                                          \
	(1u << 1) /* opened for writing without O_APPEND, mapped shared and writable */
#define SNUG_ACCESS_APPEND    (1u << 2) /* opened with O_APPEND */
#define SNUG_ACCESS_CREATE    (1u << 3) /* opened with O_CREAT; mknod, mkdir, symlink made it */
#define SNUG_ACCESS_DELETE    (1u << 4) /* unlink, rmdir */
#define SNUG_ACCESS_RENAME    (1u << 5) /* was renamed to another name */
#define SNUG_ACCESS_REPLACE   (1u << 6) /* another was renamed to this name */
#define SNUG_ACCESS_LINK      (1u << 7) /* is the new name of a hard link; the act LINK has both */
#define SNUG_ACCESS_LOCK      (1u << 8)
#define SNUG_ACCESS_MAP	      (1u << 9)	 /* mapped executable */
#define SNUG_ACCESS_EXECUTE   (1u << 10) /* given to execve (a script: the script) */
#define SNUG_ACCESS_INTERPRET (1u << 11) /* is what an exec of a script ran in the end */
#define SNUG_ACCESS_RAISE                                                                          \
	(1u << 12) /* its exec raised credentials: setuid, setgid, file capabilities */
#define SNUG_ACCESS_CHMOD    (1u << 13)
#define SNUG_ACCESS_CHOWN    (1u << 14)
#define SNUG_ACCESS_TRUNCATE (1u << 15) /* truncate(2), O_TRUNC */
#define SNUG_ACCESS_MAX	     16u
#define SNUG_ACCESS_ALL	     ((1u << SNUG_ACCESS_MAX) - 1)
/* "read", "write", … of bit number 0 to SNUG_ACCESS_MAX - 1, as a recording says it. */
const char *snug_access_name(unsigned bit);

/* The smallest ids of the runs that saw something, ascending: fewer than SNUG_SEEN_RUNS_MAX are all
 * that did. */
struct snug_seen_runs {
	uint64_t id[SNUG_SEEN_RUNS_MAX];
	unsigned count;
};
void snug_seen_runs_add(struct snug_seen_runs *runs, uint64_t id);

struct snug_seen_file {
	char *path;
	char *program;	 /* the path of who did it; "": not known */
	unsigned access; /* SNUG_ACCESS_*, at least one */
	unsigned others; /* of these, what was done by a user (fsuid) who does not own the file */
	struct snug_seen_runs runs;
};

enum snug_act_kind {
	SNUG_ACT_SOCKET, /* numbers: family, type without flags, protocol */
	SNUG_ACT_SIGNAL, /* numbers: signal, enum snug_peer (whom it was sent to) */
	SNUG_ACT_PTRACE, /* numbers: enum snug_ptrace, enum snug_peer (whom it was done to) */
	SNUG_ACT_MOUNT,	 /* number: flags (MS_*). Texts: source, target, type of file system */
	SNUG_ACT_UMOUNT, /* number: flags. Texts: "", target */
	SNUG_ACT_PIVOT,	 /* Texts: new root, put_old */
	SNUG_ACT_LINK,	 /* Texts: what is there already, the new name */
	SNUG_ACT_MAX,
};
/* Who the other process is: of the container, or not. */
enum snug_peer { SNUG_PEER_CONTAINER, SNUG_PEER_OUTSIDE, SNUG_PEER_MAX };
enum snug_ptrace { SNUG_PTRACE_READ, SNUG_PTRACE_TRACE, SNUG_PTRACE_MAX };

struct snug_seen_act {
	enum snug_act_kind kind;
	uint32_t number[SNUG_ACT_NUMBERS]; /* 0 past the kind's */
	char *text[SNUG_ACT_TEXTS];	   /* never NULL; "" past the kind's */
	char *program;			   /* "": not known */
	struct snug_seen_runs runs;
};

/* Sorted by path, then program; each pair once. */
struct snug_seen_files SNUG_VEC_BODY(struct snug_seen_file);
/* Sorted by kind, numbers, texts, program; each once. */
struct snug_seen_acts SNUG_VEC_BODY(struct snug_seen_act);

/* Finds or adds, keeping the order; copies the strings. What is found gets the bits as well. NULL
 * without memory, or past the limit with errno E2BIG. */
struct snug_seen_file *snug_seen_files_add(struct snug_seen_files *files, const char *path,
					   const char *program, unsigned access, unsigned others);
struct snug_seen_act *snug_seen_acts_add(struct snug_seen_acts *acts,
					 const struct snug_seen_act *act);
/* into := into ∪ other. -1 as above: into may have some of other's then. */
int snug_seen_files_merge(struct snug_seen_files *into, const struct snug_seen_files *other);
int snug_seen_acts_merge(struct snug_seen_acts *into, const struct snug_seen_acts *other);
void snug_seen_files_clear(struct snug_seen_files *files);
void snug_seen_acts_clear(struct snug_seen_acts *acts);
