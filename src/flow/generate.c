/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/generate.h"

#include "base/cleanup.h"
#include "flow/recordings.h"
#include "store/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "sha256:" and 64 digits; malloc'ed. */
static char *digest_of(const struct snug_buf *text)
{
	char digits[SNUG_DIGEST_SIZE], *digest;

	snug_digest(snug_buf_text(text), text->len, digits);
	return asprintf(&digest, "sha256:%s", digits) < 0 ? NULL : digest;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Reads one file into the union; the digest goes to digests. */
static int unite(const char *path, struct snug_recording *into, struct snug_paths *digests,
		 struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char *digest;

	if (snug_recording_add_file(path, into, &text, err) < 0)
		return -1;
	digest = digest_of(&text);
	if (!digest || snug_vec_push(digests, digest) < 0) {
		free(digest);
		return snug_fail_memory(err);
	}
	return 0;
}

/* A profile has a name that a file can have: the one asked for, else the recordings' own. */
static int set_name(struct snug_recording *recording, const char *name, struct snug_error *err)
{
	char *copy;

	if (!name && recording->name && snug_name_is_valid(recording->name))
		return 0;
	copy = strdup(name ? name : "profile");
	if (!copy)
		return snug_fail_memory(err);
	free(recording->name);
	recording->name = copy;
	return 0;
}

static int unite_all(const struct snug_generate_request *request, struct snug_recording *into,
		     struct snug_paths *digests, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };

	if (request->name &&
	    snug_store_list_recordings(request->store, request->name, &paths, err) < 0)
		return -1;
	for (size_t i = 0; i < paths.count; i++)
		if (unite(paths.at[i], into, digests, err) < 0)
			return -1;
	for (size_t i = 0; i < request->count; i++)
		if (unite(request->files[i], into, digests, err) < 0)
			return -1;
	return set_name(into, request->name, err);
}

/* Sorted, each once: the same recordings give the same bytes, in whatever order they came. */
static void sort(struct snug_paths *digests)
{
	size_t kept = 0;

	if (digests->count)
		qsort(digests->at, digests->count, sizeof(*digests->at), compare);
	for (size_t i = 0; i < digests->count; i++) {
		if (kept && strcmp(digests->at[kept - 1], digests->at[i]) == 0)
			free(digests->at[i]);
		else
			digests->at[kept++] = digests->at[i];
	}
	digests->count = kept;
}

int snug_generate_from(const struct snug_generate_request *request, struct snug_buf *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording all = { 0 };
	SNUG_AUTO(snug_paths_clear) struct snug_paths digests = { 0 };
	struct snug_generate_options options = request->options;

	if (unite_all(request, &all, &digests, err) < 0)
		return -1;
	sort(&digests);
	if (snug_vec_push(&digests, NULL) < 0)
		return snug_fail_memory(err);
	options.digests = (const char *const *)digests.at;
	return snug_generate(&all, &options, ret, err);
}
