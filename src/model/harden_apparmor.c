/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/apparmor/label.h"
#include "model/harden_part.h"

#include <string.h>

/* ---- the label ---- */

static int set_label(struct snug_spec *spec, const char *label, struct snug_hardened *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf stack = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };
	bool none = snug_label_is_none(spec->apparmor);

	snug_label_stack(spec->apparmor, label, &stack);
	if (snug_buf_check(&stack, err) < 0)
		return -1;
	if (!none && strcmp(spec->apparmor, stack.data) == 0)
		return 0;
	snug_json_put_string(&w, stack.data);
	if (snug_buf_check(&text, err) < 0 ||
	    snug_json_set(spec->doc, spec->process, "apparmorProfile", text.data, err) < 0)
		return -1;
	if (none)
		return snug_harden_note(&ret->changes, err, "$.process.apparmorProfile",
					"set to %s", label);
	return snug_harden_note(&ret->changes, err, "$.process.apparmorProfile",
				"%s stacked onto %s", label, spec->apparmor);
}

/* Under no_new_privs the kernel lets no exec change a profile (EPERM): better said here. */
static int refuse_children(const struct snug_spec *spec, const struct snug_profile *profile,
			   struct snug_error *err)
{
	if (!profile->apparmor.rules.children.count ||
	    !(spec->no_new_privs || (profile->has_no_new_privs && profile->no_new_privs)))
		return 0;
	snug_fail(
		err, SNUG_INPUT,
		"the profile has child profiles, which no_new_privs keeps programs from entering");
	return snug_remedy(err, "generate it without --children");
}

int snug_harden_apparmor(struct snug_spec *spec, const struct snug_profile *profile,
			 const struct snug_harden_options *options, struct snug_hardened *ret,
			 struct snug_error *err)
{
	if (!options->apparmor)
		return 0;
	if (refuse_children(spec, profile, err) < 0)
		return -1;
	if (set_label(spec, options->apparmor, ret, err) < 0)
		return -1;
	return options->hook ? snug_harden_hooks(spec, options->hook, options->hook_root,
						 &ret->changes, err)
			     : 0;
}
