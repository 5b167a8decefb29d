/* SPDX-License-Identifier: Apache-2.0 */
/* Invariant 4: merge is union: commutative, associative, idempotent. Compared as rendered bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/recordings.h"
#include "support/rendered.h"

#define CASES random_cases(10000u)

static void merge(struct snug_recording *into, const struct snug_recording *other)
{
	struct snug_error err = { 0 };

	if (snug_recording_merge(into, other, &err) < 0)
		fail_msg("%s", err.what);
}

static void assert_same(const struct snug_recording *a, const struct snug_recording *b)
{
	char *left = rendered(a), *right = rendered(b);

	CHECK(strcmp(left, right) == 0);
	free(left);
	free(right);
}

/* (a ∪ b) ∪ c == a ∪ (b ∪ c); a ∪ b == b ∪ a; (a ∪ b) ∪ b == a ∪ b; a ∪ nothing == a */
static void check_laws(const struct snug_recording *a, const struct snug_recording *b,
		       const struct snug_recording *c)
{
	struct snug_recording left = { 0 }, right = { 0 }, swapped = { 0 };

	merge(&left, a);
	assert_same(&left, a);
	merge(&left, b);
	merge(&swapped, b);
	merge(&swapped, a);
	assert_same(&left, &swapped);
	merge(&swapped, b);
	assert_same(&left, &swapped);
	merge(&left, c);
	merge(&right, b);
	merge(&right, c);
	snug_recording_clear(&swapped);
	merge(&swapped, a);
	merge(&swapped, &right);
	assert_same(&left, &swapped);
	snug_recording_clear(&left);
	snug_recording_clear(&right);
	snug_recording_clear(&swapped);
}

static void merge_is_union(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_recording a = { 0 }, b = { 0 }, c = { 0 };

		random_case(i);
		random_recording(&a);
		random_recording(&b);
		random_recording(&c);
		check_laws(&a, &b, &c);
		snug_recording_clear(&a);
		snug_recording_clear(&b);
		snug_recording_clear(&c);
	}
}

#define PARTS_MAX 6u

/* Unites the texts in a random order, some of them more than once. */
static char *united(char *const *texts, unsigned count)
{
	struct snug_recording all = { 0 };
	bool in[PARTS_MAX] = { false };
	char *text;

	for (unsigned left = count; left > 0;) {
		unsigned i = random_below(count);
		struct snug_recording one = { 0 };
		struct snug_error err = { 0 };

		if (snug_recording_parse(texts[i], strlen(texts[i]), "x.json", &one, &err) < 0)
			fail_msg("%s: %s", err.path, err.what);
		merge(&all, &one);
		snug_recording_clear(&one);
		left -= !in[i];
		in[i] = true;
	}
	text = rendered(&all);
	snug_recording_clear(&all);
	return text;
}

/* As the command does it: files in, a file out. Parts are merged ones, too. */
static void files_unite_in_any_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		char *texts[PARTS_MAX], *one, *other;
		unsigned count;

		random_case(i);
		count = 2 + random_below(PARTS_MAX - 2);
		for (unsigned j = 0; j < count; j++) {
			struct snug_recording part = { 0 };

			random_recording(&part);
			texts[j] = rendered(&part);
			snug_recording_clear(&part);
		}
		one = united(texts, count);
		free(texts[count - 1]);
		texts[count - 1] = strdup(one); /* a union of itself and its parts is itself */
		other = united(texts, count);
		CHECK(strcmp(one, other) == 0);
		for (unsigned j = 0; j < count; j++)
			free(texts[j]);
		free(one);
		free(other);
	}
}

static bool same_runs(const struct snug_seen_runs *a, const struct snug_seen_runs *b)
{
	for (unsigned i = 0; i < a->count; i++)
		if (i >= b->count || a->id[i] != b->id[i])
			return false;
	return a->count == b->count;
}

static void check_files(const struct snug_seen_files *a, const struct snug_seen_files *b)
{
	CHECK(a->count == b->count && a->bytes == b->bytes);
	for (size_t i = 0; i < a->count; i++) {
		CHECK(snug_seen_file_compare(&a->at[i], &b->at[i]) == 0);
		CHECK(a->at[i].access == b->at[i].access && a->at[i].others == b->at[i].others);
		CHECK(same_runs(&a->at[i].runs, &b->at[i].runs));
	}
}

static void check_acts(const struct snug_seen_acts *a, const struct snug_seen_acts *b)
{
	CHECK(a->count == b->count && a->bytes == b->bytes);
	for (size_t i = 0; i < a->count; i++) {
		CHECK(snug_seen_act_compare(&a->at[i], &b->at[i]) == 0);
		CHECK(same_runs(&a->at[i].runs, &b->at[i].runs));
	}
}

static void what_is_written_reads_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_recording a = { 0 }, b = { 0 };
		struct snug_error err = { 0 };
		char *text;

		random_case(i);
		random_recording(&a);
		text = rendered(&a);
		if (snug_recording_parse(text, strlen(text), "a.json", &b, &err) < 0)
			print_error("%s: %s\n%s", err.path, err.what, text);
		CHECK(b.run_count != 0);
		assert_same(&a, &b);
		CHECK(a.run_count == b.run_count);
		CHECK(a.calls.count == b.calls.count);
		CHECK(a.observed == b.observed && a.lost_files == b.lost_files);
		check_files(&a.files, &b.files);
		check_acts(&a.acts, &b.acts);
		free(text);
		snug_recording_clear(&a);
		snug_recording_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merge_is_union),
		cmocka_unit_test(files_unite_in_any_order),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
