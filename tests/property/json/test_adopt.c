/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a parser says of a document is believed where it is so, and nowhere else. Texts and places
 * are changed at random: what is adopted nevertheless is what a parse of that text gives, node for
 * node.
 */
#include "base/cleanup.h"
#include "json/internal.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define CASES random_cases(40000u)

static const char *const documents[] = {
	"{}",
	" [ ] ",
	"\"\\u00e9 \\\"x\\\" \\ud83d\\ude00\"",
	"-1.5e+3",
	"{\"a\": 1, \"b\": [true, false, null, \"\"], \"c\" : {\"d\":{\"e\":[[[]]]}} }",
	"[{\"x\":\"y\"},{\"x\":\"z\"}, [1,2,3], \"[1,2]\"]\n",
	"{\n\t\"a\": { \"args\": [\"sh\"] },\r\n \"b\": {\"k{\": \"v]\", \"\\u0061\": \"\\\\\"}}",
	"[0, -0, 10, 1e5, 0.1, \"1\"]",
	"{\"a long one of letters\":\"and \\u00e9, \xc3\xa9 \x7f\",\"\\\"\":\"/usr/lib/x86_64\"}",
};
#define DOCUMENTS (sizeof(documents) / sizeof(documents[0]))

struct told {
	struct snug_json_place places[64];
	size_t count;
};

static void tell(const char *text, size_t len, struct told *ret)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;

	assert_int_equal(snug_json_parse_yajl(&doc, text, len, NULL, &err), 0);
	ret->count = snug_json_place_count(doc);
	assert_true(ret->count < 64);
	snug_json_places(doc, ret->places);
}

static bool is_text_alike(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static const char *string_of(const struct snug_json *doc, uint32_t at)
{
	return at == SNUG_JSON_NONE ? NULL : doc->strings.data + at;
}

static bool is_node_alike(const struct snug_json *a, const struct snug_json *b, size_t i)
{
	const struct snug_json_node *x = &a->nodes.at[i], *y = &b->nodes.at[i];

	return x->start == y->start && x->end == y->end && x->item == y->item &&
	       x->parent == y->parent && x->first == y->first && x->next == y->next &&
	       x->index == y->index && x->count == y->count && x->type == y->type && x->doc == a &&
	       y->doc == b && x->edit == y->edit &&
	       is_text_alike(string_of(a, x->key), string_of(b, y->key)) &&
	       is_text_alike(string_of(a, x->text), string_of(b, y->text));
}

static bool is_alike(const struct snug_json *a, const struct snug_json *b)
{
	if (a->nodes.count != b->nodes.count || a->depth != b->depth || a->len != b->len)
		return false;
	for (size_t i = 0; i < a->nodes.count; i++)
		if (!is_node_alike(a, b, i))
			return false;
	return true;
}

/* Whether it was adopted; then it is what a parse gives. */
static bool try(const char *text, size_t len, const struct told *told)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *adopted = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *parsed = NULL;
	struct snug_error err;

	if (snug_json_adopt(&adopted, text, len, "f", told->places, told->count, &err) < 0)
		return false;
	CHECK(snug_json_parse_yajl(&parsed, text, len, "f", &err) == 0);
	CHECK(is_alike(adopted, parsed));
	return true;
}

#define TEXT_MAX 512

/* One of the documents, to be changed; its length. */
static size_t pick(unsigned number, char ret[TEXT_MAX])
{
	const char *document;
	size_t len;

	random_case(number);
	document = documents[random_below(DOCUMENTS)];
	len = strlen(document);
	memcpy(ret, document, len);
	return len;
}

/* What the two readers make of a text; whether that is a document. */
static bool read_twice(const char *text, size_t len)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *plain = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *yajl = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *adopted = NULL;
	struct snug_error err, theirs;
	struct snug_json_place places[64];

	if (snug_json_parse_yajl(&yajl, text, len, "f", &theirs) < 0) {
		CHECK(snug_json_parse_own(&plain, text, len, "f", &err) < 0);
		CHECK(err.code == theirs.code && err.line == theirs.line &&
		      err.column == theirs.column);
		CHECK(strcmp(err.what, theirs.what) == 0 && strcmp(err.path, theirs.path) == 0);
		return false;
	}
	CHECK(snug_json_parse_own(&plain, text, len, "f", &err) == 0);
	CHECK(is_alike(plain, yajl));
	/* Which is what the plain one makes of it alone. */
	CHECK(snug_json_place_count(yajl) < 64);
	snug_json_places(yajl, places);
	CHECK(snug_json_adopt(&adopted, text, len, "f", places, snug_json_place_count(yajl),
			      &err) == 0);
	CHECK(is_alike(adopted, yajl));
	return true;
}

