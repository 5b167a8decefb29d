/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The run of libseccomp itself, in a child with a time limit: both shapes of one section at once.
 * What runs before the filter (runc's stub) is not in here: see filter.h.
 */
#pragma once

#include "apply/filter.h"

struct snug_compiled {
	struct snug_filter shape[SNUG_FILTER_SHAPE_MAX];
};
void snug_compiled_clear(struct snug_compiled *compiled);

/* SNUG_HOST when libseccomp refuses, dies or takes longer than SNUG_COMPILE_SECONDS_MAX. */
int snug_compile(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		 struct snug_compiled *ret, struct snug_error *err) SNUG_CHECKED;

/* Does the compile for one target serve the other too? */
bool snug_compiles_alike(const struct snug_oci_seccomp *seccomp, const struct snug_target *a,
			 const struct snug_target *b);
