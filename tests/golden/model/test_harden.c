/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, bytes out: what harden makes of a config.json, and that it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/harden_text.h"

#define HEAD  "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"a\"]"
#define ALLOW "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"
#define READ                                                                                       \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"                            \
	"\"architectures\":[\"SCMP_ARCH_X86_64\"],"                                                \
	"\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"
#define NOTHING                                                                                    \
	"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\","                                            \
	"\"architectures\":[\"SCMP_ARCH_X86_64\"]}"
#define PROFILE(members) "{\"snugProfile\":1,\"name\":\"p\"" members "}"

static const struct {
	const char *what, *config, *profile, *out;
	const char *changes[CHANGES_MAX]; /* their paths */
} cases[] = {
	{ "no opinion changes nothing", HEAD "}, \"x\":1e2}", PROFILE(""), NULL, { 0 } },
	{ "no linux: it gets one",
	  HEAD "}}",
	  PROFILE(",\"seccomp\":" READ),
	  HEAD "},\"linux\":{\"seccomp\":" READ "}}",
	  { "$.linux.seccomp" } },
	{ "no section: the profile's text",
	  HEAD "},\"linux\":{\"a\":1}}",
	  PROFILE(",\"seccomp\":" READ),
	  HEAD "},\"linux\":{\"a\":1,\"seccomp\":" READ "}}",
	  { "$.linux.seccomp" } },
	{ "a null section: the profile's text",
	  HEAD "},\"linux\":{\"seccomp\":null}}",
	  PROFILE(",\"seccomp\":" READ),
	  HEAD "},\"linux\":{\"seccomp\":" READ "}}",
	  { "$.linux.seccomp" } },
	{ "a meet that is the profile: the profile's text",
	  HEAD "},\"linux\":{\"seccomp\":" ALLOW "}}",
	  PROFILE(",\"seccomp\":" NOTHING),
	  HEAD "},\"linux\":{\"seccomp\":" NOTHING "}}",
	  { "$.linux.seccomp" } },
	{ "members that are no policy stay",
	  HEAD "},\"linux\":{\"seccomp\":{\"flags\":[],\"defaultAction\":\"SCMP_ACT_LOG\","
	       "\"x\":1.0}}}",
	  PROFILE(",\"seccomp\":" NOTHING),
	  HEAD "},\"linux\":{\"seccomp\":{\"flags\":[],\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\","
	       "\"x\":1.0,\"architectures\":[\"SCMP_ARCH_X86_64\"]}}}",
	  { "$.linux.seccomp" } },
	{ "within the profile already: as it is spelt",
	  HEAD "},\"linux\":{\"seccomp\": " NOTHING " }}",
	  PROFILE(",\"seccomp\":" READ),
	  NULL,
	  { 0 } },
	{ "capabilities go one by one",
	  HEAD ",\"capabilities\":{\"bounding\":[\"CAP_KILL\", \"CAP_CHOWN\",\"CAP_MKNOD\"],"
	       "\"ambient\":[\"CAP_KILL\"],\"x\":[]}}}",
	  PROFILE(",\"capabilities\":[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"]"),
	  HEAD ",\"capabilities\":{\"bounding\":[\"CAP_CHOWN\"],\"ambient\":[],\"x\":[]}}}",
	  { "$.process.capabilities.bounding", "$.process.capabilities.ambient" } },
	{ "ambient stays within permitted and inheritable",
	  HEAD ",\"capabilities\":{\"permitted\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]}}}",
	  PROFILE(",\"capabilities\":[\"CAP_KILL\"]"),
	  HEAD ",\"capabilities\":{\"permitted\":[\"CAP_KILL\"],\"ambient\":[]}}}",
	  { "$.process.capabilities.ambient" } },
	{ "none stay none", HEAD "}}", PROFILE(",\"capabilities\":[\"CAP_KILL\"]"), NULL, { 0 } },
	{ "no_new_privs is set",
	  HEAD "}}",
	  PROFILE(",\"noNewPrivileges\":true"),
	  HEAD ",\"noNewPrivileges\":true}}",
	  { "$.process.noNewPrivileges" } },
	{ "… and never unset",
	  HEAD ",\"noNewPrivileges\":true}}",
	  PROFILE(",\"noNewPrivileges\":false"),
	  NULL,
	  { 0 } },
	{ "masked and read-only paths that are not there go to the end",
	  HEAD "},\"linux\":{\"maskedPaths\":[ \"/b\" , \"/a/\"],\"readonlyPaths\":[\"/r\"]}}",
	  PROFILE(",\"maskedPaths\":[\"/a\",\"/b\",\"/c\"],\"readonlyPaths\":[\"/r\"]"),
	  HEAD "},\"linux\":{\"maskedPaths\":[ \"/b\" , \"/a/\", \"/a\", \"/c\"],"
	       "\"readonlyPaths\":[\"/r\"]}}",
	  { "$.linux.maskedPaths" } },
	{ "… and where there is no list, or null, they are it",
	  HEAD "},\"linux\":{\"a\":1,\"readonlyPaths\":null}}",
	  PROFILE(",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/r\"]"),
	  HEAD "},\"linux\":{\"a\":1,\"readonlyPaths\":[\"/r\"],\"maskedPaths\":[\"/a\"]}}",
	  { "$.linux.maskedPaths", "$.linux.readonlyPaths" } },
	{ "… and where there is no linux, it is of them",
	  HEAD "}}",
	  PROFILE(",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/r\"]"),
	  HEAD "},\"linux\":{\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/r\"]}}",
	  { "$.linux.maskedPaths", "$.linux.readonlyPaths" } },
	{ "… with the section beside them",
	  HEAD "}}",
	  PROFILE(",\"readonlyPaths\":[\"/r\"],\"seccomp\":" READ),
	  HEAD "},\"linux\":{\"readonlyPaths\":[\"/r\"],\"seccomp\":" READ "}}",
	  { "$.linux.readonlyPaths", "$.linux.seccomp" } },
	{ "empty lists ask for nothing",
	  HEAD "}}",
	  PROFILE(",\"maskedPaths\":[],\"readonlyPaths\":[]"),
	  NULL,
	  { 0 } },
	{ "another user than root will do",
	  HEAD ",\"user\":{\"uid\":1}}}",
	  PROFILE(",\"runAsNonRoot\":true"),
	  NULL,
	  { 0 } },
	{ "… and root, where the profile does not mind",
	  HEAD "}}",
	  PROFILE(",\"runAsNonRoot\":false"),
	  NULL,
	  { 0 } },
	{ "bpf data, which crun would take instead, goes",
	  HEAD "},\"linux\":{\"seccomp\":" NOTHING "},\"annotations\":"
	       "{\"run.oci.seccomp_bpf_data\":\"AA==\",\"b\":\"c\"}}",
	  PROFILE(",\"seccomp\":" READ),
	  HEAD "},\"linux\":{\"seccomp\":" NOTHING "},\"annotations\":{\"b\":\"c\"}}",
	  { "$.annotations[\"run.oci.seccomp_bpf_data\"]" } },
	{ "… but not where the profile has no filter to put in its place",
	  HEAD "},\"annotations\":{\"run.oci.seccomp_bpf_data\":\"AA==\"}}",
	  PROFILE(",\"noNewPrivileges\":false"),
	  NULL,
	  { 0 } },
};

