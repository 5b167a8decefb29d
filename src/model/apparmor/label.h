/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AppArmor's names for what confines a task: `A//&B//&C`, a stack of profiles that all have to
 * agree. snug's own profiles are called snug-NAME-<16 hexadecimal digits>, the digits of their
 * text's digest: two versions of a profile live side by side, and a name says what is behind it.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SNUG_LABEL_PREFIX "snug-"
#define SNUG_LABEL_SIZE	  96 /* holds "snug-", a NAME, '-', 16 digits and the NUL */

/* snug-NAME-<the first 16 of digits>, a digest's hexadecimal digits in lower case. */
void snug_label_make(const char *name, const char *digits, char ret[SNUG_LABEL_SIZE]);
/* Is text one of snug's labels? As a whole: not a stack, not a child profile. */
bool snug_label_is_ours(const char *text);
/* Could one be in text that spells it as it is? (Any letters of their number behind the prefix.) */
bool snug_label_may_be_in(const char *text);
/* The NAME in one of snug's labels. */
void snug_label_name(const char *label, char ret[SNUG_LABEL_SIZE]);

/*
 * The parts of a stack, one a call: *cursor is the stack at first, NULL after the last. *ret points
 * into it, not NUL-terminated.
 */
struct snug_label_part {
	const char *at;
	size_t len;
};
bool snug_label_next(const char **cursor, struct snug_label_part *ret);
/* The same for snug's labels alone. */
bool snug_label_next_ours(const char **cursor, char ret[SNUG_LABEL_SIZE]);

/* Is label a part of the stack? children: or the parent of one (`label//child`). */
bool snug_label_holds(const char *stack, const char *label, bool children);
/* Does a config's process.apparmorProfile leave the container unconfined? NULL: it has none. */
bool snug_label_is_none(const char *stack);
/*
 * What confines by stack and by label: never weaker than stack. The same where label is in it
 * already. Onto none: label.
 */
void snug_label_stack(const char *stack, const char *label, struct snug_buf *ret);
