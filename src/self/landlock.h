/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: which files this process may still open. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

/* What the kernel has of it: 0 none; else its ABI's number. */
int snug_landlock_abi(void);

struct snug_landlock_rule {
	const char *path;
	bool write; /* make, write, rename and remove files and folders below; else read them */
};
/*
 * From here on files can be opened by these rules alone, folders be listed anywhere, and no process
 * be signalled, traced or connected to that is not this one's child, as far as the kernel's ABI has
 * it. A path that is not there is left out, and for one to write stands the first folder above it
 * that is. Where the kernel has none of it: 0, and all is as it was. Wants no_new_privs.
 */
int snug_landlock(const struct snug_landlock_rule *rules, size_t count,
		  struct snug_error *err) SNUG_CHECKED;
