/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden_part.h"

#include "base/cleanup.h"
#include "flow/inputs.h"
#include "store/apparmor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void snug_harden_apparmor_clear(struct snug_harden_apparmor *part)
{
	snug_confine_text_clear(&part->text);
	snug_hook_place_clear(&part->place);
}

static int find_hook(const struct snug_harden_how *how, struct snug_hook_place *ret,
		     struct snug_error *err)
{
	if (how->no_hook || snug_hook_place_find(how->store, ret, err) == 0)
		return 0;
	if (err->code == SNUG_HOST)
		snug_remedy(err, "install it beside snug, or use --no-hook");
	return -1;
}

/* A text that lies in the store went through the parser before it came there; who loads it lets the
 * parser see it again. */
static bool is_checked(const struct snug_store *store, const struct snug_confine_text *text)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf there = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error ignored;

	return snug_store_read_apparmor(store, text->label, &there, &path, &ignored) == 0 &&
	       there.len == text->text.len &&
	       memcmp(snug_buf_text(&there), snug_buf_text(&text->text), there.len) == 0;
}

/* 1: it takes the parser. */
static int check_text(const struct snug_harden_how *how, const struct snug_profile *profile,
		      const struct snug_confine_text *text, struct snug_error *err)
{
	char shown[128];

	if (how->reuse && is_checked(how->store, text))
		return 0;
	if (!how->tools)
		return 1;
	snprintf(shown, sizeof(shown), "AppArmor text of %s", profile->name);
	return how->tools->check_apparmor(&text->text, shown, err);
}

static int refuse_complain(const struct snug_profile *profile, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "profile %s has no AppArmor part, which --complain is about",
		  profile->name);
	return snug_remedy(err, "leave --complain out, or generate it from a recording of files");
}

/* Whoever says that it may be missing is not kept from the rest; to audit promises nothing. 1: it
 * takes tools to say why it is missing. */
static int look_for_kernel(const struct snug_harden_how *how, bool *ret_there,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf enabled = { 0 };

	if (!how->tools) {
		*ret_there = snug_inputs_read_apparmor(&enabled, err) == 0 &&
			     snug_buf_text(&enabled)[0] == 'Y';
		return *ret_there ? 0 : 1;
	}
	*ret_there = how->tools->find_apparmor(err) == 0;
	if (*ret_there)
		return 0;
	if (how->audit && err->code == SNUG_HOST)
		return 0;
	return how->apparmor == SNUG_APPARMOR_IF_PRESENT && how->tools->lacks_apparmor(err) ? 0
											    : -1;
}

int snug_harden_apparmor_prepare(const struct snug_harden_how *how,
				 const struct snug_profile *profile,
				 struct snug_harden_apparmor *ret,
				 struct snug_harden_options *options, struct snug_error *err)
{
	const bool complain = how->complain || how->audit;
	bool there = false;
	int result;

	if (!profile->has_apparmor && how->complain)
		return refuse_complain(profile, err);
	if (!profile->has_apparmor || how->apparmor == SNUG_APPARMOR_OFF)
		return 0;
	/* It promises nothing, so there is nothing to refuse; the caller says so. */
	if (profile->apparmor.complain_only && !complain) {
		ret->left_out = true;
		return 0;
	}
	result = look_for_kernel(how, &there, err);
	if (result < 0)
		return snug_context(err, "profile %s has an AppArmor part", profile->name);
	ret->absent = !there;
	if (result || !there)
		return result;
	if (snug_confine_text_make(profile, complain, &ret->text, err) < 0)
		return -1;
	result = check_text(how, profile, &ret->text, err);
	if (result || find_hook(how, &ret->place, err) < 0)
		return result ? result : -1;
	ret->wanted = true;
	options->apparmor = ret->text.label;
	options->hook = ret->place.hook;
	options->hook_root = ret->place.root;
	return 0;
}

int snug_harden_apparmor_apply(const struct snug_harden_how *how,
			       const struct snug_harden_apparmor *part,
			       struct snug_harden_result *result, struct snug_error *err)
{
	result->complain_only = part->left_out;
	result->no_apparmor = part->absent;
	if (!part->wanted || how->dry_run)
		return 0;
	if (snug_store_put_apparmor(how->store, part->text.label, &part->text.text,
				    &result->apparmor, err) < 0)
		return -1;
	return how->no_hook ? how->tools->load_apparmor(how->store, part->text.label,
							&result->loaded, err)
			    : 0;
}
