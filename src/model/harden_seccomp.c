/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "model/explain.h"
#include "model/harden_part.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What both sections mean together. */
struct meeting {
	SNUG_VEC(struct snug_seccomp) under; /* for each target */
	struct snug_seccomp meet;	     /* the meet of them all */
	bool within;		/* the config's section is within the profile already */
	bool is_profile;	/* the meet is the profile's own section */
	unsigned before, after; /* calls of the native ABI that can run; before: without a section,
				   all */
};

static void meeting_clear(struct meeting *meeting)
{
	for (size_t i = 0; i < meeting->under.count; i++)
		snug_seccomp_clear(&meeting->under.at[i]);
	snug_vec_clear(&meeting->under);
	snug_seccomp_clear(&meeting->meet);
}

static unsigned count_permitted(const struct snug_seccomp *policy)
{
	struct snug_call_counts counts;

	snug_count_calls(policy, snug_arch_native(), UINT_MAX, UINT_MAX, &counts);
	return counts.allowed;
}

/* ---- calls that a target cannot name ---- */

/* Only what was seen, or put in by hand, is owed: widening, floors and default profiles are made
 * for other hosts and runtimes too. */
static bool is_owed(const struct snug_profile *profile, const char *name)
{
	const char *why = snug_profile_why(profile, name);

	if (snug_profile_is_default(profile))
		return false;
	return !why || (strncmp(why, "widened:", 8) != 0 && strncmp(why, "floor:", 6) != 0);
}

static bool can_name(const struct snug_oci_seccomp *section, const struct snug_target *target,
		     const char *name)
{
	for (size_t i = 0; i <= section->archs.count; i++) {
		enum snug_arch arch = snug_arch_native();
		const struct snug_syscall *call;

		if (i < section->archs.count && !snug_arch_parse(section->archs.at[i], &arch))
			continue;
		call = snug_syscall_by_name(arch, name);
		if (call && !snug_target_resolves(target, arch, call->nr))
			return false;
	}
	return true;
}

static int lose_call(const struct snug_oci_entry *entry, const char *name,
		     const struct snug_target *target, bool accept, struct snug_hardened *ret,
		     struct snug_error *err)
{
	struct snug_loss loss;

	if (!accept) {
		snug_json_fail(entry->node, err,
			       "the profile allows %s, which the libseccomp of %s on this host "
			       "cannot name",
			       name, snug_runtime_name(target->runtime));
		err->code = SNUG_HOST;
		return snug_remedy(err,
				   "use a newer libseccomp, or --accept-incomplete to deny it");
	}
	snprintf(loss.text, sizeof(loss.text), "%s: denied, the libseccomp of %s cannot name it",
		 name, snug_runtime_name(target->runtime));
	return snug_vec_push(&ret->losses, loss) < 0 ? snug_fail_memory(err) : 0;
}

