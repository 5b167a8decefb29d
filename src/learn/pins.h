/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorder that is pinned: it lives in /sys/fs/bpf as long as a container is learned by hooks,
 * and in no process. Its folder holds maps and programs by name and links as "link_NAME"; `heads`
 * is pinned last and goes first, so a folder without it is what somebody left half-made.
 *
 * Whoever uses it holds the lock of its root (flow/run_folder.h).
 */
#pragma once

#include "base/error.h"
#include "learn/slot.h"

#include <stdbool.h>

#define SNUG_PINS_PATH_MAX 96u

/* Where: /sys/fs/bpf/snug; for a root of --root's (not ""), snug-DEVICE-INODE of it. */
int snug_pins_path(const char *root, char ret[SNUG_PINS_PATH_MAX],
		   struct snug_error *err) SNUG_CHECKED;
/* Opens what is pinned at path (which must outlive maps). *there is false where nothing is; what
 * is half-made is removed. */
int snug_pins_open(const char *path, struct snug_maps *maps, bool *there,
		   struct snug_error *err) SNUG_CHECKED;
/* Pins what was loaded. SNUG_HOST where there is no bpf file system. */
int snug_pins_make(const char *path, struct snug_maps *loaded, struct snug_error *err) SNUG_CHECKED;
/*
 * Attaches what the taken slots need, and detaches what they do not; what is attached is worked out
 * anew from the slots, never counted. When none is taken all goes: programs, maps, folder.
 */
int snug_pins_settle(const char *path, struct snug_maps *maps, struct snug_error *err) SNUG_CHECKED;
