/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule decides, and what it says. */
#include "model/glob.h"
#include "model/policy_part.h"

#include <stdio.h>
#include <string.h>

#define WHY_MAX 512u

/* ---- words ---- */

/* Adds to a text of WHY_MAX bytes; what does not fit is cut. */
static void say(char *why, const char *fmt, ...) SNUG_PRINTF(2, 3);
static void say(char *why, const char *fmt, ...)
{
	size_t len = strlen(why);
	va_list args;

	va_start(args, fmt);
	vsnprintf(why + len, WHY_MAX - len, fmt, args);
	va_end(args);
}

static void say_yes(char *why, const char *what, const char *key, const char *value,
		    const char *glob)
{
	say(why, "%s%s%s%s '%.80s' is '%.80s'", why[0] ? ", " : "", what, key[0] ? " " : "", key,
	    value, glob);
}

static void say_no(char *why, const char *what, const char *key, const char *value,
		   const struct snug_globs *globs)
{
	why[0] = '\0';
	if (!value)
		say(why, "%s%s%s is not known", what, key[0] ? " " : "", key);
	else
		say(why, "%s%s%s '%.80s' is not '%.80s'%s", what, key[0] ? " " : "", key, value,
		    globs->at[0], globs->count > 1 ? " or another of the list" : "");
}

/* ---- one rule ---- */

static const char *find_glob(const struct snug_globs *globs, const char *text)
{
	for (size_t i = 0; i < globs->count; i++)
		if (snug_glob_match(globs->at[i], text))
			return globs->at[i];
	return NULL;
}

static bool match_one(const char *what, const char *key, const char *value,
		      const struct snug_globs *globs, char *why)
{
	const char *glob = value ? find_glob(globs, value) : NULL;

	if (glob)
		say_yes(why, what, key, value, glob);
	else
		say_no(why, what, key, value, globs);
	return glob != NULL;
}

static bool match_keyed(const char *what, const struct snug_keyed *keyed,
			const struct snug_json_node *object, char *why)
{
	for (size_t i = 0; i < keyed->count; i++) {
		const char *key = keyed->at[i].key;

		if (!match_one(what, key, snug_json_text(object, key), &keyed->at[i].globs, why))
			return false;
	}
	return true;
}

static bool match_user(const struct snug_users *users, uint32_t user, char *why)
{
	for (size_t i = 0; i < users->count; i++) {
		const struct snug_user_range *range = &users->at[i];

		if (user < range->first || user > range->last)
			continue;
		say(why, "%suser %u is %u", why[0] ? ", " : "", user, range->first);
		if (range->last != range->first)
			say(why, "-%u", range->last);
		return true;
	}
	if (!users->count)
		return true;
	why[0] = '\0';
	say(why, "user %u is another", user);
	return false;
}

bool snug_policy_rule_matches(const struct snug_policy_rule *rule,
			      const struct snug_subject *subject, char why[WHY_MAX])
{
	const struct snug_match *match = &rule->match;

	why[0] = '\0';
	for (enum snug_match_text text = 0; text < SNUG_MATCH_TEXT_MAX; text++)
		if (match->texts[text].count &&
		    !match_one(snug_match_text_name(text), "", subject->texts[text],
			       &match->texts[text], why))
			return false;
	return match_keyed("annotation", &match->annotations, subject->spec->annotations, why) &&
	       match_keyed("label", &match->labels, subject->labels, why) &&
	       match_user(&match->users, subject->user, why);
}

/* ---- the container's own wishes ---- */

static const char *wish(const struct snug_subject *subject, const char *annotation)
{
	return snug_spec_annotation(subject->spec, annotation);
}

static void ignore(struct snug_decision *decision, const char *annotation, const char *why)
{
	const size_t len = strlen(decision->ignored);

	snprintf(decision->ignored + len, sizeof(decision->ignored) - len, "%s%s: %s",
		 len ? "; " : "", annotation, why);
}

static bool applies(const struct snug_decision *decision)
{
	return decision->verdict.mode == SNUG_MODE_AUDIT ||
	       decision->verdict.mode == SNUG_MODE_ENFORCE;
}

