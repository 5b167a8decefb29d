/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json × profile → a config.json that permits a subset of both. Edits the document in
 * place; what was within the profile already stays byte for byte. Of the profile, a part without
 * an opinion changes nothing.
 *
 * - seccomp: the meet of both sections under every target at once (of two actions of one kind, the
 *   config's data). No section in the config, or one whose meet with the profile is the profile:
 *   the profile's own text. Members that are no policy (flags, listenerPath, …) stay.
 * - capabilities: the intersection of all five sets, ambient within permitted and inheritable. A
 *   config without process.capabilities has none (runc and crun alike): nothing to take away.
 * - no_new_privs is set, never unset.
 * - linux.maskedPaths and readonlyPaths: the profile's that are not there are put at the end.
 * - runAsNonRoot: a config whose process.user.uid is 0 or absent is refused.
 * - process.apparmorProfile: the label in place of none (absent, "", "unconfined"), else stacked
 * onto what is there. An older version of the same profile stays in the stack: in its place the new
 * one could allow what the config did not. To let go of it, harden the config as it was before.
 * - annotations: run.oci.seccomp_bpf_data, which would replace linux.seccomp in crun, goes;
 *   run.oci.handler and its like, which can run the workload without an execve, are refused.
 *
 * To audit is to change nothing that the workload can do: what the profile denies is logged
 * (SCMP_ACT_LOG, which is stricter than ALLOW) where the config allows it, and what cannot be
 * logged, capabilities, no_new_privs and annotations, is left and told in `would`. The AppArmor
 * label is the caller's: of a text that complains.
 */
#pragma once

#include "base/error.h"
#include "model/oci/spec.h"
#include "model/profile.h"
#include "model/target.h"

/* What became of a section before, worked out with the same options and a proof. */
struct snug_section_ready {
	const char *text; /* JSON; NULL: it stays */
	const char *note; /* NULL: none */
	struct snug_losses losses;
};

/* How much of linux.seccomp is written anew. */
enum snug_rewrite {
	SNUG_REWRITE_LITTLE, /* a section that is within the profile stays, and a profile's own goes
			      * in as it is */
	SNUG_REWRITE_ALL,    /* whatever it was: disjoint EQ and MASKED_EQ */
	SNUG_REWRITE_PLAIN,  /* the same with fewer conditions: snug_oci_seccomp_write_plain */
};

struct snug_harden_options {
	const struct snug_target *targets; /* the result holds under each of them */
	size_t target_count;		   /* 1 or more */
	enum snug_rewrite rewrite;
	bool audit;
	bool accept_incomplete; /* a call that the profile allows and a target cannot name is a
				   loss, not an error */
	const struct snug_section_ready *ready; /* NULL: work it out */
	const char *apparmor;  /* the label of the profile's AppArmor text; NULL: that part is left
				  out */
	const char *hook;      /* snug-hook's absolute path: put into hooks beside the label, which
				  it loads; NULL: not */
	const char *hook_root; /* its --root, absolute; NULL: none */
};

/* What was changed, for people and for --format json. */
struct snug_change {
	char path[128];	 /* $.linux.seccomp */
	char text[1024]; /* names all capabilities that there are */
};
struct snug_changes SNUG_VEC_BODY(struct snug_change);

struct snug_hardened {
	struct snug_changes changes; /* empty: the config is within the profile already */
	struct snug_losses losses;   /* what became stricter than the meet */
	struct snug_changes would;   /* audit: what enforce would change beside */
};

/*
 * Adds the edits to spec's document; the caller renders it. On failure the document may hold some
 * of them: drop it. SNUG_INPUT for run.oci.handler, root (see above) and sections that contradict
 * themselves, SNUG_HOST for a call that was seen and that a target cannot name.
 */
int snug_harden(struct snug_spec *spec, const struct snug_profile *profile,
		const struct snug_harden_options *options, struct snug_hardened *ret,
		struct snug_error *err) SNUG_CHECKED;
void snug_hardened_clear(struct snug_hardened *hardened);

/* Adds snug-hook (its absolute path; root: its --root, NULL: none) at createRuntime and poststop,
 * where it is not there yet. */
int snug_harden_hooks(struct snug_spec *spec, const char *hook, const char *root,
		      struct snug_changes *ret, struct snug_error *err) SNUG_CHECKED;
void snug_changes_clear(struct snug_changes *changes);
