/* SPDX-License-Identifier: Apache-2.0 */
#include "model/generate.h"

#include "base/cleanup.h"
#include "model/completeness.h"
#include "model/dangerous.h"
#include "model/plan.h"
#include "model/profile.h"
#include "model/split.h"
#include "model/syscalls.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

/* What is written, and from what. */
struct generator {
	const struct snug_recording *recording;
	const struct snug_generate_options *options;
	struct snug_plan plan;
	struct snug_aa_made apparmor;
	struct snug_json_writer w;
};

static void open_list(struct snug_json_writer *w, const char *key)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
}

static void open_object(struct snug_json_writer *w, const char *key)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '{');
}

/* An entry's end: its action, and its errno (0: none). */
static void close_entry(struct snug_json_writer *w, snug_action action)
{
	snug_json_pair_string(w, "action", snug_action_name(action));
	if (snug_action_has_data(action))
		snug_json_pair_u64(w, "errnoRet", action & 0xffff);
	snug_json_close(w);
}

/* One entry of one call and one cube. */
static void put_cube(struct snug_json_writer *w, const char *name, const struct snug_cube *cube,
		     snug_action action)
{
	snug_json_open(w, '{');
	open_list(w, "names");
	snug_json_put_string(w, name);
	snug_json_close(w);
	open_list(w, "args");
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		if (!cube->mask[i])
			continue;
		snug_json_open(w, '{');
		snug_json_pair_u64(w, "index", i);
		snug_json_pair_u64(w, "value", cube->mask[i]);
		snug_json_pair_u64(w, "valueTwo", cube->value[i]);
		snug_json_pair_string(w, "op", "SCMP_CMP_MASKED_EQ");
		snug_json_close(w);
	}
	snug_json_close(w);
	close_entry(w, action);
}

static struct snug_cube cube_of(const struct snug_argspec *spec, const struct snug_tuple *tuple)
{
	struct snug_cube cube = { 0 };

	for (unsigned i = 0; i < spec->count; i++) {
		cube.mask[spec->index[i]] = spec->mask[i];
		cube.value[spec->index[i]] = tuple->value[i];
	}
	return cube;
}

/* Can all but n points of the masked arguments be said in SNUG_COMPLEMENT_MAX cubes? The least that
 * it takes is a cube for each bit, less those that n points can span. */
static bool complement_may_fit(const struct snug_planned_call *call)
{
	unsigned bits = 0, spanned = 0;

	for (unsigned i = 0; i < call->spec.count; i++)
		bits += (unsigned)__builtin_popcountll(call->spec.mask[i]);
	while (1ull << spanned < call->tuples.count)
		spanned++;
	return bits - spanned <= SNUG_COMPLEMENT_MAX;
}

/* Other arguments get EPERM, which people can read, where that takes a few entries; else the
 * default's ENOSYS is what they get. */
static int put_complement(struct snug_json_writer *w, const struct snug_planned_call *call,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split others = { 0 };

	if (!complement_may_fit(call))
		return 0;
	if (snug_split_init(&split, SNUG_ERRNO(EPERM), err) < 0)
		return -1;
	for (size_t i = 0; i < call->tuples.count; i++) {
		struct snug_cube cube = cube_of(&call->spec, &call->tuples.at[i].tuple);

		if (snug_split_assign(&split, &cube, SNUG_ALLOW, err) < 0)
			return -1;
	}
	if (snug_split_disjoint(&split, SNUG_ALLOW, &others, err) < 0)
		return -1;
	for (size_t i = 0; i < others.count && others.count <= SNUG_COMPLEMENT_MAX; i++)
		put_cube(w, call->name, &others.at[i].cube, others.at[i].action);
	return 0;
}

static int put_by_argument(struct snug_json_writer *w, const struct snug_planned_call *call,
			   struct snug_error *err)
{
	for (size_t i = 0; i < call->tuples.count; i++) {
		struct snug_cube cube = cube_of(&call->spec, &call->tuples.at[i].tuple);

		put_cube(w, call->name, &cube, SNUG_ALLOW);
	}
	return put_complement(w, call, err);
}

static bool is_whole(const struct snug_planned_call *call)
{
	return call->spec.count == 0 || call->any_args;
}

