/* SPDX-License-Identifier: Apache-2.0 */
#include "model/policy.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/near.h"
#include "model/policy_part.h"

#include <string.h>

#define NAME_LEN_MAX 64u
#define WORDS_MAX    16u /* of a list of members or words */

/* ---- words ---- */

static const char *const mode_words[] = { "off", "learn", "audit", "enforce", NULL };
static const char *const error_words[] = { "continue", "refuse", NULL };
static const char *const weaker_words[] = { "confine", "refuse", NULL };
static const char *const apparmor_words[] = { "required", "ifPresent", "off", NULL };
static const char *const annotation_words[] = { SNUG_ANNOTATION_PROFILE, SNUG_ANNOTATION_LEARN,
						NULL };

const char *snug_mode_name(enum snug_mode mode)
{
	return mode_words[mode];
}

static void list_words(const char *const *words, struct snug_buf *ret)
{
	for (size_t i = 0; words[i]; i++)
		snug_buf_addf(ret, "%s%s", i ? ", " : "", words[i]);
}

int snug_policy_read_word(const struct snug_json_node *node, const char *const *words, int *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 };
	const char *word;
	int i = 0;

	if (snug_json_string(node, &word, err) < 0)
		return -1;
	while (words[i] && strcmp(words[i], word) != 0)
		i++;
	if (words[i]) {
		*ret = i;
		return 0;
	}
	list_words(words, &all);
	snug_json_fail(node, err, "'%.40s' is not a word that belongs here", word);
	return snug_remedy(err, "it is one of %s", snug_buf_text(&all));
}

int snug_policy_refuse_unknown(const struct snug_json_node *object, const char *what,
			       const char *(*name)(size_t index), struct snug_error *err)
{
	const char *names[WORDS_MAX + 1] = { 0 }, *near;
	SNUG_AUTO(snug_buf_clear) struct snug_buf all = { 0 };
	size_t count = 0;

	for (; count < WORDS_MAX && name(count); count++)
		names[count] = name(count);
	for (const struct snug_json_node *n = snug_json_first(object); n; n = snug_json_next(n)) {
		size_t i = 0;

		while (i < count && strcmp(names[i], snug_json_key(n)) != 0)
			i++;
		if (i < count)
			continue;
		near = snug_near(snug_json_key(n), names, count);
		snug_json_fail(n, err, "%s has no member of this name", what);
		if (near)
			return snug_remedy(err, "did you mean '%s'?", near);
		list_words(names, &all);
		return snug_remedy(err, "it has %s", snug_buf_text(&all));
	}
	return 0;
}

/* ---- members ---- */

/* What is being read. */
struct reader {
	struct snug_policy *policy;
	struct snug_policy_rule *rule;
	struct snug_verdict *verdict;
	bool has_on_error;
};

struct member {
	const char *name;
	int (*read)(const struct snug_json_node *node, struct reader *reader,
		    struct snug_error *err);
};

static int read_members(const struct snug_json_node *object, const struct member *members,
			struct reader *reader, struct snug_error *err)
{
	for (; members->name; members++) {
		const struct snug_json_node *node = snug_json_member(object, members->name);

		if (node && members->read && members->read(node, reader, err) < 0)
			return -1;
	}
	return 0;
}

static int missing(const struct snug_json_node *where, const char *what, const char *remedy,
		   struct snug_error *err)
{
	snug_json_fail(where, err, "%s is missing", what);
	return snug_remedy(err, "%s", remedy);
}

/* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64, and no path: as store/store.h takes it. */
static bool is_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t len = strlen(name);

	return len > 0 && len <= NAME_LEN_MAX && strspn(name, letters) == len &&
	       !strchr("._-", name[0]) && (len < 5 || strcmp(name + len - 5, ".json") != 0);
}

static int read_name(const struct snug_json_node *node, const char **ret, struct snug_error *err)
{
	if (snug_json_string(node, ret, err) < 0)
		return -1;
	if (is_name(*ret))
		return 0;
	snug_json_fail(node, err, "'%.80s' is not a name", *ret);
	return snug_remedy(err,
			   "letters, digits, '.', '_' and '-', at most %u, a letter or digit "
			   "first, no .json at the end",
			   NAME_LEN_MAX);
}

/* ---- verdicts ---- */

static int read_mode(const struct snug_json_node *node, struct reader *reader,
		     struct snug_error *err)
{
	int word;

	if (snug_policy_read_word(node, mode_words, &word, err) < 0)
		return -1;
	reader->verdict->mode = (enum snug_mode)word;
	return 0;
}

static int read_profile(const struct snug_json_node *node, struct reader *reader,
			struct snug_error *err)
{
	return read_name(node, &reader->verdict->profile, err);
}

static int read_on_error(const struct snug_json_node *node, struct reader *reader,
			 struct snug_error *err)
{
	int word;

