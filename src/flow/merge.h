/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings to one recording, or profiles to one profile. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "flow/document.h"
#include "store/store.h"

struct snug_merge_request {
	const struct snug_store *store;
	const char *const *what; /* count of them, 1 or more: paths, or NAMEs: all its recordings */
	size_t count;
	const char *generator; /* "snug 0.1", for a profile's provenance */
};

struct snug_merged {
	enum snug_document kind;
	size_t files;  /* that were read */
	uint64_t runs; /* of a recording */
	struct snug_buf text;
};
void snug_merged_clear(struct snug_merged *merged);

/*
 * Reads, folds and frees one file at a time: memory does not grow with their number. The same files
 * give the same bytes, in whatever order and however often they come.
 */
int snug_flow_merge(const struct snug_merge_request *request, struct snug_merged *ret,
		    struct snug_error *err) SNUG_CHECKED;
