/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a recording's reader and writer share. */
#pragma once

#include "json/json.h"
#include "model/seen.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- reading: SNUG_INPUT that names the place ---- */

/* The member called key. */
int snug_part_need(const struct snug_json_node *object, const char *key,
		   const struct snug_json_node **ret, struct snug_error *err) SNUG_CHECKED;
/* The first of an array, which may be absent: then, or where it is empty, *ret is NULL. */
int snug_part_list(const struct snug_json_node *object, const char *key,
		   const struct snug_json_node **ret, struct snug_error *err) SNUG_CHECKED;
/* A string of at most SNUG_SOURCE_STRING_MAX bytes; absent or null: *ret is left alone. */
int snug_part_copy(const struct snug_json_node *node, char **ret,
		   struct snug_error *err) SNUG_CHECKED;
/* A flag; NULL: *ret is left alone. */
int snug_part_flag(const struct snug_json_node *node, bool *ret,
		   struct snug_error *err) SNUG_CHECKED;
int snug_part_id(const struct snug_json_node *node, uint64_t *ret,
		 struct snug_error *err) SNUG_CHECKED;
/* "runs" of something that was seen; absent: none. */
int snug_part_runs(const struct snug_json_node *object, struct snug_seen_runs *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* "files", "network" and so on, all of them. */
int snug_part_files(const struct snug_json_node *root, struct snug_seen_files *ret,
		    struct snug_error *err) SNUG_CHECKED;
int snug_part_acts(const struct snug_json_node *root, struct snug_seen_acts *ret,
		   struct snug_error *err) SNUG_CHECKED;

/* ---- writing ---- */

void snug_part_put_id(struct snug_json_writer *w, uint64_t id);
/* "runs"; nothing where there are none. */
void snug_part_put_runs(struct snug_json_writer *w, const struct snug_seen_runs *runs);
