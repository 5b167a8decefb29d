/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model answers for a path what the kernel will, from the policy that apparmor_parser makes of
 * the rendered text; and no path leaves its rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/render.h"
#include "model/apparmor/words.h"
#include "support/aadfa.h"
#include "support/patterns.h"

#include <stdio.h>

#define SETS  150u
#define RULES 6u
#define PATHS 400u

static void random_path(const struct snug_aa_judge *judge, struct snug_buf *out)
{
	put_match(&judge->files.at[random_below((unsigned)judge->files.count)], out);
	for (unsigned i = random_below(3); i > 0; i--)
		mutate(out);
}

/* ---- the two judges ---- */

static void render(struct snug_aa_rules *rules, struct snug_buf *ret)
{
	struct snug_profile profile = { .name = "web", .has_apparmor = true, .has_caps = true };
	struct snug_error err = { 0 };

	snug_aa_rules_sort(rules);
	profile.apparmor.rules = *rules;
	CHECK(snug_apparmor_render(&profile, "web", false, ret, &err) == 0);
}

/* NULL: the parser took too long. */
static unsigned char *compile(struct snug_aa_rules *rules, struct aadfa *ret)
{
	bool slow = false;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	unsigned char *data;
	size_t len = 0;

	render(rules, &text);
	data = aadfa_compile(snug_buf_text(&text), &len, &slow);
	if (slow)
		return NULL;
	if (!data)
		print_error("%s\n", snug_buf_text(&text));
	CHECK(data && aadfa_files(data, len, ret));
	return data;
}

static void check_path(const struct snug_aa_judge *judge, const struct aadfa *dfa, const char *path)
{
	for (unsigned owner = 0; owner < 2; owner++) {
		unsigned kernel = aadfa_to_model(aadfa_perms(dfa, path, owner));
		struct snug_aa_answer answer;

		snug_aa_judge_file(judge, path, owner, &answer);
		if (kernel == answer.perms)
			continue;
		for (size_t i = 0; i < judge->rules->files.count; i++)
			print_error("%s%s %#x\n", judge->rules->files.at[i].path,
				    judge->rules->files.at[i].owner ? " (owner)" : "",
				    judge->rules->files.at[i].perms);
		print_error("<%s>: the model says %#x, the kernel %#x\n", path, answer.perms,
			    kernel);
		CHECK(kernel == answer.perms);
	}
}

static void random_rules(struct snug_aa_rules *ret)
{
	for (unsigned i = 1 + random_below(RULES); i > 0; i--) {
		SNUG_AUTO(snug_freep) char *path = random_pattern();
		const struct snug_aa_file file = { .path = path,
						   .perms = 1 + random_below(63),
						   .owner = random_below(3) == 0 };

		CHECK(snug_aa_add_file(ret, &file) == 0);
	}
}

static void the_model_answers_as_the_kernel_will(void **state)
{
	unsigned slow = 0;

	(void)state;
	if (!aadfa_is_here())
		skip();
	for (unsigned i = 0; i < SETS; i++) {
		SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules rules = { 0 };
		SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
		SNUG_AUTO(snug_freep) unsigned char *data = NULL;
		struct snug_error err = { 0 };
		struct aadfa dfa;

		random_case(i);
		random_rules(&rules);
		data = compile(&rules, &dfa);
		if (!data) {
			CHECK(++slow < SETS / 10);
			continue;
		}
		CHECK(snug_aa_judge_make(&rules, &judge, &err) == 0);
		for (unsigned j = 0; j < PATHS; j++) {
			SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

			random_path(&judge, &path);
			check_path(&judge, &dfa, snug_buf_text(&path));
		}
	}
}

/* ---- words ---- */

static void add_all_words(struct snug_aa_rules *rules)
{
	struct snug_aa_file file = { .path = (char *)"/x", .perms = SNUG_AA_READ };
	struct snug_aa_signal signal = { .access = SNUG_AA_SEND };
	size_t count;
	const struct snug_aa_mount_flag *flags = snug_aa_mount_flags(&count);

	CHECK(snug_aa_add_file(rules, &file) == 0);
	for (unsigned family = 0; family < 64; family++) {
		for (unsigned type = 0; type < 16; type++) {
			const struct snug_aa_network network = { family, type };

			if (snug_aa_family_name(family) && snug_aa_type_name(type))
				CHECK(snug_aa_add_network(rules, &network) == 0);
		}
	}
	for (unsigned i = 0; i <= SNUG_AA_SIGNAL_MAX; i++)
		signal.set[i / 64] |= UINT64_C(1) << (i % 64);
	CHECK(snug_aa_add_signal(rules, &signal) == 0);
	for (size_t i = 0; i < count; i++) {
		const struct snug_aa_mount mount = { .kind = SNUG_AA_MOUNT,
						     .flags = flags[i].flags,
						     .target = (char *)"/m/" };

		CHECK(snug_aa_add_mount(rules, &mount) == 0);
	}
}

