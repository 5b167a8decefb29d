/* SPDX-License-Identifier: Apache-2.0 */
/* The filters that a task is really under, held against what profiles allow. */
#pragma once

#include "base/buf.h"
#include "model/profile.h"
#include "model/seccomp.h"
#include "model/target.h"

#include <sys/types.h>

/*
 * The most that a profile's seccomp part (it has one) lets a container do: by this runtime's
 * libseccomp, or by snug's own hand at the exec boundary. ret is uninitialised before.
 */
int snug_deep_policy(const struct snug_profile *profile, enum snug_runtime runtime,
		     struct snug_seccomp *ret, struct snug_error *err) SNUG_CHECKED;
/*
 * Adds to ret what the filters of the task allow and the policy, of the profile of that name, does
 * not, with a call that shows it; or why that cannot be told. Stops the task for a moment
 * (apply/readback.h). No filter at all is not looked at.
 */
void snug_deep_lacks(pid_t tid, const char *profile, const struct snug_seccomp *policy,
		     struct snug_buf *ret);
