/* SPDX-License-Identifier: Apache-2.0 */
/* What a section answers to one call under a target, and which of its entries says so. */
#pragma once

#include "base/error.h"
#include "model/oci/seccomp.h"

enum snug_rule {
	SNUG_RULE_ENTRY,    /* one of syscalls[] */
	SNUG_RULE_DEFAULT,  /* no entry holds */
	SNUG_RULE_UNLISTED, /* the section does not list the call's ABI */
	SNUG_RULE_STUB,	    /* runc's, for numbers above the highest that the section names */
};

struct snug_simulation {
	snug_action action;
	enum snug_rule rule;
	const struct snug_oci_entry *entry; /* of SNUG_RULE_ENTRY, else NULL */
	/*
	 * Bit i: with a dirty upper half in argument i the answer is another, dirty_action[i]. A
	 * call that reads 32 bits of it cannot tell the two apart, so such a rule does not hold
	 * what it says.
	 */
	unsigned dirty;
	snug_action dirty_action[SNUG_ARGS];
};

/* SNUG_INPUT where the section contradicts itself (model/oci/seccomp.h). */
int snug_simulate(const struct snug_oci_seccomp *seccomp, const struct snug_target *target,
		  const struct snug_call_data *call, struct snug_simulation *ret,
		  struct snug_error *err) SNUG_CHECKED;
