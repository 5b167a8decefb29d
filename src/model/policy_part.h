/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c's parts, for each other. */
#pragma once

#include "model/policy.h"

/* Reads the object "match". */
int snug_policy_read_match(const struct snug_json_node *node, struct snug_match *ret,
			   struct snug_error *err) SNUG_CHECKED;
void snug_match_clear(struct snug_match *match);
const char *snug_match_member(size_t index); /* NULL at the end */
/* "image", … */
const char *snug_match_text_name(enum snug_match_text text);

/* A member of an object that is none of names: SNUG_INPUT that says what may have been meant. */
int snug_policy_refuse_unknown(const struct snug_json_node *object, const char *what,
			       const char *(*name)(size_t index),
			       struct snug_error *err) SNUG_CHECKED;
/* The place in words (NULL-terminated) of the string that node is. */
int snug_policy_read_word(const struct snug_json_node *node, const char *const *words, int *ret,
			  struct snug_error *err) SNUG_CHECKED;
