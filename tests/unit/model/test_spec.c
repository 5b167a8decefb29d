/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/oci/spec.h"

#include <string.h>

#define MINIMAL                                                                                    \
	"\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"sh\"]"

static int read_text(const char *text, struct snug_json **ret_doc, struct snug_spec *ret,
		     struct snug_error *err)
{
	*ret_doc = NULL;
	if (snug_json_parse(ret_doc, text, strlen(text), "config.json", err) < 0)
		return -1;
	return snug_spec_read(*ret_doc, ret, err);
}

static void test_reads_what_is_there(void **state)
{
	static const char text[] =
		"{" MINIMAL ",\"user\":{\"uid\":65534,\"gid\":1},\"noNewPrivileges\":true,"
		"\"capabilities\":"
		"{\"bounding\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"effective\":null,\"ambient\":[]}},"
		"\"linux\":{\"maskedPaths\":[\"/a\"],\"readonlyPaths\":null,"
		"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}},"
		"\"annotations\":{\"a.b\":\"c\"},\"hooks\":null}";
	struct snug_json *doc;
	struct snug_spec spec;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(read_text(text, &doc, &spec, &err), 0);
	assert_string_equal(spec.version, "1.0.2");
	assert_string_equal(spec.root_path, "rootfs");
	assert_true(spec.has_no_new_privs && spec.no_new_privs && spec.has_caps);
	assert_int_equal(spec.caps[SNUG_CAP_BOUNDING], 1 | 1 << 5);
	assert_int_equal(spec.caps[SNUG_CAP_EFFECTIVE], 0);
	assert_int_equal(spec.uid, 65534);
	assert_int_equal(snug_json_count(spec.paths[SNUG_PATHS_MASKED]), 1);
	assert_null(spec.paths[SNUG_PATHS_READONLY]);
	assert_non_null(spec.seccomp);
	assert_null(spec.hooks);
	assert_string_equal(snug_spec_annotation(&spec, "a.b"), "c");
	assert_null(snug_spec_annotation(&spec, "a"));
	snug_json_free(doc);
}

static void test_little_is_needed(void **state)
{
	struct snug_json *doc;
	struct snug_spec spec;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(read_text("{" MINIMAL "}}", &doc, &spec, &err), 0);
	assert_false(spec.has_no_new_privs || spec.no_new_privs || spec.has_caps);
	assert_null(spec.user);
	assert_int_equal(spec.uid, 0);
	assert_null(spec.paths[SNUG_PATHS_MASKED]);
	assert_null(spec.linux_);
	assert_null(spec.seccomp);
	assert_null(snug_spec_annotation(&spec, "a"));
	snug_json_free(doc);
}

static const struct {
	const char *text, *path, *what;
} refused[] = {
	{ "[]", "$", "object" },
	{ "{}", "$", "ociVersion is missing" },
	{ "{\"ociVersion\":\"2.0.0\"}", "$.ociVersion", "2.0.0" },
	{ "{\"ociVersion\":1}", "$.ociVersion", "string" },
	{ "{\"ociVersion\":\"1.0\"}", "$", "root is missing" },
	{ "{\"ociVersion\":\"1.0\",\"root\":{}}", "$.root", "root.path is missing" },
	{ "{\"ociVersion\":\"1.0\",\"root\":{\"path\":\"r\"}}", "$", "process is missing" },
	{ "{\"ociVersion\":\"1.0\",\"root\":{\"path\":\"r\"},\"process\":null}", "$",
	  "process is missing" },
	{ "{\"ociVersion\":\"1.0\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[]}}",
	  "$.process.args", "process.args is missing" },
	{ "{" MINIMAL ",\"capabilities\":[]}}", "$.process.capabilities", "object" },
	{ "{" MINIMAL ",\"capabilities\":{\"bounding\":[\"CAP_NONE\"]}}}",
	  "$.process.capabilities.bounding[0]", "CAP_NONE" },
	{ "{" MINIMAL ",\"noNewPrivileges\":\"yes\"}}", "$.process.noNewPrivileges", "true" },
	{ "{" MINIMAL ",\"user\":7}}", "$.process.user", "object" },
	{ "{" MINIMAL ",\"user\":{\"uid\":\"0\"}}}", "$.process.user.uid", "number" },
	{ "{" MINIMAL ",\"user\":{\"uid\":-1}}}", "$.process.user.uid", "" },
	{ "{" MINIMAL ",\"user\":{\"UID\":1}}}", "$.process.user.UID", "uid" },
	{ "{" MINIMAL "},\"linux\":{\"maskedPaths\":{}}}", "$.linux.maskedPaths", "array" },
	{ "{" MINIMAL "},\"linux\":{\"readonlyPaths\":[\"/a\",1]}}", "$.linux.readonlyPaths[1]",
	  "string" },
	{ "{" MINIMAL "},\"linux\":{\"MaskedPaths\":[]}}", "$.linux.MaskedPaths", "maskedPaths" },
	{ "{" MINIMAL "},\"linux\":{\"Seccomp\":{}}}", "$.linux.Seccomp", "" },
	{ "{" MINIMAL "},\"Linux\":{}}", "$.Linux", "" },
	{ "{" MINIMAL ",\"Capabilities\":{}}}", "$.process.Capabilities", "" },
	{ "{" MINIMAL "},\"linux\":{\"\xc5\xbf"
	  "eccomp\":{}}}",
	  NULL, "" },
	{ "{" MINIMAL "},\"annotations\":{\"a\":1}}", "$.annotations.a", "string" },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct snug_json *doc;
		struct snug_spec spec;
		struct snug_error err = { 0 };

		if (read_text(refused[i].text, &doc, &spec, &err) == 0)
			fail_msg("taken: %s", refused[i].text);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_int_equal(err.line, 1);
		assert_string_equal(err.file, "config.json");
		if (refused[i].path)
			assert_string_equal(err.path, refused[i].path);
		if (!strstr(err.what, refused[i].what))
			fail_msg("%s: %s", refused[i].text, err.what);
		snug_json_free(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_is_there),
		cmocka_unit_test(test_little_is_needed),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