static void the_parser_knows_every_word(void **state)
{
	struct snug_profile profile = { .name = "web",
					.has_apparmor = true,
					.has_caps = true,
					.caps = (UINT64_C(1) << SNUG_CAP_MAX) - 1 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) unsigned char *data = NULL;
	struct snug_error err = { 0 };
	bool slow = false;
	size_t len;

	(void)state;
	if (!aadfa_is_here())
		skip();
	random_case(0);
	add_all_words(&profile.apparmor.rules);
	snug_aa_rules_sort(&profile.apparmor.rules);
	CHECK(profile.apparmor.rules.network.count > 200);
	CHECK(snug_apparmor_render(&profile, "web", false, &text, &err) == 0);
	data = aadfa_compile(snug_buf_text(&text), &len, &slow);
	CHECK(data && !slow);
	snug_aa_rules_clear(&profile.apparmor.rules);
}

/* ---- links ---- */

static void check_link(const struct snug_aa_rules *rules, const struct aadfa *dfa, const char *name,
		       const char *target)
{
	const struct snug_aa_link *link;
	struct snug_error err;

	CHECK(snug_aa_judge_link(rules, name, target, &link, &err) == 0);
	CHECK((link != NULL) == aadfa_may_link(dfa, name, target));
}

static void links_are_pairs(void **state)
{
	(void)state;
	if (!aadfa_is_here())
		skip();
	for (unsigned i = 0; i < SETS / 5; i++) {
		SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules rules = { 0 };
		SNUG_AUTO(snug_freep) unsigned char *data = NULL;
		struct snug_aa_file file = { .path = (char *)"/x", .perms = SNUG_AA_READ };
		struct aadfa dfa;

		random_case(1000000 + i);
		CHECK(snug_aa_add_file(&rules, &file) == 0);
		for (unsigned j = 1 + random_below(4); j > 0; j--) {
			struct snug_aa_link link = { .name = (char *)PICK("/a", "/b", "/c/*"),
						     .target = (char *)PICK("/a", "/d", "/e/**") };

			CHECK(snug_aa_add_link(&rules, &link) == 0);
		}
		data = compile(&rules, &dfa);
		for (unsigned j = 0; j < 60; j++)
			check_link(&rules, &dfa, PICK("/a", "/b", "/c/x", "/c/", "/d", "/x"),
				   PICK("/a", "/d", "/e/x", "/e/x/y", "/e/", "/b", "/x"));
	}
}

/* ---- attacks ---- */

/* What would be another rule, if it got out of its own. */
static const char *const attacks[] = {
	"/a\" rw,\n/** rwix,\n\"",
	"/a\\\" rw, /** rw,",
	"/a\\",
	"/a\\\\\" rw, /** rw, \"",
	"/a, /** rw,",
	"/a rw,\n  /** rw,\n",
	"/a\n}\nprofile b { /** rw, }\n",
	"/a#\n/** rw,",
	"/*",
	"/**",
	"/a{,*}",
	"/[^a]**",
	"/@{int}",
	"/a@{PROC}",
	"/a\r\n/** rw,",
	"/a\\x22 rw, /** rw,",
	"/a\\052\\052",
	"/\xff\xfe\x80",
	"/a\t\v\f\x01\x1b[31m",
	"/a/../../etc/shadow",
	"/^$|.+()",
	"/#include <abstractions/base>",
	"/a -> b",
};

static void check_alone(const char *path)
{
	static const char *const others[] = { "/etc/shadow", "/a",   "/b",  "/x",   "/1",
					      "/",	     "/a/b", "/ab", "/a\"", "/aa" };
	SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules rules = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf pattern = { 0 }, back = { 0 };
	SNUG_AUTO(snug_freep) unsigned char *data = NULL;
	struct snug_aa_file file = { .perms = SNUG_AA_READ };
	struct aadfa dfa;

	snug_aare_quote(path, &pattern);
	file.path = pattern.data;
	CHECK(snug_aa_add_file(&rules, &file) == 0);
	data = compile(&rules, &dfa);
	CHECK(aadfa_to_model(aadfa_perms(&dfa, path, false)) == SNUG_AA_READ);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], path) != 0)
			CHECK(aadfa_perms(&dfa, others[i], true) == 0);
	CHECK(snug_aare_literal(pattern.data, &back));
	CHECK(strcmp(snug_buf_text(&back), path) == 0);
}

static void no_path_leaves_its_rule(void **state)
{
	static const char fill[] = "\"\\\n*,{@1\xff";
	char longest[4097];

	(void)state;
	if (!aadfa_is_here())
		skip();
	random_case(2000000);
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		check_alone(attacks[i]);
	for (size_t i = 0; i < sizeof(fill) - 1; i++) {
		memset(longest, fill[i], sizeof(longest) - 1);
		longest[0] = '/';
		longest[sizeof(longest) - 1] = '\0';
		check_alone(longest);
	}
	for (size_t i = 1; i < sizeof(longest) - 1; i++)
		longest[i] = fill[random_below(sizeof(fill) - 1)];
	check_alone(longest);
	for (unsigned i = 0; i < SETS; i++) {
		char path[64] = "/";
		unsigned len = 1 + random_below(40);

		random_case(3000000 + i);
		for (unsigned j = 1; j <= len; j++) {
			path[j] = random_below(2)
					  ? PICK("\"", "\\", ",", "\n", "{", "}", "*", "@")[0]
					  : (char)(1 + random_below(255));
			if (path[j] == '/')
				path[j] = 'a';
		}
		check_alone(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_answers_as_the_kernel_will),
		cmocka_unit_test(the_parser_knows_every_word),
		cmocka_unit_test(links_are_pairs),
		cmocka_unit_test(no_path_leaves_its_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