static void put_whole(struct generator *g)
{
	struct snug_json_writer *w = &g->w;

	snug_json_open(w, '{');
	open_list(w, "names");
	for (size_t i = 0; i < g->plan.calls.count; i++)
		if (is_whole(&g->plan.calls.at[i]))
			snug_json_put_string(w, g->plan.calls.at[i].name);
	snug_json_close(w);
	close_entry(w, SNUG_ALLOW);
}

/* clone3 has its flags in memory, where no filter looks: ENOSYS makes libc take clone. Said
 * outright, for an engine that drops defaultErrnoRet (moby#42604) would answer EPERM. */
static void put_clone3(struct snug_json_writer *w)
{
	snug_json_open(w, '{');
	open_list(w, "names");
	snug_json_put_string(w, "clone3");
	snug_json_close(w);
	close_entry(w, SNUG_ERRNO(ENOSYS));
}

static void put_dangerous(struct generator *g)
{
	struct snug_json_writer *w = &g->w;
	size_t count;
	const char *const *names = snug_dangerous_calls(&count);

	snug_json_open(w, '{');
	open_list(w, "names");
	for (size_t i = 0; i < count; i++)
		if (snug_plan_has_call(&g->plan, names[i]) && !snug_plan_find(&g->plan, names[i]))
			snug_json_put_string(w, names[i]);
	snug_json_close(w);
	close_entry(w, SNUG_ERRNO(EPERM));
}

static int put_seccomp(struct generator *g, struct snug_error *err)
{
	struct snug_json_writer *w = &g->w;

	open_object(w, "seccomp");
	snug_json_pair_string(w, "defaultAction", snug_action_name(SNUG_ERRNO(ENOSYS)));
	snug_json_pair_u64(w, "defaultErrnoRet", ENOSYS);
	open_list(w, "architectures");
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (g->plan.archs & 1u << arch)
			snug_json_put_string(w, snug_arch_name(arch));
	snug_json_close(w);
	open_list(w, "syscalls");
	put_whole(g);
	for (size_t i = 0; i < g->plan.calls.count; i++)
		if (!is_whole(&g->plan.calls.at[i]) &&
		    put_by_argument(w, &g->plan.calls.at[i], err) < 0)
			return -1;
	put_clone3(w);
	put_dangerous(g);
	snug_json_close(w);
	snug_json_close(w);
	return 0;
}

/* Who loads a filter needs CAP_SYS_ADMIN, or no_new_privs, which this profile sets. Where as many
 * needs are listed as there is room for, another may be past them. */
static bool is_spared(const struct generator *g, const struct snug_seen_cap *cap)
{
	const struct snug_cap_needs *needs = &cap->needed;

	if (cap->cap != CAP_SYS_ADMIN || !g->plan.no_new_privs || !needs->count ||
	    needs->count == SNUG_NEEDS_MAX)
		return false;
	for (size_t i = 0; i < needs->count; i++) {
		const struct snug_cap_need *need = &needs->at[i];
		const struct snug_syscall *call =
			need->in_call ? snug_syscall_by_nr(need->arch, need->nr) : NULL;

		if (!call ||
		    (strcmp(call->name, "seccomp") != 0 && strcmp(call->name, "prctl") != 0))
			return false;
	}
	return true;
}

static void put_caps(struct generator *g)
{
	snug_caps caps = 0;

	for (size_t i = 0; i < g->recording->caps.count; i++)
		if (!is_spared(g, &g->recording->caps.at[i]))
			caps |= (snug_caps)1 << g->recording->caps.at[i].cap;
	snug_json_put_key(&g->w, "capabilities");
	snug_caps_write(&g->w, caps);
}

static void put_loss(struct snug_json_writer *w, uint64_t lost, const char *what)
{
	char text[96];

	if (!lost)
		return;
	(void)snprintf(text, sizeof(text), "%llu %s events were lost while recording",
		       (unsigned long long)lost, what);
	snug_json_put_string(w, text);
}

/* Gates are those of all processes: what `exec` adds to a container that was attached to has one of
 * its own. Whether a container was seen from its start, its source tells. */
static bool start_was_seen(const struct snug_recording *recording)
{
	for (size_t i = 0; i < recording->sources.count; i++)
		if (recording->sources.at[i].gate != SNUG_GATE_ATTACH)
			return true;
	return !recording->sources.count && recording->gates != 1u << SNUG_GATE_ATTACH;
}

