/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one profile says to AppArmor that another does not. Files exactly (apparmor/within.c), each
 * with a path that shows it, but where the search gives up; sockets exactly; signals, ptrace,
 * mounts and links rule by rule: one that only one side has may be covered by others. Programs that
 * both run, and one of them in a child, are asked about where each runs them.
 */
#pragma once

#include "base/error.h"
#include "model/apparmor/policy.h"
#include "model/provenance.h"

#include <stdbool.h>

struct snug_aa_change {
	char *child;   /* of which child profile; NULL: of the profile. The other side's, where the
			* program stays in this one's profile */
	char *pattern; /* of a file rule */
	unsigned perms;
	bool owner;    /* for the owner of the file alone */
	char *witness; /* a path; NULL where it is not known whether there is one */
};

/* Of one side: what it allows and the other does not. */
struct snug_aa_side {
	SNUG_VEC(struct snug_aa_change) files;
	struct snug_words rules; /* as lines of the rendered text, "child NAME: " in front; and
				  * execs that leave the profile, where the other's stay */
};

int snug_apparmor_diff(const struct snug_aa_rules *one, const struct snug_aa_rules *other,
		       struct snug_aa_side *ret, struct snug_error *err) SNUG_CHECKED;
bool snug_aa_side_is_empty(const struct snug_aa_side *side);
void snug_aa_side_clear(struct snug_aa_side *side);
/* "rw" */
void snug_aa_change_access(const struct snug_aa_change *change, struct snug_buf *ret);

/* "AppArmor: B allows, A does not (2)" and a line each; nothing for an empty side. */
void snug_aa_side_text(const struct snug_aa_side *side, char letter, char other,
		       struct snug_buf *ret);
/* An object: {"files": […], "rules": […]}. */
void snug_aa_side_json(struct snug_json_writer *w, const struct snug_aa_side *side);
