/* SPDX-License-Identifier: Apache-2.0 */
#include "model/summary.h"

#include "base/cleanup.h"
#include "model/apparmor/diff.h"
#include "model/apparmor/explain.h"
#include "model/explain.h"
#include "model/page.h"
#include "model/recording.h"

#include <string.h>

#define CHANGES_SHOWN 10u

/* How a section allows one call. */
struct allowed {
	const char *name;
	bool whole;
	size_t rules; /* by argument */
};
struct allowed_list SNUG_VEC_BODY(struct allowed);

static void clear_list(struct allowed_list *list)
{
	snug_vec_clear(list);
}

static struct allowed *find(const struct allowed_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i].name, name) == 0)
			return &list->at[i];
	return NULL;
}

static int list_allowed(const struct snug_oci_seccomp *section, struct allowed_list *ret)
{
	for (size_t i = 0; i < section->entries.count; i++) {
		const struct snug_oci_entry *entry = &section->entries.at[i];

		for (size_t j = 0; snug_action_permits(entry->action) && j < entry->names.count;
		     j++) {
			struct allowed fresh = { .name = entry->names.at[j] };
			struct allowed *known = find(ret, fresh.name);

			if (!known && snug_vec_push(ret, fresh) < 0)
				return -1;
			known = known ? known : &ret->at[ret->count - 1];
			known->whole |= entry->args.count == 0;
			known->rules += entry->args.count != 0;
		}
	}
	return 0;
}

static void put_counts(const struct snug_profile *profile, struct snug_buf *ret)
{
	const struct snug_json_node *counts = snug_json_member(profile->provenance, "counts");
	const struct snug_json_node *node = counts ? snug_json_first(counts) : NULL;
	const char *between = ": ";
	struct snug_error err;
	uint64_t count;

	for (; node; node = snug_json_next(node)) {
		if (snug_json_u64(node, &count, &err) < 0)
			continue;
		snug_buf_addf(ret, "%s%llu %s", between, (unsigned long long)count,
			      snug_json_key(node));
		between = ", ";
	}
}

static void put_caps(const struct snug_profile *profile, struct snug_buf *ret)
{
	struct snug_page page = { .out = ret, .indent = 2 };

	if (!profile->has_caps) {
		snug_buf_adds(ret, "  capabilities: not observed, so no opinion\n");
		return;
	}
	snug_page_word(&page, profile->caps ? "capabilities:" : "capabilities: none");
	page.indent = 4;
	for (unsigned i = 0; i < SNUG_CAP_MAX; i++)
		if (profile->caps & (snug_caps)1 << i)
			snug_page_word(&page, snug_cap_name(i));
	snug_page_end(&page);
}

/* Without an "observed" nobody knows: a profile that was written by hand. */
static void put_files(const struct snug_profile *profile, struct snug_buf *ret)
{
	const struct snug_json_node *list = snug_json_member(profile->provenance, "observed"),
				    *node;
	unsigned observed = 0;
	struct snug_error err;
	const char *word;

	if (!list)
		return;
	for (node = snug_json_first(list); node; node = snug_json_next(node))
		if (snug_json_string(node, &word, &err) == 0)
			observed |= snug_observed_parse(word);
	if (!(observed & SNUG_OBSERVED_FILES))
		snug_buf_adds(ret, "  files: not observed, so no opinion\n");
	else if (observed & SNUG_OBSERVED_FILES_APPROXIMATE)
		snug_buf_adds(ret, "  files: observed approximately, too little to enforce\n");
}

static void put_names(const struct snug_profile *profile, const char *key, const char *heading,
		      struct snug_buf *ret)
{
	const struct snug_json_node *list = snug_json_member(profile->provenance, key), *node;
	struct snug_page page = { .out = ret, .indent = 2 };
	struct snug_error err;
	const char *name;

	if (!list || !snug_json_count(list))
		return;
	snug_page_word(&page, heading);
	page.indent = 4;
	for (node = snug_json_first(list); node; node = snug_json_next(node))
		if (snug_json_string(node, &name, &err) == 0)
			snug_page_word(&page, name);
	snug_page_end(&page);
}

static void put_apparmor(const struct snug_profile *profile, struct snug_buf *ret)
{
	struct snug_aa_counts counts;

	if (!profile->has_apparmor)
		return;
	snug_apparmor_count(&profile->apparmor, &counts);
	snug_buf_addf(ret,
		      "  AppArmor%s: %zu rules; files: %zu to read, %zu to write, %zu to execute\n",
		      profile->apparmor.complain_only ? ", to complain by alone" : "", counts.rules,
		      counts.read, counts.written, counts.executed);
}

int snug_profile_summary(const struct snug_profile *profile, struct snug_buf *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(clear_list) struct allowed_list calls = { 0 };
	size_t by_argument = 0, rules = 0;

	if (profile->seccomp_node && list_allowed(&profile->seccomp, &calls) < 0)
		return snug_fail_memory(err);
	for (size_t i = 0; i < calls.count; i++) {
		by_argument += !calls.at[i].whole;
		rules += calls.at[i].whole ? 0 : calls.at[i].rules;
	}
	snug_buf_addf(ret, "%s: %zu calls allowed", profile->name, calls.count);
	put_counts(profile, ret);
	if (by_argument)
		snug_buf_addf(ret, "\n  %zu of them by argument, in %zu rule%s", by_argument, rules,
			      rules == 1 ? "" : "s");
	snug_buf_addc(ret, '\n');
	put_caps(profile, ret);
	put_files(profile, ret);
	put_apparmor(profile, ret);
	snug_buf_addf(ret, "  no_new_privs: %s\n",
		      profile->no_new_privs ? "set" : "not set, for an exec raised privileges");
	put_names(profile, "replaced", "answered ENOSYS, so that libc takes clone:", ret);
	put_names(profile, "refused", "refused while recording, so not in:", ret);
	put_names(profile, "x32", "x32 calls, never in:", ret);
	for (size_t i = 0; i < profile->incomplete.count; i++)
		snug_buf_addf(ret, "  not whole: %s\n", profile->incomplete.at[i]);
	return snug_buf_check(ret, err);
}

