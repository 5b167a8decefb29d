/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden_part.h"

#include "apply/apparmor.h"
#include "apply/apparmor_parser.h"
#include "base/cleanup.h"
#include "flow/confine.h"
#include "store/apparmor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOK "snug-hook"

void snug_harden_apparmor_clear(struct snug_harden_apparmor *part)
{
	snug_confine_text_clear(&part->text);
	snug_freep(&part->hook);
	snug_freep(&part->hook_root);
}

/* The program in this one's folder: a hook is named by its absolute path. */
static int find_hook(char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *self = realpath("/proc/self/exe", NULL);

	if (!self)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	*strrchr(self, '/') = '\0';
	if (asprintf(ret, "%s/" HOOK, self) < 0) {
		*ret = NULL;
		return snug_fail_memory(err);
	}
	if (access(*ret, X_OK) == 0)
		return 0;
	snug_fail(err, SNUG_HOST, "%s, which loads the profile before a container starts: %s", *ret,
		  strerror(errno));
	return snug_remedy(err, "install it beside snug, or use --no-hook");
}

static int find_hooks(const struct snug_harden_request *request, struct snug_harden_apparmor *ret,
		      struct snug_error *err)
{
	if (request->no_hook)
		return 0;
	if (request->store->root[0]) {
		ret->hook_root = realpath(request->store->root, NULL);
		if (!ret->hook_root)
			return snug_fail_errno(err, errno, "%s", request->store->root);
	}
	return find_hook(&ret->hook, err);
}

static int check_text(const struct snug_profile *profile, const struct snug_buf *text,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };
	char shown[128];

	snprintf(shown, sizeof(shown), "AppArmor text of %s", profile->name);
	return snug_apparmor_compile(text, shown, &policy, err);
}

static int refuse_complain(const struct snug_profile *profile, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "profile %s has no AppArmor part, which --complain is about",
		  profile->name);
	return snug_remedy(err, "leave --complain out, or generate it from a recording of files");
}

int snug_harden_apparmor_prepare(const struct snug_harden_request *request,
				 const struct snug_profile *profile,
				 struct snug_harden_apparmor *ret,
				 struct snug_harden_options *options, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };

	if (!profile->has_apparmor && request->complain)
		return refuse_complain(profile, err);
	if (!profile->has_apparmor || request->without_apparmor)
		return 0;
	/* It promises nothing, so there is nothing to refuse; the caller says so. */
	if (profile->apparmor.complain_only && !request->complain) {
		ret->left_out = true;
		return 0;
	}
	if (snug_aa_kernel_open(&kernel, err) < 0)
		return snug_context(err, "profile %s has an AppArmor part", profile->name);
	if (snug_confine_text_make(profile, request->complain, &ret->text, err) < 0 ||
	    check_text(profile, &ret->text.text, err) < 0 || find_hooks(request, ret, err) < 0)
		return -1;
	ret->wanted = true;
	options->apparmor = ret->text.label;
	options->hook = ret->hook;
	options->hook_root = ret->hook_root;
	return 0;
}

int snug_harden_apparmor_apply(const struct snug_harden_request *request,
			       const struct snug_harden_apparmor *part,
			       struct snug_harden_result *result, struct snug_error *err)
{
	result->complain_only = part->left_out;
	if (!part->wanted || request->dry_run)
		return 0;
	if (snug_store_put_apparmor(request->store, part->text.label, &part->text.text,
				    &result->apparmor, err) < 0)
		return -1;
	return request->no_hook ? snug_confine_load_by_hand(request->store, part->text.label,
							    &result->loaded, err)
				: 0;
}
