/* SPDX-License-Identifier: Apache-2.0 */
/* The host's policy: /etc/snug/policy.json. Refusals as in store/store.h. */
#pragma once

#include "store/store.h"

/* *ret_path: malloc'ed, also where there is none, which is no error: then *ret_there is false. */
int snug_store_read_policy(const struct snug_store *store, size_t max, bool *ret_there,
			   struct snug_buf *ret, char **ret_path,
			   struct snug_error *err) SNUG_CHECKED;
