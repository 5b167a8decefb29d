/* SPDX-License-Identifier: Apache-2.0 */
/* Invariant 5, of AppArmor: a generated profile allows all that was recorded, however far it is
 * generalised; and without generalising, no path more. Judged by the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/access.h"
#include "model/apparmor/decide.h"
#include "model/generate.h"
#include "model/profile.h"
#include "random.h"

#include <stdio.h>

#define CASES 800u
#define FILES 60u

static const char *const programs[] = { "", "/usr/bin/a", "/usr/bin/b", "/usr/bin/c", "/sbin/d" };
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

/* ---- random recordings ---- */

static void put_name(char *out, size_t size)
{
	static const char *const words[] = {
		"a", "b",   "log",   "tmpx1", "tmpy2", "tmpz3", "x.log", "y.log",  "z.log",
		"*", "[a]", "{b,c}", "\\",    "\n\"",  "\xff",	"a b",	 "@{int}", "c.d.e"
	};

	switch (random_below(6)) {
	case 0:
		(void)snprintf(out, size, "%u", 10000 + random_below(1000000));
		break;
	case 1:
		(void)snprintf(out, size, "f-%016llx.dat", (unsigned long long)random_u64());
		break;
	case 2:
		(void)snprintf(out, size, "%08x-aaaa-bbbb-cccc-0123456789ab", random_below(99999));
		break;
	default:
		(void)snprintf(out, size, "%s",
			       words[random_below(sizeof(words) / sizeof(words[0]))]);
		break;
	}
}

static void random_seen_path(char *out, size_t size)
{
	static const char *const roots[] = { "/tmp/",	  "/var/log/",	   "/etc/",   "/proc/",
					     "/data/",	  "/var/cache/x/", "/root/",  "/usr/lib/",
					     "/dev/shm/", "/run/secrets/", "/proc/7/" };
	size_t len = (size_t)snprintf(out, size, "%s",
				      roots[random_below(sizeof(roots) / sizeof(roots[0]))]);

	for (unsigned i = random_below(4); i > 0; i--) {
		char name[80];

		put_name(name, sizeof(name));
		len += (size_t)snprintf(out + len, size - len, "%s%s", name,
					i > 1 || random_below(3) == 0 ? "/" : "");
	}
}

static void random_files(struct snug_recording *ret)
{
	for (unsigned i = 1 + random_below(FILES); i > 0; i--) {
		unsigned access = random_below(4) ? 1u << random_below(SNUG_ACCESS_MAX)
						  : (unsigned)random_u64() & SNUG_ACCESS_ALL;
		char path[400];

		if (random_below(2))
			access |= SNUG_ACCESS_CREATE | SNUG_ACCESS_WRITE;
		random_seen_path(path, sizeof(path));
		access = access ? access : SNUG_ACCESS_READ;
		CHECK(snug_seen_files_add(&ret->files, random_below(8) ? path : programs[1],
					  programs[random_below(PROGRAMS)], access,
					  random_below(3) ? 0 : (unsigned)random_u64() & access) !=
		      NULL);
	}
}

static void random_links(struct snug_recording *ret)
{
	for (unsigned i = random_below(6); i > 0; i--) {
		char from[400], to[400];
		struct snug_seen_act act = { .kind = SNUG_ACT_LINK,
					     .text = { from, to, (char *)"" },
					     .program = (char *)programs[random_below(PROGRAMS)] };

		random_seen_path(from, sizeof(from));
		random_seen_path(to, sizeof(to));
		CHECK(snug_seen_acts_add(&ret->acts, &act) != NULL);
	}
}

static void random_sockets(struct snug_recording *ret)
{
	for (unsigned i = random_below(6); i > 0; i--) {
		struct snug_seen_act act = { .kind = SNUG_ACT_SOCKET,
					     .number = { random_below(50), random_below(12) },
					     .text = { (char *)"", (char *)"", (char *)"" },
					     .program = (char *)programs[random_below(PROGRAMS)] };

		CHECK(snug_seen_acts_add(&ret->acts, &act) != NULL);
	}
}

static void random_recording_of_files(struct snug_recording *ret)
{
	*ret = (struct snug_recording){ .observed = SNUG_OBSERVED_APPARMOR, .raised_creds = true };
	CHECK(snug_recording_set_run(ret, 1) == 0);
	random_files(ret);
	random_links(ret);
	random_sockets(ret);
}

/* ---- judging ---- */

