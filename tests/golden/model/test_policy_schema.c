/* SPDX-License-Identifier: Apache-2.0 */
/* docs/policy.schema.json says of a policy what the parser does: members, words, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/glob.h"
#include "model/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct snug_json *schema;

static int read_schema(void **state)
{
	static char text[1 << 16];
	FILE *file = fopen("docs/policy.schema.json", "r");
	struct snug_error err;
	size_t len;

	(void)state;
	if (!file)
		return -1;
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	return snug_json_parse(&schema, text, len, "schema", &err);
}

static int drop_schema(void **state)
{
	(void)state;
	snug_json_free(schema);
	return 0;
}

static const struct snug_json_node *definition(const char *name)
{
	const struct snug_json_node *root = snug_json_root(schema);

	return name ? snug_json_member(snug_json_member(root, "$defs"), name) : root;
}

static const char *const parts[SNUG_POLICY_PART_MAX] = {
	[SNUG_POLICY_TOP] = NULL,
	[SNUG_POLICY_DEFAULT] = "default",
	[SNUG_POLICY_RULE] = "rule",
	[SNUG_POLICY_MATCH] = "match",
};

static void test_has_the_parsers_members(void **state)
{
	(void)state;
	for (unsigned part = 0; part < SNUG_POLICY_PART_MAX; part++) {
		const struct snug_json_node *object = definition(parts[part]);
		const struct snug_json_node *members = snug_json_member(object, "properties");
		size_t count = 0;
		bool more;

		for (; snug_policy_member(part, count); count++)
			if (!snug_json_member(members, snug_policy_member(part, count)))
				fail_msg("no %s", snug_policy_member(part, count));
		assert_int_equal(snug_json_count(members), count);
		assert_int_equal(snug_json_bool(snug_json_member(object, "additionalProperties"),
						&more, &(struct snug_error){ 0 }),
				 0);
		assert_false(more);
	}
}

/* The parser lists the words that it takes where it refuses one. */
static void parsers_words(const char *member, struct snug_buf *ret)
{
	static const char before[] = "it is one of ";
	struct snug_policy policy = { 0 };
	struct snug_error err = { 0 };
	char text[256];

	snprintf(text, sizeof(text), "{\"snugPolicy\":1,\"default\":{\"%s\":\"none\"}}", member);
	assert_int_equal(snug_policy_parse(text, strlen(text), "p", &policy, &err), -1);
	assert_memory_equal(err.remedy, before, strlen(before));
	snug_buf_adds(ret, err.remedy + strlen(before));
}

static void test_has_the_parsers_words(void **state)
{
	static const char *const members[] = { "mode", "onError", "whenWeaker", "apparmor" };

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct snug_json_node *words =
			snug_json_member(definition(members[i]), "enum");
		struct snug_buf ours = { 0 }, theirs = { 0 };
		struct snug_error err;

		for (const struct snug_json_node *n = snug_json_first(words); n;
		     n = snug_json_next(n)) {
			const char *word;

			assert_int_equal(snug_json_string(n, &word, &err), 0);
			snug_buf_addf(&theirs, "%s%s", theirs.len ? ", " : "", word);
		}
		parsers_words(members[i], &ours);
		assert_string_equal(snug_buf_text(&ours), snug_buf_text(&theirs));
		snug_buf_clear(&ours);
		snug_buf_clear(&theirs);
	}
}

static uint64_t number(const struct snug_json_node *object, const char *member)
{
	struct snug_error err;
	uint64_t ret;

	assert_non_null(snug_json_member(object, member));
	assert_int_equal(snug_json_u64(snug_json_member(object, member), &ret, &err), 0);
	return ret;
}

static void test_has_the_parsers_limits(void **state)
{
	const struct snug_json_node *top = snug_json_member(definition(NULL), "properties");
	static const char *const lists[] = { "globs", "paths" };

	(void)state;
	assert_int_equal(number(snug_json_member(top, "snugPolicy"), "const"), SNUG_POLICY_VERSION);
	assert_int_equal(number(snug_json_member(top, "rules"), "maxItems"), SNUG_POLICY_RULES_MAX);
	assert_int_equal(number(snug_json_member(top, "runtimes"), "maxProperties"),
			 SNUG_POLICY_RUNTIMES_MAX);
	assert_int_equal(number(definition("glob"), "maxLength"), SNUG_GLOB_MAX);
	assert_int_equal(number(definition("keyed"), "maxProperties"), SNUG_POLICY_GLOBS_MAX);
	for (size_t i = 0; i < 2; i++) {
		const struct snug_json_node *ways = snug_json_member(definition(lists[i]), "anyOf");

		assert_int_equal(number(snug_json_next(snug_json_first(ways)), "maxItems"),
				 SNUG_POLICY_GLOBS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has_the_parsers_members),
		cmocka_unit_test(test_has_the_parsers_words),
		cmocka_unit_test(test_has_the_parsers_limits),
	};

	return cmocka_run_group_tests(tests, read_schema, drop_schema);
}
