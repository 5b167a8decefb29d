/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/apparmor/explain.h"
#include "model/explain.h"
#include "model/page.h"

#include <stdio.h>
#include <string.h>

/* A call in 20 runs: fewer are no reason to learn more. */
#define FEW 0.05

typedef bool (*filter_t)(const struct snug_explained *explained,
			 const struct snug_explained_call *call);

static size_t count_calls(const struct snug_explained *explained, filter_t filter)
{
	size_t count = 0;

	for (size_t i = 0; i < explained->calls.count; i++)
		count += filter(explained, &explained->calls.at[i]);
	return count;
}

/* A call by its name; with an ellipsis where arguments decide. */
static void put_call(struct snug_page *page, const struct snug_explained_call *call)
{
	char word[96];

	(void)snprintf(word, sizeof(word), "%s%s", call->name,
		       call->reach == SNUG_REACH_SOME ? "(…)" : "");
	snug_page_word(page, word);
}

static void put_list(const struct snug_explained *explained, filter_t filter, unsigned indent,
		     struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = indent };

	for (size_t i = 0; i < explained->calls.count; i++)
		if (filter(explained, &explained->calls.at[i]))
			put_call(&page, &explained->calls.at[i]);
	snug_page_end(&page);
}

/* "Heading (12)" and the calls; nothing where there is none. */
static void put_section(const struct snug_explained *explained, const char *heading,
			filter_t filter, struct snug_buf *out)
{
	size_t count = count_calls(explained, filter);

	if (!count)
		return;
	snug_buf_addf(out, "\n%s (%zu)\n", heading, count);
	put_list(explained, filter, 2, out);
}

static bool has_why(const struct snug_explained_call *call, const char *prefix)
{
	return call->reach != SNUG_REACH_NONE && call->why &&
	       strncmp(call->why, prefix, strlen(prefix)) == 0;
}

static bool is_seen(const struct snug_explained *explained, const struct snug_explained_call *call)
{
	(void)explained;
	return (has_why(call, "seen") || has_why(call, "replaces:")) && !call->runtime_only;
}

static bool is_runtime(const struct snug_explained *explained,
		       const struct snug_explained_call *call)
{
	(void)explained;
	return has_why(call, "seen") && call->runtime_only;
}

static bool is_kernel(const struct snug_explained *explained,
		      const struct snug_explained_call *call)
{
	(void)explained;
	return has_why(call, "kernel");
}

static bool is_floor(const struct snug_explained *explained, const struct snug_explained_call *call)
{
	(void)explained;
	return has_why(call, "floor:");
}

static bool is_widened(const struct snug_explained *explained,
		       const struct snug_explained_call *call)
{
	(void)explained;
	return has_why(call, "widened:");
}

static bool is_unexplained(const struct snug_explained *explained,
			   const struct snug_explained_call *call)
{
	return call->reach != SNUG_REACH_NONE && !is_seen(explained, call) &&
	       !is_runtime(explained, call) && !is_kernel(explained, call) &&
	       !is_floor(explained, call) && !is_widened(explained, call);
}

static bool is_taken(const struct snug_explained *explained, const struct snug_explained_call *call)
{
	(void)explained;
	return call->reach == SNUG_REACH_NONE && call->engines != SNUG_REACH_NONE;
}

static bool is_narrowed(const struct snug_explained *explained,
			const struct snug_explained_call *call)
{
	(void)explained;
	return call->reach != SNUG_REACH_NONE && call->narrowed;
}

static bool is_beyond(const struct snug_explained *explained,
		      const struct snug_explained_call *call)
{
	return explained->of->engines && call->beyond;
}

static bool is_any_args(const struct snug_explained *explained,
			const struct snug_explained_call *call)
{
	(void)explained;
	return call->reach == SNUG_REACH_ALL && call->any_args;
}

static bool is_multiplexer(const struct snug_explained *explained,
			   const struct snug_explained_call *call)
{
	(void)explained;
	return call->reach == SNUG_REACH_ALL &&
	       (strcmp(call->name, "socketcall") == 0 || strcmp(call->name, "ipc") == 0);
}

