/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles → one that permits what any of them does:
 *
 * - seccomp: the join of what the sections say (model/seccomp.h), as SNUG_RUNTIME_SNUG reads them:
 *   every call by name, no stub. It permits nothing else, on no ABI; where linux.seccomp cannot say
 *   that, the union is refused, for anything stricter would take from one of them.
 * - capabilities: the union; no_new_privs, runAsNonRoot: only where all set it; masked and
 *   read-only paths: those of all, where a folder speaks of what is below it, and what is masked
 *   cannot be written either; incomplete: all reasons.
 * - apparmor: all rules of all, each program's own where it has a child (apparmor/union.h); to
 *   complain by alone where one of them is.
 * - A member that is absent in one of them permits all, so it is absent.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/profile.h"
#include "model/provenance.h"

struct snug_profile_union {
	size_t count; /* of profiles; 0: all else is empty */
	char *name;   /* the smallest of theirs */
	bool has_seccomp;
	struct snug_seccomp policy;
	struct snug_buf first;	 /* the first section: its members that are no policy are all's */
	struct snug_buf section; /* one that means policy; empty: none of theirs does */
	bool has_caps;
	snug_caps caps;
	bool has_no_new_privs, no_new_privs;
	bool has_non_root, non_root;
	bool has_paths[SNUG_PATHS_MAX];
	struct snug_words paths[SNUG_PATHS_MAX];
	bool has_apparmor;
	struct snug_apparmor apparmor; /* its children are not named yet: apparmor/union.h */
	struct snug_words incomplete;
	struct snug_provenance provenance;
};

/*
 * SNUG_INPUT: what apparmor/union.h refuses; a section contradicts itself, names an architecture
 * that snug has no table for (and is not the same as the others), or differs from theirs in a
 * member that is no policy (flags, …).
 * On failure only snug_profile_union_clear() is of use.
 */
int snug_profile_union_add(struct snug_profile_union *into, const struct snug_profile *profile,
			   struct snug_error *err) SNUG_CHECKED;
/* One profile or more → a profile as pretty JSON, of origin "merged". SNUG_INPUT where
 * linux.seccomp cannot say the union exactly, or it is more than a profile holds. generator:
 * "snug 0.1". */
int snug_profile_union_render(const struct snug_profile_union *all, const char *generator,
			      struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
void snug_profile_union_clear(struct snug_profile_union *all);
