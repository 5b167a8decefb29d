/* SPDX-License-Identifier: Apache-2.0 */
/* What a change does to a text, as people and patch(1) read it. */
#pragma once

#include "base/buf.h"

/*
 * Adds a unified diff of one hunk, with three lines around; nothing where both are the same. before
 * NULL: the file is made; after NULL: it goes. One hunk does for what snug changes in a file, which
 * stands together.
 */
void snug_text_diff(const char *path, const struct snug_buf *before, const struct snug_buf *after,
		    struct snug_buf *ret);
