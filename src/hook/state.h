/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "model/oci/state.h"

/* Reads the container's state to its end. *ret_doc owns what ret points at. */
int snug_hook_read_state(int fd, struct snug_json **ret_doc, struct snug_state *ret,
			 struct snug_error *err) SNUG_CHECKED;
