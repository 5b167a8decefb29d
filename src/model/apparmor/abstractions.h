/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads that go together: public data that libc and the like look up, of which a recording sees the
 * part that its load asked for. Small on purpose; the names are AppArmor's where it has one.
 */
#pragma once

#include "base/error.h"
#include "model/apparmor/policy.h"

#include <stdbool.h>
#include <stddef.h>

struct snug_aa_abstraction {
	const char *name; /* "locale", … */
	/* Patterns, NULL-terminated. Whoever read one of them, may read all. */
	const char *const *patterns;
};
const struct snug_aa_abstraction *snug_aa_abstractions(size_t *ret_count);

/* What every profile has: a container is run with a terminal, or none, and standard streams that
 * are not open are null. */
struct snug_aa_floor_rule {
	const char *pattern;
	unsigned perms;
};
const struct snug_aa_floor_rule *snug_aa_floor(size_t *ret_count);

/* Labels that runtimes and engines have where AppArmor ships profiles of them (that confine
 * nothing): who may signal a container, or nobody could stop it. */
const char *const *snug_aa_keepers(size_t *ret_count);