	if (snug_policy_read_word(node, error_words, &word, err) < 0)
		return -1;
	reader->verdict->refuse_on_error = word == 1;
	reader->has_on_error = true;
	return 0;
}

static int read_when_weaker(const struct snug_json_node *node, struct reader *reader,
			    struct snug_error *err)
{
	int word;

	if (snug_policy_read_word(node, weaker_words, &word, err) < 0)
		return -1;
	reader->verdict->refuse_when_weaker = word == 1;
	return 0;
}

static int read_allow_exec(const struct snug_json_node *node, struct reader *reader,
			   struct snug_error *err)
{
	return snug_json_bool(node, &reader->verdict->allow_exec, err);
}

static int read_accept(const struct snug_json_node *node, struct reader *reader,
		       struct snug_error *err)
{
	return snug_json_bool(node, &reader->verdict->accept_incomplete, err);
}

static int read_apparmor(const struct snug_json_node *node, struct reader *reader,
			 struct snug_error *err)
{
	int word;

	if (snug_policy_read_word(node, apparmor_words, &word, err) < 0)
		return -1;
	reader->verdict->apparmor = (enum snug_apparmor_use)word;
	return 0;
}

#define VERDICT_MEMBERS                                                                            \
	{ "mode", read_mode }, { "profile", read_profile }, { "onError", read_on_error },          \
		{ "whenWeaker", read_when_weaker }, { "allowExec", read_allow_exec },              \
		{ "acceptIncomplete", read_accept },                                               \
	{                                                                                          \
		"apparmor", read_apparmor                                                          \
	}

static int check_verdict(const struct snug_json_node *object, const struct reader *reader,
			 struct snug_error *err)
{
	struct snug_verdict *verdict = reader->verdict;

	if (!snug_json_member(object, "mode"))
		return missing(object, "mode", "say \"mode\": off, learn, audit or enforce", err);
	if (verdict->mode != SNUG_MODE_OFF && !verdict->profile)
		return missing(object, "profile",
			       verdict->mode == SNUG_MODE_LEARN
				       ? "name what is learned: \"profile\": \"NAME\""
				       : "name the profile: \"profile\": \"NAME\"",
			       err);
	if (!reader->has_on_error)
		verdict->refuse_on_error = verdict->mode == SNUG_MODE_ENFORCE;
	return 0;
}

/* ---- rules ---- */

static int read_rule_name(const struct snug_json_node *node, struct reader *reader,
			  struct snug_error *err)
{
	return snug_json_string(node, &reader->rule->name, err);
}

static int read_match(const struct snug_json_node *node, struct reader *reader,
		      struct snug_error *err)
{
	return snug_policy_read_match(node, &reader->rule->match, err);
}

static const struct member rule_members[] = {
	{ "name", read_rule_name }, { "match", read_match }, VERDICT_MEMBERS, { 0 }
};
static const struct member default_members[] = { VERDICT_MEMBERS, { 0 } };

static const char *rule_member(size_t index)
{
	return rule_members[index].name;
}

static const char *default_member(size_t index)
{
	return default_members[index].name;
}

static int read_rule(const struct snug_json_node *node, struct snug_policy_rule *ret,
		     struct snug_error *err)
{
	struct reader reader = { .rule = ret, .verdict = &ret->verdict };

	ret->node = node;
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_policy_refuse_unknown(node, "a rule", rule_member, err) < 0 ||
	    read_members(node, rule_members, &reader, err) < 0)
		return -1;
	if (!snug_json_member(node, "match"))
		return missing(node, "match",
			       "say which containers; for all of them is \"default\"", err);
	return check_verdict(node, &reader, err);
}

static int read_rules(const struct snug_json_node *node, struct reader *reader,
		      struct snug_error *err)
{
	struct snug_policy *policy = reader->policy;

