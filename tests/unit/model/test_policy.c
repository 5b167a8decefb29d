/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse(const char *text, struct snug_policy *ret, struct snug_error *err)
{
	return snug_policy_parse(text, strlen(text), "policy.json", ret, err);
}

/* ---- reading ---- */

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

/* ---- deciding ---- */

struct container {
	struct snug_json *doc;
	struct snug_spec spec;
	struct snug_subject subject;
};

static const char *const bundle = "/run//b/./x/../c/";

static int load(const char *text, const char *folder, struct container *ret, struct snug_error *err)
{
	*ret = (struct container){ 0 };
	assert_int_equal(snug_json_parse(&ret->doc, text, strlen(text), "config.json", err), 0);
	assert_int_equal(snug_spec_read(ret->doc, &ret->spec, err), 0);
	return snug_subject_init(&ret->spec, folder, &ret->subject, err);
}

static void unload(struct container *container)
{
	snug_subject_clear(&container->subject);
	snug_json_free(container->doc);
}

#define CONFIG(annotations)                                                                        \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"/bin/"  \
	"httpd\",\"-f\",\"a b\"],\"user\":{\"uid\":1001,\"gid\":0}},\"annotations\":{" annotations \
	"}}"

static const char *const containerd =
	CONFIG("\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1\","
	       "\"team\":\"web\"");
static const char *const crio =
	CONFIG("\"io.kubernetes.cri-o.ImageName\":\"quay.io/nginx:2\","
	       "\"io.kubernetes.cri.image-name\":\"said-by-the-pod\",\"app\":\"said-by-the-pod\","
	       "\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"shop\\\"}\"");
static const char *const podman = CONFIG("\"io.container.manager\":\"libpod\","
					 "\"io.kubernetes.cri.image-name\":\"said-by-the-user\"");

static bool matches(const char *config, const char *folder, const char *match, char why[512])
{
	char text[1024];
	struct snug_policy policy = { 0 };
	struct container container;
	struct snug_error err;
	bool ret;

	snprintf(text, sizeof(text),
		 "{\"snugPolicy\":1,\"rules\":[{\"match\":%s,\"mode\":\"off\"}]}", match);
	assert_int_equal(parse(text, &policy, &err), 0);
	assert_int_equal(load(config, folder, &container, &err), 0);
	ret = snug_policy_rule_matches(&policy.rules.at[0], &container.subject, why);
	unload(&container);
	snug_policy_clear(&policy);
	return ret;
}

