/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a policy to what linux.seccomp can say of it: one default, one list of architectures, and
 * for each name entries for all of them. What cannot be said becomes stricter.
 */
#pragma once

#include "model/oci/seccomp.h"

struct snug_oci_name {
	const char *name;
	struct snug_split entries; /* disjoint pieces; what none holds gets the default */
};

struct snug_oci_plan {
	bool plain;
	bool listed[SNUG_ARCH_MAX];
	snug_action fallback;
	SNUG_VEC(struct snug_oci_name) names; /* socketcall and ipc first, then by number */
};

/* plain: no refusal has conditions that the default could stand for. */
int snug_oci_plan_make(const struct snug_seccomp *policy, const struct snug_target *target,
		       bool plain, struct snug_oci_plan *ret, struct snug_error *err) SNUG_CHECKED;
void snug_oci_plan_clear(struct snug_oci_plan *plan);