static void generate(const struct snug_recording *recording, const struct snug_aa_options *options,
		     struct snug_profile *ret)
{
	const struct snug_generate_options all = { .apparmor = *options };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };
	int result = snug_generate(recording, &all, &text, &err);

	if (result == 0)
		result = snug_profile_parse(text.data, text.len, "p.json", ret, &err);
	if (result < 0)
		print_error("%s: %s\n%s\n", err.path, err.what, snug_buf_text(&text));
	CHECK(result == 0);
	CHECK(ret->has_apparmor && !ret->apparmor.complain_only);
}

static bool allows(const struct snug_aa_rules *rules, const char *path, unsigned access, bool owner)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf asked = { 0 };
	unsigned perms = snug_aa_perms_of(access);
	struct snug_aa_answer answer;
	struct snug_error err;

	snug_aa_put_path(path, &asked);
	CHECK(snug_aa_judge_make(rules, &judge, &err) == 0);
	snug_aa_judge_file(&judge, snug_buf_text(&asked), owner, &answer);
	return (perms & ~answer.perms) == 0;
}

/* Under the profile, or (a program with a child profile) under one of the children. */
static bool allows_somewhere(const struct snug_profile *profile, const char *path, unsigned access,
			     bool owner)
{
	const struct snug_aa_rules *rules = &profile->apparmor.rules;

	if (allows(rules, path, access, owner))
		return true;
	for (size_t i = 0; i < rules->children.count; i++)
		if (allows(&rules->children.at[i].rules, path, access, owner))
			return true;
	return false;
}

static void check_file(const struct snug_profile *profile, const struct snug_seen_file *file)
{
	if (allows_somewhere(profile, file->path, file->access, true) &&
	    allows_somewhere(profile, file->path, file->others, false))
		return;
	print_error("<%s> by <%s>: access %#x, others %#x\n", file->path, file->program,
		    file->access, file->others);
	CHECK(false);
}

static bool may_link(const struct snug_aa_rules *rules, const struct snug_seen_act *act)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf name = { 0 }, target = { 0 };
	const struct snug_aa_link *link;
	struct snug_error err;

	snug_aa_put_path(act->text[1], &name);
	snug_aa_put_path(act->text[0], &target);
	CHECK(snug_aa_judge_link(rules, snug_buf_text(&name), snug_buf_text(&target), &link,
				 &err) == 0);
	return link != NULL;
}

static bool may_open(const struct snug_aa_rules *rules, const struct snug_seen_act *act)
{
	return snug_aa_judge_network(rules, act->number[0], act->number[1]) != NULL;
}

static void check_act(const struct snug_profile *profile, const struct snug_seen_act *act)
{
	const struct snug_aa_rules *rules = &profile->apparmor.rules;
	bool (*may)(const struct snug_aa_rules *, const struct snug_seen_act *) =
		act->kind == SNUG_ACT_LINK ? may_link : may_open;
	bool allowed = may(rules, act);

	for (size_t i = 0; i < rules->children.count; i++)
		allowed |= may(&rules->children.at[i].rules, act);
	/* What AppArmor has no word for is said. */
	CHECK(allowed || (act->kind == SNUG_ACT_SOCKET && profile->incomplete.count > 0));
}

/* Nobody was seen to do anything with these. */
static void check_unseen(const struct snug_profile *profile, enum snug_generalise how)
{
	static const char *const never[] = { "/etc/never",   "/root/never",   "/run/secrets/never",
					     "/usr/never",   "/never",	      "/proc/never",
					     "/var/never/x", "/tmp/never/x/y" };

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (how == SNUG_GENERALISE_NONE || i < 6)
			CHECK(!allows_somewhere(profile, never[i], SNUG_ACCESS_WRITE, true));
	CHECK(!allows_somewhere(profile, "/etc/never", SNUG_ACCESS_READ, true));
	CHECK(!allows_somewhere(profile, "/tmp/never", SNUG_ACCESS_EXECUTE, true));
	CHECK(!allows_somewhere(profile, "/tmp/never", SNUG_ACCESS_MAP, true));
}

static void all_that_was_recorded_is_allowed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
		struct snug_aa_options options;

		random_case(i);
		random_recording_of_files(&recording);
		options.generalise = random_below(SNUG_GENERALISE_MAX);
		options.children = random_below(3) == 0;
		generate(&recording, &options, &profile);
		for (size_t j = 0; j < recording.files.count; j++)
			check_file(&profile, &recording.files.at[j]);
		for (size_t j = 0; j < recording.acts.count; j++)
			check_act(&profile, &recording.acts.at[j]);
		check_unseen(&profile, options.generalise);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_recorded_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