static int check_names(const struct snug_profile *profile, const struct snug_target *target,
		       bool accept, struct snug_hardened *ret, struct snug_error *err)
{
	for (size_t e = 0; e < profile->seccomp.entries.count; e++) {
		const struct snug_oci_entry *entry = &profile->seccomp.entries.at[e];

		if (!snug_action_permits(entry->action))
			continue;
		for (size_t n = 0; n < entry->names.count; n++) {
			const char *name = entry->names.at[n];

			if (!can_name(&profile->seccomp, target, name) &&
			    lose_call(entry, name, target, accept || !is_owed(profile, name), ret,
				      err) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- the meeting ---- */

struct sections {
	const struct snug_oci_seccomp *config, *profile; /* config: NULL: none */
	bool audit;
};

static int mean_both(const struct sections *sections, const struct snug_target *target,
		     struct snug_seccomp *ret_theirs, struct snug_seccomp *ret_ours,
		     struct snug_error *err)
{
	const struct snug_oci_seccomp *config = sections->config;

	if (snug_oci_seccomp_mean(sections->profile, target, ret_ours, err) < 0 ||
	    (sections->audit && snug_audit_soften(ret_ours, err) < 0))
		return -1;
	return config ? snug_oci_seccomp_mean(config, target, ret_theirs, err)
		      : snug_seccomp_init(ret_theirs, SNUG_ALLOW, err);
}

/* Asked first: the meet of two sections can be far larger than either. */
static int is_within(const struct sections *sections, const struct snug_harden_options *options,
		     bool *ret, struct snug_error *err)
{
	bool within = sections->config != NULL;

	for (size_t i = 0; within && i < options->target_count; i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp theirs = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp ours = { 0 };
		struct snug_call_data witness;

		if (mean_both(sections, &options->targets[i], &theirs, &ours, err) < 0)
			return -1;
		within = snug_seccomp_within(&theirs, &ours, &witness);
	}
	*ret = within;
	return 0;
}

static int meet_under(const struct sections *sections, const struct snug_target *target,
		      struct meeting *meeting, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp theirs = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp ours = { 0 };
	struct snug_seccomp meet;
	struct snug_call_data witness;

	if (mean_both(sections, target, &theirs, &ours, err) < 0 ||
	    snug_seccomp_meet(&theirs, &ours, &meet, err) < 0)
		return -1;
	if (snug_vec_push(&meeting->under, meet) < 0) {
		snug_seccomp_clear(&meet);
		return snug_fail_memory(err);
	}
	meeting->before = count_permitted(&theirs);
	meeting->is_profile &= !sections->config || snug_seccomp_same(&meet, &ours, &witness);
	return 0;
}

/* The meet over all targets. runc comes last: where it differs from the others by its stub's ENOSYS
 * alone, the others' errno stands, and one default says it. */
static int unite(const struct snug_harden_options *options, struct meeting *meeting,
		 struct snug_error *err)
{
	if (snug_seccomp_init(&meeting->meet, SNUG_ALLOW, err) < 0)
		return -1;
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < options->target_count; i++) {
			struct snug_seccomp both;

			if ((options->targets[i].runtime == SNUG_RUNTIME_RUNC) != (pass == 1))
				continue;
			if (snug_seccomp_meet(&meeting->meet, &meeting->under.at[i], &both, err) <
			    0)
				return -1;
			snug_seccomp_clear(&meeting->meet);
			meeting->meet = both;
		}
	}
	return 0;
}

static int meet_all(const struct sections *sections, const struct snug_harden_options *options,
		    struct meeting *ret, struct snug_error *err)
{
	ret->is_profile = true;
	for (size_t i = 0; i < options->target_count; i++)
		if (meet_under(sections, &options->targets[i], ret, err) < 0)
			return -1;
	if (unite(options, ret, err) < 0)
		return -1;
	ret->after = count_permitted(&ret->meet);
	ret->is_profile &= !sections->audit; /* whose own text denies */
	return 0;
}

/* ---- the section ---- */

static bool has_other_members(const struct snug_json_node *section)
{
	for (const struct snug_json_node *n = snug_json_first(section); n; n = snug_json_next(n))
		if (!snug_oci_is_policy_member(snug_json_key(n)))
			return true;
	return false;
}

static int source_of(const struct snug_json_node *node, struct snug_buf *ret,
		     struct snug_error *err)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	snug_buf_add(ret, text, len);
	return snug_buf_check(ret, err);
}

/* The profile's policy members over the section's; the section's other members stay. */
static int put_members(struct snug_spec *spec, const struct snug_json_node *from,
		       struct snug_error *err)
{
	for (const char *const *key = snug_oci_policy_members; *key; key++) {
		const struct snug_json_node *ours = snug_json_member(from, *key);
		const struct snug_json_node *theirs = snug_json_member(spec->seccomp, *key);
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

		if (theirs && !ours && snug_json_remove(spec->doc, theirs, err) < 0)
			return -1;
		if (ours && (source_of(ours, &text, err) < 0 ||
			     snug_json_set(spec->doc, spec->seccomp, *key, text.data, err) < 0))
			return -1;
	}
	return 0;
}

static int put_profile(struct snug_spec *spec, const struct snug_profile *profile,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (spec->seccomp && has_other_members(spec->seccomp))
		return put_members(spec, profile->seccomp_node, err);
	if (source_of(profile->seccomp_node, &text, err) < 0)
		return -1;
	return snug_spec_set_seccomp(spec, text.data, err);
}

/* What every target can name, and without a stub if one of them has none: the newest call of each
 * ABI is named, so runc's stub decides of no call that has a name. */
static struct snug_target common_target(const struct snug_harden_options *options)
{
	struct snug_target common = options->targets[0];

	for (size_t i = 1; i < options->target_count; i++) {
		const struct snug_target *target = &options->targets[i];

		if (target->runtime != SNUG_RUNTIME_RUNC)
			common.runtime = target->runtime;
		for (size_t a = 0; a < SNUG_ARCH_MAX; a++)
			for (size_t w = 0; w < sizeof(common.resolves[a]) / sizeof(uint64_t); w++)
				common.resolves[a][w] &= target->resolves[a][w];
	}
	return common;
}

/* Without a section in the config the profile's ABIs are those that count. */
static int check_audit(const struct sections *sections, const struct snug_target *target,
		       const struct snug_seccomp *written, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp before = { 0 };
	const struct snug_oci_seccomp *section =
		sections->config ? sections->config : sections->profile;

	if (snug_oci_seccomp_mean(section, target, &before, err) < 0 ||
	    (!sections->config && snug_audit_soften(&before, err) < 0))
		return -1;
	return snug_audit_check(&before, written, err);
}

/* Is the text under each target as strict as the meet under it? */
static int check_written(const struct snug_buf *text, const struct sections *sections,
			 const struct snug_harden_options *options, const struct meeting *meeting,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };

	if (snug_json_parse_own(&doc, text->data, text->len, NULL, err) < 0 ||
	    snug_oci_seccomp_read(snug_json_root(doc), &section, err) < 0)
		return -1;
	for (size_t i = 0; i < options->target_count; i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp written = { 0 };
		struct snug_call_data call;
		char words[160];

		if (snug_oci_seccomp_mean(&section, &options->targets[i], &written, err) < 0)
			return -1;
		if (sections->audit &&
		    check_audit(sections, &options->targets[i], &written, err) < 0)
			return -1;
		if (snug_seccomp_within(&written, &meeting->under.at[i], &call))
			continue;
		snug_call_words(&call, words, sizeof(words));
		snug_fail(err, SNUG_INPUT, "linux.seccomp cannot be as strict under %s as %s needs",
			  snug_runtime_name(options->targets[i].runtime), words);
		return snug_remedy(err, "harden for one runtime, or soften the profile's default");
	}
	return 0;
}

