/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/oci/state.h"
#include "store/store.h"

/* Reads fd to its end into ret (empty before); SNUG_INPUT past max bytes. `what` names it. */
int snug_hook_read_all(int fd, size_t max, const char *what, struct snug_buf *ret,
		       struct snug_error *err) SNUG_CHECKED;
/* Reads the container's state to its end. *ret_doc owns what ret points at. begins: of a container
 * that starts, whose config may be looked at next (store: where a policy would lie). */
int snug_hook_read_state(int fd, const struct snug_store *store, bool begins,
			 struct snug_json **ret_doc, struct snug_state *ret,
			 struct snug_error *err) SNUG_CHECKED;
