/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for AppArmor. What is none is refused with a place. What is one is written and read again
 * as the same. The text that is rendered has, rule by rule, the same set of paths and the same
 * permissions, which is worked out exactly, by the model's own automata; a set answers for a path
 * what its rules do one by one. Of some inputs (it takes a process) apparmor_parser takes the text,
 * and what it makes of the files' rules answers as the model does.
 *
 * Input: the object "apparmor" of a profile as text; or, where it begins with no brace, bytes that
 * choose rules.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "model/apparmor/access.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/render.h"
#include "model/apparmor/words.h"
#include "random.h"
#include "support/aadfa.h"
#include "support/patterns.h"

#define RULES	    6u
#define PATHS	    32u
#define PARSER_ONE  256u  /* one of so many inputs is shown to the parser */
#define PATTERN_MAX 2000u /* longer ones are written in another way */

/* ---- rules of bytes ---- */

static void random_rules(struct snug_aa_rules *ret)
{
	for (unsigned i = 1 + random_below(RULES); i > 0; i--) {
		SNUG_AUTO(snug_freep) char *path = random_pattern();
		SNUG_AUTO(snug_freep) char *other = random_pattern();
		const struct snug_aa_file file = { .path = path,
						   .perms = 1 + random_below(63),
						   .owner = random_below(3) == 0 };
		const struct snug_aa_link link = { .name = path, .target = other };
		const struct snug_aa_signal signal = { .access = 1 + random_below(3),
						       .set = { random_u64(), 0 },
						       .peer = random_below(2) ? NULL : other };
		const struct snug_aa_ptrace ptrace = { .access = 1 + random_below(15),
						       .peer = random_below(2) ? NULL : path };

		CHECK(snug_aa_add_file(ret, &file) == 0);
		if (random_below(3) == 0)
			CHECK(snug_aa_add_link(ret, &link) == 0);
		if (random_below(3) == 0)
			CHECK(snug_aa_add_signal(ret, &signal) == 0);
		if (random_below(3) == 0)
			CHECK(snug_aa_add_ptrace(ret, &ptrace) == 0);
	}
	snug_aa_rules_sort(ret);
}

/* false: it is none. */
static bool read_rules(const char *text, size_t len, struct snug_apparmor *ret)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err = { 0 };

	if (snug_json_parse(&doc, text, len, "apparmor", &err) == 0 &&
	    snug_apparmor_read(snug_json_root(doc), ret, &err) == 0)
		return true;
	CHECK(err.code == SNUG_INPUT && err.path[0] == '$' && err.what[0]);
	return false;
}

/* ---- the text, read back ---- */

static bool same_set(const struct snug_aare *a, const struct snug_aare *b)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 }, other = { 0 };
	enum snug_aare_answer within, over;
	struct snug_error err;

	CHECK(snug_aare_within(a, &b, 1, &within, &path, &err) == 0);
	CHECK(snug_aare_within(b, &a, 1, &over, &other, &err) == 0);
	if (within == SNUG_AARE_NO || over == SNUG_AARE_NO)
		(void)fprintf(stderr, "<%s> or <%s> is in one alone\n", snug_buf_text(&path),
			      snug_buf_text(&other));
	return within != SNUG_AARE_NO && over != SNUG_AARE_NO;
}

static void check_pattern(const char *text, size_t len, const char *pattern)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare written = { 0 };
	SNUG_AUTO(snug_aare_clear) struct snug_aare meant = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf bare = { 0 };
	struct snug_error err = { 0 };

	if (len >= 2 && text[0] == '"') {
		CHECK(text[len - 1] == '"');
		text++;
		len -= 2;
	}
	CHECK(!memchr(text, '"', len) && !memchr(text, '\n', len));
	snug_buf_add(&bare, text, len);
	if (snug_aare_parse(snug_buf_text(&bare), &written, &err) < 0)
		(void)fprintf(stderr, "%s: <%s> of <%s>\n", err.what, snug_buf_text(&bare),
			      pattern);
	CHECK(err.code == SNUG_DONE && snug_aare_parse(pattern, &meant, &err) == 0);
	CHECK(same_set(&written, &meant));
}

static unsigned perms_of(const char *at, const char *end, const char *child)
{
	unsigned perms = 0;
	size_t child_len = child ? strlen(child) : 0;

	for (; at < end && *at != ' '; at++) {
		const char *letter = strchr(snug_aa_perm_letters, *at);

		if (*at == 'i' || *at == 'c') {
			CHECK((*at == 'c') == (child != NULL));
			continue;
		}
		CHECK(letter);
		perms |= 1u << (letter - snug_aa_perm_letters);
	}
	if (child)
		CHECK((size_t)(end - at) == child_len + 4 && memcmp(at, " -> ", 4) == 0 &&
		      memcmp(at + 4, child, child_len) == 0);
	else
		CHECK(at == end);
	return perms;
}

static const char *end_of_pattern(const char *at, const char *end)
{
	const char *found = *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1))
				       : memchr(at, ' ', (size_t)(end - at));

	CHECK(found);
	return *at == '"' ? found + 1 : found;
}

