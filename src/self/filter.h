/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp filters of snug's own, which are data in the program: nothing compiles them. */
#pragma once

#include "base/error.h"

enum snug_self_filter {
	SNUG_SELF_GUEST,   /* the parser */
	SNUG_SELF_COMMAND, /* what computes and writes a file; see calls.tsv */
};

/* Sets no_new_privs and loads it, for good. Under a sanitizer: nothing, 0. */
int snug_self_filter_load(enum snug_self_filter which, struct snug_error *err) SNUG_CHECKED;
