/* SPDX-License-Identifier: Apache-2.0 */
/* What a seccomp policy, and the rest of a profile, means to people; beside the engines' default.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/completeness.h"
#include "model/oci/seccomp.h"
#include "model/profile.h"

/* Of the calls that Linux major.minor has on an ABI. */
struct snug_call_counts {
	unsigned known;
	unsigned allowed;     /* for some arguments at least */
	unsigned by_argument; /* of those: not for all */
};

/* policy NULL: no filter, all calls are allowed. */
void snug_count_calls(const struct snug_seccomp *policy, enum snug_arch arch, unsigned major,
		      unsigned minor, struct snug_call_counts *ret);

/* What is to be explained. Nothing here is owned. */
struct snug_explain {
	const char *title;			/* "web", "config.json", … */
	const struct snug_profile *profile;	/* NULL: a config or a bare linux.seccomp */
	const struct snug_oci_seccomp *section; /* with policy; NULL: no filter (or no opinion) */
	const struct snug_seccomp *policy;	/* what section means for the target */
	const struct snug_target *target;	/* with section */
	const struct snug_seccomp *engines;	/* the engines' default; NULL: none found */
	const char *engines_origin;		/* the file it is from */
	unsigned major, minor;			/* of the kernel */
	bool has_caps, has_no_new_privs, no_new_privs;
	snug_caps caps;
};

enum snug_reach { SNUG_REACH_NONE, SNUG_REACH_SOME, SNUG_REACH_ALL };

/* One call: of the native ABI, or that a listed ABI alone has. */
struct snug_explained_call {
	const char *name;
	enum snug_arch arch;
	uint32_t nr;
	enum snug_reach reach, engines; /* engines: NONE where there are none */
	bool narrowed; /* the engines' default allows arguments of it that this does not */
	bool beyond;   /* this allows arguments that the engines' default does not */
	bool dirty;    /* arguments get through with upper halves that the kernel never reads */
	struct snug_call_data dirty_call; /* such a call */
	bool named;			  /* the section names it */
	snug_action answer;		  /* where reach is NONE and all arguments get the same */
	const char *why;		  /* provenance; NULL: says nothing */
	bool runtime_only;		  /* seen in phase runtime alone */
	bool any_args;			  /* whole, for too many tuples were seen */
	bool unresolved;		  /* the section allows it, but the target cannot name it */
};

struct snug_explained {
	const struct snug_explain *of;
	SNUG_VEC(struct snug_explained_call) calls; /* by ABI, then number */
	struct snug_call_counts counts, engines;    /* of the native ABI */
	struct snug_completeness seen;		    /* provenance; runs 0: it says nothing */
};

int snug_explain_make(const struct snug_explain *what, struct snug_explained *ret,
		      struct snug_error *err) SNUG_CHECKED;
void snug_explained_clear(struct snug_explained *explained);

/* Conditions that are ANDed, as people write them: "socket(AF_INET, SOCK_STREAM, 0)",
 * "personality(!= 8)", "ioctl(*, TCGETS)". Upper halves that the kernel ignores are not said. */
void snug_condition_words(const char *call, const struct snug_oci_arg *args, size_t count,
			  struct snug_buf *ret);

/* A call's rules by argument that make it another call than the section's default makes it: they
 * permit, or they refuse where the default permits. They point into the section. */
struct snug_rule {
	const struct snug_oci_arg *args;
	size_t count;
	snug_action action;
};
struct snug_rules SNUG_VEC_BODY(struct snug_rule);
int snug_rules_of(const struct snug_oci_seccomp *section, const char *call, struct snug_rules *ret,
		  struct snug_error *err) SNUG_CHECKED;
/* Is it the runtimes' alone, by the profile's provenance? */
bool snug_rule_is_floor(const struct snug_profile *profile, const char *call,
			const struct snug_rule *rule);
/* What the arguments get that no such rule names: "EPERM", "EPERM or ENOSYS", "allow". */
void snug_answers_of(const struct snug_explain *what, const struct snug_explained_call *call,
		     struct snug_buf *ret);

/* The section of capabilities, with who needed each where the provenance says so. */
int snug_explain_caps(const struct snug_explain *what, struct snug_buf *ret,
		      struct snug_error *err) SNUG_CHECKED;

/* What a profile says of the user and of paths, and its deviations (provenance). */
void snug_explain_profile(const struct snug_profile *profile, struct snug_buf *out);

/* For a terminal of 80 columns. */
int snug_explain_text(const struct snug_explained *explained, struct snug_buf *ret,
		      struct snug_error *err) SNUG_CHECKED;
int snug_explain_json(const struct snug_explained *explained, struct snug_buf *ret,
		      struct snug_error *err) SNUG_CHECKED;