static void take_profile(const struct snug_policy *policy, const char *profile,
			 struct snug_decision *ret)
{
	if (!policy->honours_profile) {
		ignore(ret, SNUG_ANNOTATION_PROFILE, "the policy does not honour it");
		return;
	}
	if (ret->rule == SNUG_DECIDED_NONE) {
		ret->verdict = (struct snug_verdict){ .mode = SNUG_MODE_ENFORCE,
						      .profile = profile,
						      .refuse_on_error = true };
		snprintf(ret->why, sizeof(ret->why),
			 "no rule matches, and the container names its profile itself");
	}
	if (!applies(ret))
		ignore(ret, SNUG_ANNOTATION_PROFILE,
		       ret->verdict.mode == SNUG_MODE_LEARN
			       ? "the container is learned as it is"
			       : "the rule leaves this container alone");
	else if (ret->profile_count == 0 || strcmp(ret->profiles[0], profile) != 0)
		ret->profiles[ret->profile_count++] = profile;
	/* One that is not there, say, must not take the rule's profile along. */
	if (ret->verdict.mode == SNUG_MODE_ENFORCE && ret->profile_count > 1)
		ret->verdict.refuse_on_error = true;
}

static void take_learn(const struct snug_policy *policy, const char *name,
		       struct snug_decision *ret)
{
	if (!policy->honours_learn)
		ignore(ret, SNUG_ANNOTATION_LEARN, "the policy does not honour it");
	else if (ret->learn)
		ignore(ret, SNUG_ANNOTATION_LEARN, "the rule says what is learned");
	else
		ret->learn = name;
}

/* ---- all of them ---- */

static void take_verdict(const struct snug_verdict *verdict, struct snug_decision *ret)
{
	ret->verdict = *verdict;
	if (applies(ret))
		ret->profiles[ret->profile_count++] = verdict->profile;
	if (verdict->mode == SNUG_MODE_LEARN)
		ret->learn = verdict->profile;
}

static void find_rule(const struct snug_policy *policy, const struct snug_subject *subject,
		      struct snug_decision *ret)
{
	char why[WHY_MAX];

	for (size_t i = 0; i < policy->rules.count; i++) {
		if (!snug_policy_rule_matches(&policy->rules.at[i], subject, why))
			continue;
		ret->rule = (int)i;
		snprintf(ret->why, sizeof(ret->why), "%s", why);
		take_verdict(&policy->rules.at[i].verdict, ret);
		return;
	}
	if (policy->has_default) {
		ret->rule = SNUG_DECIDED_DEFAULT;
		snprintf(ret->why, sizeof(ret->why), "no rule matches");
		take_verdict(&policy->fallback, ret);
		return;
	}
	snprintf(ret->why, sizeof(ret->why), "no rule matches, and there is no default");
}

void snug_policy_decide(const struct snug_policy *policy, const struct snug_subject *subject,
			struct snug_decision *ret)
{
	const char *profile = wish(subject, SNUG_ANNOTATION_PROFILE);
	const char *learn = wish(subject, SNUG_ANNOTATION_LEARN);

	*ret = (struct snug_decision){ .rule = SNUG_DECIDED_NONE };
	find_rule(policy, subject, ret);
	if (profile)
		take_profile(policy, profile, ret);
	if (learn)
		take_learn(policy, learn, ret);
}

void snug_policy_decide_without(const struct snug_subject *subject, struct snug_decision *ret)
{
	*ret = (struct snug_decision){ .rule = SNUG_DECIDED_NONE,
				       .learn = wish(subject, SNUG_ANNOTATION_LEARN) };
	snprintf(ret->why, sizeof(ret->why), "there is no policy");
	if (wish(subject, SNUG_ANNOTATION_PROFILE))
		ignore(ret, SNUG_ANNOTATION_PROFILE, "no policy honours it");
}

bool snug_policy_may_enforce(const struct snug_policy *policy)
{
	for (size_t i = 0; i < policy->rules.count; i++)
		if (policy->rules.at[i].verdict.mode == SNUG_MODE_ENFORCE)
			return true;
	return policy->honours_profile ||
	       (policy->has_default && policy->fallback.mode == SNUG_MODE_ENFORCE);
}

bool snug_decision_is_off(const struct snug_decision *decision)
{
	return !decision->profile_count && !decision->learn;
}
