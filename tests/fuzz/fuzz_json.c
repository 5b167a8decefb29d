/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document and edits of it. What is no document is refused with a place. What is one comes back
 * as it is; edited it means what the edits say, and every byte that they do not touch is there;
 * made again they change nothing; laid out anew it means the same, and stays as it is. Whatever
 * strings say, what is written anew of them reads the same.
 *
 * Input: bytes that choose the edits, and the document.
 */
#include "fuzz/fuzz.h"

#include "random.h"
#include "support/edits.h"

static void check_refusal(const struct snug_error *err)
{
	char line[1024];

	CHECK(err->code == SNUG_INPUT && err->line && err->column && err->path[0] == '$');
	CHECK(err->what[0] && err->remedy[0]);
	snug_error_line(err, line, sizeof(line));
	for (const char *at = line; *at; at++)
		CHECK((unsigned char)*at >= ' ' && *at != 0x7f);
}

static struct snug_json *parsed(const struct snug_buf *text)
{
	struct snug_json *doc = NULL;
	struct snug_error err;

	CHECK(snug_json_parse(&doc, snug_buf_text(text), text->len, NULL, &err) == 0);
	return doc;
}

static void check_pretty(const struct snug_json *doc)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 }, again = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *result = NULL;
	struct snug_error err;

	change_count = 0;
	CHECK(snug_json_pretty(doc->text, doc->len, &out, &err) == 0);
	result = parsed(&out);
	check_meaning(doc, result);
	CHECK(snug_json_pretty(out.data, out.len, &again, &err) == 0);
	CHECK(out.len == again.len && memcmp(out.data, again.data, out.len) == 0);
}

/* As a value, an edit of it with itself is none; as a text it is quoted and read again. */
static void check_values(struct snug_json *doc)
{
	for (size_t i = 0; i < doc->nodes.count && i < 64; i++) {
		const struct snug_json_node *node = &doc->nodes.at[i];
		SNUG_AUTO(snug_json_freep) struct snug_json *copy = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 }, quoted = { 0 };
		const char *text, *again;
		struct snug_error err;
		uint64_t number;
		int64_t number_with_sign;

		CHECK(snug_json_same(node, node));
		snug_json_path(node, &path);
		CHECK(path.len && path.data[0] == '$');
		if (snug_json_u64(node, &number, &err) == 0 && number <= INT64_MAX)
			CHECK(snug_json_i64(node, &number_with_sign, &err) == 0 &&
			      (uint64_t)number_with_sign == number);
		if (snug_json_string(node, &text, &err) < 0)
			continue;
		snug_json_quote(&quoted, text);
		copy = parsed(&quoted);
		CHECK(snug_json_string(snug_json_root(copy), &again, &err) == 0);
		CHECK(strcmp(text, again) == 0);
	}
}

/* The plain reader takes what yajl's takes, and finds the same in it. */
static void check_readers(const char *text, size_t len)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *plain = NULL, *yajl = NULL;
	SNUG_AUTO(snug_freep) struct snug_json_place *places = NULL;
	struct snug_error err = { 0 };
	size_t count;

	if (snug_json_parse_yajl(&yajl, text, len, NULL, &err) < 0) {
		CHECK(snug_json_parse_own(&plain, text, len, NULL, &err) < 0);
		return;
	}
	count = snug_json_place_count(yajl);
	places = calloc(count, sizeof(*places));
	CHECK(places != NULL);
	snug_json_places(yajl, places);
	CHECK(snug_json_adopt(&plain, text, len, NULL, places, count, &err) == 0);
	CHECK(yajl->strings.len == plain->strings.len);
	CHECK(!yajl->strings.len ||
	      !memcmp(yajl->strings.data, plain->strings.data, yajl->strings.len));
}

static void check_edits(const char *text, size_t len, bool *ret_edited, struct snug_buf *out)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 };
	struct snug_error err;

	snug_buf_add(&in, text, len);
	CHECK(snug_json_parse(&doc, text, len, NULL, &err) == 0);
	change_count = 0;
	for (unsigned n = random_below(EDITS_MAX); n > 0; n--)
		CHECK(change_randomly(doc, &err) == 0);
	CHECK(snug_json_render(doc, out, &err) == 0);
	*ret_edited = snug_json_is_edited(doc);
	CHECK(*ret_edited || (out->len == len && memcmp(out->data, text, len) == 0));
	result = parsed(out);
	check_meaning(doc, result);
	check_bytes(snug_json_root(doc), snug_json_root(result));
	check_surroundings(doc, result);
	check_lines(&in, out, mixes_line_ends(&in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err = { 0 };
	bool edited;

	fuzz_split(data, size, &parts);
	check_readers(parts.text[1], parts.len[1]);
	if (snug_json_parse(&doc, parts.text[1], parts.len[1], "doc", &err) < 0) {
		check_refusal(&err);
		return 0;
	}
	check_values(doc);
	check_pretty(doc);
	/* Past the limit of values or depth an edit is refused: not what is looked at here. */
	if (doc->nodes.count > 10000 || doc->depth > SNUG_JSON_DEPTH_MAX - 8)
		return 0;
	random_input((const uint8_t *)parts.text[0], parts.len[0]);
	check_edits(parts.text[1], parts.len[1], &edited, &out);
	return 0;
}
