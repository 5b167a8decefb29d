/* SPDX-License-Identifier: Apache-2.0 */
/* The parser in a process of its own: the same documents, the same words, and no trace of it. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "self/guest.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

static int parse(const char *text, size_t len, struct snug_json **ret, struct snug_error *err)
{
	return snug_guest_parse(ret, text, len, "f.json", err);
}

static void the_same_documents(void **state)
{
	static const char text[] = "{\"a\": [1, \"\\u00e9\", null], \"b\": {\"c\": true}}";
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err;

	(void)state;
	for (int i = 0; i < 3; i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		const struct snug_json_node *root;

		assert_int_equal(parse(text, sizeof(text) - 1, &doc, &err), 0);
		root = snug_json_root(doc);
		assert_int_equal(snug_json_count(snug_json_member(root, "a")), 3);
		snug_buf_clear(&out);
		assert_int_equal(snug_json_render(doc, &out, &err), 0);
		assert_string_equal(snug_buf_text(&out), text);
	}
}

static void the_same_words(void **state)
{
	static const char *const bad[] = { "",	  "{",	     "[1,]",	  "{\"a\":1,\"a\":2}",
					   "nul", "\"\\x\"", "[1] // no", "\"\xff\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_error here, there;
		char a[1024], b[1024];

		assert_int_equal(snug_json_parse_own(&doc, bad[i], strlen(bad[i]), "f.json", &here),
				 -1);
		assert_int_equal(parse(bad[i], strlen(bad[i]), &doc, &there), -1);
		snug_error_line(&here, a, sizeof(a));
		snug_error_line(&there, b, sizeof(b));
		assert_string_equal(a, b);
		assert_int_equal(here.code, there.code);
	}
}

static void long_documents(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err;

	(void)state;
	for (size_t values = 10; values <= 1000000; values *= 100) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

		snug_buf_clear(&text);
		snug_buf_addc(&text, '[');
		for (size_t i = 1; i < values; i++)
			snug_buf_adds(&text, "1,");
		snug_buf_adds(&text, "1]");
		assert_int_equal(parse(text.data, text.len, &doc, &err), 0);
		assert_int_equal(snug_json_count(snug_json_root(doc)), values);
	}
}

/* Callers ignore SIGCHLD, close standard streams, and wait for children of their own. */
static void nobody_notices(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct sigaction before;
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct snug_error err;
	int status;

	(void)state;
	sigaction(SIGCHLD, &ignore, &before);
	assert_int_equal(parse("[]", 2, &doc, &err), 0);
	sigaction(SIGCHLD, &before, NULL);
	assert_int_equal(waitpid(-1, &status, __WALL | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* What children have cost so far: each has pages of its own. */
static long children(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return usage.ru_minflt;
}

static void the_same_text_takes_no_second_guest(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *first = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *second = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *third = NULL;
	SNUG_AUTO(snug_json_freep) struct snug_json *none = NULL;
	char text[] = "[\"once\", 2]";
	struct snug_error err;
	long before;

	(void)state;
	assert_int_equal(parse(text, strlen(text), &first, &err), 0);
	before = children();
	assert_int_equal(parse(text, strlen(text), &second, &err), 0);
	assert_int_equal(children(), before);
	assert_int_equal(snug_json_count(snug_json_root(second)), 2);
	/* one byte less, or another one: another text */
	assert_int_equal(parse(text, strlen(text) - 1, &none, &err), -1);
	assert_true(children() > before);
	before = children();
	text[strlen(text) - 2] = '3';
	assert_int_equal(parse(text, strlen(text), &third, &err), 0);
	assert_true(children() > before);
}

static void put(struct snug_buf *text, const char *words)
{
	struct snug_error err;

	snug_buf_clear(text);
	snug_buf_adds(text, words);
	assert_int_equal(snug_buf_check(text, &err), 0);
}

/* What is wrong with one is told when it is parsed, and harms the other one nothing. */
static void two_take_one_guest(void **state)
{
	static const char *const pairs[][2] = { { "[1, 2, 30]", "{\"a\": [4, 5]}" },
						{ "[1, 2, 31", "{\"a\": [4, 6]}" },
						{ "[1, 2, 32]", "{\"a\": 4, 5]}" } };
	SNUG_AUTO(snug_buf_clear) struct snug_buf one = { 0 }, two = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *first = NULL, *second = NULL;
		struct snug_error err;
		long before = children();
		int failed;

		put(&one, pairs[i][0]);
		put(&two, pairs[i][1]);
		snug_guest_foresee(&one, &two);
		assert_true(children() > before);
		before = children();
		failed = (parse(one.data, one.len, &first, &err) < 0) * 1 +
			 (parse(two.data, two.len, &second, &err) < 0) * 2;
		assert_int_equal(failed, i);
		assert_int_equal(children() > before, failed != 0);
		assert_true(!first || snug_json_count(snug_json_root(first)) == 3);
		assert_true(!second || snug_json_count(snug_json_root(second)) == 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_documents),
		cmocka_unit_test(the_same_words),
		cmocka_unit_test(long_documents),
		cmocka_unit_test(nobody_notices),
		cmocka_unit_test(the_same_text_takes_no_second_guest),
		cmocka_unit_test(two_take_one_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
