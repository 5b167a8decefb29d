/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, bytes out: the AppArmor label and the hooks that load it, as harden writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/harden.h"

#include <stdio.h>
#include <string.h>

#define LABEL "snug-web-0123"
#define HEAD                                                                                       \
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"                                     \
	"\"process\":{\"args\":[\"a\"]"
#define LABELLED    HEAD ",\"apparmorProfile\":\"" LABEL "\"}"
#define HOOK(stage) "{\"path\":\"/usr/bin/snug-hook\",\"args\":[\"snug-hook\",\"" stage "\"]}"
#define ROOTED(stage)                                                                              \
	"{\"path\":\"/usr/bin/snug-hook\",\"args\":[\"snug-hook\",\"--root\",\"/r\",\"" stage "\"" \
	"]}"
#define OTHER "{\"path\":\"/bin/true\"}"

static const struct {
	const char *what, *config, *root, *out;
	const char *changes[4]; /* their paths */
} cases[] = {
	{ "no hooks: they are made",
	  HEAD "}}",
	  NULL,
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK("createRuntime") "],\"poststop\":[" HOOK(
		  "poststop") "]}}",
	  { "$.process.apparmorProfile", "$.hooks.createRuntime", "$.hooks.poststop" } },
	{ "with a root of its own",
	  HEAD "}}",
	  "/r",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" ROOTED(
		  "createRuntime") "],\"poststop\":[" ROOTED("poststop") "]}}",
	  { "$.process.apparmorProfile", "$.hooks.createRuntime", "$.hooks.poststop" } },
	{ "behind what is there; a null list is none",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" OTHER "],\"poststop\":null}}",
	  NULL,
	  LABELLED ",\"hooks\":{\"createRuntime\":[" OTHER
		   "," HOOK("createRuntime") "],\"poststop\":[" HOOK("poststop") "]}}",
	  { "$.hooks.createRuntime", "$.hooks.poststop" } },
	{ "ours is there already: nothing changes",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK("createRuntime") "],\"poststop\":[" HOOK(
		  "poststop") "]}}",
	  NULL,
	  NULL,
	  { 0 } },
	{ "… as a prestart hook too, and among others",
	  LABELLED ",\"hooks\":{\"prestart\":[" OTHER
		   "," HOOK("prestart") "],\"poststop\":[" HOOK("poststop") "," OTHER "]}}",
	  NULL,
	  NULL,
	  { 0 } },
	{ "another stage's word does not make it that stage's hook",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK("poststop") "],\"poststop\":[" HOOK(
		  "poststop") "]}}",
	  NULL,
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK("poststop") "," HOOK(
		  "createRuntime") "],\"poststop\":[" HOOK("poststop") "]}}",
	  { "$.hooks.createRuntime" } },
	{ "another root's hook is another hook; so is one with a word more, or without words",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK(
		  "createRuntime") "],\"poststop\":["
				   "{\"path\":\"/usr/bin/"
				   "snug-hook\",\"args\":[\"snug-hook\",\"--root\",\"/r\","
				   "\"poststop\",\"x\"]},{\"path\":\"/usr/bin/snug-hook\"}]}}",
	  "/r",
	  LABELLED ",\"hooks\":{\"createRuntime\":[" HOOK("createRuntime") "," ROOTED(
		  "createRuntime") "],\"poststop\":["
				   "{\"path\":\"/usr/bin/snug-hook\",\"args\":[\"snug-hook\","
				   "\"--root\",\"/r\",\"poststop\",\"x\"]},{\"path\":\"/usr/bin/"
				   "snug-hook\"}," ROOTED("poststop") "]}}",
	  { "$.hooks.createRuntime", "$.hooks.poststop" } },
	{ "a label that is there is stacked upon",
	  HEAD ",\"apparmorProfile\":\"docker-default\"},\"hooks\":{\"prestart\":[" HOOK(
		  "prestart") "],\"poststop\":[" HOOK("poststop") "]}}",
	  NULL,
	  HEAD ",\"apparmorProfile\":\"docker-default//&" LABEL
	       "\"},\"hooks\":{\"prestart\":[" HOOK("prestart") "],\"poststop\":[" HOOK(
		       "poststop") "]}}",
	  { "$.process.apparmorProfile" } },
	{ "unconfined is no label",
	  HEAD ",\"apparmorProfile\":\"unconfined\"},\"hooks\":{\"prestart\":[" HOOK(
		  "prestart") "],\"poststop\":[" HOOK("poststop") "]}}",
	  NULL,
	  LABELLED
	  ",\"hooks\":{\"prestart\":[" HOOK("prestart") "],\"poststop\":[" HOOK("poststop") "]}}",
	  { "$.process.apparmorProfile" } },
};

