/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities that this process gives up. Without libcap: static programs do it too. */
#pragma once

#include "base/error.h"

#include <linux/capability.h>
#include <stdint.h>

#define SNUG_SELF_CAP(cap) (UINT64_C(1) << (cap))

/* All that are not in keep, from the effective, permitted, inheritable and ambient set. The
 * bounding set stays: what root executes from here has its own again, unless no_new_privs holds. */
int snug_self_caps_keep(uint64_t keep, struct snug_error *err) SNUG_CHECKED;
