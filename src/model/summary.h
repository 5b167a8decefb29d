/* SPDX-License-Identifier: Apache-2.0 */
/* What generate says of the profile that it has made. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/profile.h"

/* Counts, capabilities, what is left out; ends with a newline. */
int snug_profile_summary(const struct snug_profile *profile, struct snug_buf *ret,
			 struct snug_error *err) SNUG_CHECKED;
/* What `now` allows that `before` did not, and the reverse; nothing where they are alike. */
int snug_profile_changes(const struct snug_profile *before, const struct snug_profile *now,
			 struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
