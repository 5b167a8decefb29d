/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/policy.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *text, struct snug_policy *ret, struct snug_error *err)
{
	return snug_policy_parse(text, strlen(text), "policy.json", ret, err);
}

static void test_reads_all(void **state)
{
	static const char text[] =
		"{\"snugPolicy\":1,\"default\":{\"mode\":\"audit\",\"profile\":\"baseline\"},"
		"\"annotations\":[\"io.snug.profile\"],\"runtimes\":{\"runc\":\"/usr/bin/runc\"},"
		"\"rules\":[{\"name\":\"the web\",\"match\":{\"image\":[\"*/nginx:*\",\"nginx\"],"
		"\"command\":\"/a\",\"commandLine\":\"*\",\"bundle\":\"/b/*\",\"rootfs\":\"*/r\","
		"\"annotations\":{\"a.b\":\"1\"},\"labels\":{\"app\":[\"x\",\"y\"]},"
		"\"user\":[0,\"1000-1999\",\"4294967295\"]},"
		"\"mode\":\"enforce\",\"profile\":\"web\",\"onError\":\"continue\","
		"\"whenWeaker\":\"refuse\",\"allowExec\":true,\"acceptIncomplete\":true,"
		"\"apparmor\":\"ifPresent\"},"
		"{\"match\":{\"user\":7},\"mode\":\"off\"}]}";
	struct snug_policy policy = { 0 };
	const struct snug_policy_rule *rule;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse(text, &policy, &err), 0);
	assert_true(policy.honours_profile && !policy.honours_learn && policy.has_default);
	assert_int_equal(policy.fallback.mode, SNUG_MODE_AUDIT);
	assert_string_equal(policy.fallback.profile, "baseline");
	assert_false(policy.fallback.refuse_on_error);
	assert_string_equal(snug_policy_runtime(&policy, "runc"), "/usr/bin/runc");
	assert_null(snug_policy_runtime(&policy, "crun"));
	assert_int_equal(policy.rules.count, 2);
	rule = &policy.rules.at[0];
	assert_string_equal(rule->name, "the web");
	assert_int_equal(rule->match.texts[SNUG_MATCH_IMAGE].count, 2);
	assert_string_equal(rule->match.texts[SNUG_MATCH_COMMAND].at[0], "/a");
	assert_string_equal(rule->match.texts[SNUG_MATCH_COMMAND_LINE].at[0], "*");
	assert_string_equal(rule->match.texts[SNUG_MATCH_BUNDLE].at[0], "/b/*");
	assert_string_equal(rule->match.texts[SNUG_MATCH_ROOTFS].at[0], "*/r");
	assert_string_equal(rule->match.annotations.at[0].key, "a.b");
	assert_int_equal(rule->match.labels.at[0].globs.count, 2);
	assert_int_equal(rule->match.users.count, 3);
	assert_int_equal(rule->match.users.at[1].last, 1999);
	assert_int_equal(rule->match.users.at[2].first, UINT32_MAX);
	assert_int_equal(rule->verdict.mode, SNUG_MODE_ENFORCE);
	assert_true(!rule->verdict.refuse_on_error && rule->verdict.refuse_when_weaker);
	assert_true(rule->verdict.allow_exec && rule->verdict.accept_incomplete);
	assert_int_equal(rule->verdict.apparmor, SNUG_APPARMOR_IF_PRESENT);
	assert_int_equal(policy.rules.at[1].verdict.mode, SNUG_MODE_OFF);
	snug_policy_clear(&policy);
}

static void test_enforce_refuses_by_default(void **state)
{
	struct snug_policy policy = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse("{\"snugPolicy\":1,\"default\":{\"mode\":\"enforce\","
			       "\"profile\":\"baseline\"}}",
			       &policy, &err),
			 0);
	assert_true(policy.fallback.refuse_on_error && !policy.fallback.refuse_when_weaker);
	assert_true(!policy.fallback.allow_exec && !policy.fallback.accept_incomplete);
	assert_int_equal(policy.fallback.apparmor, SNUG_APPARMOR_REQUIRED);
	snug_policy_clear(&policy);
}

#define RULE(match, rest) "{\"snugPolicy\":1,\n\"rules\":[{\"match\":" match "," rest "}]}"
#define MATCH(match)	  RULE(match, "\"mode\":\"off\"")
#define REST(rest)	  RULE("{\"user\":1}", rest)

