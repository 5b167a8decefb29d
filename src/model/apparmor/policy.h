/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile says to AppArmor: rules that allow; what none allows is denied. The member
 * "apparmor" of a profile; format: docs/design.md, "Files". Capabilities are the profile's own.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_AA_FILES_MAX    66048u /* two for each path of a recording, and abstractions */
#define SNUG_AA_OTHERS_MAX   8192u
#define SNUG_AA_CHILDREN_MAX 12u /* the policy's index has four bits, and four other uses */
#define SNUG_AA_LABEL_MAX    512u
#define SNUG_AA_TYPE_MAX     64u /* of a file system's name */

/* Permissions on a path. What each stands for in the kernel: apparmor/access.h. */
#define SNUG_AA_READ	(1u << 0) /* r */
#define SNUG_AA_WRITE	(1u << 1) /* w; append too */
#define SNUG_AA_APPEND	(1u << 2) /* a */
#define SNUG_AA_LOCK	(1u << 3) /* k */
#define SNUG_AA_MAP	(1u << 4) /* m: mmap with PROT_EXEC */
#define SNUG_AA_EXECUTE (1u << 5) /* x: ix, or to the child. ix has m with it */
#define SNUG_AA_PERMS	6u
extern const char snug_aa_perm_letters[SNUG_AA_PERMS + 1]; /* "rwakmx", by bit */

struct snug_aa_file {
	char *path; /* a pattern (aare.h) that starts with '/' */
	unsigned perms;
	bool owner;  /* for files that the process's user owns, alone */
	char *child; /* its exec goes there; NULL: it stays (ix). Literal paths alone */
};

/* A hard link `name` may be made of what is at `target`; both patterns. */
struct snug_aa_link {
	char *name, *target;
};

struct snug_aa_network {
	unsigned family, type; /* AF_*, SOCK_*: with a word (words.h) */
};

/* Whom: NULL anybody; "self" the same profile, stacked or not; else a label as a pattern. */
#define SNUG_AA_SELF	"self"
#define SNUG_AA_SEND	1u
#define SNUG_AA_RECEIVE 2u
struct snug_aa_signal {
	unsigned access; /* SNUG_AA_SEND | SNUG_AA_RECEIVE */
	uint64_t set[2]; /* bit n: signal n (0: asks whether the process is there);
			  * none: any */
	char *peer;
};

#define SNUG_AA_PTRACE_READ	1u
#define SNUG_AA_PTRACE_TRACE	2u
#define SNUG_AA_PTRACE_READBY	4u
#define SNUG_AA_PTRACE_TRACEDBY 8u
struct snug_aa_ptrace {
	unsigned access;
	char *peer;
};

enum snug_aa_mount_kind { SNUG_AA_MOUNT, SNUG_AA_UMOUNT, SNUG_AA_PIVOT, SNUG_AA_MOUNT_KIND_MAX };
struct snug_aa_mount {
	enum snug_aa_mount_kind kind;
	uint32_t flags; /* MS_*, exactly; of a mount */
	char *fs;	/* NULL: any; of a mount */
	char *source;	/* NULL: any; of a mount. Of a pivot: put_old. A pattern */
	char *target;	/* of a pivot: the new root. A pattern */
};

struct snug_aa_child;

/* Each list sorted (snug_aa_rules_sort); owns what it points to. */
struct snug_aa_rules {
	SNUG_VEC(struct snug_aa_file) files;
	SNUG_VEC(struct snug_aa_link) links;
	SNUG_VEC(struct snug_aa_network) network;
	SNUG_VEC(struct snug_aa_signal) signals;
	SNUG_VEC(struct snug_aa_ptrace) ptraces;
	SNUG_VEC(struct snug_aa_mount) mounts;
	SNUG_VEC(struct snug_aa_child) children; /* of a profile; a child has none */
};

struct snug_aa_child {
	char *name;
	struct snug_aa_rules rules;
};

struct snug_apparmor {
	struct snug_aa_rules rules;
	/* What it rests on did not see all: to explain and to complain, never to enforce. */
	bool complain_only;
};

void snug_apparmor_clear(struct snug_apparmor *policy);
void snug_aa_rules_clear(struct snug_aa_rules *rules);

/* Copies strings (NULL stays). -1 without memory. Call snug_aa_rules_sort() after the last. */
int snug_aa_add_file(struct snug_aa_rules *rules, const struct snug_aa_file *file);
int snug_aa_add_link(struct snug_aa_rules *rules, const struct snug_aa_link *link);
int snug_aa_add_network(struct snug_aa_rules *rules, const struct snug_aa_network *network);
int snug_aa_add_signal(struct snug_aa_rules *rules, const struct snug_aa_signal *signal);
int snug_aa_add_ptrace(struct snug_aa_rules *rules, const struct snug_aa_ptrace *ptrace);
int snug_aa_add_mount(struct snug_aa_rules *rules, const struct snug_aa_mount *mount);
/* The child's rules, made where there are none of this name. NULL without memory. */
struct snug_aa_rules *snug_aa_child(struct snug_aa_rules *rules, const char *name);
/* NULL: there is none. */
const struct snug_aa_rules *snug_aa_find_child(const struct snug_aa_rules *rules, const char *name);
/* Sorts, and makes one of equal rules: file rules of the same path, owner and child, signals and
 * ptraces of the same peer (and set). The same rules, added in any order, are the same bytes. */
void snug_aa_rules_sort(struct snug_aa_rules *rules);
/* into := into ∪ other, sorted; of children: apparmor/union.h. -1 without memory. */
int snug_aa_rules_merge(struct snug_aa_rules *into, const struct snug_aa_rules *other);

/* The member's value. SNUG_INPUT names the place. */
int snug_apparmor_read(const struct snug_json_node *node, struct snug_apparmor *ret,
		       struct snug_error *err) SNUG_CHECKED;
void snug_apparmor_write(struct snug_json_writer *w, const struct snug_apparmor *policy);
