/* SPDX-License-Identifier: Apache-2.0 */
/* What snug does and snug-hook does not: makes a profile's plan. */
#include "flow/boundary.h"

#include "apply/filter.h"
#include "base/cleanup.h"
#include "flow/boundary_plan.h"
#include "flow/confine_text.h"
#include "flow/run_folder.h"
#include "model/boundary.h"
#include "store/apparmor.h"
#include "store/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tree is faster; libseccomp 2.5 builds a wrong one of some sections, which the proof sees. */
static int compile(const struct snug_oci_seccomp *section, const struct snug_seccomp *policy,
		   struct snug_filter *ret, struct snug_error *err)
{
	static const enum snug_filter_shape shapes[] = { SNUG_FILTER_TREE, SNUG_FILTER_LINEAR };
	struct snug_call_data witness;
	struct snug_target target;

	snug_target_of_host(SNUG_RUNTIME_SNUG, &target);
	for (size_t i = 0; i < 2; i++) {
		SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };

		if (snug_filter_compile(section, &target, shapes[i], &filter, err) < 0)
			return -1;
		if (snug_program_prove(&filter.program, policy, &witness, err) < 0)
			continue;
		*ret = filter;
		filter = (struct snug_filter){ 0 };
		return 0;
	}
	return -1;
}

/* As linux.seccomp, which libseccomp is asked in; where that says it stricter, so is the filter. */
static int compile_policy(const struct snug_seccomp *policy, struct snug_filter *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp meant = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_losses losses = { 0 };
	struct snug_target target;
	int result;

	snug_target_of_host(SNUG_RUNTIME_SNUG, &target);
	result = snug_oci_seccomp_write(policy, &target, NULL, &text, &losses, err);
	snug_vec_clear(&losses);
	if (result < 0 ||
	    snug_json_parse_own(&doc, snug_buf_text(&text), text.len, "the boundary's calls", err) <
		    0 ||
	    snug_oci_seccomp_read(snug_json_root(doc), &section, err) < 0 ||
	    snug_oci_seccomp_mean(&section, &target, &meant, err) < 0)
		return -1;
	return compile(&section, &meant, ret, err);
}

static int make_filter(const struct snug_profile *profile, struct snug_filter *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

	if (!profile->seccomp_node)
		return 0;
	if (snug_boundary_policy(profile, &policy, err) < 0)
		return -1;
	return compile_policy(&policy, ret, err);
}

/* To disk first: a plan's label is one that can be loaded. A part that is to complain by alone
 * promises nothing. */
static int make_label(const struct snug_store *store, const struct snug_profile *profile,
		      struct snug_boundary_plan *plan, struct snug_error *err)
{
	SNUG_AUTO(snug_confine_text_clear) struct snug_confine_text text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (!profile->has_apparmor || profile->apparmor.complain_only)
		return 0;
	if (snug_confine_text_make(profile, false, &text, err) < 0 ||
	    snug_store_put_apparmor(store, text.label, &text.text, &path, err) < 0)
		return -1;
	memcpy(plan->label, text.label, sizeof(plan->label));
	return 0;
}

static int write_plan(const char *folder, const char *name, const struct snug_boundary_made *made,
		      const struct snug_buf *profile, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = snug_boundary_plan_path(folder, name);
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (!path)
		return snug_fail_memory(err);
	if (snug_boundary_plan_render(made, profile, &text, err) < 0)
		return -1;
	/* What is there may have another's mode or owner, which a rewrite keeps. */
	(void)unlink(path);
	return snug_file_write(path, 0600, text.data, text.len, err);
}

static int make(const struct snug_store *store, const char *folder, const char *name,
		struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_boundary_made made = { 0 };

	if (snug_store_read_profile(store, name, &text, &path, err) < 0 ||
	    snug_profile_parse(snug_buf_text(&text), text.len, path, &profile, err) < 0)
		return -1;
	if (make_filter(&profile, &filter, err) < 0 ||
	    make_label(store, &profile, &made.plan, err) < 0)
		return snug_context(err, "profile %s", name);
	made.plan.filter = filter.program;
	made.plan.has_caps = profile.has_caps;
	made.plan.caps = profile.caps;
	made.plan.no_new_privs = profile.has_no_new_privs && profile.no_new_privs;
	made.plan.non_root = profile.has_non_root && profile.non_root;
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
		made.paths |= profile.paths[kind].count > 0;
	if (profile.incomplete.count)
		snprintf(made.incomplete, sizeof(made.incomplete), "%s", profile.incomplete.at[0]);
	return write_plan(folder, name, &made, &text, err);
}

int snug_boundary_make(const struct snug_hooked *context, const char *profile, int lock,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int fd = -1;

	if (!snug_name_is_valid(profile))
		return snug_fail(err, SNUG_USAGE, "'%.80s' is no profile's NAME", profile);
	fd = snug_run_lock_adopt(context->store->root, SNUG_BOUNDARY_FOLDER, lock, &folder, err);
	return fd < 0 ? -1 : make(context->store, folder, profile, err);
}
