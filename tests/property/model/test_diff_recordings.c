/* SPDX-License-Identifier: Apache-2.0 */
/* What one recording saw alone is what the other lacks of their union: all of it, and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/diff.h"
#include "support/recordings.h"

#define CASES random_cases(10000u)

/* One recording that is much like another: some of its calls, and some of its own. */
static void random_alike(const struct snug_recording *of, struct snug_recording *ret)
{
	for (size_t i = 0; i < of->calls.count; i++) {
		const struct snug_seen_call *seen = &of->calls.at[i];
		struct snug_seen_call *call;

		if (random_one_in(8))
			continue;
		call = snug_recording_call(ret, seen->arch, seen->nr, seen->refused);
		if (!call)
			abort();
		if (seen->any_args && !random_one_in(8)) {
			call->any_args = true;
			snug_vec_clear(&call->tuples);
		}
		for (size_t j = 0; j < seen->tuples.count; j++)
			if (!random_one_in(8) && snug_seen_call_tuple(call, &seen->tuples.at[j]))
				abort();
	}
}

/* The same of files and acts. */
static void random_alike_seen(const struct snug_recording *of, struct snug_recording *ret)
{
	for (size_t i = 0; i < of->files.count; i++) {
		const struct snug_seen_file *file = &of->files.at[i];
		unsigned access =
			random_one_in(4) ? file->access & (unsigned)random_u64() : file->access;

		if (!random_one_in(8) && access &&
		    !snug_seen_files_add(&ret->files, file->path, file->program, access,
					 random_one_in(4) ? 0 : file->others & access))
			abort();
	}
	for (size_t i = 0; i < of->acts.count; i++)
		if (!random_one_in(8) && !snug_seen_acts_add(&ret->acts, &of->acts.at[i]))
			abort();
}

static bool same_seen(const struct snug_recording *a, const struct snug_recording *b)
{
	if (a->files.count != b->files.count || a->acts.count != b->acts.count)
		return false;
	for (size_t i = 0; i < a->files.count; i++)
		if (snug_seen_file_compare(&a->files.at[i], &b->files.at[i]) != 0 ||
		    a->files.at[i].access != b->files.at[i].access ||
		    a->files.at[i].others != b->files.at[i].others)
			return false;
	for (size_t i = 0; i < a->acts.count; i++)
		if (snug_seen_act_compare(&a->acts.at[i], &b->acts.at[i]) != 0)
			return false;
	return true;
}

static bool same_calls(const struct snug_recording *a, const struct snug_recording *b)
{
	if (a->calls.count != b->calls.count || a->caps.count != b->caps.count)
		return false;
	for (size_t i = 0; i < a->calls.count; i++) {
		const struct snug_seen_call *x = &a->calls.at[i], *y = &b->calls.at[i];

		if (x->arch != y->arch || x->nr != y->nr || x->refused != y->refused ||
		    x->any_args != y->any_args || x->tuples.count != y->tuples.count)
			return false;
		for (size_t j = 0; j < x->tuples.count; j++)
			if (snug_tuple_compare(&x->tuples.at[j], &y->tuples.at[j]) != 0)
				return false;
	}
	for (size_t i = 0; i < a->caps.count; i++)
		if (a->caps.at[i].cap != b->caps.at[i].cap)
			return false;
	return a->raised_creds == b->raised_creds && same_seen(a, b);
}

static void merge(struct snug_recording *into, const struct snug_recording *other)
{
	struct snug_error err;

	assert_int_equal(snug_recording_merge(into, other, &err), 0);
}