static void put_incomplete(struct generator *g)
{
	const struct snug_recording *recording = g->recording;
	struct snug_json_writer *w = &g->w;
	unsigned running = 0;
	char text[96];

	open_list(w, "incomplete");
	if (!(recording->observed & SNUG_OBSERVED_SYSCALLS))
		snug_json_put_string(w, "syscalls were not observed");
	put_loss(w, recording->lost_syscalls, "syscall");
	put_loss(w, recording->lost_caps, "capability");
	put_loss(w, recording->lost_files, "file");
	for (size_t i = 0; i < g->apparmor.missing.count; i++)
		snug_json_put_string(w, g->apparmor.missing.at[i]);
	for (size_t i = 0; i < recording->sources.count; i++)
		running += !recording->sources.at[i].ended;
	if (running) {
		(void)snprintf(text, sizeof(text), "%u of the runs had not ended when written out",
			       running);
		snug_json_put_string(w, text);
	}
	if (!start_was_seen(recording))
		snug_json_put_string(w, "start-up was not seen (gate attach)");
	for (size_t i = 0; i < g->plan.unnamed.count; i++) {
		(void)snprintf(
			text, sizeof(text), "call %u of %s was seen and has no name to allow it by",
			g->plan.unnamed.at[i].nr, snug_arch_word(g->plan.unnamed.at[i].arch));
		snug_json_put_string(w, text);
	}
	snug_json_close(w);
}

static void put_options(struct generator *g)
{
	char text[64];

	open_list(&g->w, "options");
	if (g->options->exact)
		snug_json_put_string(&g->w, "exact");
	if (g->options->filter_alone)
		snug_json_put_string(&g->w, "filter-alone");
	if (g->options->has_runtime_only) {
		(void)snprintf(text, sizeof(text), "runtime-only:%s",
			       snug_runtime_name(g->options->runtime_only));
		snug_json_put_string(&g->w, text);
	}
	if (g->options->apparmor.generalise != SNUG_GENERALISE_SIBLINGS) {
		(void)snprintf(text, sizeof(text), "generalise:%s",
			       snug_generalise_name(g->options->apparmor.generalise));
		snug_json_put_string(&g->w, text);
	}
	if (g->options->apparmor.children)
		snug_json_put_string(&g->w, "children");
	snug_json_close(&g->w);
}

/* By name; a call that two ABIs have is said once. */
static void put_left_out(struct snug_json_writer *w, const char *key,
			 const struct snug_left_outs *list)
{
	if (list->count == 0)
		return;
	open_list(w, key);
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].name)
			snug_json_put_string(w, list->at[i].name);
	snug_json_close(w);
}

