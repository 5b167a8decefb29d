/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's log, /dev/kmsg: what is in it now. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

/*
 * Calls take for each line, oldest first; its failure is this one's. *ret_there is false where this
 * process may not read the log, or there is none.
 */
int snug_kernel_log(int (*take)(void *context, const char *line, struct snug_error *err),
		    void *context, bool *ret_there, struct snug_error *err) SNUG_CHECKED;
