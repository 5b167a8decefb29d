/* SPDX-License-Identifier: Apache-2.0 */
#include "model/plan.h"

#include "model/floor.h"
#include "model/syscalls.h"
#include "model/widen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void call_clear(struct snug_planned_call *call)
{
	snug_vec_clear(&call->tuples);
}

void snug_plan_clear(struct snug_plan *plan)
{
	for (size_t i = 0; i < plan->calls.count; i++)
		call_clear(&plan->calls.at[i]);
	snug_vec_clear(&plan->calls);
	snug_vec_clear(&plan->refused);
	snug_vec_clear(&plan->x32);
	snug_vec_clear(&plan->unnamed);
}

/* Numbers of the native architecture first; what it does not have follows, by another's number. */
static uint32_t order_of(const struct snug_plan *plan, const char *name)
{
	const struct snug_syscall *call = snug_syscall_by_name(snug_arch_native(), name);

	if (call)
		return call->nr;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		call = plan->archs & 1u << arch ? snug_syscall_by_name(arch, name) : NULL;
		if (call)
			return (arch + 1) * (SNUG_SYSCALL_NR_MAX + 1) + call->nr;
	}
	return UINT32_MAX;
}

bool snug_plan_has_call(const struct snug_plan *plan, const char *name)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (plan->archs & 1u << arch && snug_syscall_by_name(arch, name))
			return true;
	return false;
}

static struct snug_planned_call *find(const struct snug_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->calls.count; i++)
		if (strcmp(plan->calls.at[i].name, name) == 0)
			return &plan->calls.at[i];
	return NULL;
}

const struct snug_planned_call *snug_plan_find(const struct snug_plan *plan, const char *name)
{
	return find(plan, name);
}

/* Finds or adds; an added one is in because of why. */
static struct snug_planned_call *plan_call(struct snug_plan *plan, const char *name,
					   enum snug_why why, const char *from)
{
	struct snug_planned_call call = { .name = name, .why = why };
	struct snug_planned_call *known = find(plan, name);
	size_t at = plan->calls.count;

	if (known)
		return known;
	call.order = order_of(plan, name);
	(void)snprintf(call.from, sizeof(call.from), "%s", from);
	(void)snug_argspec_of(name, &call.spec);
	if (snug_vec_push(&plan->calls, call) < 0)
		return NULL;
	for (; at > 0 && plan->calls.at[at - 1].order > call.order; at--)
		plan->calls.at[at] = plan->calls.at[at - 1];
	plan->calls.at[at] = call;
	return &plan->calls.at[at];
}

static int plan_tuple(struct snug_planned_call *call, const struct snug_tuple *tuple, bool floor)
{
	struct snug_planned_tuple planned = { .tuple = *tuple, .floor = floor };
	size_t at = 0;

	if (call->any_args)
		return 0;
	while (at < call->tuples.count && snug_tuple_compare(&call->tuples.at[at].tuple, tuple) < 0)
		at++;
	if (at < call->tuples.count && snug_tuple_compare(&call->tuples.at[at].tuple, tuple) == 0)
		return 0;
	if (snug_vec_push(&call->tuples, planned) < 0)
		return -1;
	memmove(&call->tuples.at[at + 1], &call->tuples.at[at],
		(call->tuples.count - 1 - at) * sizeof(planned));
	call->tuples.at[at] = planned;
	return 0;
}

static void plan_any(struct snug_planned_call *call)
{
	call->any_args = true;
	snug_vec_clear(&call->tuples);
}

static int leave_out(struct snug_left_outs *list, const struct snug_seen_call *seen,
		     const char *name)
{
	struct snug_left_out left = { .arch = seen->arch, .nr = seen->nr, .name = name };

	for (size_t i = 0; i < list->count; i++)
		if (name && list->at[i].name && strcmp(list->at[i].name, name) == 0)
			return 0;
	return snug_vec_push(list, left);
}

static int plan_seen(struct snug_plan *plan, const struct snug_seen_call *seen)
{
	const struct snug_syscall *known = snug_syscall_by_nr(seen->arch, seen->nr);
	const char *name = known ? known->name : NULL;
	struct snug_planned_call *call;

	if (seen->refused)
		return leave_out(&plan->refused, seen, name);
	if (seen->arch == SNUG_ARCH_X32)
		return leave_out(&plan->x32, seen, name);
	if (!name)
		return leave_out(&plan->unnamed, seen, NULL);
	if (strcmp(name, "clone3") == 0) {
		plan->replaced_clone3 = true;
		return 0;
	}
	call = plan_call(plan, name, SNUG_WHY_SEEN, "");
	if (!call)
		return -1;
	call->phases |= seen->phases ? seen->phases : SNUG_PHASE_WORKLOAD;
	if (call->spec.count && (seen->any_args || seen->tuples.count == 0))
		plan_any(call);
	for (size_t i = 0; i < seen->tuples.count; i++)
		if (plan_tuple(call, &seen->tuples.at[i], false) < 0)
			return -1;
	return 0;
}

/* The argument that a floor or a widening row speaks of, in the call's own tuple. All rows so far
 * are of calls with one argument in the table; of others, nothing less than all would be right. */
static int plan_argument(struct snug_planned_call *call, unsigned index, uint64_t value, bool floor)
{
	struct snug_tuple tuple = { .value = { value } };

	if (call->spec.count != 1 || call->spec.index[0] != index) {
		plan_any(call);
		return 0;
	}
	return plan_tuple(call, &tuple, floor);
}

