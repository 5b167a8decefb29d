/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invariant 3, lossless: whatever is edited, the result means what the edits say, and every byte
 * that they do not touch is there unchanged. The edits are kept in a plain list beside, whose
 * meaning is worked out naively.
 */
#include "base/cleanup.h"
#include "json/internal.h"
#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "support/edits.h"

#define CASES random_cases(10000u)

/* Random documents */

struct shape {
	struct snug_buf *out;
	const char *unit, *newline, *colon, *gap; /* unit NULL: on one line */
	bool messy;				  /* random white space everywhere */
	unsigned values;
};

static const char *const scalars[] = {
	"0",	"-0.0",	 "1.50E+01",	      "18446744073709551616", "true", "false", "null",
	"\"\"", "\"x\"", "\"\\u0041\\n\\/\"", "\"\xc3\xa9 ,:{}[]\"",  "[]",   "{ }",   "\"[\\\"\""
};

static void put_mess(struct shape *s)
{
	static const char *const mess[] = { "", "", "", " ", "\n", "\t", "\r\n  ", "\n\n    " };

	if (s->messy)
		snug_buf_adds(s->out, mess[random_below(8)]);
}

static void put_line(struct shape *s, unsigned level)
{
	if (!s->unit)
		return;
	snug_buf_adds(s->out, s->newline);
	while (level--)
		snug_buf_adds(s->out, s->unit);
}

static void put_random(struct shape *s, unsigned level)
{
	unsigned kind = random_below(level > 4 || s->values > 60 ? 2 : 6), n = random_below(5);
	bool object = kind & 1;

	if (kind < 2 && (level || random_below(8) == 0)) {
		snug_buf_adds(s->out, scalars[random_below(14)]);
		return;
	}
	snug_buf_addc(s->out, object ? '{' : '[');
	put_mess(s);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			snug_buf_adds(s->out, s->unit ? "," : s->gap);
		put_line(s, level + 1);
		put_mess(s);
		s->values++;
		if (object) {
			snug_buf_addf(s->out, random_below(4) ? "\"k%u\"" : "\"\\u006b%u\"", i);
			put_mess(s);
			snug_buf_adds(s->out, s->colon);
			put_mess(s);
		}
		put_random(s, level + 1);
		put_mess(s);
	}
	if (n)
		put_line(s, level);
	snug_buf_addc(s->out, object ? '}' : ']');
}

static void put_document(struct snug_buf *out)
{
	static const char *const units[] = { NULL, "", "  ", "   ", "    ", "\t", "        " };
	static const char *const colons[] = { ":", ": ", " : " }, *const gaps[] = { ",", ", " };
	struct shape s = { .out = out,
			   .unit = units[random_below(7)],
			   .newline = random_below(3) ? "\n" : "\r\n",
			   .colon = colons[random_below(3)],
			   .gap = gaps[random_below(2)],
			   .messy = random_below(3) == 0 };

	put_mess(&s);
	put_random(&s, 0);
	put_mess(&s);
}

static void edits_do_what_they_say_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		struct snug_error err;

		random_case(i);
		put_document(&in);
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		change_count = 0;
		for (unsigned n = random_below(EDITS_MAX); n > 0; n--)
			CHECK(change_randomly(doc, &err) == 0);
		CHECK(snug_json_render(doc, &out, &err) == 0);
		CHECK(snug_json_is_edited(doc) || !strcmp(in.data, out.data));
		CHECK(snug_json_parse(&result, out.data, out.len, NULL, &err) == 0);
		check_meaning(doc, result);
		check_bytes(snug_json_root(doc), snug_json_root(result));
		check_surroundings(doc, result);
		check_lines(&in, &out, mixes_line_ends(&in));
	}
}

/* Edits that are made again change nothing more: hardening twice is hardening once. */
static void edits_made_again_change_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, once = { 0 };
		const char *json = values[random_below(7)];
		struct snug_error err;

		random_case(i);
		snug_buf_adds(&in, "{\"deep\": ");
		put_document(&in);
		snug_buf_adds(&in, random_below(2) ? "\n}" : "}");
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		CHECK(snug_json_set(doc, snug_json_root(doc), "new", json, &err) == 0);
		CHECK(snug_json_render(doc, &once, &err) == 0);
		CHECK(snug_json_parse(&result, once.data, once.len, NULL, &err) == 0);
		CHECK(snug_json_set(result, snug_json_root(result), "new", json, &err) == 0);
		CHECK(!snug_json_is_edited(result));
	}
}

/* Damaged documents are refused with a place, or are documents and come back as they are. */
static void damage_is_refused_or_harmless(void **state)
{
	static const char bytes[] = "{}[],:\"\\ue0-.1tn\n\t\v /*\x80\xed\xff";

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 };
		struct snug_error err = { 0 };

		random_case(i);
		put_document(&in);
		for (unsigned n = 1 + random_below(3); n > 0; n--)
			in.data[random_below((unsigned)in.len)] =
				bytes[random_below(sizeof(bytes))];
		if (snug_json_parse(&doc, in.data, in.len, NULL, &err) < 0) {
			CHECK(err.code == SNUG_INPUT && err.line && err.column &&
			      err.path[0] == '$');
			CHECK(err.what[0] && err.remedy[0] && !strchr(err.what, '\n'));
			continue;
		}
		CHECK(snug_json_render(doc, &out, &err) == 0);
		CHECK(out.len == in.len && !memcmp(out.data, in.data, in.len));
	}
}

static void pretty_keeps_the_meaning(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL, *result = NULL;
		SNUG_AUTO(snug_buf_clear) struct snug_buf in = { 0 }, out = { 0 }, again = { 0 };
		struct snug_error err;

		random_case(i);
		put_document(&in);
		change_count = 0;
		CHECK(snug_json_pretty(in.data, in.len, &out, &err) == 0);
		CHECK(snug_json_parse(&doc, in.data, in.len, NULL, &err) == 0);
		CHECK(snug_json_parse(&result, out.data, out.len, NULL, &err) == 0);
		check_meaning(doc, result);
		CHECK(snug_json_pretty(out.data, out.len, &again, &err) == 0);
		CHECK(!strcmp(out.data, again.data));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_do_what_they_say_and_nothing_else),
		cmocka_unit_test(edits_made_again_change_nothing),
		cmocka_unit_test(damage_is_refused_or_harmless),
		cmocka_unit_test(pretty_keeps_the_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
