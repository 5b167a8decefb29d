/* SPDX-License-Identifier: Apache-2.0 */
/* The prestart hook of a learning: `snug hook arm SOCKET`, the container's state on stdin. */
#pragma once

#include "base/error.h"

/*
 * Reads the state (runtime-spec, runtime.md, State), names its pid to the learner that listens at
 * socket, and returns 0 once that tracks the container. Failure keeps the container from starting.
 */
int snug_hook_arm(int state_fd, const char *socket, struct snug_error *err) SNUG_CHECKED;
