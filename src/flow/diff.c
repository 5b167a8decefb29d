/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/diff.h"

#include "base/cleanup.h"
#include "flow/document.h"
#include "flow/recordings.h"
#include "store/file.h"

/* What one of the arguments stands for; of the other kind all is zero. */
struct side {
	enum snug_document kind;
	struct snug_profile profile;
	struct snug_recording recording;
};

static void side_clear(struct side *side)
{
	snug_profile_clear(&side->profile);
	snug_recording_clear(&side->recording);
}

static int read_text(const struct snug_buf *text, const char *path, struct side *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, path, err) < 0 ||
	    snug_document_kind(snug_json_root(doc), &ret->kind, err) < 0)
		return -1;
	if (ret->kind == SNUG_DOCUMENT_RECORDING)
		return snug_recording_read(snug_json_root(doc), &ret->recording, err);
	return snug_profile_read(SNUG_TAKE(doc), &ret->profile, err);
}

static int read_recordings(const struct snug_store *store, const char *name, struct side *ret,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };

	ret->kind = SNUG_DOCUMENT_RECORDING;
	if (snug_store_list_recordings(store, name, &paths, err) < 0)
		return -1;
	for (size_t i = 0; i < paths.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

		if (snug_recording_add_file(paths.at[i], &ret->recording, &text, err) < 0)
			return -1;
	}
	return 0;
}

static int read_side(const struct snug_diff_request *request, const char *what, struct side *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_name_is_path(what)) {
		if (snug_file_read(what, SNUG_JSON_BYTES_MAX, &text, err) < 0)
			return -1;
		return read_text(&text, what, ret, err);
	}
	if (request->recordings)
		return read_recordings(request->store, what, ret, err);
	if (snug_store_read_profile(request->store, what, &text, &path, err) < 0)
		return -1;
	ret->kind = SNUG_DOCUMENT_PROFILE;
	return snug_profile_parse(snug_buf_text(&text), text.len, path, &ret->profile, err);
}

static int refuse_mixture(const struct snug_diff_request *request, const struct side *a,
			  const struct side *b, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s is %s, %s is %s", request->what[SNUG_SIDE_A],
		  snug_document_words(a->kind), request->what[SNUG_SIDE_B],
		  snug_document_words(b->kind));
	return snug_remedy(err, request->recordings
					? "compare recordings with recordings"
					: "compare like with like; --recordings takes a NAME for "
					  "its recordings");
}

static int diff_profiles(const struct snug_diff_request *request, const struct side *a,
			 const struct side *b, bool *ret_same, struct snug_buf *ret_text,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };

	if (snug_profile_diff_make(&a->profile, &b->profile, &diff, err) < 0)
		return -1;
	*ret_same = snug_profile_diff_is_empty(&diff);
	return request->json ? snug_profile_diff_json(&diff, request->what, ret_text, err)
			     : snug_profile_diff_text(&diff, request->what, ret_text, err);
}

static int diff_recordings(const struct snug_diff_request *request, const struct side *a,
			   const struct side *b, bool *ret_same, struct snug_buf *ret_text,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_recording_diff_clear) struct snug_recording_diff diff = { 0 };

	if (snug_recording_diff_make(&a->recording, &b->recording, &diff, err) < 0)
		return -1;
	*ret_same = snug_recording_diff_is_empty(&diff);
	return request->json ? snug_recording_diff_json(&diff, request->what, ret_text, err)
			     : snug_recording_diff_text(&diff, request->what, ret_text, err);
}

int snug_flow_diff(const struct snug_diff_request *request, bool *ret_same,
		   struct snug_buf *ret_text, struct snug_error *err)
{
	SNUG_AUTO(side_clear) struct side a = { 0 };
	SNUG_AUTO(side_clear) struct side b = { 0 };

	if (read_side(request, request->what[SNUG_SIDE_A], &a, err) < 0 ||
	    read_side(request, request->what[SNUG_SIDE_B], &b, err) < 0)
		return -1;
	if (a.kind != b.kind)
		return refuse_mixture(request, &a, &b, err);
	return a.kind == SNUG_DOCUMENT_PROFILE
		       ? diff_profiles(request, &a, &b, ret_same, ret_text, err)
		       : diff_recordings(request, &a, &b, ret_same, ret_text, err);
}