static void what_is_so_is_adopted(void **state)
{
	struct told told;

	(void)state;
	for (size_t i = 0; i < DOCUMENTS; i++) {
		tell(documents[i], strlen(documents[i]), &told);
		assert_true(try(documents[i], strlen(documents[i]), &told));
	}
}

static void change_place(struct told *told)
{
	struct snug_json_place *place = &told->places[random_below((unsigned)told->count)];
	uint32_t *fields[] = { &place->start, &place->end, &place->item, &place->parent,
			       &place->type };
	uint32_t *field = fields[random_below(5)];

	switch (random_below(6)) {
	case 0:
		*field = (uint32_t)random_u64();
		break;
	case 1:
		*field += 1;
		break;
	case 2:
		*field -= 1;
		break;
	case 3:
		*field = random_below(12);
		break;
	case 4:
		*place = told->places[random_below((unsigned)told->count)];
		break;
	default:
		told->count -= told->count > 1;
	}
}

static void change_text(char *text, size_t len)
{
	static const char letters[] = "{}[]\",:\\u0 1-.etrn\n\x01\xc3\xff";

	text[random_below((unsigned)len)] = letters[random_below(sizeof(letters) - 1)];
}

static void what_is_not_so_is_refused(void **state)
{
	unsigned adopted = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct told told;
		char text[TEXT_MAX];
		size_t len;

		len = pick(i, text);
		tell(text, len, &told);
		for (unsigned n = random_below(3); n; n--)
			change_place(&told);
		for (unsigned n = random_below(3); n; n--)
			change_text(text, len);
		if (try(text, len, &told))
			adopted++;
		else
			refused++;
	}
	/* Both were tried. */
	assert_true(adopted > CASES / 20 && refused > CASES / 4);
}

static void two_readers_agree(void **state)
{
	unsigned taken = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		char text[TEXT_MAX];
		size_t len;

		len = pick(i, text);
		for (unsigned n = random_below(4); n; n--)
			change_text(text, len);
		/* Cut short, now and then: its memory ends there for who looks (ASan). */
		len -= random_below(4) == 0 ? random_below((unsigned)len) : 0;
		if (read_twice(text, len))
			taken++;
		else
			refused++;
	}
	assert_true(taken > CASES / 10 && refused > CASES / 4);
}

static void limits_and_duplicates_hold(void **state)
{
	static const char twice[] = "{\"a\":1,\"\\u0061\":2}";
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_json_place two[] = { { 0, 18, 0, SNUG_JSON_NONE, SNUG_JSON_OBJECT },
					 { 5, 6, 1, 0, SNUG_JSON_NUMBER },
					 { 16, 17, 7, 0, SNUG_JSON_NUMBER } };
	struct snug_json_place deep[SNUG_JSON_DEPTH_MAX + 1];
	char nested[2 * (SNUG_JSON_DEPTH_MAX + 1)];
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_json_adopt(&doc, twice, sizeof(twice) - 1, "f", two, 3, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.what, "the member is there twice");
	for (unsigned i = 0; i <= SNUG_JSON_DEPTH_MAX; i++) {
		nested[i] = '[';
		nested[sizeof(nested) - 1 - i] = ']';
		deep[i] = (struct snug_json_place){ i, sizeof(nested) - i, i,
						    i ? i - 1 : SNUG_JSON_NONE, SNUG_JSON_ARRAY };
	}
	assert_int_equal(snug_json_adopt(&doc, nested, sizeof(nested), "f", deep,
					 SNUG_JSON_DEPTH_MAX + 1, &err),
			 -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_int_equal(snug_json_adopt(&doc, "", 0, "f", deep, 0, &err), -1);
	assert_null(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_so_is_adopted),
		cmocka_unit_test(what_is_not_so_is_refused),
		cmocka_unit_test(two_readers_agree),
		cmocka_unit_test(limits_and_duplicates_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
