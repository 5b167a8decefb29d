/* SPDX-License-Identifier: Apache-2.0 */
/* Files and acts as members of an object, for who writes one. */
#pragma once

#include "json/json.h"
#include "model/seen.h"

/* "files", empty or not. */
void snug_seen_files_put(struct snug_json_writer *w, const struct snug_seen_files *files);
/* "network", "signals" and so on: the lists that `observed` (SNUG_OBSERVED_*) claims, and those
 * that hold something. */
void snug_seen_acts_put(struct snug_json_writer *w, const struct snug_seen_acts *acts,
			unsigned observed);
/* A string, or a pair of it, with the bytes escaped. */
void snug_bytes_put(struct snug_json_writer *w, const char *bytes);
void snug_bytes_pair(struct snug_json_writer *w, const char *key, const char *bytes);
/* Names of accesses, a list. */
void snug_access_put(struct snug_json_writer *w, unsigned access);
