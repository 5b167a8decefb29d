/* SPDX-License-Identifier: Apache-2.0 */
/* Two profiles or two recordings, compared. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/diff.h"
#include "store/store.h"

#include <stdbool.h>

struct snug_diff_request {
	const struct snug_store *store;
	const char *what[SNUG_SIDE_MAX]; /* paths, of whatever the file is, or NAMEs */
	bool recordings;		 /* a NAME is all its recordings, not its profile */
	bool json;
};

/* ret_text is empty before. SNUG_INPUT: a profile and a recording. */
int snug_flow_diff(const struct snug_diff_request *request, bool *ret_same,
		   struct snug_buf *ret_text, struct snug_error *err) SNUG_CHECKED;
