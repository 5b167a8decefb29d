/* SPDX-License-Identifier: Apache-2.0 */
/* `snug simulate PROFILE file PATH ACCESS` and the like: what AppArmor and the capabilities say. */
#include "cli/simulate_access.h"

#include "base/cleanup.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/words.h"
#include "model/escape.h"

#include <stdio.h>
#include <string.h>

#define NAME "simulate"

/* The answer, for people and for programs. */
struct answer {
	const struct snug_access_question *question;
	const struct snug_aa_rules *rules; /* NULL: of a capability */
	bool complains;			   /* the rules refuse nothing */
	bool allowed, to_owner;		   /* to_owner: denied, but the owner may */
	unsigned missing;		   /* SNUG_AA_*, of a file: what no rule gives */
	struct snug_buf by;		   /* lines; empty: no rule */
	const char *goes_to;		   /* of an exec: the child, or NULL */
};

enum kind { FILE_ACCESS, EXEC, HARDLINK, NETWORK, CAPABILITY, KIND_MAX };
static const struct {
	const char *word, *arguments;
	size_t count;
} kinds[KIND_MAX] = {
	[FILE_ACCESS] = { "file", "PATH ACCESS", 2 },
	[EXEC] = { "exec", "PROGRAM", 1 },
	[HARDLINK] = { "hardlink", "NEW-NAME TARGET", 2 },
	[NETWORK] = { "network", "FAMILY TYPE", 2 },
	[CAPABILITY] = { "capability", "NAME", 1 },
};

static enum kind kind_of(const char *word)
{
	unsigned kind = 0;

	while (kind < KIND_MAX && strcmp(kinds[kind].word, word) != 0)
		kind++;
	return kind;
}

bool snug_is_access_word(const char *word)
{
	return kind_of(word) != KIND_MAX;
}

static int needs_path(const char *path, struct snug_error *err)
{
	if (path[0] == '/')
		return 0;
	return snug_usage(err, NAME, "'%s' is no path from the root; a folder's ends with '/'",
			  path);
}

/* ---- files ---- */

static int parse_letters(const char *word, unsigned *ret, struct snug_error *err)
{
	for (const char *c = word; *c; c++) {
		const char *at = strchr(snug_aa_perm_letters, *c);

		if (!at)
			return snug_usage(err, NAME, "'%s' is no access: its letters are %s", word,
					  snug_aa_perm_letters);
		*ret |= 1u << (at - snug_aa_perm_letters);
	}
	return *ret ? 0 : snug_usage(err, NAME, "no access is named");
}

static void put_rule(const struct snug_aa_file *file, unsigned bit, struct snug_buf *out)
{
	snug_buf_addf(out, "%c by %s%s ", snug_aa_perm_letters[bit], file->owner ? "owner " : "",
		      file->path);
	for (unsigned i = 0; i < SNUG_AA_PERMS; i++)
		if (file->perms & 1u << i)
			snug_buf_addc(out, snug_aa_perm_letters[i]);
	if (file->child)
		snug_buf_addf(out, " -> %s", file->child);
	snug_buf_addc(out, '\n');
}

static int ask_file(const char *path, unsigned perms, struct answer *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
	const bool owner = ret->question->owner;
	struct snug_aa_answer answer, as_owner;

	if (needs_path(path, err) < 0 || snug_aa_judge_make(ret->rules, &judge, err) < 0)
		return -1;
	snug_aa_judge_file(&judge, path, owner, &answer);
	snug_aa_judge_file(&judge, path, true, &as_owner);
	ret->missing = perms & ~answer.perms;
	ret->allowed = !ret->missing;
	ret->to_owner = !ret->allowed && (as_owner.perms & perms) == perms;
	for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
		if (perms & 1u << bit && answer.rule[bit])
			put_rule(answer.rule[bit], bit, &ret->by);
	if (perms & SNUG_AA_EXECUTE && answer.rule[__builtin_ctz(SNUG_AA_EXECUTE)])
		ret->goes_to = answer.rule[__builtin_ctz(SNUG_AA_EXECUTE)]->child;
	return 0;
}

static int ask_hardlink(char *const *words, struct answer *ret, struct snug_error *err)
{
	const struct snug_aa_link *link;

	if (needs_path(words[0], err) < 0 || needs_path(words[1], err) < 0 ||
	    snug_aa_judge_link(ret->rules, words[0], words[1], &link, err) < 0)
		return -1;
	ret->allowed = link != NULL;
	if (link)
		snug_buf_addf(&ret->by, "by %s -> %s\n", link->name, link->target);
	return 0;
}

/* ---- the rest ---- */

static int ask_network(char *const *words, struct answer *ret, struct snug_error *err)
{
	unsigned family, type;

	if (!snug_aa_family_parse(words[0], &family))
		return snug_usage(err, NAME, "no family has the name '%s': inet, unix, netlink …",
				  words[0]);
	if (!snug_aa_type_parse(words[1], &type))
		return snug_usage(err, NAME, "no type of socket has the name '%s': stream, dgram …",
				  words[1]);
	ret->allowed = snug_aa_judge_network(ret->rules, family, type) != NULL;
	if (ret->allowed)
		snug_buf_addf(&ret->by, "by network %s %s\n", words[0], words[1]);
	return 0;
}