static void put_less(const char *heading, const struct allowed_list *a,
		     const struct allowed_list *b, struct snug_buf *ret)
{
	struct snug_page page = { .out = ret, .indent = 2 };

	for (size_t i = 0; i < a->count; i++) {
		if (find(b, a->at[i].name))
			continue;
		if (!page.column && page.indent == 2)
			snug_page_word(&page, heading);
		page.indent = 4;
		snug_page_word(&page, a->at[i].name);
	}
	snug_page_end(&page);
}

/* The rules of a call in words, one behind the other. */
static int rules_words(const struct snug_oci_seccomp *section, const char *name,
		       struct snug_buf *ret, struct snug_error *err)
{
	struct snug_rules rules = { 0 };
	int result = snug_rules_of(section, name, &rules, err);

	for (size_t i = 0; result == 0 && i < rules.count; i++)
		snug_condition_words(name, rules.at[i].args, rules.at[i].count, ret);
	snug_vec_clear(&rules);
	return result < 0 ? -1 : snug_buf_check(ret, err);
}

static int put_arguments(const struct snug_profile *before, const struct snug_profile *now,
			 const struct allowed_list *calls, struct snug_buf *ret,
			 struct snug_error *err)
{
	struct snug_page page = { .out = ret, .indent = 2 };

	for (size_t i = 0; i < calls->count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf a = { 0 }, b = { 0 };
		const char *name = calls->at[i].name;

		if (rules_words(&before->seccomp, name, &a, err) < 0 ||
		    rules_words(&now->seccomp, name, &b, err) < 0)
			return -1;
		if (strcmp(snug_buf_text(&a), snug_buf_text(&b)) == 0)
			continue;
		if (!page.column && page.indent == 2)
			snug_page_word(&page, "by other arguments:");
		page.indent = 4;
		snug_page_word(&page, name);
	}
	snug_page_end(&page);
	return 0;
}

static void put_caps_less(const char *heading, snug_caps caps, struct snug_buf *ret)
{
	struct snug_page page = { .out = ret, .indent = 2 };

	if (!caps)
		return;
	snug_page_word(&page, heading);
	page.indent = 4;
	for (unsigned i = 0; i < SNUG_CAP_MAX; i++)
		if (caps & (snug_caps)1 << i)
			snug_page_word(&page, snug_cap_name(i));
	snug_page_end(&page);
}

/* Some of the patterns, and how many there are; `snug diff` has all of them. */
static void put_side(const char *heading, const struct snug_aa_side *side, struct snug_buf *ret)
{
	const size_t count = side->files.count + side->rules.count;
	struct snug_page page = { .out = ret, .indent = 2 };
	size_t shown = 0;

	if (!count)
		return;
	snug_page_word(&page, heading);
	page.indent = 4;
	for (; shown < side->files.count && shown < CHANGES_SHOWN; shown++)
		snug_page_word(&page, side->files.at[shown].pattern);
	snug_page_end(&page);
	if (shown < count)
		snug_buf_addf(ret, "    and %zu more; see snug diff\n", count - shown);
}

static int put_apparmor_changes(const struct snug_profile *before, const struct snug_profile *now,
				struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_side_clear) struct snug_aa_side more = { 0 }, less = { 0 };

	if (before->has_apparmor != now->has_apparmor)
		snug_buf_addf(ret, "  AppArmor: %s\n",
			      now->has_apparmor ? "now has rules" : "no opinion any more");
	if (before->has_apparmor && now->has_apparmor &&
	    (snug_apparmor_diff(&now->apparmor.rules, &before->apparmor.rules, &more, err) < 0 ||
	     snug_apparmor_diff(&before->apparmor.rules, &now->apparmor.rules, &less, err) < 0))
		return -1;
	put_side("AppArmor, now allowed:", &more, ret);
	put_side("AppArmor, no longer allowed:", &less, ret);
	return snug_buf_check(ret, err);
}

int snug_profile_changes(const struct snug_profile *before, const struct snug_profile *now,
			 struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(clear_list) struct allowed_list old = { 0 }, fresh = { 0 }, both = { 0 };

	if (list_allowed(&before->seccomp, &old) < 0 || list_allowed(&now->seccomp, &fresh) < 0)
		return snug_fail_memory(err);
	for (size_t i = 0; i < fresh.count; i++)
		if (find(&old, fresh.at[i].name) && snug_vec_push(&both, fresh.at[i]) < 0)
			return snug_fail_memory(err);
	put_less("now allowed:", &fresh, &old, ret);
	put_less("no longer allowed:", &old, &fresh, ret);
	if (put_arguments(before, now, &both, ret, err) < 0)
		return -1;
	put_caps_less("capabilities added:", now->caps & ~before->caps, ret);
	put_caps_less("capabilities taken away:", before->caps & ~now->caps, ret);
	if (before->no_new_privs != now->no_new_privs)
		snug_buf_addf(ret, "  no_new_privs: now %s\n",
			      now->no_new_privs ? "set" : "not set");
	return put_apparmor_changes(before, now, ret, err);
}
