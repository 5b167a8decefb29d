/* SPDX-License-Identifier: Apache-2.0 */
/* A child that runs somebody else's code, which may never end. */
#pragma once

#include "base/error.h"

#include <sys/types.h>

/*
 * Waits for it. 0: it has ended, and *ret_status is its wait status. 1: it was killed, with its
 * process group where it leads one, since the time was over. Reaped in any case.
 */
int snug_child_await(pid_t tgid, unsigned seconds, int *ret_status,
		     struct snug_error *err) SNUG_CHECKED;
