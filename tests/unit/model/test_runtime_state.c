/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/runtime_state.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* As runc 1.1.5 and crun 1.8.1 write them, less what nobody reads. */
static const char of_runc[] =
	"{\"id\":\"a\",\"init_process_pid\":21316,\"init_process_start\":1540124,"
	"\"config\":{\"labels\":[\"x=y\",\"bundle=/b\"],\"rootfs\":\"/b/rootfs\"},"
	"\"cgroup_paths\":{\"\":\"/sys/fs/cgroup/a\"},\"rootless\":false}";
static const char of_crun[] =
	"{\"pid\":21326,\"process-start-time\":1540127,\"cgroup-path\":\"\",\"scope\":\"\","
	"\"rootfs\":\"rootfs\",\"systemd-cgroup\":false,\"bundle\":\"/c\",\"owner\":\"root\"}";

static int read_text(const char *text, enum snug_runtime runtime, struct snug_json **ret_doc,
		     struct snug_runtime_state *ret, struct snug_error *err)
{
	*ret_doc = NULL;
	return snug_json_parse(ret_doc, text, strlen(text), "s", err) < 0
		       ? -1
		       : snug_runtime_state_read(*ret_doc, runtime, ret, err);
}

static void test_runc(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_runtime_state got;
	struct snug_error err;

	(void)state;
	assert_int_equal(read_text(of_runc, SNUG_RUNTIME_RUNC, &doc, &got, &err), 0);
	assert_int_equal(got.pid, 21316);
	assert_int_equal(got.start, 1540124);
	assert_string_equal(got.bundle, "/b");
	assert_true(got.own_cgroup);
}

/* An annotation may be called that: the runtime's own is behind all of them. */
static void test_annotation(void **state)
{
	static const char text[] = "{\"init_process_pid\":1,\"init_process_start\":2,\"config\":"
				   "{\"labels\":[\"bundle=/other\",\"x=y\",\"bundle=/b\"]}}";
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_runtime_state got;
	struct snug_error err;

	(void)state;
	assert_int_equal(read_text(text, SNUG_RUNTIME_RUNC, &doc, &got, &err), 0);
	assert_string_equal(got.bundle, "/b");
}

static void test_crun(void **state)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_runtime_state got;
	struct snug_error err;

	(void)state;
	assert_int_equal(read_text(of_crun, SNUG_RUNTIME_CRUN, &doc, &got, &err), 0);
	assert_int_equal(got.pid, 21326);
	assert_int_equal(got.start, 1540127);
	assert_string_equal(got.bundle, "/c");
	assert_false(got.own_cgroup);
}

static void test_cgroup(void **state)
{
	static const char text[] = "{\"pid\":1,\"process-start-time\":2,\"bundle\":\"/c\","
				   "\"cgroup-path\":\"/crun/c\"}";
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_runtime_state got;
	struct snug_error err;

	(void)state;
	assert_int_equal(read_text(text, SNUG_RUNTIME_CRUN, &doc, &got, &err), 0);
	assert_true(got.own_cgroup);
}

/* What is wrong, and where the error says so. */
static void test_bad(void **state)
{
	static const struct {
		enum snug_runtime runtime;
		const char *text, *what;
	} rows[] = {
		{ SNUG_RUNTIME_RUNC, "[]", "object" },
		{ SNUG_RUNTIME_RUNC, "{}", "init_process_pid" },
		{ SNUG_RUNTIME_RUNC, "{\"init_process_pid\":1}", "init_process_start" },
		{ SNUG_RUNTIME_RUNC, "{\"init_process_pid\":1,\"init_process_start\":1}",
		  "no bundle" },
		{ SNUG_RUNTIME_RUNC,
		  "{\"init_process_pid\":1,\"init_process_start\":1,\"config\":{\"labels\":[7]}}",
		  "string" },
		{ SNUG_RUNTIME_RUNC,
		  "{\"init_process_pid\":1,\"init_process_start\":1,\"config\":{\"labels\":"
		  "[\"bundle=b\"]}}",
		  "absolute" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":\"1\"}", "number" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":4294967297}", "too large" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":-1}", "" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":1,\"bundle\":\"/c\"}", "process-start-time" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":1,\"process-start-time\":1}", "no bundle" },
		{ SNUG_RUNTIME_CRUN, "{\"pid\":1,\"process-start-time\":1,\"bundle\":{}}",
		  "string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_runtime_state got;
		struct snug_error err = { 0 };

		assert_int_equal(read_text(rows[i].text, rows[i].runtime, &doc, &got, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_non_null(strstr(err.what, rows[i].what));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runc), cmocka_unit_test(test_annotation),
		cmocka_unit_test(test_crun), cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
