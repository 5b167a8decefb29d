/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that answer EPERM where a profile does not list them: the old and well-known dangerous
 * ones, whose "Operation not permitted" people can read. All others answer ENOSYS, from which a
 * libc falls back to a call that it knows. So nothing with a fallback may stand here
 * (mount_setattr, openat2, clone3, io_uring_setup, …).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool snug_is_dangerous(const char *call);
/* All of them, sorted by name. Not every ABI has each. */
const char *const *snug_dangerous_calls(size_t *ret_count);
