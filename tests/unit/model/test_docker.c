/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/docker.h"

#include "base/cleanup.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <sys/capability.h>

static const struct snug_docker_host host = { SNUG_ARCH_X86_64, 6, 1, SNUG_DOCKER_CAPS };

/* Resolves and expects `want`, or a failure whose text holds `fails`. */
static void check_on(const struct snug_docker_host *on, const char *text, const char *want,
		     const char *fails)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err;
	int status = snug_docker_resolve(text, strlen(text), "seccomp.json", on, &out, &err);

	if (fails == NULL) {
		if (status < 0)
			fail_msg("%s: %s", err.path, err.what);
		assert_string_equal(snug_buf_text(&out), want);
		return;
	}
	assert_true(status < 0);
	assert_int_equal(err.code, SNUG_INPUT);
	if (strstr(err.what, fails) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.what, fails);
	assert_int_equal(out.len, 0);
}

#define HEAD	    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
#define ENTRY(more) HEAD "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"" more "}]}"
#define IN	    HEAD "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"
#define OUT	    HEAD "]}"

static void test_filters(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ ENTRY(""), IN },
		{ ENTRY(",\"includes\":null,\"excludes\":{},\"args\":null,\"comment\":\"x\""), IN },
		{ ENTRY(",\"includes\":{\"arches\":[\"amd64\",\"x32\"]}"), IN },
		{ ENTRY(",\"includes\":{\"arches\":[\"arm64\"]}"), OUT },
		{ ENTRY(",\"includes\":{\"arches\":[\"SCMP_ARCH_X86_64\"]}"), OUT },
		{ ENTRY(",\"excludes\":{\"arches\":[\"s390\",\"amd64\"]}"), OUT },
		{ ENTRY(",\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_KILL\"]}"), IN },
		{ ENTRY(",\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_BPF\"]}"), OUT },
		{ ENTRY(",\"includes\":{\"caps\":[\"cap_chown\"]}"), OUT },
		{ ENTRY(",\"excludes\":{\"caps\":[\"CAP_BPF\"]}"), IN },
		{ ENTRY(",\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_CHOWN\"]}"), OUT },
		{ ENTRY(",\"excludes\":{\"caps\":[\"CAP_NOT_YET\"]}"), IN },
		{ ENTRY(",\"includes\":{\"minKernel\":\"4.8\"}"), IN },
		{ ENTRY(",\"includes\":{\"minKernel\":\"6.1\"}"), IN },
		{ ENTRY(",\"includes\":{\"minKernel\":\"6.2\"}"), OUT },
		{ ENTRY(",\"includes\":{\"minKernel\":\"\"}"), IN },
		{ ENTRY(",\"excludes\":{\"minKernel\":\"6.1\"}"), OUT },
		{ ENTRY(",\"excludes\":{\"minKernel\":\"10.0\"}"), IN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_on(&host, cases[i].text, cases[i].want, NULL);
}

static void test_architectures(void **state)
{
#define MAP                                                                                        \
	"\"archMap\":[{\"architecture\":\"SCMP_ARCH_AARCH64\","                                    \
	"\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},{\"architecture\":\"SCMP_ARCH_X86_64\","        \
	"\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}]"
#define ALLOW "{\"defaultAction\":\"SCMP_ACT_ALLOW\","
	struct snug_docker_host arm = host, i386 = host;

	(void)state;
	arm.native = SNUG_ARCH_ARM64;
	i386.native = SNUG_ARCH_I386;
	check_on(&host, ALLOW MAP "}",
		 ALLOW "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\","
		       "\"SCMP_ARCH_X32\"],\"syscalls\":[]}",
		 NULL);
	check_on(&arm, ALLOW MAP "}",
		 ALLOW "\"architectures\":[\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\"],"
		       "\"syscalls\":[]}",
		 NULL);
	check_on(&i386, ALLOW MAP "}", ALLOW "\"syscalls\":[]}", NULL);
	check_on(&host, ALLOW "\"architectures\":[\"SCMP_ARCH_X86\"],\"archMap\":[]}",
		 ALLOW "\"architectures\":[\"SCMP_ARCH_X86\"],\"syscalls\":[]}", NULL);
	check_on(&host, ALLOW "\"architectures\":[\"SCMP_ARCH_X86\"]," MAP "}", NULL,
		 "architectures and archMap");
#undef ALLOW
#undef MAP
}

