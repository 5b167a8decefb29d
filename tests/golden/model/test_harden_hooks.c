/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, bytes out: the AppArmor label and the hooks that load it, as harden writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/harden_text.h"

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
	const char *changes[CHANGES_MAX]; /* their paths */
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

static struct snug_target target;

static struct snug_harden_options options_below(const char *root)
{
	return (struct snug_harden_options){ .targets = &target,
					     .target_count = 1,
					     .apparmor = LABEL,
					     .hook = "/usr/bin/snug-hook",
					     .hook_root = root };
}

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct snug_harden_options options = options_below(cases[i].root);

		check_hardened(cases[i].what, cases[i].config, PROFILE, &options,
			       cases[i].out ? cases[i].out : cases[i].config, cases[i].changes);
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
		const struct snug_harden_options options = options_below(cases[i].root);
		struct snug_error err = { 0 };

		assert_int_equal(
			harden_text(cases[i].config, PROFILE, &options, &once, &first, &err), 0);
		assert_int_equal(harden_text(once.data, PROFILE, &options, &twice, &second, &err),
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
	const struct snug_harden_options options = options_below(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
		struct snug_error err = { 0 };

		if (harden_text(refused[i].config, refused[i].profile, &options, &out, &hardened,
				&err) == 0)
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

	snug_target_init(&target, SNUG_RUNTIME_RUNC, 6, 7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
