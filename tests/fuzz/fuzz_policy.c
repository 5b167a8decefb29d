/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy and a config.json. Either is refused with a place; or the first rule that matches
 * decides, and a rule that is said never to decide matches nothing that the one before it does not.
 * A container's annotations only add: without them its mode is the same, or it was left alone.
 *
 * Input: the policy, the config, the bundle's folder.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "model/glob.h"
#include "model/policy.h"

#include <limits.h>

static void check_error(const struct snug_error *err)
{
	CHECK(err->code == SNUG_INPUT && err->what[0]);
}

static bool matches(const struct snug_policy *policy, size_t rule,
		    const struct snug_subject *subject)
{
	char why[512];
	bool ret = snug_policy_rule_matches(&policy->rules.at[rule], subject, why);

	CHECK(strlen(why) < sizeof(why));
	return ret;
}

static size_t first_match(const struct snug_policy *policy, const struct snug_subject *subject)
{
	size_t rule = 0;

	while (rule < policy->rules.count && !matches(policy, rule, subject))
		rule++;
	return rule;
}

static void check_decision(const struct snug_policy *policy, const struct snug_subject *subject)
{
	size_t rule = first_match(policy, subject);
	const struct snug_verdict *verdict = &policy->fallback;
	struct snug_decision decision;

	snug_policy_decide(policy, subject, &decision);
	CHECK(strlen(decision.why) < sizeof(decision.why) && decision.profile_count <= 2);
	if (rule < policy->rules.count) {
		CHECK(decision.rule == (int)rule);
		verdict = &policy->rules.at[rule].verdict;
	} else {
		CHECK(decision.rule ==
		      (policy->has_default ? SNUG_DECIDED_DEFAULT : SNUG_DECIDED_NONE));
	}
	if (decision.rule != SNUG_DECIDED_NONE) {
		CHECK(decision.verdict.mode == verdict->mode);
		/* What the rule says is in, whatever the container adds. */
		if (verdict->mode >= SNUG_MODE_AUDIT)
			CHECK(decision.profile_count >= 1 &&
			      strcmp(decision.profiles[0], verdict->profile) == 0);
		if (verdict->mode == SNUG_MODE_LEARN)
			CHECK(decision.learn && strcmp(decision.learn, verdict->profile) == 0);
	} else if (!policy->honours_profile && !policy->honours_learn) {
		CHECK(snug_decision_is_off(&decision));
	}
	if (decision.verdict.mode == SNUG_MODE_ENFORCE && !policy->honours_profile)
		CHECK(snug_policy_may_enforce(policy));
	if (decision.verdict.mode <= SNUG_MODE_LEARN)
		CHECK(decision.profile_count == 0);
}

/* Is what is said of rules that never decide true of this container? */
static void check_shadows(const struct snug_policy *policy, const struct snug_subject *subject)
{
	for (size_t i = 0; i <= policy->rules.count && i < 16; i++) {
		struct snug_error err;
		int by;

		CHECK(snug_policy_shadowed(policy, i, &by, &err) == 0);
		CHECK(by < (int)i);
		if (by >= 0 && (i == policy->rules.count || matches(policy, i, subject)))
			CHECK(matches(policy, (size_t)by, subject));
	}
}

/* The first text's patterns of a rule hold of what they say that is within them. */
static void check_globs(const char *pattern, const char *other, const char *text)
{
	struct snug_error err;
	bool within;

	if (snug_glob_problem(pattern) || snug_glob_problem(other))
		return;
	CHECK(snug_glob_within(pattern, &pattern, 1, &within, &err) == 0);
	CHECK(snug_glob_within(pattern, &other, 1, &within, &err) == 0);
	if (within && snug_glob_match(pattern, text))
		CHECK(snug_glob_match(other, text));
}

static void check_all_globs(const struct snug_policy *policy, const char *text)
{
	const char *last = "*";

	for (size_t i = 0; i < policy->rules.count && i < 16; i++) {
		const struct snug_globs *globs = policy->rules.at[i].match.texts;

		for (unsigned t = 0; t < SNUG_MATCH_TEXT_MAX; t++) {
			for (size_t j = 0; j < globs[t].count && j < 8; j++) {
				check_globs(globs[t].at[j], last, text);
				check_globs(last, globs[t].at[j], text);
				last = globs[t].at[j];
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_policy_clear) struct snug_policy policy = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_subject_clear) struct snug_subject subject = { 0 };
	struct snug_decision decision;
	struct snug_error err = { 0 };
	struct snug_spec spec;
	const char *bundle;
	bool is_policy;

	fuzz_split(data, size, &parts);
	bundle = parts.text[2][0] == '/' && parts.len[2] < PATH_MAX ? parts.text[2] : NULL;
	is_policy = snug_policy_parse(parts.text[0], parts.len[0], "policy", &policy, &err) == 0;
	if (!is_policy)
		check_error(&err);
	else
		check_all_globs(&policy, parts.text[2]);
	if (snug_json_parse(&doc, parts.text[1], parts.len[1], "config", &err) < 0 ||
	    snug_spec_read(doc, &spec, &err) < 0 ||
	    snug_subject_init(&spec, bundle, &subject, &err) < 0) {
		check_error(&err);
		return 0;
	}
	for (unsigned t = 0; t < SNUG_MATCH_TEXT_MAX; t++)
		if (subject.texts[t] && (t == SNUG_MATCH_BUNDLE || t == SNUG_MATCH_ROOTFS))
			CHECK(subject.texts[t][0] == '/' && !strstr(subject.texts[t], "/../") &&
			      !strstr(subject.texts[t], "//"));
	snug_policy_decide_without(&subject, &decision);
	CHECK(decision.verdict.mode <= SNUG_MODE_LEARN && decision.profile_count == 0);
	if (!is_policy)
		return 0;
	check_decision(&policy, &subject);
	check_shadows(&policy, &subject);
	return 0;
}