static void test_entries(void **state)
{
	(void)state;
	check_on(&host,
		 HEAD "{\"name\":\"socket\",\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EINVAL\","
		      "\"args\":[{\"index\":0,\"value\":16,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		 HEAD "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":22,"
		      "\"args\":[{\"index\":0,\"value\":16,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		 NULL);
	check_on(&host, HEAD "{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}]}", OUT, NULL);
	check_on(&host,
		 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\","
		 "\"defaultErrnoRet\":38,\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]}",
		 "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
		 "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":[]}",
		 NULL);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *fails;
	} cases[] = {
		{ "[]", "object" },
		{ "{}", "defaultAction" },
		{ "{\"DefaultAction\":\"SCMP_ACT_ALLOW\"}", "" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":{}}", "array" },
		{ HEAD "1]}", "object" },
		{ ENTRY(",\"name\":\"write\""), "name and names" },
		{ ENTRY(",\"errno\":\"EWHAT\""), "EWHAT" },
		{ ENTRY(",\"errno\":\"EPERM\",\"errnoRet\":38"), "errnoRet" },
		{ ENTRY(",\"includes\":{\"minKernel\":\"six\"}"), "six" },
		{ ENTRY(",\"includes\":{\"minKernel\":\"6\"}"), "kernel version" },
		{ ENTRY(",\"includes\":{\"caps\":\"CAP_CHOWN\"}"), "array" },
		{ ENTRY(",\"includes\":{\"caps\":[1]}"), "string" },
		{ ENTRY(",\"includes\":[]"), "object" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_on(&host, cases[i].text, NULL, cases[i].fails);
}

static char *slurp(const char *path, size_t *ret_len)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return NULL;
	*ret_len = fread(text, 1, sizeof(text), file);
	fclose(file);
	return text;
}

/* How many entries of a linux.seccomp name call with that action (and errno, 0: none). */
static size_t count_entries(const struct snug_json_node *seccomp, const char *call,
			    const char *action, uint64_t number)
{
	size_t count = 0;
	struct snug_error err;

	for (const struct snug_json_node *entry =
		     snug_json_first(snug_json_member(seccomp, "syscalls"));
	     entry; entry = snug_json_next(entry)) {
		const struct snug_json_node *ret = snug_json_member(entry, "errnoRet");
		const char *text;
		uint64_t got = 0;

		if (ret != NULL)
			assert_int_equal(snug_json_u64(ret, &got, &err), 0);
		assert_int_equal(snug_json_string(snug_json_member(entry, "action"), &text, &err),
				 0);
		if (strcmp(text, action) != 0 || got != number)
			continue;
		for (const struct snug_json_node *name =
			     snug_json_first(snug_json_member(entry, "names"));
		     name; name = snug_json_next(name)) {
			assert_int_equal(snug_json_string(name, &text, &err), 0);
			count += strcmp(text, call) == 0;
		}
	}
	return count;
}

