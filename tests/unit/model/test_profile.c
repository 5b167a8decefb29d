/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/profile.h"

#include <string.h>

static int parse(const char *text, struct snug_profile *ret, struct snug_error *err)
{
	return snug_profile_parse(text, strlen(text), "web.json", ret, err);
}

static void test_reads_all(void **state)
{
	static const char text[] =
		"{\"snugProfile\":1,\"name\":\"web\",\"origin\":\"generated\","
		"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]},"
		"\"capabilities\":[\"CAP_CHOWN\"],\"noNewPrivileges\":true,"
		"\"runAsNonRoot\":true,\"maskedPaths\":[\"/proc/kcore\",\"/a\"],"
		"\"readonlyPaths\":[],\"incomplete\":[\"lost 3 events\"],"
		"\"provenance\":{\"syscalls\":{\"read\":{\"why\":\"seen\"},\"write\":{}}}}";
	struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse(text, &profile, &err), 0);
	assert_string_equal(profile.name, "web");
	assert_string_equal(profile.origin, "generated");
	assert_non_null(profile.seccomp_node);
	assert_true(profile.has_caps && profile.caps == 1);
	assert_true(profile.has_no_new_privs && profile.no_new_privs);
	assert_true(profile.has_non_root && profile.non_root);
	assert_true(profile.has_paths[SNUG_PATHS_MASKED] && profile.has_paths[SNUG_PATHS_READONLY]);
	assert_int_equal(profile.paths[SNUG_PATHS_MASKED].count, 2);
	assert_string_equal(profile.paths[SNUG_PATHS_MASKED].at[0], "/proc/kcore");
	assert_true(snug_path_list_has(&profile.paths[SNUG_PATHS_MASKED], "/a"));
	assert_false(snug_path_list_has(&profile.paths[SNUG_PATHS_READONLY], "/a"));
	assert_false(snug_profile_is_default(&profile));
	assert_int_equal(profile.incomplete.count, 1);
	assert_string_equal(profile.incomplete.at[0], "lost 3 events");
	assert_string_equal(snug_profile_why(&profile, "read"), "seen");
	assert_null(snug_profile_why(&profile, "write"));
	assert_null(snug_profile_why(&profile, "open"));
	snug_profile_clear(&profile);
}

/* CAP_CHOWN is 0, CAP_DAC_OVERRIDE 1, …; what somebody wrote there by hand is no failure. */
static void test_reads_who_needed_a_capability(void **state)
{
	static const char text[] =
		"{\"snugProfile\":1,\"name\":\"web\",\"provenance\":{\"capabilities\":{"
		"\"CAP_CHOWN\":{\"needed\":[{\"program\":\"sh\",\"syscall\":\"chown\"}]},"
		"\"CAP_DAC_OVERRIDE\":{\"needed\":[{\"program\":\"sh\"},{\"program\":7}]},"
		"\"CAP_DAC_READ_SEARCH\":{\"why\":\"seen\"},\"CAP_FOWNER\":[]}}}";
	struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse(text, &profile, &err), 0);
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++) {
		struct snug_cap_needs needs = { 0 };

		assert_int_equal(snug_profile_needs(&profile, cap, &needs, &err), 0);
		assert_int_equal(needs.count, cap == 0);
		if (cap == 0) {
			assert_string_equal(needs.at[0].program, "sh");
			assert_true(needs.at[0].in_call);
			assert_int_equal(needs.at[0].nr, 92);
		}
		snug_vec_clear(&needs);
	}
	snug_profile_clear(&profile);
}

/* What is absent has no opinion. */
static void test_reads_nothing_but_a_name(void **state)
{
	struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(parse("{\"snugProfile\":1,\"name\":\"a.b-c_1\"}", &profile, &err), 0);
	assert_null(profile.seccomp_node);
	assert_null(profile.origin);
	assert_false(profile.has_caps || profile.has_no_new_privs || profile.has_non_root);
	assert_false(profile.has_paths[SNUG_PATHS_MASKED] ||
		     profile.has_paths[SNUG_PATHS_READONLY]);
	assert_null(snug_profile_why(&profile, "read"));
	snug_profile_clear(&profile);
}