static bool is_unresolved(const struct snug_explained *explained,
			  const struct snug_explained_call *call)
{
	(void)explained;
	return call->unresolved;
}

/* Calls that share a "why" behind its prefix, each group in a line: "openat: open creat". */
static void put_by_reason(const struct snug_explained *explained, const char *heading,
			  filter_t filter, struct snug_buf *out)
{
	size_t count = count_calls(explained, filter);

	if (!count)
		return;
	snug_buf_addf(out, "\n%s (%zu)\n", heading, count);
	for (size_t i = 0; i < explained->calls.count; i++) {
		const struct snug_explained_call *first = &explained->calls.at[i];
		struct snug_page page = { .out = out, .indent = 2 };
		char word[96];
		size_t j = 0;

		while (j < i && !(filter(explained, &explained->calls.at[j]) && first->why &&
				  strcmp(explained->calls.at[j].why, first->why) == 0))
			j++;
		if (!filter(explained, first) || j < i)
			continue;
		(void)snprintf(word, sizeof(word), "%s:", strchr(first->why, ':') + 1);
		snug_page_word(&page, word);
		page.indent = 4;
		for (j = i; j < explained->calls.count; j++)
			if (filter(explained, &explained->calls.at[j]) &&
			    strcmp(explained->calls.at[j].why, first->why) == 0)
				put_call(&page, &explained->calls.at[j]);
		snug_page_end(&page);
	}
}

static void put_title(const struct snug_explained *explained, struct snug_buf *out)
{
	const struct snug_explain *of = explained->of;

	snug_buf_addf(out, "%s: ", of->title);
	if (!of->profile)
		snug_buf_adds(out, of->section ? "a seccomp section" : "no seccomp section");
	else if (of->profile->origin && strcmp(of->profile->origin, "generated") == 0)
		snug_buf_addf(out, "a profile, generated from %llu run%s",
			      (unsigned long long)explained->seen.runs,
			      explained->seen.runs == 1 ? "" : "s");
	else if (snug_profile_is_default(of->profile))
		snug_buf_adds(out, "a profile, one of snug's defaults");
	else if (of->profile->origin && strcmp(of->profile->origin, "merged") == 0)
		snug_buf_adds(out, "a profile, merged from others");
	else
		snug_buf_adds(out, "a profile, written by hand");
	snug_buf_addc(out, '\n');
	for (size_t i = 0; of->profile && i < of->profile->incomplete.count; i++)
		snug_buf_addf(out, "  not whole: %s\n", of->profile->incomplete.at[i]);
}

static void put_count(const char *label, const struct snug_call_counts *counts, const char *origin,
		      struct snug_buf *out)
{
	snug_buf_addf(out, "  %-28s %4u", label, counts->allowed);
	if (counts->by_argument)
		snug_buf_addf(out, ", %u of them by argument", counts->by_argument);
	if (origin)
		snug_buf_addf(out, "\n    (%s)", origin);
	snug_buf_addc(out, '\n');
}

static void put_counts(const struct snug_explained *explained, struct snug_buf *out)
{
	const struct snug_explain *of = explained->of;

	snug_buf_addf(out, "\nCalls of %s allowed, of %u that Linux %u.%u has\n",
		      snug_arch_word(snug_arch_native()), explained->counts.known, of->major,
		      of->minor);
	put_count("here", &explained->counts, NULL, out);
	if (of->engines)
		put_count("by the engines' default", &explained->engines, of->engines_origin, out);
}

/* A rule that refuses says so; one that permits needs no words. */
static void put_refusal(snug_action action, struct snug_buf *out)
{
	char words[64];

	if (snug_action_permits(action))
		return;
	snug_action_words(action, words, sizeof(words));
	snug_buf_addf(out, ": %s", words);
}

static int put_rules_of(const struct snug_explained *explained,
			const struct snug_explained_call *call, struct snug_buf *out,
			struct snug_error *err)
{
	struct snug_rules rules = { 0 };

