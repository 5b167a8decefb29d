/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile: what a container may do. Generated, or written by hand. Format: docs/design.md,
 * "Files". A part that is absent has no opinion.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "model/apparmor/policy.h"
#include "model/need.h"
#include "model/oci/caps.h"
#include "model/oci/seccomp.h"
#include "model/paths.h"

#include <stdbool.h>

#define SNUG_PROFILE_VERSION 1

/* Of profiles/: made for every host and workload. A call that a target cannot name is none that
 * somebody counts on. */
#define SNUG_ORIGIN_DEFAULT "default"

struct snug_profile {
	struct snug_json *doc; /* owned: everything below points into it */
	const char *name;
	const char *origin; /* "generated", "hand", SNUG_ORIGIN_DEFAULT, …; NULL: not stated */
	const struct snug_json_node *seccomp_node; /* NULL: no opinion */
	struct snug_oci_seccomp seccomp;
	bool has_caps;
	snug_caps caps;
	bool has_no_new_privs, no_new_privs;
	bool has_non_root, non_root; /* to be started by another user than root */
	bool has_paths[SNUG_PATHS_MAX];
	struct snug_path_list paths[SNUG_PATHS_MAX];
	bool has_apparmor;
	struct snug_apparmor apparmor;		 /* owns its strings */
	SNUG_VEC(const char *) incomplete;	 /* why it is not whole; empty: it is */
	const struct snug_json_node *provenance; /* NULL: none */
};

int snug_profile_parse(const char *text, size_t len, const char *file, struct snug_profile *ret,
		       struct snug_error *err) SNUG_CHECKED;
/* The same of what snug itself has just written (json.h: snug_json_parse_own). */
int snug_profile_parse_own(const char *text, size_t len, const char *file, struct snug_profile *ret,
			   struct snug_error *err) SNUG_CHECKED;
/* The same of a document that is parsed already, which is taken over, on failure too. */
int snug_profile_read(struct snug_json *doc, struct snug_profile *ret,
		      struct snug_error *err) SNUG_CHECKED;
void snug_profile_clear(struct snug_profile *profile);
bool snug_profile_is_default(const struct snug_profile *profile);
/* Why the call is in: provenance.syscalls[name].why, NULL if it says nothing. */
const char *snug_profile_why(const struct snug_profile *profile, const char *call);
/* Who needed the capability: provenance.capabilities[name].needed. ret is empty before, and stays
 * so where that says nothing, or nothing that can be read. */
int snug_profile_needs(const struct snug_profile *profile, unsigned cap, struct snug_cap_needs *ret,
		       struct snug_error *err) SNUG_CHECKED;
