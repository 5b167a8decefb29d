/* SPDX-License-Identifier: Apache-2.0 */
/* What hardening changed, in words: for `snug harden` and `snug policy test`. */
#pragma once

#include "flow/harden.h"

#include <stdio.h>

void snug_print_hardened(FILE *out, const struct snug_harden_result *result);
/* The members "changes", "wouldChange" and "losses" of the object that is open. */
void snug_put_hardened(struct snug_json_writer *w, const struct snug_harden_result *result);
