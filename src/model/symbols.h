/* SPDX-License-Identifier: Apache-2.0 */
/* The names that people know a call's argument values by: AF_INET, PR_SET_NAME, TCGETS, … */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Writes the value of the call's argument `index` in words ("AF_INET", "no namespace",
 * "CLONE_NEWNS|CLONE_NEWPID"), or as a number where it has no name. level: of setsockopt, whose
 * options depend on it (else not looked at).
 */
void snug_symbol(const char *call, unsigned index, uint64_t value, uint64_t level, char *ret,
		 size_t size);
