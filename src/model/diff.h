/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between A and B: two policies, two profiles, two recordings. Exact, both ways, each
 * difference of a policy with a call that shows it. Swapped, they give the same, mirrored.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/apparmor/diff.h"
#include "model/profile.h"
#include "model/provenance.h"
#include "model/recording.h"

#include <stdbool.h>

enum snug_side { SNUG_SIDE_A, SNUG_SIDE_B, SNUG_SIDE_MAX };

/* ---- policies ---- */

/*
 * Calls that two policies answer with a and b, which differ: one that Linux has (first is last), or
 * a run of numbers that it has not. A call whose arguments decide comes once for each pair.
 */
struct snug_call_change {
	enum snug_arch arch;
	uint32_t first, last;
	snug_action a, b;
	bool by_argument; /* other arguments get other answers, or the same from both */
	bool undecided;	  /* the search gave up: the call shows nothing, and whether
			   * there is one is not known */
	struct snug_call_data witness; /* its number is first */
};
/* By arch, then number. */
struct snug_call_changes SNUG_VEC_BODY(struct snug_call_change);

/* What a change is: to permit is ALLOW and LOG (action.h). OTHERWISE: both permit or neither does,
 * but not in the same way. */
enum snug_change {
	SNUG_CHANGE_B_ALLOWS,
	SNUG_CHANGE_A_ALLOWS,
	SNUG_CHANGE_OTHERWISE,
	SNUG_CHANGE_UNDECIDED,
	SNUG_CHANGE_MAX,
};
enum snug_change snug_change_of(const struct snug_call_change *change);

/* The last of the numbers from first to last that, with first, is one call or a run of none. */
uint32_t snug_call_run_end(enum snug_arch arch, uint32_t first, uint32_t last);

/* Appends to ret; it is empty exactly where snug_seccomp_same(a, b). SNUG_INPUT: see
 * snug_split_answers(). */
int snug_policy_diff(const struct snug_seccomp *a, const struct snug_seccomp *b,
		     struct snug_call_changes *ret, struct snug_error *err) SNUG_CHECKED;

/* ---- profiles ---- */

/* What a profile says nothing of, it permits: no seccomp section is one that allows all. */
struct snug_profile_diff {
	struct snug_call_changes calls; /* as SNUG_RUNTIME_SNUG reads the sections */
	snug_caps caps[SNUG_SIDE_MAX];	/* that this side has and the other has not */
	bool no_new_privs[SNUG_SIDE_MAX];
	bool non_root[SNUG_SIDE_MAX];				/* runAsNonRoot */
	struct snug_words paths[SNUG_PATHS_MAX][SNUG_SIDE_MAX]; /* that this side alone masks, … */
	/* Nothing is compared where one says nothing to AppArmor: that one allows all. */
	bool has_apparmor[SNUG_SIDE_MAX];
	struct snug_aa_side apparmor[SNUG_SIDE_MAX]; /* that this side allows and the other not */
	bool complain_only[SNUG_SIDE_MAX];	     /* of two that say something to it */
	struct snug_words members; /* of the sections, that are no policy (flags, …) and differ */
	struct snug_words foreign; /* ABIs that snug has no table for, in sections that differ */
};

int snug_profile_diff_make(const struct snug_profile *a, const struct snug_profile *b,
			   struct snug_profile_diff *ret, struct snug_error *err) SNUG_CHECKED;
void snug_profile_diff_clear(struct snug_profile_diff *diff);
bool snug_profile_diff_is_empty(const struct snug_profile_diff *diff);

/* ---- recordings ---- */

/* A call of which one side saw more than the other. Both point into the recordings. */
struct snug_seen_change {
	const struct snug_seen_call *call;
	const struct snug_seen_call *other; /* as the other side saw it; NULL: not at all */
};
/* Did the call's side alone see these arguments of it? */
bool snug_seen_alone(const struct snug_seen_change *change, const struct snug_tuple *tuple);

/* Calls, refused ones apart, with their arguments; files and acts, with their programs. Who ran,
 * when, and how often is left aside. */
struct snug_recording_diff {
	const struct snug_recording *of[SNUG_SIDE_MAX];
	SNUG_VEC(struct snug_seen_change) calls[SNUG_SIDE_MAX]; /* more of which this side saw */
	snug_caps caps[SNUG_SIDE_MAX];				/* that this side alone needed */
	/* Seen by this side alone, without runs. Of a file that the other saw under the same
	 * program too (snug_seen_files_find): the accesses that it did not see. */
	struct snug_seen_files files[SNUG_SIDE_MAX];
	struct snug_seen_acts acts[SNUG_SIDE_MAX];
	bool raised_creds[SNUG_SIDE_MAX];
};

/* a and b must outlive ret. */
int snug_recording_diff_make(const struct snug_recording *a, const struct snug_recording *b,
			     struct snug_recording_diff *ret, struct snug_error *err) SNUG_CHECKED;
void snug_recording_diff_clear(struct snug_recording_diff *diff);
/* False where one side alone was blind to something, or lost events: the same was seen, but what
 * was there may not be. */
bool snug_recording_diff_is_empty(const struct snug_recording_diff *diff);

/* ---- in words ---- */

/* titles: what A and B are called. Text is for a terminal of 80 columns, "the same" where nothing
 * differs. */
int snug_profile_diff_text(const struct snug_profile_diff *diff,
			   const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			   struct snug_error *err) SNUG_CHECKED;
int snug_profile_diff_json(const struct snug_profile_diff *diff,
			   const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			   struct snug_error *err) SNUG_CHECKED;
int snug_recording_diff_text(const struct snug_recording_diff *diff,
			     const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			     struct snug_error *err) SNUG_CHECKED;
int snug_recording_diff_json(const struct snug_recording_diff *diff,
			     const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			     struct snug_error *err) SNUG_CHECKED;
