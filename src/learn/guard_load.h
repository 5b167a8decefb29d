/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the guard's programs (libbpf, CO-RE) and pins them; nothing is attached yet. */
#pragma once

#include "base/error.h"

/* path must not be there. SNUG_HOST, with what to do, where this kernel or this user cannot. */
int snug_guard_load(const char *path, struct snug_error *err) SNUG_CHECKED;