/* Gives recording the call with those arguments that its side saw alone; each is news to it. */
static void add_call(struct snug_recording *recording, const struct snug_seen_change *change)
{
	const struct snug_seen_call *from = change->call;
	size_t before = recording->calls.count, news;
	struct snug_seen_call *call =
		snug_recording_call(recording, from->arch, from->nr, from->refused);

	if (!call)
		abort();
	news = recording->calls.count - before;
	CHECK(news == !change->other);
	news += from->any_args && !call->any_args;
	if (from->any_args) {
		call->any_args = true;
		snug_vec_clear(&call->tuples);
	}
	for (size_t i = 0; i < from->tuples.count; i++) {
		if (!snug_seen_alone(change, &from->tuples.at[i]))
			continue;
		CHECK(!change->other || !change->other->any_args);
		if (snug_seen_call_tuple(call, &from->tuples.at[i]) < 0)
			abort();
		news++;
	}
	CHECK(news > 0);
}

/* Each is news to the recording. */
static void add_seen(struct snug_recording *recording, const struct snug_recording_diff *diff,
		     enum snug_side at)
{
	for (size_t i = 0; i < diff->files[at].count; i++) {
		const struct snug_seen_file *file = &diff->files[at].at[i];
		const struct snug_seen_file *known = snug_seen_files_find(&recording->files, file);

		CHECK(file->access && !(file->others & ~file->access) && !file->runs.count);
		CHECK(!known || !((file->access & ~file->others) & known->access));
		CHECK(!known || !(file->others & known->others));
		if (!snug_seen_files_add(&recording->files, file->path, file->program, file->access,
					 file->others))
			abort();
	}
	for (size_t i = 0; i < diff->acts[at].count; i++) {
		const struct snug_seen_act *act = &diff->acts[at].at[i];

		CHECK(!snug_seen_acts_find(&recording->acts, act) && !act->runs.count);
		if (!snug_seen_acts_add(&recording->acts, act))
			abort();
	}
}

/* other with what side saw alone is their union, as far as a diff looks. */
static void check_side(const struct snug_recording *side, const struct snug_recording *other,
		       const struct snug_recording_diff *diff, enum snug_side at)
{
	struct snug_recording patched = { 0 }, both = { 0 };

	merge(&patched, other);
	merge(&both, other);
	merge(&both, side);
	for (size_t i = 0; i < diff->calls[at].count; i++)
		add_call(&patched, &diff->calls[at].at[i]);
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++)
		if (diff->caps[at] >> cap & 1) {
			size_t before = patched.caps.count;

			CHECK(snug_recording_cap(&patched, cap) &&
			      patched.caps.count == before + 1);
		}
	add_seen(&patched, diff, at);
	patched.raised_creds |= diff->raised_creds[at];
	CHECK(same_calls(&patched, &both));
	snug_recording_clear(&patched);
	snug_recording_clear(&both);
}

static void diff_is_what_a_union_lacks(void **state)
{
	unsigned same = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_recording a = { 0 }, b = { 0 };
		struct snug_recording_diff diff, mirror;
		struct snug_error err;

		random_case(i);
		random_recording(&a);
		if (random_one_in(20))
			merge(&b, &a);
		else
			random_recording(&b);
		if (random_one_in(2)) {
			random_alike(&a, &b);
			random_alike_seen(&a, &b);
		}
		assert_int_equal(snug_recording_diff_make(&a, &b, &diff, &err), 0);
		assert_int_equal(snug_recording_diff_make(&b, &a, &mirror, &err), 0);
		check_side(&a, &b, &diff, SNUG_SIDE_A);
		check_side(&b, &a, &diff, SNUG_SIDE_B);
		for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
			CHECK(diff.calls[side].count == mirror.calls[!side].count &&
			      diff.caps[side] == mirror.caps[!side] &&
			      diff.files[side].count == mirror.files[!side].count &&
			      diff.acts[side].count == mirror.acts[!side].count);
		CHECK(snug_recording_diff_is_empty(&diff) == same_calls(&a, &b));
		same += snug_recording_diff_is_empty(&diff);
		snug_recording_diff_clear(&diff);
		snug_recording_diff_clear(&mirror);
		snug_recording_clear(&a);
		snug_recording_clear(&b);
	}
	assert_true(same > CASES / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(diff_is_what_a_union_lacks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
