/* SPDX-License-Identifier: Apache-2.0 */
/* Files, whole or not at all. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <sys/types.h>

/*
 * Reads a regular file of at most `max` bytes; "-" is not special, a symlink is followed (the path
 * is the caller's choice). SNUG_INPUT names the file: missing, too large, a folder, pipe or device.
 */
int snug_file_read(const char *path, size_t max, struct snug_buf *ret,
		   struct snug_error *err) SNUG_CHECKED;
/*
 * Writes a temporary file beside, fsync, rename, fsync of the folder: afterwards path is the old
 * file or the new one, whole, whenever the power goes. On failure the temporary is gone.
 * A symlink at path is refused (SNUG_INPUT), as is whatever is not a regular file. A file that is
 * there keeps its mode and, where that is allowed, its owner; `mode` (whatever the umask) is for a
 * new one. A full or read-only disk: SNUG_SYSTEM with sys_errno and a remedy.
 */
int snug_file_write(const char *path, mode_t mode, const void *data, size_t len,
		    struct snug_error *err) SNUG_CHECKED;
