/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of programs' files. One that has the effective flag is not run at all (EPERM) where
 * the bounding set lacks any of them, by root as by others and under no_new_privs too: they are
 * needed, whether the program uses them or not. No check asks for them, and BPF cannot read them.
 */
#pragma once

#include "base/error.h"
#include "model/recording.h"

/*
 * Adds those of the programs that the recording of this run saw running, as they lie below root
 * now, to a recording that has observed capabilities. Where a program is no more, or not there but
 * on a mount, there are none; what cannot be looked at counts as lost. root: "" for not known.
 */
int snug_file_caps_add(struct snug_recording *recording, const char *root, uint64_t run,
		       struct snug_error *err) SNUG_CHECKED;
