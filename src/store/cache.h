/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was worked out before: /var/cache/snug/seccomp/<key>, in a folder of root's (or the
 * caller's) alone, refused as in store/store.h. A key (64 hex digits) is the digest of all that the
 * value hangs on, so a file is never changed; whoever finds none works it out again.
 */
#pragma once

#include "store/store.h"

#define SNUG_CACHE_FILES_MAX 256u /* with one more all that are there go */

int snug_store_read_cache(const struct snug_store *store, const char *key, bool *ret_there,
			  struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
int snug_store_put_cache(const struct snug_store *store, const char *key,
			 const struct snug_buf *text, struct snug_error *err) SNUG_CHECKED;
