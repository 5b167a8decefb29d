/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose files are believed: root's and the caller's own.
 *
 * In a user namespace (rootless Podman's hooks and runtimes run in one) the host's root is a user
 * that the namespace does not know, shown as the overflow uid, and so are all others that it does
 * not know. There such an owner is believed where "/" is his too: on a way from "/" on which nobody
 * but the owners can write, a folder of somebody else's is there because root put it there. In a
 * system container, whose root owns "/", he is nobody(65534), or whoever is not mapped.
 *
 * Somebody can be any user of the host, though. So in a folder in which all may make files
 * (sticky), and of what is a user's own to name, a bundle, he is not believed. Nor is he at all by
 * a caller who shows as the overflow uid himself and cannot tell his own files from theirs: one
 * whom the namespace does not know, or to whom it gives that number. (Rootless Podman's user is
 * root in there.)
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

bool snug_trusts_owner(uid_t owner);
/* The same, of what anybody may have put there. */
bool snug_trusts_child(uid_t owner);
/* Is this another user namespace than the first? *ret_outer: who the caller is outside. */
bool snug_in_user_namespace(uid_t *ret_outer);
