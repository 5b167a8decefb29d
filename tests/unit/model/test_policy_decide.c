/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/policy.h"

#include <stdio.h>
#include <string.h>

static int parse(const char *text, struct snug_policy *ret, struct snug_error *err)
{
	return snug_policy_parse(text, strlen(text), "policy.json", ret, err);
}

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
	return snug_spec_read(ret->doc, &ret->spec, err) < 0
		       ? -1
		       : snug_subject_init(&ret->spec, folder, &ret->subject, err);
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

/* Its user may say anything, but for what Podman adds. */
static const char *const disguised = CONFIG("\"io.container.manager\":\"cri-o\","
					    "\"io.kubernetes.cri-o.ImageName\":\"said\","
					    "\"io.podman.annotations.init\":\"FALSE\"");
static const char *const bare_podman =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"a\"]},"
	"\"annotations\":{\"io.kubernetes.cri-o.ImageName\":\"said\"},"
	"\"linux\":{\"cgroupsPath\":\"machine.slice:libpod:0\"}}";

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
		{ &disguised, "{\"image\":\"*\"}", false },
		{ &bare_podman, "{\"image\":\"*\"}", false },
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

/* Of containerd's clients CRI's alone says the image by itself. */
static void test_believes_no_image_of_other_clients(void **state)
{
	static const struct {
		const char *bundle;
		bool yes;
	} rows[] = {
		{ "/run/containerd/io.containerd.runtime.v2.task/k8s.io/c", true },
		{ "/run/containerd/io.containerd.runtime.v2.task/moby/c", false },
		{ "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/c", false },
		{ "/run/containerd/io.containerd.runtime.v2.task/default/c", false },
		{ "/run/containerd/io.containerd.runtime.v2.task/k8s.iot/c", false },
		{ "/run/containerd/io.containerd.runtime.v1.linux/moby/c", false },
		{ "/srv/k8s.io/c", true },
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (matches(containerd, rows[i].bundle, "{\"image\":\"*\"}", why) != rows[i].yes)
			fail_msg("%s: %s", rows[i].bundle, why);
}

/* Of its annotations it hands on what its pod_annotations says, as they are: neither another key
 * for the image counts, nor one by which a config would be Podman's. */
static void test_believes_containerds_own_key(void **state)
{
	static const char bundle_of_cri[] =
		"/run/containerd/io.containerd.runtime.v2.task/k8s.io/c";
	static const char *const configs[] = {
		CONFIG("\"io.kubernetes.cri-o.ImageName\":\"said-by-the-pod\","
		       "\"io.kubernetes.cri.image-name\":\"nginx:1\""),
		CONFIG("\"io.podman.annotations.x\":\"said-by-the-pod\","
		       "\"io.kubernetes.cri.image-name\":\"nginx:1\""),
	};
	static const char alone[] = CONFIG("\"io.kubernetes.cri-o.ImageName\":\"nginx:1\"");
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		if (!matches(configs[i], bundle_of_cri, "{\"image\":\"nginx:1\"}", why))
			fail_msg("%zu: %s", i, why);
	assert_false(matches(alone, bundle_of_cri, "{\"image\":\"nginx:1\"}", why));
}

/* Nothing else makes what a config says of itself matter. */
static void test_tells_whether_it_may_enforce(void **state)
{
	static const struct {
		const char *text;
		bool yes;
	} rows[] = {
		{ "{\"snugPolicy\":1}", false },
		{ "{\"snugPolicy\":1,\"default\":{\"mode\":\"audit\",\"profile\":\"a\"}}", false },
		{ "{\"snugPolicy\":1,\"default\":{\"mode\":\"enforce\",\"profile\":\"a\"}}", true },
		{ "{\"snugPolicy\":1,\"annotations\":[\"io.snug.profile\"]}", true },
		{ "{\"snugPolicy\":1,\"annotations\":[\"io.snug.learn\"]}", false },
		{ "{\"snugPolicy\":1,\"rules\":[{\"match\":{\"user\":0},\"mode\":\"off\"},"
		  "{\"match\":{\"user\":1},\"mode\":\"enforce\",\"profile\":\"a\"}]}",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_policy policy = { 0 };
		struct snug_error err;

		assert_int_equal(parse(rows[i].text, &policy, &err), 0);
		if (snug_policy_may_enforce(&policy) != rows[i].yes)
			fail_msg("%s", rows[i].text);
		snug_policy_clear(&policy);
	}
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

static const struct expected decisions[] = {
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
	{ "\"t\":\"z\"", false, false, SNUG_DECIDED_NONE, SNUG_MODE_OFF, { 0 }, NULL, NULL },
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

static void test_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
		check_decision(&decisions[i]);
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
		cmocka_unit_test(test_matches_what_engines_write),
		cmocka_unit_test(test_believes_no_image_of_other_clients),
		cmocka_unit_test(test_believes_containerds_own_key),
		cmocka_unit_test(test_tells_whether_it_may_enforce),
		cmocka_unit_test(test_says_why),
		cmocka_unit_test(test_refuses_another_reading),
		cmocka_unit_test(test_decides),
		cmocka_unit_test(test_without_a_policy_learning_alone_counts),
		cmocka_unit_test(test_finds_rules_that_never_decide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