static void test_refuses_with_place_and_remedy(void **state)
{
	static const struct {
		const char *text, *path, *line; /* what the line has in it */
	} rows[] = {
		{ "", "$", "policy.json:1:1" },
		{ "{\"snugPolicy\":1", "$", "policy.json:1:" },
		{ "[]", "$", "object" },
		{ "{}", "$", "write \"snugPolicy\": 1" },
		{ "{\"snugPolicy\":2}", "$.snugPolicy", "use a newer snug" },
		{ "{\"snugPolicy\":0}", "$.snugPolicy", "write \"snugPolicy\": 1" },
		{ "{\"snugPolicy\":1,\"rule\":[]}", "$.rule", "did you mean 'rules'?" },
		{ "{\"snugPolicy\":1,\"xyz\":[]}", "$.xyz", "it has snugPolicy, default" },
		{ "{\"snugPolicy\":1,\"rules\":{}}", "$.rules", "an array" },
		{ "{\"snugPolicy\":1,\"rules\":[1]}", "$.rules[0]", "an object" },
		{ "{\"snugPolicy\":1,\"rules\":[{\"mode\":\"off\"}]}", "$.rules[0]", "match" },
		{ "{\"snugPolicy\":1,\"default\":{\"match\":{}}}", "$.default.match", "default" },
		{ "{\"snugPolicy\":1,\"default\":{}}", "$.default", "mode is missing" },
		{ "{\"snugPolicy\":1,\"annotations\":[\"io.snug.profil\"]}", "$.annotations[0]",
		  "io.snug.profile" },
		{ "{\"snugPolicy\":1,\"runtimes\":{\"runc\":\"runc\"}}", "$.runtimes.runc",
		  "/usr/bin/runc" },
		{ "{\"snugPolicy\":1,\"runtimes\":{\"/a\":\"/a\"}}", "$.runtimes[\"/a\"]", "name" },
		{ REST("\"mode\":\"enforced\",\"profile\":\"a\""), "$.rules[0].mode",
		  "policy.json:2:" },
		{ REST("\"mode\":\"enforce\""), "$.rules[0]", "profile is missing" },
		{ REST("\"mode\":\"learn\""), "$.rules[0]", "profile is missing" },
		{ REST("\"mode\":\"enforce\",\"profile\":\"a/b\""), "$.rules[0].profile", "name" },
		{ REST("\"mode\":\"enforce\",\"profile\":\"a.json\""), "$.rules[0].profile",
		  "name" },
		{ REST("\"mode\":\"off\",\"onErrors\":\"refuse\""), "$.rules[0].onErrors",
		  "did you mean 'onError'?" },
		{ REST("\"mode\":\"off\",\"onError\":\"ignore\""), "$.rules[0].onError",
		  "continue, refuse" },
		{ REST("\"mode\":\"off\",\"whenWeaker\":1"), "$.rules[0].whenWeaker", "a string" },
		{ REST("\"mode\":\"off\",\"allowExec\":\"yes\""), "$.rules[0].allowExec", "true" },
		{ MATCH("{}"), "$.rules[0].match", "every container" },
		{ MATCH("{\"images\":\"a\"}"), "$.rules[0].match.images", "'image'" },
		{ MATCH("{\"image\":[]}"), "$.rules[0].match.image", "matches nothing" },
		{ MATCH("{\"image\":\"\"}"), "$.rules[0].match.image", "empty pattern" },
		{ MATCH("{\"image\":[\"a\",\"a\\\\\"]}"), "$.rules[0].match.image[1]",
		  "backslash" },
		{ MATCH("{\"image\":7}"), "$.rules[0].match.image", "a string" },
		{ MATCH("{\"bundle\":\"run/x\"}"), "$.rules[0].match.bundle", "absolute" },
		{ MATCH("{\"labels\":\"a\"}"), "$.rules[0].match.labels", "an object" },
		{ MATCH("{\"labels\":{}}"), "$.rules[0].match.labels", "nothing to look at" },
		{ MATCH("{\"user\":\"root\"}"), "$.rules[0].match.user", "numbers alone" },
		{ MATCH("{\"user\":\"5-3\"}"), "$.rules[0].match.user", "range" },
		{ MATCH("{\"user\":\"5-\"}"), "$.rules[0].match.user", "range" },
		{ MATCH("{\"user\":4294967296}"), "$.rules[0].match.user", "4294967295" },
		{ MATCH("{\"user\":[]}"), "$.rules[0].match.user", "nobody" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_policy policy = { 0 };
		struct snug_error err = { 0 };
		char line[1024];

		assert_int_equal(parse(rows[i].text, &policy, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		snug_error_line(&err, line, sizeof(line));
		if (!strstr(line, rows[i].line) || strcmp(err.path, rows[i].path) != 0)
			fail_msg("%s: %s (%s)", rows[i].text, line, err.path);
	}
}

/* A text of `count` times `element` in brackets. */
static char *repeat(const char *head, const char *element, unsigned count, const char *tail)
{
	char *text = malloc(strlen(head) + (strlen(element) + 1) * count + strlen(tail) + 1);

	assert_non_null(text);
	strcpy(text, head);
	for (unsigned i = 0; i < count; i++) {
		strcat(text, i ? "," : "");
		strcat(text, element);
	}
	strcat(text, tail);
	return text;
}

static void check_limit(const char *head, const char *element, unsigned limit, const char *tail)
{
	for (unsigned over = 0; over < 2; over++) {
		char *text = repeat(head, element, limit + over, tail);
		struct snug_policy policy = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(parse(text, &policy, &err), over ? -1 : 0);
		assert_true(!over || strstr(err.what, "more than"));
		snug_policy_clear(&policy);
		free(text);
	}
}

static void test_holds_its_limits(void **state)
{
	static char large[SNUG_POLICY_BYTES_MAX + 2];
	struct snug_policy policy = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	check_limit("{\"snugPolicy\":1,\"rules\":[", "{\"match\":{\"user\":1},\"mode\":\"off\"}",
		    SNUG_POLICY_RULES_MAX, "]}");
	check_limit("{\"snugPolicy\":1,\"rules\":[{\"mode\":\"off\",\"match\":{\"user\":[", "1",
		    SNUG_POLICY_GLOBS_MAX, "]}}]}");
	check_limit("{\"snugPolicy\":1,\"rules\":[{\"mode\":\"off\",\"match\":{\"image\":[",
		    "\"a\"", SNUG_POLICY_GLOBS_MAX, "]}}]}");
	memset(large, ' ', sizeof(large) - 1);
	assert_int_equal(parse(large, &policy, &err), -1);
	assert_non_null(strstr(err.what, "more than"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_all),
		cmocka_unit_test(test_enforce_refuses_by_default),
		cmocka_unit_test(test_refuses_with_place_and_remedy),
		cmocka_unit_test(test_holds_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