	if (snug_rules_of(explained->of->section, call->name, &rules, err) < 0) {
		snug_vec_clear(&rules);
		return -1;
	}
	for (size_t i = 0; i < rules.count; i++) {
		snug_buf_adds(out, "  ");
		snug_condition_words(call->name, rules.at[i].args, rules.at[i].count, out);
		put_refusal(rules.at[i].action, out);
		if (snug_rule_is_floor(explained->of->profile, call->name, &rules.at[i]))
			snug_buf_adds(out, "  floor");
		snug_buf_addc(out, '\n');
	}
	/* i386's socketcall: no entry names it, the rules of the socket calls are its own. */
	if (rules.count == 0)
		snug_buf_addf(out, "  %s as the calls that it carries\n", call->name);
	snug_buf_addf(out, "  %s with other arguments: ", call->name);
	snug_answers_of(explained->of, call, out);
	snug_buf_addc(out, '\n');
	snug_vec_clear(&rules);
	return 0;
}

static int put_rules(const struct snug_explained *explained, struct snug_buf *out,
		     struct snug_error *err)
{
	bool any = false;

	for (size_t i = 0; i < explained->calls.count; i++) {
		const struct snug_explained_call *call = &explained->calls.at[i];

		if (call->reach != SNUG_REACH_SOME)
			continue;
		if (!any)
			snug_buf_adds(out, "\nBy argument\n");
		any = true;
		if (put_rules_of(explained, call, out, err) < 0)
			return -1;
	}
	return 0;
}

/* Calls that the section names and denies, by answer; the default's answer stands for the rest. */
static void put_answers(const struct snug_explained *explained, struct snug_buf *out)
{
	const struct snug_oci_seccomp *section = explained->of->section;
	char words[64];

	for (size_t i = 0; i < explained->calls.count; i++) {
		const struct snug_explained_call *first = &explained->calls.at[i];
		struct snug_page page = { .out = out, .indent = 2 };
		size_t j = 0;

		if (!first->named || first->reach != SNUG_REACH_NONE ||
		    first->answer == section->fallback)
			continue;
		while (j < i && !(explained->calls.at[j].named &&
				  explained->calls.at[j].reach == SNUG_REACH_NONE &&
				  explained->calls.at[j].answer == first->answer))
			j++;
		if (j < i)
			continue;
		snug_action_words(first->answer, words, sizeof(words));
		snug_buf_addf(out, "\nAnswered %s\n", words);
		for (j = i; j < explained->calls.count; j++)
			if (explained->calls.at[j].named &&
			    explained->calls.at[j].reach == SNUG_REACH_NONE &&
			    explained->calls.at[j].answer == first->answer)
				put_call(&page, &explained->calls.at[j]);
		snug_page_end(&page);
	}
	snug_action_words(section->fallback, words, sizeof(words));
	snug_buf_addf(out, "\nAll other calls: %s\n", words);
}

static int put_privileges(const struct snug_explained *explained, struct snug_buf *out,
			  struct snug_error *err)
{
	const struct snug_explain *of = explained->of;

	if (of->has_caps && snug_explain_caps(of, out, err) < 0)
		return -1;
	if (!of->has_caps)
		snug_buf_adds(out, "\nCapabilities: no opinion\n");
	snug_buf_addf(out, "\nno_new_privs: %s\n",
		      !of->has_no_new_privs ? "no opinion"
		      : of->no_new_privs    ? "set"
					    : "not set");
	return 0;
}

/* A list of names in the provenance, as it stands there. */
static void put_names(const struct snug_explained *explained, const char *member,
		      const char *heading, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };
	const struct snug_json_node *list, *node;
	struct snug_error err;
	const char *name;

	if (!explained->of->profile)
		return;
	list = snug_json_member(explained->of->profile->provenance, member);
	if (!list || snug_json_type(list) != SNUG_JSON_ARRAY || !snug_json_count(list))
		return;
	snug_buf_addf(out, "\n%s\n", heading);
	for (node = snug_json_first(list); node; node = snug_json_next(node))
		if (snug_json_string(node, &name, &err) == 0)
			snug_page_word(&page, name);
	snug_page_end(&page);
}

