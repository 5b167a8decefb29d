/* SPDX-License-Identifier: Apache-2.0 */
/* A profile, a recording, a config.json, a linux.seccomp object or an engine's seccomp.json,
 * explained. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "store/store.h"

#include <stdbool.h>

struct snug_explain_request {
	const struct snug_store *store;
	const char *what;    /* a profile's NAME; a path: of a file, or of a bundle */
	const char *engines; /* the engines' seccomp.json; NULL: where the engines look for it */
	bool json;
};

/* ret is empty before. */
int snug_flow_explain(const struct snug_explain_request *request, struct snug_buf *ret,
		      struct snug_error *err) SNUG_CHECKED;