/* The file that containers-common installs. */
static void test_of_this_host(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	const struct snug_json_node *root;
	struct snug_docker_host admin = host;
	struct snug_error err;
	size_t len = 0;
	const char *text = slurp("/usr/share/containers/seccomp.json", &len);

	(void)state;
	if (text == NULL)
		skip();
	assert_int_equal(snug_docker_resolve(text, len, NULL, &host, &out, &err), 0);
	assert_int_equal(snug_json_parse(&doc, out.data, out.len, NULL, &err), 0);
	root = snug_json_root(doc);
	assert_int_equal(snug_json_count(snug_json_member(root, "architectures")), 3);
	assert_int_equal(count_entries(root, "bpf", "SCMP_ACT_ERRNO", 1), 1);
	assert_int_equal(count_entries(root, "bpf", "SCMP_ACT_ALLOW", 0), 0);
	assert_int_equal(count_entries(root, "chroot", "SCMP_ACT_ALLOW", 0), 1);
	assert_int_equal(count_entries(root, "arch_prctl", "SCMP_ACT_ALLOW", 0), 1);
	assert_int_equal(count_entries(root, "s390_runtime_instr", "SCMP_ACT_ALLOW", 0), 0);
	assert_int_equal(count_entries(root, "socket", "SCMP_ACT_ALLOW", 0), 1);

	snug_json_free(SNUG_TAKE(doc));
	snug_buf_clear(&out);
	admin.bounding = (snug_caps)1 << CAP_SYS_ADMIN;
	assert_int_equal(snug_docker_resolve(text, len, NULL, &admin, &out, &err), 0);
	assert_int_equal(snug_json_parse(&doc, out.data, out.len, NULL, &err), 0);
	root = snug_json_root(doc);
	assert_int_equal(count_entries(root, "bpf", "SCMP_ACT_ALLOW", 0), 1);
	assert_int_equal(count_entries(root, "bpf", "SCMP_ACT_ERRNO", 1), 0);
	assert_int_equal(count_entries(root, "chroot", "SCMP_ACT_ERRNO", 1), 1);
	assert_int_equal(count_entries(root, "socket", "SCMP_ACT_ERRNO", 22), 1);
	assert_int_equal(count_entries(root, "socket", "SCMP_ACT_ALLOW", 0), 3);
}

static void render(const char *text, struct snug_buf *ret)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err;

	assert_int_equal(snug_json_parse(&doc, text, strlen(text), NULL, &err), 0);
	assert_int_equal(snug_docker_render(snug_json_root(doc), ret, &err), 0);
}

static void test_render(void **state)
{
	static const char base[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
		"\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],"
		"\"syscalls\":[{\"names\":[\"read\",\"execve\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":"
		"[{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]}]}";
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 }, again = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *root;
	struct snug_error err;

	(void)state;
	render(base, &out);
	assert_int_equal(strncmp(out.data, base, sizeof(base) - 3), 0);
	assert_int_equal(snug_json_parse(&doc, out.data, out.len, NULL, &err), 0);
	root = snug_json_root(doc);
	assert_int_equal(snug_json_count(snug_json_member(root, "syscalls")), 3);
	assert_int_equal(count_entries(root, "write", "SCMP_ACT_ERRNO", 38), 1);
	assert_int_equal(count_entries(root, "clone3", "SCMP_ACT_ERRNO", 38), 1);
	assert_int_equal(count_entries(root, "socketcall", "SCMP_ACT_ERRNO", 38), 1);
	/* What an entry names, even with conditions, must not be refused beside them. */
	assert_int_equal(count_entries(root, "socket", "SCMP_ACT_ERRNO", 38), 0);
	assert_int_equal(count_entries(root, "read", "SCMP_ACT_ERRNO", 38), 0);
	/* And it is stable, and what engines make of it is the same object. */
	render(out.data, &again);
	assert_string_equal(again.data, out.data);
	snug_buf_clear(&again);
	assert_int_equal(snug_docker_resolve(out.data, out.len, NULL, &host, &again, &err), 0);
	assert_string_equal(again.data, out.data);
}

static void test_render_needs_no_more(void **state)
{
	static const char *const same[] = {
		OUT,
		IN,
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,\"syscalls\":[]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}",
		"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"x\":{\"a\":1},\"syscalls\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };

		render(same[i], &out);
		assert_string_equal(snug_buf_text(&out), same[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_of_this_host),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_render_needs_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
