/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/policy_check.h"

#include "apply/apparmor.h"
#include "base/cleanup.h"
#include "flow/harden.h"
#include "store/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void snug_findings_clear(struct snug_findings *findings)
{
	snug_vec_clear(findings);
}

static int add(struct snug_findings *ret, const struct snug_error *finding, struct snug_error *err)
{
	return snug_vec_push(ret, *finding) < 0 ? snug_fail_memory(err) : 0;
}

/* What was found elsewhere, told where the policy leads there. A failure of the system's is none.
 */
static int add_at(struct snug_findings *ret, const struct snug_json_node *node,
		  const struct snug_error *found, struct snug_error *err)
{
	struct snug_error finding = { 0 };

	if (found->code == SNUG_SYSTEM) {
		*err = *found;
		return -1;
	}
	snug_json_fail(node, &finding, "%s%s%s", found->file, found->file[0] ? ": " : "",
		       found->what);
	if (found->remedy[0])
		snug_remedy(&finding, "%s", found->remedy);
	return add(ret, &finding, err);
}

/* ---- profiles ---- */

static int check_apparmor(const struct snug_profile *profile, const struct snug_verdict *verdict,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };

	/* To audit promises nothing. */
	if (!profile->has_apparmor || verdict->mode == SNUG_MODE_AUDIT ||
	    verdict->apparmor != SNUG_APPARMOR_REQUIRED)
		return 0;
	if (profile->apparmor.complain_only) {
		snug_fail(err, SNUG_INPUT,
			  "profile %s has an AppArmor part that only complains: it is left out",
			  profile->name);
		return snug_remedy(err, "learn it where files are seen whole, or say "
					"\"apparmor\": \"ifPresent\" if that is meant");
	}
	if (snug_aa_kernel_open(&kernel, err) == 0)
		return 0;
	snug_context(err, "profile %s has an AppArmor part", profile->name);
	return snug_remedy(err, "say \"apparmor\": \"ifPresent\", or turn AppArmor on");
}

static int check_profile(const struct snug_store *store, const struct snug_verdict *verdict,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	bool accept = verdict->accept_incomplete || verdict->mode == SNUG_MODE_AUDIT;

	if (snug_flow_profile(store, verdict->profile, &profile, &path, err) < 0)
		return -1;
	if (snug_flow_check_complete(&profile, path, accept, err) < 0)
		return snug_remedy(err, "record it again, or say \"acceptIncomplete\": true");
	return check_apparmor(&profile, verdict, err);
}

static int check_verdict(const struct snug_store *store, const struct snug_json_node *node,
			 const struct snug_verdict *verdict, struct snug_findings *ret,
			 struct snug_error *err)
{
	struct snug_error found;

	if ((verdict->mode != SNUG_MODE_AUDIT && verdict->mode != SNUG_MODE_ENFORCE) ||
	    check_profile(store, verdict, &found) == 0)
		return 0;
	return add_at(ret, snug_json_member(node, "profile"), &found, err);
}

/* ---- rules ---- */

static int check_shadow(const struct snug_policy *policy, size_t index,
			const struct snug_json_node *node, struct snug_findings *ret,
			struct snug_error *err)
{
	struct snug_error found = { 0 };
	int by;

	if (snug_policy_shadowed(policy, index, &by, err) < 0)
		return -1;
	if (by < 0)
		return 0;
	snug_json_fail(node, &found, "it never decides: $.rules[%d] matches whatever this does",
		       by);
	snug_remedy(&found, "move it before that one, or take it out");
	return add(ret, &found, err);
}

static int check_rules(const struct snug_store *store, const struct snug_policy *policy,
		       struct snug_findings *ret, struct snug_error *err)
{
	for (size_t i = 0; i < policy->rules.count; i++) {
		const struct snug_policy_rule *rule = &policy->rules.at[i];

		if (check_shadow(policy, i, rule->node, ret, err) < 0 ||
		    check_verdict(store, rule->node, &rule->verdict, ret, err) < 0)
			return -1;
	}
	if (!policy->has_default)
		return 0;
	return check_shadow(policy, policy->rules.count, policy->default_node, ret, err) < 0
		       ? -1
		       : check_verdict(store, policy->default_node, &policy->fallback, ret, err);
}

/* ---- runtimes ---- */

/* It would call itself. */
static bool is_wrapper(const char *path)
{
	SNUG_AUTO(snug_freep) char *resolved = realpath(path, NULL);
	const char *name = resolved ? strrchr(resolved, '/') + 1 : "";

	return strcmp(name, "snug-runtime") == 0 || strcmp(name, "snug-hook") == 0 ||
	       strcmp(name, "snug") == 0;
}

static int check_runtime(const char *path, struct snug_error *err)
{
	if (snug_store_check_program(path, err) < 0)
		return -1;
	if (is_wrapper(path)) {
		snug_fail(err, SNUG_INPUT, "%s is snug itself, and no runtime", path);
		return snug_remedy(err, "name the runtime that it stands in for");
	}
	if (strstr(strrchr(path, '/'), "runc") || strstr(strrchr(path, '/'), "crun"))
		return 0;
	snug_fail(err, SNUG_INPUT, "%s: neither runc nor crun by its name", path);
	return snug_remedy(err, "snug-runtime knows how these two read their command lines");
}

static int check_runtimes(const struct snug_policy *policy, struct snug_findings *ret,
			  struct snug_error *err)
{
	const struct snug_json_node *object =
		snug_json_member(snug_json_root(policy->doc), "runtimes");
	struct snug_error found;

	for (const struct snug_json_node *n = snug_json_first(object); n; n = snug_json_next(n))
		if (check_runtime(snug_policy_runtime(policy, snug_json_key(n)), &found) < 0 &&
		    add_at(ret, n, &found, err) < 0)
			return -1;
	return 0;
}

/* ---- all of it ---- */

int snug_flow_policy_check(const struct snug_store *store, const char *path,
			   struct snug_findings *ret, char **ret_path, bool *ret_there,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file file = { 0 };
	struct snug_error found;
	int loaded = path ? snug_policy_file_read(path, &file, &found)
			  : snug_policy_file_load(store, &file, &found);

	*ret_there = loaded < 0 || file.there;
	if (loaded < 0 && found.code == SNUG_SYSTEM) {
		*err = found;
		return -1;
	}
	if (loaded < 0)
		return add(ret, &found, err);
	*ret_path = SNUG_TAKE(file.path);
	if (!file.there)
		return 0;
	return check_rules(store, &file.policy, ret, err) < 0
		       ? -1
		       : check_runtimes(&file.policy, ret, err);
}