static const struct {
	const char *text, *path, *what;
} refused[] = {
	{ "[]", "$", "object" },
	{ "{}", "$", "snugProfile is missing" },
	{ "{\"snugProfile\":2,\"name\":\"a\",\"later\":1}", "$.snugProfile", "format 2" },
	{ "{\"snugProfile\":0,\"name\":\"a\"}", "$.snugProfile", "format 0" },
	{ "{\"snugProfile\":18446744073709551616,\"name\":\"a\"}", "$.snugProfile", "" },
	{ "{\"snugProfile\":\"1\",\"name\":\"a\"}", "$.snugProfile", "" },
	{ "{\"snugProfile\":1}", "$", "name is missing" },
	{ "{\"snugProfile\":1,\"name\":\"../a\"}", "$.name", "not a valid name" },
	{ "{\"snugProfile\":1,\"name\":\".a\"}", "$.name", "not a valid name" },
	{ "{\"snugProfile\":1,\"name\":\"\"}", "$.name", "not a valid name" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"capabilites\":[]}", "$.capabilites",
	  "no member of this name" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"Seccomp\":{}}", "$.Seccomp", "" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"seccomp\":null}", "$.seccomp", "object" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"capabilities\":[\"CAP_FLY\"]}", "$.capabilities[0]",
	  "CAP_FLY" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"noNewPrivileges\":1}", "$.noNewPrivileges", "" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"runAsNonRoot\":1}", "$.runAsNonRoot", "" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":\"/a\"}", "$.maskedPaths", "array" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":[7]}", "$.maskedPaths[0]", "string" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":[\"/a\",\"b\"]}", "$.maskedPaths[1]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":[\"\"]}", "$.maskedPaths[0]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":[\"/\"]}", "$.maskedPaths[0]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"readonlyPaths\":[\"/a/\"]}", "$.readonlyPaths[0]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"readonlyPaths\":[\"/a//b\"]}", "$.readonlyPaths[0]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"readonlyPaths\":[\"/a/../b\"]}",
	  "$.readonlyPaths[0]", "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"readonlyPaths\":[\"/./b\"]}", "$.readonlyPaths[0]",
	  "absolute" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"readonlyPaths\":[\"/a\",\"/a\"]}",
	  "$.readonlyPaths[1]", "already" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"incomplete\":[1]}", "$.incomplete[0]", "string" },
	{ "{\"snugProfile\":1,\"name\":\"a\",\"provenance\":[]}", "$.provenance", "object" },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct snug_profile profile = { 0 };
		struct snug_error err = { 0 };

		if (parse(refused[i].text, &profile, &err) == 0)
			fail_msg("taken: %s", refused[i].text);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(err.file, "web.json");
		assert_string_equal(err.path, refused[i].path);
		if (!strstr(err.what, refused[i].what))
			fail_msg("%s: %s", refused[i].text, err.what);
		assert_null(profile.doc);
	}
}

static void test_paths_have_a_limit(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	snug_buf_adds(&text, "{\"snugProfile\":1,\"name\":\"a\",\"maskedPaths\":[\"/0\"");
	for (unsigned i = 1; i < SNUG_PATHS_COUNT_MAX; i++)
		snug_buf_addf(&text, ",\"/..%u/.x\"", i);
	snug_buf_adds(&text, "]}");
	assert_int_equal(parse(snug_buf_text(&text), &profile, &err), 0);
	assert_int_equal(profile.paths[SNUG_PATHS_MASKED].count, SNUG_PATHS_COUNT_MAX);
	snug_profile_clear(&profile);
	text.len -= 2;
	snug_buf_adds(&text, ",\"/more\"]}");
	assert_int_equal(parse(snug_buf_text(&text), &profile, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_string_equal(err.path, "$.maskedPaths[1024]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_all),
		cmocka_unit_test(test_reads_who_needed_a_capability),
		cmocka_unit_test(test_reads_nothing_but_a_name),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_paths_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
