/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AppArmor texts that hardened config.jsons name: /var/lib/snug/apparmor/<label>, mode 0600 in
 * a folder of root's (or the caller's) alone. A label holds its text's digest, so a file is never
 * changed, and two versions lie side by side. Places and refusals as in store/store.h.
 */
#pragma once

#include "store/store.h"

/* *ret_path: malloc'ed. A file that holds these bytes already stays. */
int snug_store_put_apparmor(const struct snug_store *store, const char *label,
			    const struct snug_buf *text, char **ret_path,
			    struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT where there is none. */
int snug_store_read_apparmor(const struct snug_store *store, const char *label,
			     struct snug_buf *ret, char **ret_path,
			     struct snug_error *err) SNUG_CHECKED;
