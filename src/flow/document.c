/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/document.h"

static const struct {
	const char *member, *words;
} kinds[] = {
	[SNUG_DOCUMENT_RECORDING] = { "snugRecording", "a recording" },
	[SNUG_DOCUMENT_PROFILE] = { "snugProfile", "a profile" },
};

const char *snug_document_words(enum snug_document kind)
{
	return kinds[kind].words;
}

int snug_document_kind(const struct snug_json_node *root, enum snug_document *ret,
		       struct snug_error *err)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (snug_json_member(root, kinds[i].member)) {
			*ret = (enum snug_document)i;
			return 0;
		}
	}
	snug_json_fail(root, err, "neither a recording nor a profile");
	return snug_remedy(err, "a recording has \"snugRecording\", a profile \"snugProfile\"");
}
