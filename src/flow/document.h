/* SPDX-License-Identifier: Apache-2.0 */
/* What the user names where a recording or a profile may stand. */
#pragma once

#include "base/error.h"
#include "json/json.h"

enum snug_document { SNUG_DOCUMENT_RECORDING, SNUG_DOCUMENT_PROFILE };

/* "a recording", "a profile" */
const char *snug_document_words(enum snug_document kind);
/* By its version member; SNUG_INPUT: neither of them. */
int snug_document_kind(const struct snug_json_node *root, enum snug_document *ret,
		       struct snug_error *err) SNUG_CHECKED;
