/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/merge.h"

#include "base/cleanup.h"
#include "model/profile_merge.h"
#include "model/recording.h"
#include "store/file.h"

#include <stdio.h>
#include <string.h>

/* What is folded so far. */
struct fold {
	size_t files;
	enum snug_document kind; /* from the first on */
	char first[256];	 /* its path; cut where it is longer */
	struct snug_recording recording;
	struct snug_profile_union profiles;
};

static void fold_clear(struct fold *fold)
{
	snug_recording_clear(&fold->recording);
	snug_profile_union_clear(&fold->profiles);
}

static int refuse_mixture(const struct fold *fold, enum snug_document kind, const char *path,
			  struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s is %s, %s is %s", fold->first,
		  snug_document_words(fold->kind), path, snug_document_words(kind));
	return snug_remedy(err, "merge recordings with recordings, profiles with profiles");
}

static int add_recording(struct fold *fold, const struct snug_json_node *root,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording one = { 0 };

	if (snug_recording_read(root, &one, err) < 0)
		return -1;
	return snug_recording_merge(&fold->recording, &one, err);
}

static int add_profile(struct fold *fold, const struct snug_buf *text, const char *path,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile one = { 0 };

	if (snug_profile_parse(snug_buf_text(text), text->len, path, &one, err) < 0)
		return -1;
	return snug_profile_union_add(&fold->profiles, &one, err);
}

static int add(void *context, const struct snug_buf *text, const char *path, struct snug_error *err)
{
	struct fold *fold = context;
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	enum snug_document kind;

	if (snug_json_parse_own(&doc, snug_buf_text(text), text->len, path, err) < 0 ||
	    snug_document_kind(snug_json_root(doc), &kind, err) < 0)
		return -1;
	if (fold->files++ == 0) {
		fold->kind = kind;
		snprintf(fold->first, sizeof(fold->first), "%s", path);
	}
	if (kind != fold->kind)
		return refuse_mixture(fold, kind, path, err);
	return kind == SNUG_DOCUMENT_PROFILE ? add_profile(fold, text, path, err)
					     : add_recording(fold, snug_json_root(doc), err);
}

static int add_path(struct fold *fold, const char *path, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0)
		return -1;
	return add(fold, &text, path, err);
}

int snug_flow_merge(const struct snug_merge_request *request, struct snug_merged *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(fold_clear) struct fold fold = { 0 };

	for (size_t i = 0; i < request->count; i++) {
		const char *what = request->what[i];

		if ((snug_name_is_path(what) ? add_path(&fold, what, err)
					     : snug_store_each_recording(request->store, what, add,
									 &fold, err)) < 0)
			return -1;
	}
	ret->kind = fold.kind;
	ret->files = fold.files;
	ret->runs = fold.recording.run_count;
	if (fold.kind == SNUG_DOCUMENT_PROFILE)
		return snug_profile_union_render(&fold.profiles, request->generator, &ret->text,
						 err);
	return snug_recording_render(&fold.recording, &ret->text, err);
}

void snug_merged_clear(struct snug_merged *merged)
{
	snug_buf_clear(&merged->text);
}
