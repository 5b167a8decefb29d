/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile's calls at the exec boundary (docs/design.md): what the profile permits, less what is
 * in it for the runtimes alone. Their part is over when the user's program is loaded.
 */
#pragma once

#include "base/error.h"
#include "model/profile.h"
#include "model/seccomp.h"

/*
 * The profile has a seccomp part. Left out, where its provenance says so, and answered as calls
 * that it does not list: calls of the floor, calls that were seen before the workload began alone
 * (execve mostly), and argument tuples of the floor. What nobody gives a reason for stays. ret is
 * uninitialised before.
 */
int snug_boundary_policy(const struct snug_profile *profile, struct snug_seccomp *ret,
			 struct snug_error *err) SNUG_CHECKED;
