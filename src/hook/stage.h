/* SPDX-License-Identifier: Apache-2.0 */
/* The OCI hook stages, one function each; the container's state is on state_fd. */
#pragma once

#include "base/error.h"
#include "flow/boundary.h"
#include "flow/hooked.h"

/* How a hook is called: STAGE [OPTION...], behind the program's own words. */
struct snug_hook_options {
	const char *stage;
	const char *traces;		       /* --allow-trace-syscall; NULL: none */
	struct snug_boundary_request boundary; /* profile NULL: not at the exec boundary */
};
#define SNUG_HOOK_USAGE                                                                            \
	"precreate, prestart|createRuntime [--profile NAME [--accept-incomplete] "                 \
	"[--without-apparmor] "                                                                    \
	"[--without-guard] [--allow-exec]], or poststop; with any [--allow-trace-syscall DIR]"
/* argv[0] is the stage. SNUG_USAGE. */
int snug_hook_options_read(int argc, char *const *argv, struct snug_hook_options *ret,
			   struct snug_error *err) SNUG_CHECKED;

/*
 * Runs the stage: prestart, createRuntime, poststop. SNUG_USAGE for another. An error: a profile
 * that the container's config.json names cannot be had, or it cannot be confined at its exec
 * boundary as the options want, and it must not start; noted too. A learning
 * that cannot begin does not stop its container: then *ret_note (at least 1,024 bytes) says why,
 * and it is noted for `snug status`. So is a recording that cannot be written, which is an error
 * too.
 */
int snug_hook_stage(const struct snug_hooked *context, const struct snug_hook_options *options,
		    int state_fd, char ret_note[1024], struct snug_error *err) SNUG_CHECKED;
