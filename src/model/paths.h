/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths that a container finds empty (maskedPaths) or cannot write (readonlyPaths): members of a
 * config.json's linux, and of a profile.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"

#include <stdbool.h>

#define SNUG_PATHS_COUNT_MAX 1024u /* of one list in a profile */

enum snug_path_kind { SNUG_PATHS_MASKED, SNUG_PATHS_READONLY, SNUG_PATHS_MAX };

/* In the order in which they stand; they point into a document. */
struct snug_path_list SNUG_VEC_BODY(const char *);

const char *snug_path_kind_name(enum snug_path_kind which); /* "maskedPaths" */
/* A profile's list: each path absolute, in one spelling (no "//", ".", ".." or '/' at the end) and
 * there once, so that lists can be compared. SNUG_INPUT names the place. */
int snug_path_list_read(const struct snug_json_node *node, struct snug_path_list *ret,
			struct snug_error *err) SNUG_CHECKED;
/* Is it that path, or below it? Of such lists' paths. */
bool snug_path_is_within(const char *path, const char *above);
/* Is it, or a folder above it, in the list? */
bool snug_path_list_covers(const struct snug_path_list *list, const char *path);
bool snug_path_list_has(const struct snug_path_list *list, const char *path);
void snug_path_list_put(struct snug_json_writer *w, const struct snug_path_list *list);
