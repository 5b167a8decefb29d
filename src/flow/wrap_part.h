/* SPDX-License-Identifier: Apache-2.0 */
/* What flow/wrap.c and flow/wrap_apply.c share. Not for others. */
#pragma once

#include "flow/wrap.h"

/* The digest of all that a result hangs on: host and profiles as flow/inputs.h has them. */
int snug_wrap_key(const struct snug_wrap *wrap, const struct snug_wrapped *wrapped,
		  const struct snug_buf *host, const struct snug_buf *profiles,
		  char ret[SNUG_DIGEST_SIZE], struct snug_error *err) SNUG_CHECKED;
