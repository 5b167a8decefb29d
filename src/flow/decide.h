/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy says of a container: the one decision that every entry point makes. Without
 * libseccomp and libapparmor, so that snug-hook has it too; what follows from it is applied by
 * flow/apply.h.
 */
#pragma once

#include "base/buf.h"
#include "model/policy.h"
#include "store/store.h"

/* /etc/snug/policy.json below the store's root. */
struct snug_policy_file {
	bool there;
	char *path; /* where it is, or would be */
	struct snug_buf text;
	struct snug_policy policy;
};
/* SNUG_INPUT: there is one that cannot be read or is not to be trusted. Nobody can tell then what
 * it says of a container, so whoever starts one has to refuse it. */
int snug_policy_file_load(const struct snug_store *store, struct snug_policy_file *ret,
			  struct snug_error *err) SNUG_CHECKED;
/* A file that the caller chose. */
int snug_policy_file_read(const char *path, struct snug_policy_file *ret,
			  struct snug_error *err) SNUG_CHECKED;
void snug_policy_file_clear(struct snug_policy_file *file);

/* A container and what was decided for it. Not to be moved: parts point at each other. */
struct snug_decided {
	struct snug_json *doc; /* NULL: the config was not even parsed: nothing could be asked */
	struct snug_spec spec;
	struct snug_subject subject;
	struct snug_decision decision; /* its strings belong to the policy file and to doc */
};
/*
 * Decides for the text of a config.json, which path names in errors. bundle: its folder, absolute;
 * NULL: not known. file outlives ret. SNUG_INPUT: the config cannot be read; where there is a
 * policy, the container has to be refused.
 */
int snug_decide(const struct snug_policy_file *file, const struct snug_buf *config,
		const char *path, const char *bundle, struct snug_decided *ret,
		struct snug_error *err) SNUG_CHECKED;
void snug_decided_clear(struct snug_decided *decided);

/* For people: "/etc/snug/policy.json: rule 2 ('web'): enforce web". */
void snug_decided_words(const struct snug_policy_file *file, const struct snug_decision *decision,
			struct snug_buf *ret);
