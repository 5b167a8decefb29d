/* SPDX-License-Identifier: Apache-2.0 */
/* The names that people know a call's argument values by: AF_INET, PR_SET_NAME, TCGETS, … */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A table of them ends with a name that is NULL. */
struct snug_named {
	uint64_t value;
	const char *name;
};
extern const struct snug_named snug_families[], snug_socket_types[];
/* NULL: it has no name. symbols NULL: nothing has. */
const char *snug_named_name(const struct snug_named *symbols, uint64_t value);

/*
 * Writes the value of the call's argument `index` in words ("AF_INET", "no namespace",
 * "CLONE_NEWNS|CLONE_NEWPID"), or as a number where it has no name. level: of setsockopt, whose
 * options depend on it (else not looked at).
 */
void snug_symbol(const char *call, unsigned index, uint64_t value, uint64_t level, char *ret,
		 size_t size);
