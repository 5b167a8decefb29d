/* SPDX-License-Identifier: Apache-2.0 */
/* Which programs get a child profile of AppArmor's, what it is called, and whose doing is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/generate.h"

#include <stdio.h>
#include <string.h>

struct seen {
	const char *program, *path;
	unsigned access;
};

#define EXEC	     SNUG_ACCESS_EXECUTE
#define READ	     SNUG_ACCESS_READ
#define INTERP	     SNUG_ACCESS_INTERPRET
#define LENGTH(rows) (sizeof(rows) / sizeof((rows)[0]))

static void record(const struct seen *rows, size_t count, struct snug_recording *ret)
{
	ret->observed = SNUG_OBSERVED_APPARMOR;
	for (size_t i = 0; i < count; i++)
		assert_non_null(snug_seen_files_add(&ret->files, rows[i].path, rows[i].program,
						    rows[i].access, 0));
}

static void make(const struct snug_recording *recording, struct snug_aa_made *ret)
{
	const struct snug_aa_options options = { SNUG_GENERALISE_NONE, true };
	struct snug_error err = { 0 };

	if (snug_apparmor_make(recording, &options, false, ret, &err) < 0)
		fail_msg("%s", err.what);
	assert_true(ret->some);
}

static void make_of(const struct seen *rows, size_t count, struct snug_aa_made *ret)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };

	record(rows, count, &recording);
	make(&recording, ret);
}

static const struct snug_aa_file *file_of(const struct snug_aa_rules *rules, const char *path)
{
	for (size_t i = 0; i < rules->files.count; i++)
		if (strcmp(rules->files.at[i].path, path) == 0)
			return &rules->files.at[i];
	return NULL;
}

static const struct snug_aa_rules *child_of(const struct snug_aa_made *made, const char *name)
{
	const struct snug_aa_rules *rules = &made->policy.rules;

	for (size_t i = 0; i < rules->children.count; i++)
		if (strcmp(rules->children.at[i].name, name) == 0)
			return &rules->children.at[i].rules;
	fail_msg("no child %s", name);
	return NULL;
}

/* The exec of path, under the rules, goes to this child (NULL: it stays, or is none). */
static void goes_to(const struct snug_aa_rules *rules, const char *path, const char *child)
{
	const struct snug_aa_file *file = file_of(rules, path);

	assert_non_null(file);
	assert_true(file->perms & SNUG_AA_EXECUTE);
	if (!child)
		assert_null(file->child);
	else
		assert_string_equal(file->child, child);
}

/* What a child executes stays with it, and so does what that does. */
static void who_is_executed_by_a_child_stays_in_it(void **state)
{
	static const struct seen rows[] = {
		{ "", "/init", EXEC },	       { "/init", "/bin/a", EXEC },
		{ "/init", "/of/init", READ }, { "/bin/a", "/bin/b", EXEC },
		{ "/bin/a", "/of/a", READ },   { "/bin/b", "/of/b", READ },
	};
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };
	const struct snug_aa_rules *first = &made.policy.rules, *child;

	(void)state;
	make_of(rows, LENGTH(rows), &made);
	assert_int_equal(first->children.count, 1);
	child = child_of(&made, "a");
	goes_to(first, "/bin/a", "a");
	goes_to(child, "/bin/b", NULL);
	assert_non_null(file_of(first, "/of/init"));
	assert_null(file_of(first, "/of/a"));
	assert_null(file_of(first, "/of/b"));
	assert_null(file_of(child, "/of/init"));
	assert_non_null(file_of(child, "/of/a"));
	assert_non_null(file_of(child, "/of/b"));
	/* The child's own program is mapped under its label. */
	assert_int_equal(file_of(child, "/bin/a")->perms, SNUG_AA_READ | SNUG_AA_MAP);
}

/* A script did nothing under its own name: its interpreter did. */
static void a_scripts_interpreter_is_in_its_child(void **state)
{
	static const struct seen rows[] = {
		{ "", "/init", EXEC },
		{ "/init", "/bin/script", EXEC },
		{ "/bin/dash", "/bin/dash", INTERP | READ },
		{ "/bin/dash", "/bin/date", EXEC },
		{ "/bin/date", "/etc/localtime", READ },
	};
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };
	const struct snug_aa_rules *child;

	(void)state;
	make_of(rows, LENGTH(rows), &made);
	goes_to(&made.policy.rules, "/bin/script", "script");
	child = child_of(&made, "script");
	goes_to(child, "/bin/date", NULL);
	assert_non_null(file_of(child, "/etc/localtime"));
}

/* Two programs never share a child for a likeness of their names. */
static void names_are_each_programs_own(void **state)
{
#define LONG "0123456789012345678901234567890123456789012345678901234567890123"
	static const struct {
		const char *path, *child;
	} rows[] = {
		{ "/1/x", "x" },
		{ "/2/x-2", "x-2" },
		{ "/3/x", "x-3" },
		{ "/4/a b", "a_b" },
		{ "/5/a_b", "a_b-2" },
		{ "/6/" LONG "one", LONG },
		{ "/7/" LONG "two", LONG "-2" },
		{ "/8/\xc3\xa9", "__" },
	};
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };
	char own[32];

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct seen seen[] = { { "/init", rows[i].path, EXEC },
					     { rows[i].path, own, READ } };

		(void)snprintf(own, sizeof(own), "/of/%zu", i);
		record(seen, LENGTH(seen), &recording);
	}
	make(&recording, &made);
	assert_int_equal(made.policy.rules.children.count, LENGTH(rows));
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct snug_aa_rules *child = child_of(&made, rows[i].child);

		for (size_t j = 0; j < LENGTH(rows); j++) {
			(void)snprintf(own, sizeof(own), "/of/%zu", j);
			assert_int_equal(file_of(child, own) != NULL, i == j);
		}
	}
}