/* "  owner PATTERN rwix -> child," */
static void check_file(const char *line, const char *end, const struct snug_aa_file *file)
{
	unsigned want = file->perms;
	const char *pattern_end;

	line += strspn(line, " ");
	CHECK(end > line && *--end == ',');
	CHECK((strncmp(line, "owner ", 6) == 0) == file->owner);
	line += file->owner ? 6 : 0;
	pattern_end = end_of_pattern(line, end);
	if (strlen(file->path) < PATTERN_MAX)
		check_pattern(line, (size_t)(pattern_end - line), file->path);
	CHECK(*pattern_end == ' ');
	if (want & SNUG_AA_WRITE)
		want &= ~SNUG_AA_APPEND; /* w has a in it */
	CHECK(perms_of(pattern_end + 1, end, file->child) == want);
}

/* The rules of a profile, from its heading "# files" on. Returns what follows them. */
static const char *check_files(const char *text, const struct snug_aa_rules *rules)
{
	const char *at = strstr(text, "# files\n");

	CHECK(at);
	at += strlen("# files\n");
	for (size_t i = 0; i < rules->files.count; i++) {
		const char *end = strchr(at, '\n');

		CHECK(end);
		check_file(at, end, &rules->files.at[i]);
		at = end + 1;
	}
	for (size_t i = 0; i < rules->children.count; i++)
		at = check_files(at, &rules->children.at[i].rules);
	return at;
}

/* ---- answers ---- */

static void check_answers(const struct snug_aa_rules *rules, const struct snug_aa_judge *judge,
			  const char *path, const struct aadfa *dfa)
{
	for (unsigned owner = 0; owner < 2; owner++) {
		struct snug_aa_answer answer;
		unsigned perms = 0;

		snug_aa_judge_file(judge, path, owner, &answer);
		for (size_t i = 0; i < rules->files.count; i++) {
			const struct snug_aa_file *file = &rules->files.at[i];

			if ((owner || !file->owner) && snug_aare_match(&judge->files.at[i], path))
				perms |= snug_aa_perms_given(file->perms, file->child != NULL);
		}
		CHECK(answer.perms == perms);
		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			CHECK(!(perms & 1u << bit) == !answer.rule[bit]);
		if (dfa && aadfa_to_model(aadfa_perms(dfa, path, owner)) != perms)
			(void)fprintf(stderr, "<%s>: model %#x, parser %#x\n", path, perms,
				      aadfa_to_model(aadfa_perms(dfa, path, owner)));
		CHECK(!dfa || aadfa_to_model(aadfa_perms(dfa, path, owner)) == perms);
	}
}

static void check_paths(const struct snug_aa_rules *rules, const struct aadfa *dfa)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
	struct snug_error err;

	CHECK(snug_aa_judge_make(rules, &judge, &err) == 0);
	for (unsigned i = 0; rules->files.count && i < PATHS; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

		put_match(&judge.files.at[random_below((unsigned)judge.files.count)], &path);
		for (unsigned n = random_below(3); path.len && n > 0; n--)
			mutate(&path);
		check_answers(rules, &judge, snug_buf_text(&path), dfa);
	}
}

static void show_to_parser(const struct snug_buf *text, const struct snug_aa_rules *rules)
{
	SNUG_AUTO(snug_freep) unsigned char *data = NULL;
	struct aadfa dfa;
	size_t len = 0;
	bool slow = false;

	if (!aadfa_is_here())
		return;
	data = aadfa_compile(snug_buf_text(text), &len, &slow);
	if (slow)
		return;
	if (!data)
		(void)fprintf(stderr, "%s\n", snug_buf_text(text));
	CHECK(data && aadfa_files(data, len, &dfa));
	if (!rules->children.count)
		check_paths(rules, &dfa);
}

/* ---- all of it ---- */

static void put_rules(const struct snug_apparmor *apparmor, struct snug_buf *ret)
{
	struct snug_json_writer w = { .out = ret };

	snug_apparmor_write(&w, apparmor);
}

static void check_again(const struct snug_apparmor *apparmor)
{
	SNUG_AUTO(snug_apparmor_clear) struct snug_apparmor again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, more = { 0 };

	put_rules(apparmor, &text);
	CHECK(read_rules(text.data, text.len, &again));
	put_rules(&again, &more);
	CHECK(text.len == more.len && memcmp(text.data, more.data, text.len) == 0);
}

/* Of the same input always the same. */
static bool is_for_parser(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ data[i]) * 16777619u;
	return (hash >> 8) % PARSER_ONE == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snug_profile profile = { .name = "fuzz", .has_apparmor = true, .has_caps = true };
	SNUG_AUTO(snug_apparmor_clear) struct snug_apparmor policy = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	random_input(data, size);
	if (size && data[0] != '{')
		random_rules(&policy.rules);
	else if (!read_rules((const char *)data, size, &policy))
		return 0;
	if (size &&
	    data[0] == '{') /* what the bytes make has peers of more kinds than a file may */
		check_again(&policy);
	profile.apparmor = policy;
	CHECK(snug_apparmor_render(&profile, "fuzz", true, &text, &err) == 0);
	(void)check_files(snug_buf_text(&text), &policy.rules);
	check_paths(&policy.rules, NULL);
	if (is_for_parser(data, size))
		show_to_parser(&text, &policy.rules);
	return 0;
}