static void put_tuple_rows(struct snug_json_writer *w, const struct snug_planned_call *call)
{
	char index[4];
	bool any = false;

	for (size_t i = 0; i < call->tuples.count; i++)
		any |= call->tuples.at[i].floor;
	if (!any || call->why == SNUG_WHY_FLOOR)
		return;
	open_list(w, "floorArgs");
	for (size_t i = 0; i < call->tuples.count; i++) {
		if (!call->tuples.at[i].floor)
			continue;
		snug_json_open(w, '{');
		for (unsigned j = 0; j < call->spec.count; j++) {
			(void)snprintf(index, sizeof(index), "%u", call->spec.index[j]);
			snug_json_pair_u64(w, index, call->tuples.at[i].tuple.value[j]);
		}
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_whys(struct generator *g)
{
	struct snug_json_writer *w = &g->w;
	char why[64];

	open_object(w, "syscalls");
	for (size_t i = 0; i < g->plan.calls.count; i++) {
		const struct snug_planned_call *call = &g->plan.calls.at[i];

		open_object(w, call->name);
		snug_planned_why(call, why, sizeof(why));
		snug_json_pair_string(w, "why", why);
		if (call->why == SNUG_WHY_SEEN && call->phases == SNUG_PHASE_RUNTIME)
			snug_json_pair_string(w, "phase", "runtime");
		if (call->spec.count && call->any_args)
			snug_json_pair_bool(w, "anyArgs", true);
		put_tuple_rows(w, call);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_counts(struct generator *g)
{
	static const char *const names[SNUG_WHY_MAX] = {
		[SNUG_WHY_SEEN] = "seen",	[SNUG_WHY_CLONE3] = "clone3",
		[SNUG_WHY_KERNEL] = "kernel",	[SNUG_WHY_FLOOR] = "floor",
		[SNUG_WHY_WIDENED] = "widened",
	};
	unsigned counts[SNUG_WHY_MAX] = { 0 };

	for (size_t i = 0; i < g->plan.calls.count; i++)
		counts[g->plan.calls.at[i].why]++;
	open_object(&g->w, "counts");
	for (unsigned i = 0; i < SNUG_WHY_MAX; i++)
		if (counts[i])
			snug_json_pair_u64(&g->w, names[i], counts[i]);
	snug_json_close(&g->w);
}

static void put_completeness(struct generator *g)
{
	const struct snug_completeness seen = snug_completeness_of(g->recording);
	const double expected = snug_expected_new(&seen);
	char number[32];

	snug_json_pair_u64(&g->w, "runs", seen.runs);
	snug_json_pair_u64(&g->w, "seenInOneRun", seen.once);
	snug_json_pair_u64(&g->w, "seenInTwoRuns", seen.twice);
	if (expected < 0)
		return;
	(void)snprintf(number, sizeof(number), "%.3f", expected);
	snug_json_put_key(&g->w, "expectedNew");
	snug_json_put_raw(&g->w, number, strlen(number));
}

static void put_cap_whys(struct generator *g)
{
	open_object(&g->w, "capabilities");
	for (size_t i = 0; i < g->recording->caps.count; i++) {
		if (is_spared(g, &g->recording->caps.at[i]))
			continue;
		open_object(&g->w, snug_cap_name(g->recording->caps.at[i].cap));
		snug_json_pair_string(&g->w, "why", "seen");
		snug_cap_needs_put(&g->w, &g->recording->caps.at[i].needed);
		snug_json_close(&g->w);
	}
	snug_json_close(&g->w);
}

static void put_provenance(struct generator *g)
{
	struct snug_json_writer *w = &g->w;

	open_object(w, "provenance");
	if (g->options->generator)
		snug_json_pair_string(w, "generator", g->options->generator);
	open_list(w, "recordings");
	for (size_t i = 0; g->options->digests && g->options->digests[i]; i++)
		snug_json_put_string(w, g->options->digests[i]);
	snug_json_close(w);
	put_options(g);
	snug_json_put_key(w, "observed");
	snug_observed_put(w, g->recording->observed);
	put_completeness(g);
	put_counts(g);
	put_left_out(w, "refused", &g->plan.refused);
	put_left_out(w, "x32", &g->plan.x32);
	if (g->plan.replaced_clone3) {
		open_list(w, "replaced");
		snug_json_put_string(w, "clone3");
		snug_json_close(w);
	}
	put_whys(g);
	if (g->recording->observed & SNUG_OBSERVED_CAPABILITIES)
		put_cap_whys(g);
	if (g->apparmor.some) {
		snug_json_put_key(w, "apparmor");
		snug_apparmor_put_reasons(w, &g->apparmor);
	}
	snug_json_close(w);
}

static int put_profile(struct generator *g, struct snug_error *err)
{
	snug_json_open(&g->w, '{');
	snug_json_pair_u64(&g->w, "snugProfile", SNUG_PROFILE_VERSION);
	snug_json_pair_string(&g->w, "name", g->recording->name ? g->recording->name : "profile");
	snug_json_pair_string(&g->w, "origin", "generated");
	if (g->recording->observed & SNUG_OBSERVED_SYSCALLS && put_seccomp(g, err) < 0)
		return -1;
	if (g->recording->observed & SNUG_OBSERVED_CAPABILITIES)
		put_caps(g);
	snug_json_pair_bool(&g->w, "noNewPrivileges", g->plan.no_new_privs);
	if (g->apparmor.some) {
		snug_json_put_key(&g->w, "apparmor");
		snug_apparmor_write(&g->w, &g->apparmor.policy);
	}
	put_incomplete(g);
	put_provenance(g);
	snug_json_close(&g->w);
	return 0;
}

int snug_generate(const struct snug_recording *recording,
		  const struct snug_generate_options *options, struct snug_buf *ret,
		  struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct generator g = { .recording = recording, .options = options, .w = { .out = &text } };
	int result;

	if (snug_plan_make(recording, options, &g.plan, err) < 0)
		return -1;
	result = snug_apparmor_make(recording, &options->apparmor, g.plan.no_new_privs, &g.apparmor,
				    err);
	if (result == 0)
		result = put_profile(&g, err);
	snug_aa_made_clear(&g.apparmor);
	snug_plan_clear(&g.plan);
	if (result < 0 || snug_buf_check(&text, err) < 0)
		return -1;
	return snug_json_pretty(text.data, text.len, ret, err);
}