	if (snug_json_expect(node, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	if (snug_json_count(node) > SNUG_POLICY_RULES_MAX) {
		snug_json_fail(node, err, "more than %u rules", SNUG_POLICY_RULES_MAX);
		return snug_remedy(err, "match with lists of patterns, so that one rule does");
	}
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		const struct snug_policy_rule empty = { 0 };

		if (snug_vec_push(&policy->rules, empty) < 0)
			return snug_fail_memory(err);
		if (read_rule(n, &policy->rules.at[policy->rules.count - 1], err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the top ---- */

static int read_version(const struct snug_json_node *node, struct reader *reader,
			struct snug_error *err)
{
	uint64_t version;

	(void)reader;
	if (snug_json_u64(node, &version, err) < 0)
		return -1;
	if (version >= 1 && version <= SNUG_POLICY_VERSION)
		return 0;
	snug_json_fail(node, err, "policy format %llu is not one that this snug reads (1 to %u)",
		       (unsigned long long)version, SNUG_POLICY_VERSION);
	return snug_remedy(err, version ? "use a newer snug" : "write \"snugPolicy\": 1");
}

static int read_default(const struct snug_json_node *node, struct reader *reader,
			struct snug_error *err)
{
	struct reader inner = { .verdict = &reader->policy->fallback };

	reader->policy->has_default = true;
	reader->policy->default_node = node;
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_policy_refuse_unknown(node, "the default", default_member, err) < 0 ||
	    read_members(node, default_members, &inner, err) < 0)
		return -1;
	return check_verdict(node, &inner, err);
}

static int read_annotations(const struct snug_json_node *node, struct reader *reader,
			    struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		int word;

		if (snug_policy_read_word(n, annotation_words, &word, err) < 0)
			return -1;
		if (word == 0)
			reader->policy->honours_profile = true;
		else
			reader->policy->honours_learn = true;
	}
	return 0;
}

static int read_runtime(const struct snug_json_node *node, struct snug_policy *policy,
			struct snug_error *err)
{
	struct snug_policy_runtime runtime = { .name = snug_json_key(node) };

	if (snug_json_string(node, &runtime.path, err) < 0)
		return -1;
	if (!runtime.name[0] || strchr(runtime.name, '/')) {
		snug_json_fail(node, err, "not the name of a runtime");
		return snug_remedy(err, "name it as its program is called: \"runc\"");
	}
	if (runtime.path[0] != '/') {
		snug_json_fail(node, err, "'%.80s' is not an absolute path", runtime.path);
		return snug_remedy(err, "write where it lies: \"/usr/bin/%.40s\"", runtime.name);
	}
	return snug_vec_push(&policy->runtimes, runtime) < 0 ? snug_fail_memory(err) : 0;
}

static int read_runtimes(const struct snug_json_node *node, struct reader *reader,
			 struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	if (snug_json_count(node) > SNUG_POLICY_RUNTIMES_MAX)
		return snug_json_fail(node, err, "more than %u runtimes", SNUG_POLICY_RUNTIMES_MAX);
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n))
		if (read_runtime(n, reader->policy, err) < 0)
			return -1;
	return 0;
}

static const struct member top_members[] = {
	{ "snugPolicy", read_version },
	{ "default", read_default },
	{ "annotations", read_annotations },
	{ "runtimes", read_runtimes },
	{ "rules", read_rules },
	{ 0 },
};

static const char *top_member(size_t index)
{
	return top_members[index].name;
}

const char *snug_policy_member(enum snug_policy_part part, size_t index)
{
	static const char *(*const parts[])(size_t index) = {
		[SNUG_POLICY_TOP] = top_member,
		[SNUG_POLICY_DEFAULT] = default_member,
		[SNUG_POLICY_RULE] = rule_member,
		[SNUG_POLICY_MATCH] = snug_match_member,
	};

	return parts[part](index);
}

/* The version first: a newer format may know members that this one does not. */
static int read_top(struct snug_policy *policy, struct snug_error *err)
{
	const struct snug_json_node *top = snug_json_root(policy->doc), *version;
	struct reader reader = { .policy = policy };

	if (snug_json_expect(top, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	version = snug_json_member(top, top_members[0].name);
	if (!version)
		return missing(top, top_members[0].name, "write \"snugPolicy\": 1", err);
	if (read_version(version, &reader, err) < 0 ||
	    snug_policy_refuse_unknown(top, "a policy", top_member, err) < 0)
		return -1;
	return read_members(top, top_members, &reader, err);
}

int snug_policy_parse(const char *text, size_t len, const char *file, struct snug_policy *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_policy_clear) struct snug_policy policy = { 0 };

	if (len > SNUG_POLICY_BYTES_MAX) {
		snug_fail(err, SNUG_INPUT, "%s: a policy of more than %zu bytes", file,
			  SNUG_POLICY_BYTES_MAX);
		return snug_remedy(err, "match with patterns, so that fewer rules do");
	}
	if (snug_json_parse_own(&policy.doc, text, len, file, err) < 0 ||
	    read_top(&policy, err) < 0)
		return -1;
	*ret = policy;
	policy = (struct snug_policy){ 0 };
	return 0;
}

void snug_policy_clear(struct snug_policy *policy)
{
	for (size_t i = 0; i < policy->rules.count; i++)
		snug_match_clear(&policy->rules.at[i].match);
	snug_vec_clear(&policy->rules);
	snug_vec_clear(&policy->runtimes);
	snug_json_free(policy->doc);
	*policy = (struct snug_policy){ 0 };
}

const char *snug_policy_runtime(const struct snug_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->runtimes.count; i++)
		if (strcmp(policy->runtimes.at[i].name, name) == 0)
			return policy->runtimes.at[i].path;
	return NULL;
}
