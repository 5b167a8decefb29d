/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes lose nothing, and each string has one: as text, and as a JSON string of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "json/json.h"
#include "model/escape.h"
#include "random.h"

#include <string.h>

#define CASES	random_cases(100000u)
#define LEN_MAX 40u

/* Bytes as they come, or what makes escapes and UTF-8 more often than chance. */
static void random_bytes(char ret[LEN_MAX + 1])
{
	static const char often[] = "\\0123777/a\"\xc2\x80\xc3\xa9\xe2\x80\xa6\xff\n";
	bool any = random_below(2) == 0;
	unsigned len = random_below(LEN_MAX + 1);

	for (unsigned i = 0; i < len; i++)
		ret[i] = any ? (char)(1 + random_below(255))
			     : often[random_below(sizeof(often) - 1)];
	ret[len] = '\0';
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/* As a JSON string, written and parsed. */
static void check_json(const char *bytes, const char *text)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_json_writer w = { .out = &json };
	struct snug_error err;
	const char *read;

	snug_json_put_string(&w, text);
	CHECK(json.len == snug_escape_json_len(bytes) + 2);
	CHECK(snug_json_parse(&doc, json.data, json.len, NULL, &err) == 0);
	CHECK(snug_json_string(snug_json_root(doc), &read, &err) == 0);
	CHECK(strcmp(read, text) == 0);
}

static void bytes_come_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, back = { 0 };
		char bytes[LEN_MAX + 1];
		const char *why = "";

		random_case(i);
		random_bytes(bytes);
		snug_escape_put(&text, bytes);
		CHECK(is_printable(snug_buf_text(&text)));
		CHECK(snug_escape_read(snug_buf_text(&text), &back, &why) == 0);
		CHECK(strcmp(snug_buf_text(&back), bytes) == 0);
		check_json(bytes, snug_buf_text(&text));
	}
}

/* What is read at all is written as it was: no string has two texts. */
static void texts_come_back(void **state)
{
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf bytes = { 0 }, again = { 0 };
		char text[LEN_MAX + 1];
		const char *why = NULL;
		size_t at;

		random_case(i);
		random_bytes(text);
		at = snug_escape_read(text, &bytes, &why);
		CHECK(at <= strlen(text) && (at == 0) == (why == NULL));
		if (at)
			continue;
		taken++;
		snug_escape_put(&again, snug_buf_text(&bytes));
		CHECK(strcmp(snug_buf_text(&again), text) == 0);
	}
	assert_true(taken > CASES / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(texts_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