static struct snug_target targets[2];
static const struct snug_harden_options options = { .targets = targets, .target_count = 2 };

static void test_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_hardened(cases[i].what, cases[i].config, cases[i].profile, &options,
			       cases[i].out ? cases[i].out : cases[i].config, cases[i].changes);
}

static const struct {
	const char *config, *profile, *path;
	enum snug_code code;
} refused[] = {
	{ HEAD "},\"annotations\":{\"run.oci.handler\":\"wasm\"}}", PROFILE(""),
	  "$.annotations[\"run.oci.handler\"]", SNUG_INPUT },
	{ HEAD "},\"annotations\":{\"module.wasm.image/variant\":\"compat\"}}", PROFILE(""),
	  "$.annotations[\"module.wasm.image/variant\"]", SNUG_INPUT },
	{ HEAD ",\"user\":{\"uid\":0,\"gid\":7}}}", PROFILE(",\"runAsNonRoot\":true"),
	  "$.process.user", SNUG_INPUT },
	{ HEAD "}}", PROFILE(",\"runAsNonRoot\":true"), "$.process", SNUG_INPUT },
	/* Linux 6.10: no libseccomp of these targets names it. */
	{ HEAD "}}",
	  PROFILE(",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"
		  "[{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"),
	  "$.seccomp.syscalls[0]", SNUG_HOST },
	{ HEAD "},\"linux\":{\"seccomp\":{}}}", PROFILE(",\"seccomp\":" READ), "$.linux.seccomp",
	  SNUG_INPUT },
};

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		struct snug_hardened hardened = { 0 };
		struct snug_error err = { 0 };

		if (harden_text(refused[i].config, refused[i].profile, &options, &out, &hardened,
				&err) == 0)
			fail_msg("taken: %s", refused[i].config);
		assert_string_equal(err.path, refused[i].path);
		assert_int_equal(err.code, refused[i].code);
		assert_null(hardened.changes.at);
	}
}

/* A call that the generator, or a default profile, put in for other hosts is denied here, and said
 * to be. */
static void test_what_nobody_saw_is_a_loss(void **state)
{
	static const char *const profiles[] = {
		PROFILE(",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"
			"[{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ALLOW\"}]},"
			"\"provenance\":{\"syscalls\":{\"mseal\":{\"why\":\"widened:munmap\"}}}"),
		PROFILE(",\"origin\":\"default\",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			"\"syscalls\":[{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"),
		PROFILE(",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"
			"[{\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_ALLOW\"}]},"
			"\"provenance\":{\"syscalls\":{\"mseal\":{\"why\":\"seen\"}}}"),
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
		struct snug_error err = { 0 };
		int result = harden_text(HEAD "}}", profiles[i], &options, &out, &hardened, &err);

		assert_int_equal(result, i < 2 ? 0 : -1);
		assert_int_equal(hardened.losses.count, i < 2 ? 2 : 0); /* one a target */
		if (i < 2)
			assert_non_null(strstr(hardened.losses.at[0].text, "mseal"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_what_nobody_saw_is_a_loss),
	};

	snug_target_init(&targets[0], SNUG_RUNTIME_RUNC, 6, 7);
	snug_target_init(&targets[1], SNUG_RUNTIME_CRUN, 6, 7);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