static int write_anew(struct snug_spec *spec, const struct snug_profile *profile,
		      const struct sections *sections, const struct snug_harden_options *options,
		      const struct meeting *meeting, struct snug_hardened *ret,
		      struct snug_error *err)
{
	const struct snug_target target = common_target(options);
	const struct snug_json_node *keep = spec->seccomp ? spec->seccomp : profile->seccomp_node;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if ((options->rewrite == SNUG_REWRITE_PLAIN ? snug_oci_seccomp_write_plain
						    : snug_oci_seccomp_write)(
		    &meeting->meet, &target, keep, &text, &ret->losses, err) < 0 ||
	    snug_buf_check(&text, err) < 0 ||
	    check_written(&text, sections, options, meeting, err) < 0)
		return -1;
	if (sections->audit)
		snug_audit_forget_logged(&ret->losses);
	return snug_spec_set_seccomp(spec, snug_buf_text(&text), err);
}

static int note(const struct snug_spec *spec, const struct snug_profile *profile,
		const struct meeting *meeting, bool audit, struct snug_hardened *ret,
		struct snug_error *err)
{
	const char *word = snug_arch_word(snug_arch_native());

	if (audit)
		return snug_harden_note(&ret->changes, err, "$.linux.seccomp",
					"calls that profile %s denies are logged", profile->name);
	if (!spec->seccomp)
		return snug_harden_note(&ret->changes, err, "$.linux.seccomp",
					"put in from profile %s: %u calls allowed (%s)",
					profile->name, meeting->after, word);
	return snug_harden_note(&ret->changes, err, "$.linux.seccomp",
				"narrowed by profile %s: %u calls allowed, before %u (%s)",
				profile->name, meeting->after, meeting->before, word);
}

static int harden_with(struct snug_spec *spec, const struct snug_oci_seccomp *config,
		       const struct snug_profile *profile,
		       const struct snug_harden_options *options, struct snug_hardened *ret,
		       struct snug_error *err)
{
	const struct sections sections = { config, &profile->seccomp, options->audit };
	SNUG_AUTO(meeting_clear) struct meeting meeting = { 0 };
	bool within = false;

	if (options->rewrite == SNUG_REWRITE_LITTLE &&
	    is_within(&sections, options, &within, err) < 0)
		return -1;
	if (within)
		return 0;
	if (meet_all(&sections, options, &meeting, err) < 0)
		return -1;
	if ((meeting.is_profile && options->rewrite == SNUG_REWRITE_LITTLE
		     ? put_profile(spec, profile, err)
		     : write_anew(spec, profile, &sections, options, &meeting, ret, err)) < 0)
		return -1;
	return note(spec, profile, &meeting, options->audit, ret, err);
}

static int take_ready(struct snug_spec *spec, const struct snug_section_ready *ready,
		      struct snug_hardened *ret, struct snug_error *err)
{
	for (size_t i = 0; i < ready->losses.count; i++)
		if (snug_vec_push(&ret->losses, ready->losses.at[i]) < 0)
			return snug_fail_memory(err);
	if (ready->text && snug_spec_set_seccomp(spec, ready->text, err) < 0)
		return -1;
	return ready->note
		       ? snug_harden_note(&ret->changes, err, "$.linux.seccomp", "%s", ready->note)
		       : 0;
}

int snug_harden_seccomp(struct snug_spec *spec, const struct snug_profile *profile,
			const struct snug_harden_options *options, struct snug_hardened *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp config = { 0 };

	if (!profile->seccomp_node)
		return 0;
	if (options->ready)
		return take_ready(spec, options->ready, ret, err);
	for (size_t i = 0; i < options->target_count; i++)
		if (!options->audit && /* there it is logged, as what has no name is */
		    check_names(profile, &options->targets[i], options->accept_incomplete, ret,
				err) < 0)
			return -1;
	if (spec->seccomp && snug_oci_seccomp_read(spec->seccomp, &config, err) < 0)
		return -1;
	return harden_with(spec, spec->seccomp ? &config : NULL, profile, options, ret, err);
}