/* Past the limit they stay with the first ones, and so does what they did. */
static void programs_past_the_limit_stay(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };
	const struct snug_aa_rules *first = &made.policy.rules;
	char path[32], own[32], executed[32];

	(void)state;
	for (unsigned i = 0; i < SNUG_AA_CHILDREN_MAX + 2; i++) {
		const struct seen rows[] = { { "/init", path, EXEC },
					     { path, executed, EXEC },
					     { executed, own, READ } };

		(void)snprintf(path, sizeof(path), "/bin/p%02u", i);
		(void)snprintf(executed, sizeof(executed), "/bin/q%02u", i);
		(void)snprintf(own, sizeof(own), "/of/%02u", i);
		record(rows, LENGTH(rows), &recording);
	}
	make(&recording, &made);
	assert_int_equal(first->children.count, SNUG_AA_CHILDREN_MAX);
	goes_to(first, "/bin/p11", "p11");
	assert_null(file_of(first, "/of/11"));
	for (unsigned i = SNUG_AA_CHILDREN_MAX; i < SNUG_AA_CHILDREN_MAX + 2; i++) {
		(void)snprintf(path, sizeof(path), "/bin/p%02u", i);
		(void)snprintf(own, sizeof(own), "/of/%02u", i);
		goes_to(first, path, NULL);
		assert_non_null(file_of(first, own));
	}
}

/* Nobody of a ring is a first one: all that they did is in the profile. */
static void a_ring_is_in_nobodys_child(void **state)
{
	static const struct seen rows[] = {
		{ "/bin/a", "/bin/b", EXEC },
		{ "/bin/b", "/bin/a", EXEC },
		{ "/bin/a", "/of/a", READ },
		{ "/bin/b", "/of/b", READ },
	};
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };

	(void)state;
	make_of(rows, LENGTH(rows), &made);
	assert_int_equal(made.policy.rules.children.count, 0);
	assert_non_null(file_of(&made.policy.rules, "/of/a"));
	assert_non_null(file_of(&made.policy.rules, "/of/b"));
	goes_to(&made.policy.rules, "/bin/a", NULL);
}

/* Rules by which any signal may come from the profile's own. */
static size_t receivers(const struct snug_aa_rules *rules)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->signals.count; i++) {
		const struct snug_aa_signal *one = &rules->signals.at[i];

		count += one->access & SNUG_AA_RECEIVE && !(one->set[0] | one->set[1]) &&
			 one->peer && strcmp(one->peer, SNUG_AA_SELF) == 0;
	}
	return count;
}

/* Who sent a signal is known, not who got it: all profiles may. A program that only acts counts. */
static void a_signal_of_one_may_be_received_by_all(void **state)
{
	static const struct seen rows[] = { { "/init", "/bin/a", EXEC },
					    { "/init", "/bin/b", EXEC } };
	struct snug_seen_act act = { .kind = SNUG_ACT_SIGNAL,
				     .number = { 15, SNUG_PEER_CONTAINER },
				     .text = { (char *)"", (char *)"", (char *)"" },
				     .program = (char *)"/bin/a" };
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 }, without = { 0 };

	(void)state;
	record(rows, LENGTH(rows), &recording);
	make(&recording, &without);
	assert_int_equal(receivers(&without.policy.rules), 0);
	assert_non_null(snug_seen_acts_add(&recording.acts, &act));
	make(&recording, &made);
	assert_int_equal(receivers(&made.policy.rules), 1);
	assert_int_equal(receivers(child_of(&made, "a")), 1);
	assert_int_equal(receivers(child_of(&made, "b")), 1);
}

/* Under no_new_privs no exec changes a profile: children would never be. */
static void no_new_privs_has_no_children(void **state)
{
	static const struct seen rows[] = { { "/init", "/bin/a", EXEC } };
	const struct snug_aa_options with = { SNUG_GENERALISE_NONE, true };
	const struct snug_aa_options without = { SNUG_GENERALISE_NONE, false };
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 }, refused = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	record(rows, LENGTH(rows), &recording);
	assert_int_equal(snug_apparmor_make(&recording, &without, true, &made, &err), 0);
	assert_int_equal(made.policy.rules.children.count, 0);
	assert_int_equal(snug_apparmor_make(&recording, &with, true, &refused, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "no_new_privs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_executed_by_a_child_stays_in_it),
		cmocka_unit_test(a_scripts_interpreter_is_in_its_child),
		cmocka_unit_test(names_are_each_programs_own),
		cmocka_unit_test(programs_past_the_limit_stay),
		cmocka_unit_test(a_ring_is_in_nobodys_child),
		cmocka_unit_test(a_signal_of_one_may_be_received_by_all),
		cmocka_unit_test(no_new_privs_has_no_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