static int ask_capability(const char *name, struct answer *ret, struct snug_error *err)
{
	const struct snug_profile *profile = ret->question->profile;
	unsigned cap;

	if (!snug_cap_parse(name, &cap))
		return snug_usage(err, NAME, "no capability has the name '%s'", name);
	ret->allowed = !profile->has_caps || profile->caps >> cap & 1;
	if (ret->allowed)
		snug_buf_adds(&ret->by, profile->has_caps ? "by $.capabilities\n"
							  : "the profile says nothing of "
							    "capabilities\n");
	return 0;
}

static int ask(enum kind kind, char *const *words, struct answer *ret, struct snug_error *err)
{
	unsigned perms = 0;

	switch (kind) {
	case FILE_ACCESS:
		if (parse_letters(words[1], &perms, err) < 0)
			return -1;
		return ask_file(words[0], perms, ret, err);
	case EXEC:
		return ask_file(words[0], SNUG_AA_EXECUTE, ret, err);
	case HARDLINK:
		return ask_hardlink(words, ret, err);
	case NETWORK:
		return ask_network(words, ret, err);
	case CAPABILITY:
	case KIND_MAX:
		break;
	}
	return ask_capability(words[0], ret, err);
}

/* ---- printing ---- */

static void put_question(const struct answer *answer, struct snug_buf *out)
{
	for (size_t i = 0; i < answer->question->count; i++) {
		snug_buf_adds(out, i ? " " : "");
		snug_escape_put(out, answer->question->words[i]);
	}
}

static void put_missing(unsigned missing, struct snug_buf *out)
{
	snug_buf_adds(out, "  no rule allows ");
	for (unsigned i = 0; i < SNUG_AA_PERMS; i++)
		if (missing & 1u << i)
			snug_buf_addc(out, snug_aa_perm_letters[i]);
	snug_buf_adds(out, missing ? "\n" : "it\n");
}

static void put_text(const struct answer *answer, struct snug_buf *out)
{
	const char *line = snug_buf_text(&answer->by);

	put_question(answer, out);
	snug_buf_addf(out, ": %s\n", answer->allowed ? "allowed" : "denied");
	while (*line) {
		const size_t len = strcspn(line, "\n");

		snug_buf_adds(out, "  ");
		snug_buf_add(out, line, len + 1);
		line += len + 1;
	}
	if (!answer->allowed)
		put_missing(answer->missing, out);
	if (answer->to_owner)
		snug_buf_adds(out, "  but to whom the file belongs (--owner)\n");
	if (answer->complains)
		snug_buf_adds(out, "  these rules only complain: they are never enforced\n");
	if (answer->goes_to)
		snug_buf_addf(out, "  it goes to the child profile %s\n", answer->goes_to);
}

static void put_json(const struct answer *answer, struct snug_buf *out)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf words = { 0 };
	struct snug_json_writer w = { .out = out };
	const char *line = snug_buf_text(&answer->by);

	put_question(answer, &words);
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "access", snug_buf_text(&words));
	snug_json_pair_bool(&w, "permitted", answer->allowed);
	snug_json_pair_bool(&w, "owner", answer->question->owner);
	snug_json_pair_bool(&w, "complainOnly", answer->complains);
	snug_json_put_key(&w, "rules");
	snug_json_open(&w, '[');
	while (*line) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf rule = { 0 };
		const size_t len = strcspn(line, "\n");

		snug_buf_add(&rule, line, len);
		snug_json_put_string(&w, snug_buf_text(&rule));
		line += len + 1;
	}
	snug_json_close(&w);
	if (answer->goes_to)
		snug_json_pair_string(&w, "child", answer->goes_to);
	snug_json_close(&w);
}

/* ---- all ---- */

static int find_rules(const struct snug_access_question *question, const struct snug_aa_rules **ret,
		      struct snug_error *err)
{
	const struct snug_aa_rules *rules = &question->profile->apparmor.rules;

	if (!question->profile->has_apparmor) {
		snug_fail(err, SNUG_INPUT, "%s: the profile says nothing to AppArmor",
			  question->path);
		return snug_remedy(err, "simulate a profile that has an apparmor member");
	}
	*ret = question->child ? snug_aa_find_child(rules, question->child) : rules;
	return *ret ? 0 : snug_usage(err, NAME, "the profile has no child '%s'", question->child);
}

static int print(const struct answer *answer, bool json, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (!json) {
		put_text(answer, &text);
		return snug_buf_check(&text, err) < 0 ? -1
						      : snug_cli_print(snug_buf_text(&text), err);
	}
	put_json(answer, &text);
	return snug_cli_print_json(&text, err);
}

int snug_simulate_access(const struct snug_access_question *question, bool json,
			 struct snug_error *err)
{
	const enum kind kind = kind_of(question->words[0]);
	struct answer answer = { .question = question };
	int result;

	if (question->count != kinds[kind].count + 1)
		return snug_usage(err, NAME, "%s wants %s", kinds[kind].word,
				  kinds[kind].arguments);
	if (kind != CAPABILITY && find_rules(question, &answer.rules, err) < 0)
		return -1;
	answer.complains = answer.rules && question->profile->apparmor.complain_only;
	result = ask(kind, question->words + 1, &answer, err);
	if (result == 0)
		result = print(&answer, json, err);
	snug_buf_clear(&answer.by);
	if (result < 0)
		return -1;
	return answer.allowed ? 0 : snug_fail(err, SNUG_NO, "%s", "");
}