static void put_dirty(const struct snug_explained *explained, struct snug_buf *out)
{
	bool any = false;
	char words[192];

	for (size_t i = 0; i < explained->calls.count; i++) {
		if (!explained->calls.at[i].dirty)
			continue;
		if (!any)
			snug_buf_adds(out,
				      "\nRules that fail: the kernel ignores the upper half of "
				      "these arguments,\nthe filter does not, so this passes\n");
		any = true;
		snug_call_words(&explained->calls.at[i].dirty_call, words, sizeof(words));
		snug_buf_addf(out, "  %s\n", words);
	}
}

static void put_expected(const struct snug_explained *explained, struct snug_buf *out)
{
	const struct snug_completeness *seen = &explained->seen;
	const double expected = snug_expected_new(seen);

	if (!seen->runs)
		return;
	snug_buf_addf(out, "\nCompleteness\n  %llu run%s; ", (unsigned long long)seen->runs,
		      seen->runs == 1 ? "" : "s");
	if (expected < 0)
		snug_buf_adds(out, "how many new calls the next would make is unknown");
	else if (seen->once == 0)
		snug_buf_adds(out, "no new calls to be expected in the next");
	else
		snug_buf_addf(out, "%s %.*f new calls to be expected in the next",
			      seen->runs == 2 ? "up to" : "about", expected < 0.1 ? 3 : 1,
			      expected);
	snug_buf_addf(out, "%s\n", expected < 0 || expected > FEW ? ": learn more runs" : "");
	if (expected >= 0 && seen->once)
		snug_buf_addf(out, "  (%llu of the calls %s seen in one run only)\n",
			      (unsigned long long)seen->once, seen->once == 1 ? "was" : "were");
}

static int put_seccomp(const struct snug_explained *explained, struct snug_buf *out,
		       struct snug_error *err)
{
	bool has_whys = explained->of->profile && explained->of->profile->provenance;

	put_section(explained, "Seen", is_seen, out);
	put_section(explained, "Seen, of the runtime alone", is_runtime, out);
	put_by_reason(explained, "Widened: beside what was seen, its equivalents", is_widened, out);
	put_by_reason(explained, "Floor: what runtimes do between filter and program", is_floor,
		      out);
	put_section(explained, "The kernel's own", is_kernel, out);
	put_section(explained, has_whys ? "Allowed, without a reason of its own" : "Allowed",
		    is_unexplained, out);
	if (put_rules(explained, out, err) < 0)
		return -1;
	put_section(explained, "Whole, since more argument sets were seen than are kept",
		    is_any_args, out);
	put_section(explained, "i386 calls that carry others, whose arguments are not checked",
		    is_multiplexer, out);
	put_section(explained, "Allowed, but this host's libseccomp cannot name them, so denied",
		    is_unresolved, out);
	put_answers(explained, out);
	return 0;
}

int snug_explain_text(const struct snug_explained *explained, struct snug_buf *ret,
		      struct snug_error *err)
{
	put_title(explained, ret);
	put_counts(explained, ret);
	if (explained->of->section && put_seccomp(explained, ret, err) < 0)
		return -1;
	if (put_privileges(explained, ret, err) < 0)
		return -1;
	if (explained->of->profile && snug_apparmor_explain(explained->of->profile, ret, err) < 0)
		return -1;
	if (explained->of->profile)
		snug_explain_profile(explained->of->profile, ret);
	put_section(explained, "Taken away, compared with the engines' default", is_taken, ret);
	put_section(explained, "Narrowed, compared with the engines' default", is_narrowed, ret);
	if (explained->of->section)
		put_section(explained, "Allowed here and not by the engines' default", is_beyond,
			    ret);
	put_names(explained, "observed", "Observed while recording", ret);
	put_names(explained, "replaced", "Replaced: answered so that libc takes another call", ret);
	put_names(explained, "refused", "Refused while recording, so not in", ret);
	put_names(explained, "x32", "Seen as x32 calls, which are never generated", ret);
	put_dirty(explained, ret);
	put_expected(explained, ret);
	return snug_buf_check(ret, err);
}
