/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy: which containers get which profile, in which mode. Format: docs/design.md, "Files".
 * The first rule that matches a container decides, else the default; without one the container is
 * left alone.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"
#include "model/oci/spec.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_POLICY_VERSION   1
#define SNUG_POLICY_BYTES_MAX ((size_t)1 << 20)
#define SNUG_POLICY_RULES_MAX 1024u
#define SNUG_POLICY_GLOBS_MAX                                                                      \
	64u /* patterns of one matcher, matchers of one kind, ranges of users */
#define SNUG_POLICY_RUNTIMES_MAX 16u

/* The annotations by which a container may choose, where the policy's "annotations" has them. */
#define SNUG_ANNOTATION_PROFILE "io.snug.profile"
#define SNUG_ANNOTATION_LEARN	"io.snug.learn"

enum snug_mode {
	SNUG_MODE_OFF, /* the container is left alone */
	SNUG_MODE_LEARN,
	SNUG_MODE_AUDIT,
	SNUG_MODE_ENFORCE,
	SNUG_MODE_MAX
};
const char *snug_mode_name(enum snug_mode mode); /* "off", "learn", "audit", "enforce" */

/* The AppArmor part of a profile. */
enum snug_apparmor_use {
	SNUG_APPARMOR_REQUIRED,	  /* a host without AppArmor is an error */
	SNUG_APPARMOR_IF_PRESENT, /* it is left out on a host without */
	SNUG_APPARMOR_OFF,
	SNUG_APPARMOR_USE_MAX
};

/* What a rule and the default say alike. */
struct snug_verdict {
	enum snug_mode mode;
	const char *profile;	 /* NULL with SNUG_MODE_OFF; with _LEARN the recording's name */
	bool refuse_on_error;	 /* onError; absent: enforce refuses, learn and audit go on */
	bool refuse_when_weaker; /* whenWeaker: "refuse", not "confine" */
	bool allow_exec; /* what is confined at the exec boundary alone may be exec'ed into */
	bool accept_incomplete; /* as `harden --accept-incomplete` */
	enum snug_apparmor_use apparmor;
};

struct snug_globs SNUG_VEC_BODY(const char *);

/* annotations, labels: each of the keys has to be there with a value that matches. */
struct snug_keyed_globs {
	const char *key;
	struct snug_globs globs;
};
struct snug_keyed SNUG_VEC_BODY(struct snug_keyed_globs);

struct snug_user_range {
	uint32_t first, last;
};
struct snug_users SNUG_VEC_BODY(struct snug_user_range);

/* What texts a rule may look at. */
enum snug_match_text {
	SNUG_MATCH_IMAGE,
	SNUG_MATCH_COMMAND,	 /* process.args[0] */
	SNUG_MATCH_COMMAND_LINE, /* all of process.args, a space between */
	SNUG_MATCH_BUNDLE,
	SNUG_MATCH_ROOTFS,
	SNUG_MATCH_TEXT_MAX
};

/* All that is there has to match; of a list one. */
struct snug_match {
	struct snug_globs texts[SNUG_MATCH_TEXT_MAX]; /* empty: not asked */
	struct snug_keyed annotations, labels;
	struct snug_users users;
};

struct snug_policy_rule {
	const struct snug_json_node *node;
	const char *name; /* for messages; NULL: none */
	struct snug_match match;
	struct snug_verdict verdict;
};

struct snug_policy_runtime {
	const char *name, *path; /* path: absolute */
};

struct snug_policy {
	struct snug_json *doc; /* owned: what is below points into it */
	bool honours_profile, honours_learn;
	bool has_default;
	const struct snug_json_node *default_node;
	struct snug_verdict fallback; /* the default */
	SNUG_VEC(struct snug_policy_rule) rules;
	SNUG_VEC(struct snug_policy_runtime) runtimes;
};

/* SNUG_INPUT with file, line, column and JSON path. */
int snug_policy_parse(const char *text, size_t len, const char *file, struct snug_policy *ret,
		      struct snug_error *err) SNUG_CHECKED;
void snug_policy_clear(struct snug_policy *policy);

/* The real runtime that snug-runtime stands in for; NULL: the policy names none of this name. */
const char *snug_policy_runtime(const struct snug_policy *policy, const char *name);

/* The names of the members of a part, and of the words that a member may be: the schema is held
 * against them. NULL at the end. */
enum snug_policy_part {
	SNUG_POLICY_TOP,
	SNUG_POLICY_DEFAULT,
	SNUG_POLICY_RULE,
	SNUG_POLICY_MATCH,
	SNUG_POLICY_PART_MAX
};
const char *snug_policy_member(enum snug_policy_part part, size_t index);

/* ---- what a policy looks at ---- */

struct snug_subject {
	const struct snug_spec *spec;	     /* not owned */
	char *texts[SNUG_MATCH_TEXT_MAX];    /* owned; NULL: not known */
	struct snug_json *labels_doc;	     /* owned; NULL: annotations are the labels */
	const struct snug_json_node *labels; /* an object, or NULL */
	uint32_t user;
};
/*
 * bundle: its folder, absolute; NULL: not known, and no rule that asks for it matches (nor, with a
 * relative root.path, one that asks for the rootfs). SNUG_INPUT for what a runtime would refuse or
 * read in another way than snug.
 */
int snug_subject_init(const struct snug_spec *spec, const char *bundle, struct snug_subject *ret,
		      struct snug_error *err) SNUG_CHECKED;
void snug_subject_clear(struct snug_subject *subject);

/* ---- the decision ---- */

#define SNUG_DECIDED_DEFAULT (-1)
#define SNUG_DECIDED_NONE    (-2) /* no rule matches, and there is no default */

struct snug_decision {
	struct snug_verdict verdict;
	/* What is applied, all of them (the meet): the rule's, then the container's. NULL: none.
	 * They belong to the policy and the config. Audit and enforce alone. */
	const char *profiles[2];
	unsigned profile_count;
	const char *learn; /* it is recorded as this; NULL: it is not */
	int rule;	   /* from 0, or SNUG_DECIDED_… */
	char why[1024];	   /* for people */
	char ignored[256]; /* which annotation does not count, and why; "" if none */
};

/* Does the rule match? why: of a rule that does what matched, else what did not; "" for all. */
bool snug_policy_rule_matches(const struct snug_policy_rule *rule,
			      const struct snug_subject *subject, char why[512]);
/*
 * A container's own annotations, where the policy honours them, only add. io.snug.profile's profile
 * is applied beside the rule's, in the rule's mode (where nothing decides: enforced); under learn
 * and off it does not count. io.snug.learn records beside any mode but learn, whose name stands.
 */
void snug_policy_decide(const struct snug_policy *policy, const struct snug_subject *subject,
			struct snug_decision *ret);
/* Without a policy: io.snug.learn alone. */
void snug_policy_decide_without(const struct snug_subject *subject, struct snug_decision *ret);
/* Is the container left as it is? */
bool snug_decision_is_off(const struct snug_decision *decision);

/* The first earlier rule that matches whatever rule `index` matches (their count: the default), so
 * that this one never decides; -1: none. */
int snug_policy_shadowed(const struct snug_policy *policy, size_t index, int *ret_by,
			 struct snug_error *err) SNUG_CHECKED;
