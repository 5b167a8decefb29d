/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/state.h"

#include "base/cleanup.h"
#include "model/oci/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct snug_json *parse(const char *text)
{
	struct snug_error err = { 0 };
	struct snug_json *doc = NULL;

	assert_int_equal(snug_json_parse(&doc, text, strlen(text), "state", &err), 0);
	return doc;
}

static void runtimes(void **state)
{
	/* As runc 1.1 and crun 1.8 write it for prestart, and for poststop. */
	SNUG_AUTO(snug_json_freep)
	struct snug_json *runc = parse(
		"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"a\",\"status\":\"creating\",\"pid\":42,"
		"\"bundle\":\"/b\",\"annotations\":{\"io.snug.learn\":\"web\",\"n\":1}}");
	SNUG_AUTO(snug_json_freep)
	struct snug_json *crun =
		parse("{\"ociVersion\":\"1.0\",\"id\":\"b\",\"pid\":0,\"root\":\"/r\",\"bundle\":"
		      "\"/c\",\"status\":\"stopped\"}");
	struct snug_error err = { 0 };
	struct snug_state read;

	(void)state;
	assert_int_equal(snug_state_read(runc, &read, &err), 0);
	assert_string_equal(read.id, "a");
	assert_string_equal(read.bundle, "/b");
	assert_int_equal(read.pid, 42);
	assert_string_equal(snug_state_annotation(&read, "io.snug.learn"), "web");
	assert_null(snug_state_annotation(&read, "n"));
	assert_null(snug_state_annotation(&read, "other"));
	assert_int_equal(snug_state_read(crun, &read, &err), 0);
	assert_int_equal(read.pid, 0);
	assert_null(read.annotations);
	assert_null(snug_state_annotation(&read, "io.snug.learn"));
}

static void bad(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "[]", "$" },
		{ "{}", "$" },
		{ "{\"pid\":1}", "$" },
		{ "{\"id\":7}", "$.id" },
		{ "{\"id\":\"a\",\"bundle\":[]}", "$.bundle" },
		{ "{\"id\":\"a\",\"pid\":-1}", "$.pid" },
		{ "{\"id\":\"a\",\"pid\":2147483648}", "$.pid" },
		{ "{\"id\":\"a\",\"pid\":\"1\"}", "$.pid" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = parse(rows[i].text);
		struct snug_error err = { 0 };
		struct snug_state read;

		assert_int_equal(snug_state_read(doc, &read, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_string_equal(err.path, rows[i].path);
	}
}

/* Where engines put the image's name. */
static void images(void **state)
{
	static const struct {
		const char *annotations, *image;
	} rows[] = {
		{ "{}", NULL },
		{ "{\"io.kubernetes.cri.image-name\":\"k\"}", "k" },
		{ "{\"io.kubernetes.cri-o.ImageName\":\"c\"}", "c" },
		{ "{\"org.opencontainers.image.ref.name\":\"o\",\"other\":\"x\"}", "o" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_error err = { 0 };
		struct snug_spec spec;
		char text[512];

		snprintf(text, sizeof(text),
			 "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{"
			 "\"args\":[\"a\"]},"
			 "\"annotations\":%s}",
			 rows[i].annotations);
		doc = parse(text);
		assert_int_equal(snug_spec_read(doc, &spec, &err), 0);
		if (rows[i].image)
			assert_string_equal(snug_spec_image(&spec), rows[i].image);
		else
			assert_null(snug_spec_image(&spec));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtimes),
		cmocka_unit_test(bad),
		cmocka_unit_test(images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
