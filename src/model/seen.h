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
#include "model/seen_bits.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_PATH_MAX 4096u /* bytes of a path, without a NUL */
#define SNUG_SEEN_RUNS_MAX                                                                         \
	3u /* ids of an observation; model/completeness.h asks for one and two                     \
	    */
#define SNUG_SEEN_FILES_MAX 32768u
#define SNUG_SEEN_ACTS_MAX  8192u
/* What they may take in a recording's file, which is to stay below SNUG_JSON_BYTES_MAX: names are
 * of any length up to SNUG_PATH_MAX, and five times that when escaped. */
#define SNUG_SEEN_FILES_BYTES_MAX ((size_t)32 << 20)
#define SNUG_SEEN_ACTS_BYTES_MAX  ((size_t)16 << 20)
#define SNUG_ACT_NUMBERS	  3u
#define SNUG_ACT_TEXTS		  3u

/* "read", "write", … of bit number 0 to SNUG_ACCESS_MAX - 1, as a recording says it. */
const char *snug_access_name(unsigned bit);

/* The smallest ids of the runs that saw something, ascending: fewer than SNUG_SEEN_RUNS_MAX are all
 * that did. */
struct snug_seen_runs {
	uint64_t id[SNUG_SEEN_RUNS_MAX];
	unsigned count;
};
void snug_seen_runs_add(struct snug_seen_runs *runs, uint64_t id);
void snug_seen_runs_merge(struct snug_seen_runs *into, const struct snug_seen_runs *other);

struct snug_seen_file {
	char *path;
	char *program;	 /* the path of who did it; "": not known */
	unsigned access; /* SNUG_ACCESS_*, at least one: without any it is not written */
	unsigned others; /* of these, what was done by a user (fsuid) who does not own the file */
	struct snug_seen_runs runs;
};

struct snug_seen_act {
	enum snug_act_kind kind;
	uint32_t number[SNUG_ACT_NUMBERS]; /* 0 past the kind's */
	char *text[SNUG_ACT_TEXTS];	   /* never NULL; "" past the kind's */
	char *program;			   /* "": not known */
	struct snug_seen_runs runs;
};

/* Sorted by path, then program; each pair once. */
struct snug_seen_files {
	struct snug_seen_file *at;
	size_t count, room;
	size_t bytes; /* of all, as SNUG_SEEN_FILES_BYTES_MAX counts */
};
/* Sorted by kind, numbers, texts, program; each once. */
struct snug_seen_acts {
	struct snug_seen_act *at;
	size_t count, room;
	size_t bytes;
};

/* Finds or adds, keeping the order; copies the strings. What is found gets the bits (access those
 * of others too) and runs as well. NULL without memory, or past a limit with errno E2BIG: who
 * records counts that as lost. */
struct snug_seen_file *snug_seen_files_add(struct snug_seen_files *files, const char *path,
					   const char *program, unsigned access, unsigned others);
struct snug_seen_act *snug_seen_acts_add(struct snug_seen_acts *acts,
					 const struct snug_seen_act *act);
/*
 * into := into ∪ other. Past a limit those of the shortest names stay, and *ret_cut is set (else it
 * is left alone): so that the same parts make the same union in whatever order. -1 without memory:
 * into may have some of other's then.
 */
int snug_seen_files_merge(struct snug_seen_files *into, const struct snug_seen_files *other,
			  bool *ret_cut);
int snug_seen_acts_merge(struct snug_seen_acts *into, const struct snug_seen_acts *other,
			 bool *ret_cut);
void snug_seen_files_clear(struct snug_seen_files *files);
void snug_seen_acts_clear(struct snug_seen_acts *acts);
/* As one is compared with another in its set: runs, access and others are left aside. */
int snug_seen_file_compare(const struct snug_seen_file *a, const struct snug_seen_file *b);
int snug_seen_act_compare(const struct snug_seen_act *a, const struct snug_seen_act *b);
/* The one in the set that is the same to that comparison, or NULL. */
const struct snug_seen_file *snug_seen_files_find(const struct snug_seen_files *files,
						  const struct snug_seen_file *file);
const struct snug_seen_act *snug_seen_acts_find(const struct snug_seen_acts *acts,
						const struct snug_seen_act *act);
