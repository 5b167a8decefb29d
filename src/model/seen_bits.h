/* SPDX-License-Identifier: Apache-2.0 */
/* What files and acts are made of: plain numbers, for the BPF side too. */
#pragma once

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
