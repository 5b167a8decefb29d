/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp filters of snug's own, which are data in the program: nothing compiles them. */
#pragma once

#include "base/error.h"

/* What looks for mistakes in a process makes calls of its own: there is no filter then. And
 * -DSNUG_SELF_LENIENT says that it writes files of its own (gcov): then commands are not confined
 * at all. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SNUG_SELF_LENIENT)
#define SNUG_SELF_INSTRUMENTED 1
#else
#define SNUG_SELF_INSTRUMENTED 0
#endif

enum snug_self_filter {
	SNUG_SELF_GUEST,   /* the parser */
	SNUG_SELF_COMMAND, /* what computes and writes a file; see calls.tsv */
};

/* Sets no_new_privs and loads it, for good. Under a sanitizer: nothing, 0. */
int snug_self_filter_load(enum snug_self_filter which, struct snug_error *err) SNUG_CHECKED;
