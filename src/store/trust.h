/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose files are believed: root's and the caller's own.
 *
 * In a user namespace (rootless Podman's hooks and runtimes run in one) the host's root is a user
 * that the namespace does not know, shown as the overflow uid, and so are all others that it does
 * not know. There such an owner is believed: on a way from "/" on which nobody but the owners can
 * write, a file of somebody else's is there because root put it there.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

bool snug_trusts_owner(uid_t owner);
/* Is this another user namespace than the first? *ret_outer: who the caller is outside. */
bool snug_in_user_namespace(uid_t *ret_outer);
