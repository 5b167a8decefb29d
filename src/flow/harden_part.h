/* SPDX-License-Identifier: Apache-2.0 */
/* harden.c's AppArmor part. */
#pragma once

#include "flow/confine_text.h"
#include "flow/harden.h"
#include "flow/hook_place.h"

struct snug_harden_apparmor {
	bool left_out; /* it is to complain by alone */
	bool absent;   /* this host has none */
	bool wanted;   /* else all below is empty */
	struct snug_confine_text text;
	struct snug_hook_place place; /* empty: no hook is wanted */
};
void snug_harden_apparmor_clear(struct snug_harden_apparmor *part);

/* Is there AppArmor here, does its parser take the profile's text, is snug-hook where it belongs:
 * SNUG_HOST or SNUG_INPUT if not. Sets options' members; they point into ret. 1: that takes tools.
 */
int snug_harden_apparmor_prepare(const struct snug_harden_how *how,
				 const struct snug_profile *profile,
				 struct snug_harden_apparmor *ret,
				 struct snug_harden_options *options,
				 struct snug_error *err) SNUG_CHECKED;
/* What the hook will look for goes to disk; without one the profile is loaded at once. */
int snug_harden_apparmor_apply(const struct snug_harden_how *how,
			       const struct snug_harden_apparmor *part,
			       struct snug_harden_result *result,
			       struct snug_error *err) SNUG_CHECKED;
