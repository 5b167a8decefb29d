/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says 5%, is 5%: what model/completeness.h promises, held against workloads whose calls have
 * chances that the test knows. Runs are recordings, put together by the real merge.
 */
#include "model/completeness.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define WORKLOADS 5000u /* of each shape */
#define RUNS	  50u
#define CALLS_MAX 400u

/* Where runs are counted by an estimate. */
#define MANY_RUNS      1000u
#define MANY_WORKLOADS 200u

/* Runs after which the estimate is looked at. */
static const unsigned checked[] = { 2, 3, 4, 5, 7, 10, 20, 35, 50 };
#define CHECKED (sizeof(checked) / sizeof(checked[0]))

struct workload {
	double chance[CALLS_MAX]; /* of each call, to be made in a run */
	unsigned count;
};

static void add(struct workload *w, unsigned count, double chance)
{
	for (; count > 0; count--)
		w->chance[w->count++] = chance;
}

/* Beside what every run does, all others equally rare. */
static void make_rare(struct workload *w)
{
	add(w, 60, 1);
	add(w, 150, 0.03);
}

static void make_zipf(struct workload *w)
{
	for (unsigned i = 1; i <= 300; i++)
		add(w, 1, 1.0 / i);
}

static void make_steep_zipf(struct workload *w)
{
	add(w, 50, 1);
	for (unsigned i = 1; i <= 40; i++)
		add(w, 6, 0.8 / (i * i));
}

/* Options, habits, and what goes wrong now and then. */
static void make_mix(struct workload *w)
{
	add(w, 60, 1);
	add(w, 6, 0.9);
	add(w, 10, 0.5);
	add(w, 30, 0.1);
	add(w, 200, 0.01);
}

static const struct {
	const char *name;
	void (*make)(struct workload *ret);
} shapes[] = {
	{ "equally rare", make_rare },
	{ "Zipf", make_zipf },
	{ "steeper than Zipf", make_steep_zipf },
	{ "a mix", make_mix },
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static double power(double base, unsigned n)
{
	double product = 1;

	while (n-- > 0)
		product *= base;
	return product;
}

/* New calls that the run after n is expected to make. */
static double truth(const struct workload *w, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < w->count; i++)
		sum += w->chance[i] * power(1 - w->chance[i], n);
	return sum;
}

static void add_run(const struct workload *w, struct snug_recording *all)
{
	struct snug_recording one = { 0 };
	struct snug_error err;
	const uint64_t run = random_u64();

	assert_int_equal(snug_recording_set_run(&one, run), 0);
	for (unsigned i = 0; i < w->count; i++) {
		struct snug_seen_call *call;

		if ((double)random_u64() / 18446744073709551616.0 >= w->chance[i])
			continue;
		call = snug_recording_call(&one, SNUG_ARCH_X86_64, i, false);
		assert_non_null(call);
		snug_seen_runs_add(&call->runs, run);
	}
	assert_int_equal(snug_recording_merge(all, &one, &err), 0);
	snug_recording_clear(&one);
}

static double says(const struct snug_recording *all)
{
	const struct snug_completeness seen = snug_completeness_of(all);

	return snug_expected_new(&seen);
}

/* One workload's life; what is said after each of the checked runs is added to ret. */
static void simulate(const struct workload *w, double ret[CHECKED])
{
	struct snug_recording all = { 0 };
	unsigned at = 0;

	for (unsigned n = 1; n <= RUNS; n++) {
		add_run(w, &all);
		if (n == checked[at])
			ret[at++] += says(&all);
	}
	snug_recording_clear(&all);
}

/* What model/completeness.h promises of the mean after so many runs. */
static void check_mean(const char *shape, const struct workload *w, unsigned runs, double mean)
{
	double is = truth(w, runs), promised = runs == 2 ? truth(w, 1) : is;
	double off = mean / promised - 1, bound = runs == 3 ? 0.1 : runs == MANY_RUNS ? 0.05 : 0.03;

	if (off < -bound || off > bound)
		print_error("%s, %u runs: says %.3f, is %.3f\n", shape, runs, mean, is);
	CHECK(off >= -bound && off <= bound);
}

static void the_mean_is_right(void **state)
{
	(void)state;
	for (unsigned s = 0; s < SHAPES; s++) {
		struct workload w = { 0 };
		double sums[CHECKED] = { 0 };

		shapes[s].make(&w);
		for (unsigned i = 0; i < WORKLOADS; i++) {
			random_case(s * WORKLOADS + i);
			simulate(&w, sums);
		}
		for (unsigned at = 0; at < CHECKED; at++)
			check_mean(shapes[s].name, &w, checked[at], sums[at] / WORKLOADS);
	}
}

/* The estimated number of runs strays by 9%; of so few workloads the mean does by one. */
static void and_where_runs_are_estimated(void **state)
{
	struct workload w = { 0 };
	double sum = 0;

	(void)state;
	make_zipf(&w);
	for (unsigned i = 0; i < MANY_WORKLOADS; i++) {
		struct snug_recording all = { 0 };

		random_case(i);
		for (unsigned n = 0; n < MANY_RUNS; n++)
			add_run(&w, &all);
		assert_true(all.run_count != MANY_RUNS);
		sum += says(&all);
		snug_recording_clear(&all);
	}
	check_mean("Zipf", &w, MANY_RUNS, sum / MANY_WORKLOADS);
}

/* By hand: of the granted calls, those of one run and of two. */
static void a_call_counts_by_its_runs(void **state)
{
	static const unsigned runs_of[] = { 1, 3, 1, 2, 4, 1, 1 }; /* the last one refused */
	struct snug_recording all = { 0 };

	(void)state;
	assert_true(says(&all) == -1);
	for (unsigned run = 0; run < 4; run++) {
		struct snug_recording one = { 0 };
		struct snug_error err;

		assert_int_equal(snug_recording_set_run(&one, run), 0);
		for (unsigned nr = 0; nr < 7; nr++)
			if (run < runs_of[nr])
				snug_seen_runs_add(
					&snug_recording_call(&one, SNUG_ARCH_X86_64, nr, nr == 6)
						 ->runs,
					run);
		assert_int_equal(snug_recording_merge(&all, &one, &err), 0);
		snug_recording_clear(&one);
		/* Unknown; 3 of one run by now; 3 × 9 / (9 + 2) of 3; 3 × 12 / (12 + 2) of 4 */
		assert_true(run != 0 || says(&all) == -1);
		assert_true(run != 1 || says(&all) == 3.0 / 2);
		assert_true(run != 2 || says(&all) == 3.0 / 3 * 9 / 11);
		assert_true(run != 3 || says(&all) == 3.0 / 4 * 12 / 14);
	}
	snug_recording_clear(&all);
}

static void nothing_seen_once_is_nothing_to_expect(void **state)
{
	const struct snug_completeness none = { .runs = 9 };

	(void)state;
	assert_true(snug_expected_new(&none) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_counts_by_its_runs),
		cmocka_unit_test(nothing_seen_once_is_nothing_to_expect),
		cmocka_unit_test(the_mean_is_right),
		cmocka_unit_test(and_where_runs_are_estimated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