static void test_matches_what_engines_write(void **state)
{
	static const struct {
		const char *const *config;
		const char *match;
		bool yes;
	} rows[] = {
		{ &containerd, "{\"image\":\"docker.io/*/nginx:*\"}", true },
		{ &containerd, "{\"image\":[\"a\",\"*nginx*\"]}", true },
		{ &containerd, "{\"image\":\"nginx\"}", false },
		{ &containerd, "{\"annotations\":{\"team\":\"w*\"}}", true },
		{ &containerd, "{\"annotations\":{\"team\":\"w*\",\"x\":\"*\"}}", false },
		{ &containerd, "{\"labels\":{\"team\":\"web\"}}", true },
		{ &containerd, "{\"image\":\"*\",\"user\":0}", false },
		{ &crio, "{\"image\":\"quay.io/*\"}", true },
		{ &crio, "{\"image\":\"said*\"}", false },
		{ &crio, "{\"labels\":{\"app\":\"shop\"}}", true },
		{ &crio, "{\"labels\":{\"app\":\"said*\"}}", false },
		{ &podman, "{\"image\":\"*\"}", false },
		{ &podman, "{\"command\":\"/bin/httpd\"}", true },
		{ &podman, "{\"command\":\"httpd\"}", false },
		{ &podman, "{\"commandLine\":\"*httpd -f a b\"}", true },
		{ &podman, "{\"user\":1001}", true },
		{ &podman, "{\"user\":[0,\"1000-1002\"]}", true },
		{ &podman, "{\"user\":\"1002-2000\"}", false },
		{ &podman, "{\"bundle\":\"/run/b/c\"}", true },
		{ &podman, "{\"bundle\":\"/run/b/\"}", false },
		{ &podman, "{\"rootfs\":\"/run/b/c/rootfs\"}", true },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (matches(*rows[i].config, bundle, rows[i].match, why) != rows[i].yes)
			fail_msg("row %zu, %s: %s", i, rows[i].match, why);
}

static void test_says_why(void **state)
{
	char why[512];

	(void)state;
	assert_true(
		matches(containerd, bundle, "{\"image\":\"*nginx*\",\"user\":\"1000-1999\"}", why));
	assert_string_equal(why, "image 'docker.io/library/nginx:1' is '*nginx*', "
				 "user 1001 is 1000-1999");
	assert_false(
		matches(containerd, bundle, "{\"command\":\"*\",\"image\":[\"a\",\"b\"]}", why));
	assert_string_equal(why, "image 'docker.io/library/nginx:1' is not 'a' or another of the "
				 "list");
	assert_false(matches(containerd, bundle, "{\"annotations\":{\"x\":\"a\"}}", why));
	assert_string_equal(why, "annotation x is not known");
	assert_false(matches(podman, NULL, "{\"bundle\":\"*\"}", why));
	assert_string_equal(why, "bundle is not known");
	assert_false(matches(podman, NULL, "{\"rootfs\":\"*\"}", why));
	assert_string_equal(why, "rootfs is not known");
}

/* runc takes "UID" for uid, so a rule for users could be passed by it. */
static void test_refuses_another_reading(void **state)
{
	static const char *const users[] = {
		"\"User\":{\"uid\":0}",		 "\"user\":{\"UID\":0}",
		"\"user\":{\"uid\":-1}",	 "\"user\":{\"uid\":\"0\"}",
		"\"user\":{\"uid\":4294967296}", "\"user\":[]"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct container container;
		struct snug_error err = { 0 };
		char text[512];

		snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"/\"},"
			 "\"process\":{\"args\":[\"a\"],%s}}",
			 users[i]);
		assert_int_equal(load(text, NULL, &container, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		unload(&container);
	}
}

static const char rules[] =
	"\"rules\":[{\"match\":{\"annotations\":{\"t\":\"e\"}},\"mode\":\"enforce\","
	"\"profile\":\"web\"},"
	"{\"match\":{\"annotations\":{\"t\":\"e*\"}},\"mode\":\"off\"},"
	"{\"match\":{\"annotations\":{\"t\":\"l\"}},\"mode\":\"learn\",\"profile\":\"new\"},"
	"{\"match\":{\"annotations\":{\"t\":\"a\"}},\"mode\":\"audit\",\"profile\":\"web\"}]";

struct expected {
	const char *annotations;
	bool honours, has_default;
	int rule;
	enum snug_mode mode;
	const char *profiles[2], *learn, *ignored;
};

static void check_decision(const struct expected *expected)
{
	char text[2048], config[1024];
	struct snug_policy policy = { 0 };
	struct snug_decision decision;
	struct container container;
	struct snug_error err;

	snprintf(
		text, sizeof(text), "{\"snugPolicy\":1,%s%s%s}", rules,
		expected->honours ? ",\"annotations\":[\"io.snug.profile\",\"io.snug.learn\"]" : "",
		expected->has_default ? ",\"default\":{\"mode\":\"audit\",\"profile\":\"baseline\"}"
				      : "");
	snprintf(config, sizeof(config), CONFIG("%s"), expected->annotations);
	assert_int_equal(parse(text, &policy, &err), 0);
	assert_int_equal(load(config, bundle, &container, &err), 0);
	snug_policy_decide(&policy, &container.subject, &decision);
	assert_int_equal(decision.rule, expected->rule);
	assert_int_equal(decision.verdict.mode, expected->mode);
	assert_int_equal(decision.profile_count,
			 (expected->profiles[0] != NULL) + (expected->profiles[1] != NULL));
	for (unsigned i = 0; i < decision.profile_count; i++)
		assert_string_equal(decision.profiles[i], expected->profiles[i]);
	assert_int_equal(decision.learn != NULL, expected->learn != NULL);
	if (expected->learn)
		assert_string_equal(decision.learn, expected->learn);
	assert_string_equal(decision.ignored, expected->ignored ? expected->ignored : "");
	assert_true(decision.why[0] != '\0');
	assert_int_equal(snug_decision_is_off(&decision),
			 !expected->profiles[0] && !expected->learn);
	unload(&container);
	snug_policy_clear(&policy);
}

static void test_decides(void **state)
{
	static const struct expected rows[] = {
		/* the first that matches, then the default, then nothing */
		{ "\"t\":\"e\"", false, true, 0, SNUG_MODE_ENFORCE, { "web" }, NULL, NULL },
		{ "\"t\":\"ee\"", false, true, 1, SNUG_MODE_OFF, { 0 }, NULL, NULL },
		{ "\"t\":\"l\"", false, true, 2, SNUG_MODE_LEARN, { 0 }, "new", NULL },
		{ "\"t\":\"z\"",
		  false,
		  true,
		  SNUG_DECIDED_DEFAULT,
		  SNUG_MODE_AUDIT,
		  { "baseline" },
		  NULL,
		  NULL },
		{ "\"t\":\"z\"",
		  false,
		  false,
		  SNUG_DECIDED_NONE,
		  SNUG_MODE_OFF,
		  { 0 },
		  NULL,
		  NULL },
		/* the container's own profile never replaces the rule's */
		{ "\"t\":\"e\",\"io.snug.profile\":\"loose\"",
		  true,
		  true,
		  0,
		  SNUG_MODE_ENFORCE,
		  { "web", "loose" },
		  NULL,
		  NULL },
		{ "\"t\":\"e\",\"io.snug.profile\":\"web\"",
		  true,
		  true,
		  0,
		  SNUG_MODE_ENFORCE,
		  { "web" },
		  NULL,
		  NULL },
		{ "\"t\":\"e\",\"io.snug.profile\":\"loose\"",
		  false,
		  true,
		  0,
		  SNUG_MODE_ENFORCE,
		  { "web" },
		  NULL,
		  "io.snug.profile: the policy does not honour it" },
		{ "\"t\":\"l\",\"io.snug.profile\":\"loose\"",
		  true,
		  true,
		  2,
		  SNUG_MODE_LEARN,
		  { 0 },
		  "new",
		  "io.snug.profile: the container is learned as it is" },
		{ "\"t\":\"ee\",\"io.snug.profile\":\"loose\"",
		  true,
		  true,
		  1,
		  SNUG_MODE_OFF,
		  { 0 },
		  NULL,
		  "io.snug.profile: the rule leaves this container alone" },
		{ "\"t\":\"z\",\"io.snug.profile\":\"own\"",
		  true,
		  true,
		  SNUG_DECIDED_DEFAULT,
		  SNUG_MODE_AUDIT,
		  { "baseline", "own" },
		  NULL,
		  NULL },
		{ "\"t\":\"z\",\"io.snug.profile\":\"own\"",
		  true,
		  false,
		  SNUG_DECIDED_NONE,
		  SNUG_MODE_ENFORCE,
		  { "own" },
		  NULL,
		  NULL },
		/* learning is beside */
		{ "\"t\":\"e\",\"io.snug.learn\":\"mine\"",
		  true,
		  true,
		  0,
		  SNUG_MODE_ENFORCE,
		  { "web" },
		  "mine",
		  NULL },
		{ "\"t\":\"e\",\"io.snug.learn\":\"mine\"",
		  false,
		  true,
		  0,
		  SNUG_MODE_ENFORCE,
		  { "web" },
		  NULL,
		  "io.snug.learn: the policy does not honour it" },
		{ "\"t\":\"l\",\"io.snug.learn\":\"mine\"",
		  true,
		  true,
		  2,
		  SNUG_MODE_LEARN,
		  { 0 },
		  "new",
		  "io.snug.learn: the rule says what is learned" },
		{ "\"t\":\"ee\",\"io.snug.learn\":\"mine\"",
		  true,
		  true,
		  1,
		  SNUG_MODE_OFF,
		  { 0 },
		  "mine",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_decision(&rows[i]);
}

static void test_without_a_policy_learning_alone_counts(void **state)
{
	struct snug_decision decision;
	struct container container;
	struct snug_error err;

	(void)state;
	assert_int_equal(load(CONFIG("\"io.snug.learn\":\"a\",\"io.snug.profile\":\"b\""), NULL,
			      &container, &err),
			 0);
	snug_policy_decide_without(&container.subject, &decision);
	assert_string_equal(decision.learn, "a");
	assert_int_equal(decision.profile_count, 0);
	assert_string_equal(decision.ignored, "io.snug.profile: no policy honours it");
	unload(&container);
}

/* ---- rules that never decide ---- */

static int shadowed_by(const char *first, const char *second)
{
	char text[1024];
	struct snug_policy policy = { 0 };
	struct snug_error err;
	int by = -2;

	snprintf(text, sizeof(text),
		 "{\"snugPolicy\":1,\"rules\":[{\"match\":{%s},\"mode\":\"off\"},"
		 "{\"match\":{%s},\"mode\":\"off\"}]}",
		 first, second);
	assert_int_equal(parse(text, &policy, &err), 0);
	assert_int_equal(snug_policy_shadowed(&policy, 0, &by, &err), 0);
	assert_int_equal(by, -1);
	assert_int_equal(snug_policy_shadowed(&policy, 1, &by, &err), 0);
	snug_policy_clear(&policy);
	return by;
}

static void test_finds_rules_that_never_decide(void **state)
{
	static const struct {
		const char *first, *second;
		bool yes;
	} rows[] = {
		{ "\"image\":\"a\"", "\"image\":\"a\"", true },
		{ "\"image\":\"*\"", "\"image\":\"a\",\"user\":1", true },
		{ "\"image\":\"*\"", "\"user\":1", false }, /* one without an image */
		{ "\"command\":\"*\"", "\"user\":1", true },
		{ "\"commandLine\":\"**\"", "\"user\":1", true },
		{ "\"rootfs\":\"*\"", "\"user\":1", false }, /* it may not be known */
		{ "\"image\":\"a*\"", "\"image\":[\"ab\",\"a*c\"]", true },
		{ "\"image\":\"a*\"", "\"image\":[\"ab\",\"b\"]", false },
		{ "\"image\":[\"a\",\"a?*\"]", "\"image\":\"a*\"", true },
		{ "\"image\":\"a\",\"user\":1", "\"image\":\"a\"", false },
		{ "\"user\":[\"0-9\",\"10-20\"]", "\"user\":\"5-15\"", true },
		{ "\"user\":[\"0-9\",\"11-20\"]", "\"user\":\"5-15\"", false },
		{ "\"user\":\"0-4294967295\"", "\"image\":\"a\"", true },
		{ "\"user\":[\"1-4294967295\"]", "\"image\":\"a\"", false },
		{ "\"user\":[\"1-4294967295\",0]", "\"image\":\"a\"", true },
		{ "\"annotations\":{\"a\":\"*\"}", "\"annotations\":{\"a\":\"x\",\"b\":\"y\"}",
		  true },
		{ "\"annotations\":{\"a\":\"*\"}", "\"annotations\":{\"b\":\"x\"}", false },
		{ "\"annotations\":{\"a\":\"*\"}", "\"labels\":{\"a\":\"x\"}", false },
		{ "\"labels\":{\"a\":\"x*\"}", "\"labels\":{\"a\":\"xy\"}", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((shadowed_by(rows[i].first, rows[i].second) == 0) != rows[i].yes)
			fail_msg("%s, then %s", rows[i].first, rows[i].second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_all),
		cmocka_unit_test(test_enforce_refuses_by_default),
		cmocka_unit_test(test_refuses_with_place_and_remedy),
		cmocka_unit_test(test_holds_its_limits),
		cmocka_unit_test(test_matches_what_engines_write),
		cmocka_unit_test(test_says_why),
		cmocka_unit_test(test_refuses_another_reading),
		cmocka_unit_test(test_decides),
		cmocka_unit_test(test_without_a_policy_learning_alone_counts),
		cmocka_unit_test(test_finds_rules_that_never_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