/* A member may come in with one argument alone, also where the table has none of it (prlimit64 that
 * reads). A call that is whole already stays so. */
static int plan_member_argument(struct snug_planned_call *call, const struct snug_widened *member,
				bool is_new)
{
	if (call->spec.count)
		return plan_argument(call, member->index, member->value, false);
	if (!is_new)
		return 0;
	call->spec = (struct snug_argspec){ .count = 1,
					    .index = { member->index },
					    .mask = { member->mask } };
	return plan_argument(call, member->index, member->value, false);
}

static int plan_floor(struct snug_plan *plan, const struct snug_generate_options *options)
{
	const struct snug_floor_query query = { .all = !options->has_runtime_only,
						.only = options->runtime_only,
						.no_new_privs = plan->no_new_privs };
	struct snug_floor_call row;
	size_t cursor = 0;

	while (snug_floor_next(&query, &cursor, &row)) {
		bool kernel = strcmp(row.why, "kernel") == 0;
		struct snug_planned_call *call;

		if (row.every_abi ? !snug_plan_has_call(plan, row.name)
				  : !snug_syscall_by_name(snug_arch_native(), row.name))
			continue;
		call = plan_call(plan, row.name, kernel ? SNUG_WHY_KERNEL : SNUG_WHY_FLOOR,
				 kernel ? "" : row.why + strlen("floor:"));
		if (!call)
			return -1;
		if (row.has_arg && plan_argument(call, row.index, row.value, true) < 0)
			return -1;
		if (!row.has_arg && call->spec.count)
			plan_any(call);
	}
	return 0;
}

static bool was_refused(const struct snug_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->refused.count; i++)
		if (plan->refused.at[i].name && strcmp(plan->refused.at[i].name, name) == 0)
			return true;
	return false;
}

static int plan_group(struct snug_plan *plan, const char *seen)
{
	const struct snug_widened *member = snug_widen_group(seen);

	for (; member && member->name; member++) {
		bool is_new = !find(plan, member->name);
		struct snug_planned_call *call;

		if (strcmp(member->name, seen) == 0 || strcmp(member->name, "clone3") == 0 ||
		    !snug_plan_has_call(plan, member->name) || was_refused(plan, member->name))
			continue;
		call = plan_call(plan, member->name, SNUG_WHY_WIDENED, seen);
		if (!call)
			return -1;
		if (member->has_arg && plan_member_argument(call, member, is_new) < 0)
			return -1;
		if (!member->has_arg && call->spec.count && call->why == SNUG_WHY_WIDENED)
			plan_any(call);
	}
	return 0;
}

/* Of what the workload did alone: other versions of the runtimes are the floor's. */
static int plan_widened(struct snug_plan *plan)
{
	SNUG_VEC(const char *) seen = { 0 };
	int result = 0;

	for (size_t i = 0; i < plan->calls.count && result == 0; i++)
		if (plan->calls.at[i].phases & SNUG_PHASE_WORKLOAD)
			result = snug_vec_push(&seen, plan->calls.at[i].name);
	for (size_t i = 0; i < seen.count && result == 0; i++)
		result = plan_group(plan, seen.at[i]);
	snug_vec_clear(&seen);
	return result;
}

/* libc takes clone where clone3 is answered ENOSYS; the recorder gave it the flags that clone3 had
 * in memory. Where it could read none, a thread or a plain child is meant. */
static int plan_clone(struct snug_plan *plan)
{
	struct snug_planned_call *call;

	if (!plan->replaced_clone3 || !snug_plan_has_call(plan, "clone"))
		return 0;
	call = plan_call(plan, "clone", SNUG_WHY_CLONE3, "");
	if (!call)
		return -1;
	call->phases |= SNUG_PHASE_WORKLOAD;
	if (call->any_args || call->tuples.count)
		return 0;
	return plan_tuple(call, &(struct snug_tuple){ 0 }, false);
}

static int plan_all(struct snug_plan *plan, const struct snug_recording *recording,
		    const struct snug_generate_options *options)
{
	for (size_t i = 0; i < recording->calls.count; i++)
		if (plan_seen(plan, &recording->calls.at[i]) < 0)
			return -1;
	if (plan_clone(plan) < 0 || plan_floor(plan, options) < 0)
		return -1;
	return options->exact ? 0 : plan_widened(plan);
}

int snug_plan_make(const struct snug_recording *recording,
		   const struct snug_generate_options *options, struct snug_plan *ret,
		   struct snug_error *err)
{
	ret->archs = 1u << snug_arch_native();
	for (size_t i = 0; i < recording->calls.count; i++)
		if (!recording->calls.at[i].refused && recording->calls.at[i].arch != SNUG_ARCH_X32)
			ret->archs |= 1u << recording->calls.at[i].arch;
	ret->no_new_privs = !recording->raised_creds && !options->filter_alone;
	if (plan_all(ret, recording, options) < 0) {
		snug_plan_clear(ret);
		return snug_fail_memory(err);
	}
	return 0;
}

void snug_planned_why(const struct snug_planned_call *call, char *ret, size_t size)
{
	static const char *const words[SNUG_WHY_MAX] = {
		[SNUG_WHY_SEEN] = "seen",	[SNUG_WHY_CLONE3] = "replaces:clone3",
		[SNUG_WHY_KERNEL] = "kernel",	[SNUG_WHY_FLOOR] = "floor",
		[SNUG_WHY_WIDENED] = "widened",
	};

	(void)snprintf(ret, size, "%s%s%s", words[call->why], call->from[0] ? ":" : "", call->from);
}