#define PROFILE                                                                                    \
	"{\"snugProfile\":1,\"name\":\"web\",\"apparmor\":{\"files\":[{\"path\":\"/bin/a\","       \
	"\"access\":\"r\"}]}}"
#define CHILDREN                                                                                   \
	"{\"snugProfile\":1,\"name\":\"web\",\"noNewPrivileges\":true,\"apparmor\":{\"files\":["   \
	"{\"path\":\"/bin/a\",\"access\":\"x\",\"child\":\"a\"}],\"children\":[{\"name\":\"a\","   \
	"\"files\":[{\"path\":\"/bin/a\",\"access\":\"r\"}]}]}}"

static int harden(const char *config, const char *profile_text, const char *root,
		  struct snug_buf *ret, struct snug_hardened *ret_hardened, struct snug_error *err)
{
	struct snug_target target;
	const struct snug_harden_options options = { .targets = &target,
						     .target_count = 1,
						     .apparmor = LABEL,
						     .hook = "/usr/bin/snug-hook",
						     .hook_root = root };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_spec spec;

	snug_target_init(&target, SNUG_RUNTIME_RUNC, 6, 7);
	if (snug_profile_parse(profile_text, strlen(profile_text), "p.json", &profile, err) < 0 ||
	    snug_json_parse(&doc, config, strlen(config), "config.json", err) < 0 ||
	    snug_spec_read(doc, &spec, err) < 0 ||
	    snug_harden(&spec, &profile, &options, ret_hardened, err) < 0)
		return -1;
	return snug_json_render(doc, ret, err);
}

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
		struct snug_error err = { 0 };
		size_t n = 0;

		if (harden(cases[i].config, PROFILE, cases[i].root, &out, &hardened, &err) < 0)
			fail_msg("%s: %s", cases[i].what, err.what);
		if (strcmp(snug_buf_text(&out), cases[i].out ? cases[i].out : cases[i].config) != 0)
			fail_msg("%s: %s", cases[i].what, out.data);
		for (; n < 4 && cases[i].changes[n]; n++)
			assert_string_equal(hardened.changes.at[n].path, cases[i].changes[n]);
		assert_int_equal(hardened.changes.count, n);
	}
}

/* What was written is within the profile: the second time nothing changes. */
static void test_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf twice = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened first = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened second = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(
			harden(cases[i].config, PROFILE, cases[i].root, &once, &first, &err), 0);
		assert_int_equal(harden(once.data, PROFILE, cases[i].root, &twice, &second, &err),
				 0);
		assert_int_equal(second.changes.count, 0);
		assert_string_equal(once.data, twice.data);
	}
}

static const struct {
	const char *config, *profile, *path;
} refused[] = {
	/* The runtimes read these in two ways: runc would run it, crun not. */
	{ HEAD "},\"hooks\":{\"CreateRuntime\":[]}}", PROFILE, "$.hooks.CreateRuntime" },
	{ HEAD "},\"hooks\":{\"createRuntime\":{}}}", PROFILE, "$.hooks.createRuntime" },
	{ HEAD "},\"hooks\":{\"poststop\":\"x\"}}", PROFILE, "$.hooks.poststop" },
	/* Under no_new_privs no exec enters a child. */
	{ HEAD "}}", CHILDREN, "" },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
		struct snug_error err = { 0 };

		if (harden(refused[i].config, refused[i].profile, NULL, &out, &hardened, &err) == 0)
			fail_msg("taken: %s", refused[i].config);
		assert_string_equal(err.path, refused[i].path);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
