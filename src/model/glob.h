/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of a policy: '*' is any bytes, none and '/' included, '?' one byte; a backslash
 * before '*', '?' or a backslash takes it for itself. All else stands for itself; the whole text
 * has to match.
 */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SNUG_GLOB_MAX 1024u /* bytes of a pattern */

/* NULL, or what is wrong with it. */
const char *snug_glob_problem(const char *pattern);
/* The pattern has no problem. Takes pattern × text steps at most. */
bool snug_glob_match(const char *pattern, const char *text);
/* *ret: does each text that pattern matches match one of others? false too where that would take
 * too long to know. */
int snug_glob_within(const char *pattern, const char *const *others, size_t count, bool *ret,
		     struct snug_error *err) SNUG_CHECKED;
