/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a generated profile is going to allow, and why: the first half of generation
 * (docs/design.md, "Generation"). linux.seccomp lists names for all its architectures at once, so
 * a plan is by name.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "model/argspec.h"
#include "model/generate.h"
#include "model/recording.h"

#include <stdbool.h>
#include <stdint.h>

/* A call with arguments that are not allowed gets EPERM where that takes at most so many entries,
 * else the default. More would neither be read by people nor be small in the filter. */
#define SNUG_COMPLEMENT_MAX 16u

/* Why a call is in. Of several the first counts: what was seen needs no other reason. */
enum snug_why {
	SNUG_WHY_SEEN,
	SNUG_WHY_CLONE3, /* stands for clone3, which is answered ENOSYS */
	SNUG_WHY_KERNEL,
	SNUG_WHY_FLOOR,
	SNUG_WHY_WIDENED,
	SNUG_WHY_MAX,
};

struct snug_planned_tuple {
	struct snug_tuple tuple;
	bool floor; /* the runtimes' alone: the workload was not seen with it */
};

struct snug_planned_call {
	const char *name;
	uint32_t order; /* entries are sorted by it: number on the native architecture */
	enum snug_why why;
	char from[40]; /* widened from which call; floor of which runtimes; "" */
	unsigned phases, run_count;
	bool any_args;
	struct snug_argspec spec;		    /* count 0: no argument matters */
	SNUG_VEC(struct snug_planned_tuple) tuples; /* sorted, unique; empty with any_args */
};

/* A call that was recorded and does not go in. */
struct snug_left_out {
	enum snug_arch arch;
	uint32_t nr;
	const char *name; /* NULL: none known */
};
struct snug_left_outs SNUG_VEC_BODY(struct snug_left_out);

struct snug_plan {
	unsigned archs; /* bit per enum snug_arch: those seen (never x32), and the native one */
	bool no_new_privs;
	SNUG_VEC(struct snug_planned_call) calls; /* by order */
	struct snug_left_outs refused;
	struct snug_left_outs x32;
	struct snug_left_outs unnamed; /* linux.seccomp takes names alone */
	bool replaced_clone3;
};

/* ret is empty before. On failure it is, too. */
int snug_plan_make(const struct snug_recording *recording,
		   const struct snug_generate_options *options, struct snug_plan *ret,
		   struct snug_error *err) SNUG_CHECKED;
void snug_plan_clear(struct snug_plan *plan);
/* NULL: not planned. */
const struct snug_planned_call *snug_plan_find(const struct snug_plan *plan, const char *name);
/* Does any of the plan's architectures have this call? */
bool snug_plan_has_call(const struct snug_plan *plan, const char *name);
/* "seen", "widened:openat", "floor:runc", …: the profile's "why". */
void snug_planned_why(const struct snug_planned_call *call, char *ret, size_t size);
