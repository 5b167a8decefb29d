/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merge as union. Every member is merged by an operation that is commutative, associative and
 * idempotent by itself (a set's union, a maximum, a minimum, the k smallest), so the whole is.
 */
#include "model/recording.h"

#include <stdlib.h>
#include <string.h>

/* The estimate stays an integer that every JSON reader holds exactly. */
#define RUNS_MAX ((uint64_t)1 << 53)

uint64_t snug_runs_estimate(uint64_t last)
{
	/* k-minimum-values: of n uniform ids the kth smallest lies at about k/n of the range, and
	 * (k - 1) / that place is an unbiased estimate of n (Bar-Yossef et al. 2002). */
	double place = ((double)last + 1) / 18446744073709551616.0;
	double runs = (SNUG_RUN_IDS_MAX - 1) / place;

	if (runs >= (double)RUNS_MAX)
		return RUNS_MAX;
	return runs > SNUG_RUN_IDS_MAX ? (uint64_t)runs : SNUG_RUN_IDS_MAX + 1;
}

static int merge_run_ids(struct snug_recording *into, const struct snug_recording *other)
{
	bool past = into->run_count > SNUG_RUN_IDS_MAX || other->run_count > SNUG_RUN_IDS_MAX;
	SNUG_VEC(uint64_t) all = { 0 };
	size_t i = 0, j = 0;

	if (snug_vec_reserve(&all, into->run_ids.count + other->run_ids.count) < 0)
		return -1;
	while (i < into->run_ids.count || j < other->run_ids.count) {
		bool left =
			j == other->run_ids.count ||
			(i < into->run_ids.count && into->run_ids.at[i] <= other->run_ids.at[j]);
		uint64_t id = left ? into->run_ids.at[i++] : other->run_ids.at[j++];

		if (all.count == 0 || all.at[all.count - 1] != id)
			all.at[all.count++] = id;
	}
	past |= all.count > SNUG_RUN_IDS_MAX;
	if (all.count > SNUG_RUN_IDS_MAX)
		all.count = SNUG_RUN_IDS_MAX;
	into->run_count = past ? snug_runs_estimate(all.at[all.count - 1]) : all.count;
	snug_vec_clear(&into->run_ids);
	into->run_ids.at = all.at;
	into->run_ids.count = all.count;
	into->run_ids.room = all.room;
	return 0;
}

static int copy_string(const char *from, char **ret)
{
	*ret = from ? strdup(from) : NULL;
	return from && !*ret ? -1 : 0;
}

/* The larger one, NULL being the least: of one run both are the same, or one was not known yet. */
static int merge_string(char **into, const char *other)
{
	char *copy;

	if (!other || (*into && strcmp(*into, other) >= 0))
		return 0;
	if (copy_string(other, &copy) < 0)
		return -1;
	free(*into);
	*into = copy;
	return 0;
}

static int compare_args(const struct snug_source *a, const struct snug_source *b)
{
	for (size_t i = 0; i < a->args.count && i < b->args.count; i++) {
		int order = strcmp(a->args.at[i], b->args.at[i]);

		if (order)
			return order;
	}
	return a->args.count < b->args.count ? -1 : a->args.count > b->args.count;
}

static int merge_args(struct snug_source *into, const struct snug_source *other)
{
	if (compare_args(into, other) >= 0)
		return 0;
	while (into->args.count)
		free(into->args.at[--into->args.count]);
	for (size_t i = 0; i < other->args.count; i++) {
		char *copy;

		if (copy_string(other->args.at[i], &copy) < 0)
			return -1;
		if (snug_vec_push(&into->args, copy) < 0) {
			free(copy);
			return -1;
		}
	}
	return 0;
}

/* The same run twice: a flush, and the superset that came later. */
static int merge_source(struct snug_source *into, const struct snug_source *other)
{
	if (other->gate > into->gate)
		into->gate = other->gate;
	into->ended |= other->ended;
	if (other->exit > into->exit)
		into->exit = other->exit;
	if (merge_string(&into->kernel, other->kernel) < 0 ||
	    merge_string(&into->runtime, other->runtime) < 0 ||
	    merge_string(&into->image, other->image) < 0 ||
	    merge_string(&into->started, other->started) < 0)
		return -1;
	return merge_args(into, other);
}

/* Finds or adds the source of a run, keeping the order. */
static struct snug_source *source_of(struct snug_recording *recording, uint64_t run)
{
	struct snug_source source = { .run = run, .exit = -1 };
	size_t at = 0;

	while (at < recording->sources.count && recording->sources.at[at].run < run)
		at++;
	if (at < recording->sources.count && recording->sources.at[at].run == run)
		return &recording->sources.at[at];
	if (snug_vec_push(&recording->sources, source) < 0)
		return NULL;
	memmove(&recording->sources.at[at + 1], &recording->sources.at[at],
		(recording->sources.count - 1 - at) * sizeof(source));
	recording->sources.at[at] = source;
	return &recording->sources.at[at];
}

static int merge_sources(struct snug_recording *into, const struct snug_recording *other)
{
	uint64_t last;

	for (size_t i = 0; i < other->sources.count; i++) {
		struct snug_source *source = source_of(into, other->sources.at[i].run);

		if (!source || merge_source(source, &other->sources.at[i]) < 0)
			return -1;
	}
	/* run_ids are merged already: what lies past the kept ones goes. */
	last = into->run_ids.at[into->run_ids.count - 1];
	while (into->sources.count && into->sources.at[into->sources.count - 1].run > last)
		snug_source_clear(&into->sources.at[--into->sources.count]);
	return 0;
}

static int merge_call(struct snug_recording *into, const struct snug_seen_call *other)
{
	struct snug_seen_call *call =
		snug_recording_call(into, other->arch, other->nr, other->refused);

	if (!call)
		return -1;
	call->phases |= other->phases;
	snug_seen_runs_merge(&call->runs, &other->runs);
	if (other->any_args) {
		call->any_args = true;
		snug_vec_clear(&call->tuples);
	}
	for (size_t i = 0; i < other->tuples.count; i++)
		if (snug_seen_call_tuple(call, &other->tuples.at[i]) < 0)
			return -1;
	return 0;
}

/* A set that has no room for all keeps the same part of it in whatever order. What is gone is lost,
 * and nobody can count it in whatever order: one at least. */
static int merge_seen(struct snug_recording *into, const struct snug_recording *other)
{
	bool cut = false;

	if (snug_seen_files_merge(&into->files, &other->files, &cut) < 0 ||
	    snug_seen_acts_merge(&into->acts, &other->acts, &cut) < 0)
		return -1;
	if (cut && !into->lost_files)
		into->lost_files = 1;
	return 0;
}

static void merge_lost(uint64_t *into, uint64_t other)
{
	if (other > *into)
		*into = other;
}

static int merge_caps(struct snug_recording *into, const struct snug_recording *other)
{
	for (size_t i = 0; i < other->caps.count; i++) {
		struct snug_seen_cap *cap = snug_recording_cap(into, other->caps.at[i].cap);

		if (!cap)
			return -1;
		snug_seen_runs_merge(&cap->runs, &other->caps.at[i].runs);
		if (snug_cap_needs_merge(&cap->needed, &other->caps.at[i].needed) < 0)
			return -1;
	}
	return 0;
}

static int absorb(struct snug_recording *into, const struct snug_recording *other)
{
	/* No run yet: what was observed is the other's alone. */
	into->observed = into->run_count ? snug_observed_merge(into->observed, other->observed)
					 : snug_observed_merge(other->observed, other->observed);
	into->gates |= other->gates;
	into->raised_creds |= other->raised_creds;
	merge_lost(&into->lost_syscalls, other->lost_syscalls);
	merge_lost(&into->lost_caps, other->lost_caps);
	merge_lost(&into->lost_files, other->lost_files);
	if (merge_run_ids(into, other) < 0 || merge_sources(into, other) < 0)
		return -1;
	for (size_t i = 0; i < other->calls.count; i++)
		if (merge_call(into, &other->calls.at[i]) < 0)
			return -1;
	return merge_caps(into, other) < 0 ? -1 : merge_seen(into, other);
}

/* The smaller name stands for both. */
static int merge_name(struct snug_recording *into, const struct snug_recording *other)
{
	char *copy;

	if (!other->name || (into->name && strcmp(into->name, other->name) <= 0))
		return 0;
	if (copy_string(other->name, &copy) < 0)
		return -1;
	free(into->name);
	into->name = copy;
	return 0;
}

int snug_recording_merge(struct snug_recording *into, const struct snug_recording *other,
			 struct snug_error *err)
{
	if (other->run_count == 0)
		return 0;
	if (merge_name(into, other) < 0 || absorb(into, other) < 0)
		return snug_fail_memory(err);
	return 0;
}
