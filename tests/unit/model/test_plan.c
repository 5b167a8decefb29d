/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"
#include "model/syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void saw(struct snug_recording *recording, const char *name)
{
	const struct snug_syscall *call = snug_syscall_by_name(SNUG_ARCH_X86_64, name);
	struct snug_seen_call *seen =
		snug_recording_call(recording, SNUG_ARCH_X86_64, call->nr, false);

	assert_non_null(seen);
	seen->phases = SNUG_PHASE_WORKLOAD;
}

static const struct snug_planned_call *plan_of(struct snug_recording *recording, const char *name,
					       struct snug_plan *plan)
{
	const struct snug_generate_options options = { .has_runtime_only = true,
						       .runtime_only = SNUG_RUNTIME_SNUG };
	struct snug_error err;

	assert_int_equal(snug_plan_make(recording, &options, plan, &err), 0);
	return snug_plan_find(plan, name);
}

/* Who takes a filter alone starts without no_new_privs, and the runtime changes users under it. */
static void a_filter_alone_has_the_floor_of_no_no_new_privs(void **state)
{
	for (int alone = 0; alone < 2; alone++) {
		const struct snug_generate_options options = { .filter_alone = alone };
		struct snug_recording recording = { 0 };
		struct snug_plan plan = { 0 };
		struct snug_error err;

		(void)state;
		saw(&recording, "read");
		assert_int_equal(snug_plan_make(&recording, &options, &plan, &err), 0);
		assert_int_equal(plan.no_new_privs, !alone);
		assert_int_equal(snug_plan_find(&plan, "setgid") != NULL, alone);
		snug_plan_clear(&plan);
		snug_recording_clear(&recording);
	}
}

static void getrlimit_brings_a_prlimit64_that_only_reads(void **state)
{
	struct snug_recording recording = { 0 };
	struct snug_plan plan = { 0 };
	const struct snug_planned_call *call;

	(void)state;
	saw(&recording, "getrlimit");
	call = plan_of(&recording, "prlimit64", &plan);
	assert_non_null(call);
	assert_false(call->any_args);
	assert_int_equal(call->spec.count, 1);
	assert_int_equal(call->spec.index[0], 2);
	assert_int_equal(call->spec.mask[0], UINT64_MAX);
	assert_int_equal(call->tuples.count, 1);
	assert_int_equal(call->tuples.at[0].tuple.value[0], 0);
	snug_plan_clear(&plan);
	snug_recording_clear(&recording);
}

static void a_call_that_was_seen_whole_stays_whole(void **state)
{
	struct snug_recording recording = { 0 };
	struct snug_plan plan = { 0 };
	const struct snug_planned_call *call;

	(void)state;
	saw(&recording, "getrlimit");
	saw(&recording, "prlimit64");
	call = plan_of(&recording, "prlimit64", &plan);
	assert_non_null(call);
	assert_int_equal(call->why, SNUG_WHY_SEEN);
	assert_int_equal(call->spec.count, 0);
	assert_int_equal(call->tuples.count, 0);
	snug_plan_clear(&plan);
	snug_recording_clear(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_alone_has_the_floor_of_no_no_new_privs),
		cmocka_unit_test(getrlimit_brings_a_prlimit64_that_only_reads),
		cmocka_unit_test(a_call_that_was_seen_whole_stays_whole),
	};

	return cmocka_run_group_tests_name("model/plan", tests, NULL, NULL);
}
