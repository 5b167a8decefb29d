/* SPDX-License-Identifier: Apache-2.0 */
/* What a learning changes in config.json, and that it changes nothing else. */
#include "flow/learn_part.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOOK "{\"path\":\"/snug\"}"
#if defined(__aarch64__)
#define ARCHS "\"SCMP_ARCH_AARCH64\",\"SCMP_ARCH_ARM\""
#else
#define ARCHS "\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\""
#endif
#define FILTER "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[" ARCHS "]}"
#define HEAD   "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"a\",\"b c\"]},"

static char bundle[64];

static int make_bundle(void **state)
{
	(void)state;
	snprintf(bundle, sizeof(bundle), "/tmp/snug-test-XXXXXX");
	return mkdtemp(bundle) ? 0 : -1;
}

static int remove_bundle(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/config.json", bundle);
	unlink(path);
	return rmdir(bundle);
}

/* Writes text as the bundle's config.json and edits it. %B in expected is the bundle. */
static int edit(const char *text, struct snug_shadow *shadow, struct snug_buf *ret,
		struct snug_error *err)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/config.json", bundle);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return snug_shadow_config(bundle, HOOK, shadow, ret, err);
}

static void expand(const char *expected, struct snug_buf *ret)
{
	for (const char *c = expected; *c; c++) {
		if (strncmp(c, "%B", 2) != 0) {
			snug_buf_addc(ret, *c);
			continue;
		}
		snug_buf_adds(ret, bundle);
		c++;
	}
}

static void edits(void **state)
{
	static const struct {
		const char *in, *out;
		bool has_filter;
	} rows[] = {
		/* nothing there */
		{ HEAD "\"root\":{\"path\":\"rootfs\"}}",
		  HEAD "\"root\":{\"path\":\"%B/rootfs\"},\"linux\":{\"seccomp\":" FILTER
		       "},\"hooks\":{\"prestart\":[" HOOK "]}}",
		  false },
		/* absolute already; nulls count as absent; what is unknown stays */
		{ HEAD
		  "\"root\":{\"path\":\"/r\",\"x\":1e2},\"linux\":{\"y\":[ ],\"seccomp\":null},"
		  "\"hooks\":{\"prestart\":null,\"poststop\":[]}}",
		  HEAD
		  "\"root\":{\"path\":\"/r\",\"x\":1e2},\"linux\":{\"y\":[ ],\"seccomp\":" FILTER
		  "},\"hooks\":{\"prestart\":[" HOOK "],\"poststop\":[]}}",
		  false },
		/* its own filter and hooks stay; ours comes first */
		{ HEAD "\"root\":{\"path\":\"/r\"},\"linux\":{\"seccomp\":{\"defaultAction\":"
		       "\"SCMP_ACT_KILL\"}},\"hooks\":{\"prestart\":[{\"path\":\"/its\"}]}}",
		  HEAD "\"root\":{\"path\":\"/r\"},\"linux\":{\"seccomp\":{\"defaultAction\":"
		       "\"SCMP_ACT_KILL\"}},\"hooks\":{\"prestart\":[" HOOK
		       ",{\"path\":\"/its\"}]}}",
		  true },
		/* relative sources of bind mounts alone */
		{ HEAD "\"root\":{\"path\":\"/"
		       "r\"},\"linux\":{\"seccomp\":{}},\"hooks\":{\"prestart\":[]},"
		       "\"mounts\":[{\"type\":\"bind\",\"source\":\"d\"},{\"source\":\"e/f\","
		       "\"options\":[\"ro\",\"rbind\"]},{\"type\":\"bind\",\"source\":\"/d\"},"
		       "{\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"ro\"]},{\"type\":"
		       "\"bind\"}]}",
		  HEAD
		  "\"root\":{\"path\":\"/"
		  "r\"},\"linux\":{\"seccomp\":{}},\"hooks\":{\"prestart\":[" HOOK
		  "]},\"mounts\":[{\"type\":\"bind\",\"source\":\"%B/d\"},{\"source\":\"%B/e/f\","
		  "\"options\":[\"ro\",\"rbind\"]},{\"type\":\"bind\",\"source\":\"/d\"},"
		  "{\"type\":\"tmpfs\",\"source\":\"tmpfs\",\"options\":[\"ro\"]},{\"type\":"
		  "\"bind\"}]}",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_shadow_remove) struct snug_shadow shadow = SNUG_SHADOW_NONE;
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf expected = { 0 };
		struct snug_error err = { 0 };

		expand(rows[i].out, &expected);
		assert_int_equal(edit(rows[i].in, &shadow, &out, &err), 0);
		assert_string_equal(snug_buf_text(&out), snug_buf_text(&expected));
		assert_int_equal(shadow.has_filter, rows[i].has_filter);
		assert_int_equal(shadow.args.count, 2);
		assert_string_equal(shadow.args.at[1], "b c");
		assert_null(shadow.image);
	}
}

static void image(void **state)
{
	SNUG_AUTO(snug_shadow_remove) struct snug_shadow shadow = SNUG_SHADOW_NONE;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(edit(HEAD "\"root\":{\"path\":\"/r\"},\"annotations\":"
				   "{\"org.opencontainers.image.ref.name\":\"web:1\"}}",
			      &shadow, &out, &err),
			 0);
	assert_string_equal(shadow.image, "web:1");
}

static void refused(void **state)
{
	static const char *const rows[] = {
		"",
		"[]",
		"{\"ociVersion\":\"1.0.2\"}",
		HEAD "\"root\":{\"path\":7}}",
		HEAD "\"root\":{\"path\":\"/r\"},\"mounts\":{}}",
		HEAD "\"root\":{\"path\":\"/r\"},\"mounts\":[{\"type\":\"bind\",\"source\":1}]}",
		HEAD "\"root\":{\"path\":\"/r\"},\"hooks\":[]}",
		HEAD "\"root\":{\"path\":\"/r\"},\"hooks\":{\"prestart\":{}}}",
		HEAD "\"root\":{\"path\":\"/r\"},\"linux\":7}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_shadow_remove) struct snug_shadow shadow = SNUG_SHADOW_NONE;
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(edit(rows[i], &shadow, &out, &err), -1);
		assert_int_equal(err.code, SNUG_INPUT);
		assert_non_null(strstr(err.file, "config.json"));
		assert_int_equal(out.len, 0);
	}
}

static void no_bundle(void **state)
{
	SNUG_AUTO(snug_shadow_remove) struct snug_shadow shadow = SNUG_SHADOW_NONE;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_shadow_config("/no/such/bundle", HOOK, &shadow, &out, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_true(err.remedy[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(edits, make_bundle, remove_bundle),
		cmocka_unit_test_setup_teardown(image, make_bundle, remove_bundle),
		cmocka_unit_test_setup_teardown(refused, make_bundle, remove_bundle),
		cmocka_unit_test(no_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
