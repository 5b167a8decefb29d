/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets → one that permits each program what any of them does, and no program what another
 * one's child profile has. So children of one name are two where their programs are, and one child
 * is two where another rule set tells its programs apart.
 */
#pragma once

#include "base/error.h"
#include "model/apparmor/policy.h"

/*
 * into := into ∪ other. Its children have names of their own until snug_aa_union_name(), so that
 * the names in the end do not depend on the order. SNUG_INPUT: a program stays in its profile in
 * one and leaves it in the other; more children than there may be. On failure into is unchanged,
 * or, where neither has children, some of both.
 */
int snug_aa_union_add(struct snug_aa_rules *into, const struct snug_aa_rules *other,
		      struct snug_error *err) SNUG_CHECKED;
/* *ret = a copy of what was united. A child has the smallest name of those that it came from, or
 * that one with a number. */
int snug_aa_union_name(const struct snug_aa_rules *united, struct snug_aa_rules *ret,
		       struct snug_error *err) SNUG_CHECKED;
