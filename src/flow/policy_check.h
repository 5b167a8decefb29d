/* SPDX-License-Identifier: Apache-2.0 */
/* Is the policy sound, on this host: what `snug policy check` finds. */
#pragma once

#include "flow/decide.h"

struct snug_findings SNUG_VEC_BODY(struct snug_error); /* each with its place and its remedy */

/*
 * The host's policy, or the file at path (NULL: the host's). Adds to ret: a file that cannot be
 * read or is not to be trusted, rules that never decide, profiles that are not there, cannot be
 * read or are not whole, an AppArmor part that this host cannot enforce, runtimes that are none.
 * *ret_path: malloc'ed; *ret_there: there is a policy.
 */
int snug_flow_policy_check(const struct snug_store *store, const char *path,
			   struct snug_findings *ret, char **ret_path, bool *ret_there,
			   struct snug_error *err) SNUG_CHECKED;
void snug_findings_clear(struct snug_findings *findings);
