/* SPDX-License-Identifier: Apache-2.0 */
/* From the recordings of a name, or from files, to a profile. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/generate.h"
#include "store/store.h"

/* name, or files (count of them): one of both is given. */
struct snug_generate_request {
	const struct snug_store *store;
	const char *name;
	const char *const *files;
	size_t count;
	struct snug_generate_options options; /* digests are filled in here */
};

/* Unites the recordings and generates the profile's text; ret is empty before. */
int snug_generate_from(const struct snug_generate_request *request, struct snug_buf *ret,
		       struct snug_error *err) SNUG_CHECKED;
