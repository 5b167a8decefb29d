/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile says to AppArmor, in words, beside docker-default. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "json/json.h"
#include "model/apparmor/policy.h"
#include "model/profile.h"

/* Of the profile and its children. */
struct snug_aa_counts {
	size_t rules;
	size_t read, written, executed; /* patterns; executed: programs */
	size_t both;			/* written, and executed or mapped as code */
	size_t sockets, mounts, signals, links, children;
};
void snug_apparmor_count(const struct snug_apparmor *policy, struct snug_aa_counts *ret);

/* A section of the page for a terminal; "no opinion" where the profile has none. */
int snug_apparmor_explain(const struct snug_profile *profile, struct snug_buf *ret,
			  struct snug_error *err) SNUG_CHECKED;
/* The member "apparmor" of the explanation: null where the profile has no opinion. */
void snug_apparmor_explain_json(struct snug_json_writer *w, const struct snug_profile *profile);
