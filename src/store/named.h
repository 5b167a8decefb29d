/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files whose paths somebody else chose (an annotation): absolute, and opened as the store's own
 * are, with no symlink on the way and only through folders that root alone (or the caller) can
 * write. Such a path is by its words where it is.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>

/* *ret_there false: its folder is there, and it is not. SNUG_INPUT as in store/store.h, and for
 * what is no regular file or larger than max. */
int snug_named_read(const char *path, size_t max, bool *ret_there, struct snug_buf *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* Replaces it whole, mode 0644. What is there is the caller's to look at before. */
int snug_named_write(const char *path, const struct snug_buf *text,
		     struct snug_error *err) SNUG_CHECKED;
