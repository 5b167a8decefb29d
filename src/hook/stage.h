/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI hook stages, one function each; the container's state is on state_fd. */
#pragma once

#include "base/error.h"
#include "flow/hooked.h"

/*
 * Runs STAGE: prestart, createRuntime, poststop. SNUG_USAGE for another. An error: a profile that
 * the container's config.json names cannot be had, and it must not start; noted too. A learning
 * that cannot begin does not stop its container: then *ret_note (at least 1,024 bytes) says why,
 * and it is noted for `snug status`. So is a recording that cannot be written, which is an error
 * too.
 */
int snug_hook_stage(const struct snug_hooked *context, const char *stage, int state_fd,
		    char ret_note[1024], struct snug_error *err) SNUG_CHECKED;
