/* SPDX-License-Identifier: Apache-2.0 */
/* What snug install makes of each engine's files. */
#include "base/cleanup.h"
#include "model/install/docker.h"
#include "model/install/hooks_dir.h"
#include "model/install/hooksd.h"
#include "model/install/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ENTRY "{\"path\":\"/x\"}"

static void fill(struct snug_buf *buf, const char *text)
{
	snug_buf_adds(buf, text ? text : "");
}

/* ---- docker ---- */

static const struct {
	const char *now, *want; /* now NULL: no file; want NULL: refused */
	bool make_default;
} docker_rows[] = {
	{ NULL, "{\n  \"runtimes\": {\"r\": {\"path\": \"/x\"}}\n}\n", false },
	{ " \n", "{\n  \"runtimes\": {\"r\": {\"path\": \"/x\"}}\n}\n", false },
	{ "{\"a\":1.0}", "{\"a\":1.0,\"runtimes\":{\"r\":" ENTRY "}}", false },
	{ "{\"a\":1.0}", "{\"a\":1.0,\"runtimes\":{\"r\":" ENTRY "},\"default-runtime\":\"r\"}",
	  true },
	{ "{\"default-runtime\":\"q\"}",
	  "{\"default-runtime\":\"r\",\"runtimes\":{\"r\":" ENTRY "}}", true },
	{ "{\"runtimes\":{\"q\":{}}}", "{\"runtimes\":{\"q\":{},\"r\":" ENTRY "}}", false },
	{ "{\"runtimes\":{}}", "{\"runtimes\":{\"r\":" ENTRY "}}", false },
	/* what is there already, however it is spelt */
	{ "{ \"runtimes\" : { \"r\" : { \"path\" : \"/x\" } } }",
	  "{ \"runtimes\" : { \"r\" : { \"path\" : \"/x\" } } }", false },
	{ "{\"runtimes\":{\"r\":{\"path\":\"/y\"}}}", NULL, false },
	{ "{\"Runtimes\":{}}", NULL, false },
	{ "{\"runtimes\":[]}", NULL, false },
	{ "[]", NULL, false },
	{ "{", NULL, false },
};

static void docker_gets_an_entry(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(docker_rows) / sizeof(docker_rows[0]); i++) {
		const struct snug_docker_entry entry = { "f", "r", "/x",
							 docker_rows[i].make_default, false };
		SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, out = { 0 }, back = { 0 };
		struct snug_error err = { 0 };
		bool gone = false;
		int result;

		fill(&now, docker_rows[i].now);
		result = snug_docker_add(&entry, docker_rows[i].now ? &now : NULL, &out, &err);
		if (!docker_rows[i].want) {
			assert_true(result < 0);
			assert_int_equal(err.code, SNUG_INPUT);
			continue;
		}
		assert_int_equal(result, 0);
		assert_string_equal(snug_buf_text(&out), docker_rows[i].want);
		/* and out again, edited or not: what was there, as far as it was snug's to take */
		assert_int_equal(snug_docker_take_out(&entry, &out,
						      docker_rows[i].now ? &now : NULL, &back,
						      &gone, &err),
				 0);
		assert_int_equal(gone, docker_rows[i].now == NULL);
		if (now.len > 2 && strcmp(docker_rows[i].now, docker_rows[i].want) != 0)
			assert_string_equal(snug_buf_text(&back), docker_rows[i].now);
	}
}

static void docker_replaces_what_is_its_own(void **state)
{
	const struct snug_docker_entry entry = { "f", "r", "/x", false, true };
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, out = { 0 };
	struct snug_error err;

	(void)state;
	fill(&now, "{\"runtimes\":{\"r\":{\"path\":\"/y\"}}}");
	assert_int_equal(snug_docker_add(&entry, &now, &out, &err), 0);
	assert_string_equal(snug_buf_text(&out), "{\"runtimes\":{\"r\":" ENTRY "}}");
}

/* default-runtime that somebody set anew is not snug's to put back. */
static void docker_leaves_a_default_that_was_set_since(void **state)
{
	const struct snug_docker_entry entry = { "f", "r", "/x", true, true };
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, before = { 0 }, out = { 0 };
	struct snug_error err;
	bool gone;

	(void)state;
	fill(&now, "{\"default-runtime\":\"z\",\"runtimes\":{\"r\":" ENTRY ",\"z\":{}}}");
	fill(&before, "{\"default-runtime\":\"q\"}");
	assert_int_equal(snug_docker_take_out(&entry, &now, &before, &out, &gone, &err), 0);
	assert_string_equal(snug_buf_text(&out),
			    "{\"default-runtime\":\"z\",\"runtimes\":{\"z\":{}}}");
	assert_false(gone);
}

/* ---- CRI-O ---- */

static void crio_folders_are_read(void **state)
{
	static const struct {
		const char *text, *want; /* want: joined by '|'; NULL: refused */
		bool set;
	} rows[] = {
		{ "", "/usr/share/containers/oci/hooks.d", false },
		{ "[crio.runtime]\n#hooks_dir = ['/x']\n", "/usr/share/containers/oci/hooks.d",
		  false },
		{ "[crio.image]\nhooks_dir = ['/x']\n", "/usr/share/containers/oci/hooks.d",
		  false },
		{ "[crio.runtime]\nhooks_dir = ['/x',\"/y\"]\n", "/x|/y", true },
		{ "[crio]\nruntime.hooks_dir = [\n  '/x', # [\"no\"]\n]\n", "/x", true },
		{ "crio.runtime.hooks_dir = []\n", "", true },
		{ "[crio]\nruntime = { hooks_dir = ['/x'] }\n", NULL, false },
		{ "[crio.runtime]\nhooks_dir = '/x'\n", NULL, false },
		{ "[crio.runtime]\nhooks_dir = [\"\\u0078\"]\n", NULL, false },
		{ "[crio.runtime]\nhooks_dir = [1]\n", NULL, false },
		{ "[crio.runtime\n", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_hook_folders_clear) struct snug_hook_folders folders = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, out = { 0 };
		struct snug_error err;
		bool set = false;
		int result;

		fill(&text, rows[i].text);
		assert_int_equal(snug_hook_folders_default(&folders, &err), 0);
		result = snug_hook_folders_read(SNUG_HOOKS_CRIO, &text, "f", &folders, &set, &err);
		if (!rows[i].want) {
			if (result == 0)
				fail_msg("row %zu was taken", i);
			assert_int_equal(err.code, SNUG_INPUT);
			continue;
		}
		assert_int_equal(result, 0);
		assert_int_equal(set, rows[i].set);
		for (size_t j = 0; j < folders.count; j++)
			snug_buf_addf(&out, "%s%s", j ? "|" : "", folders.at[j]);
		assert_string_equal(snug_buf_text(&out), rows[i].want);
	}
}

static void crio_gets_them_and_ours_last(void **state)
{
	SNUG_AUTO(snug_hook_folders_clear) struct snug_hook_folders folders = { 0 }, again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, out = { 0 };
	struct snug_error err;
	bool set = false;

	(void)state;
	fill(&text, "[crio.runtime]\nhooks_dir = ['/ours', '/a']\n");
	assert_int_equal(snug_hook_folders_read(SNUG_HOOKS_CRIO, &text, "f", &folders, &set, &err),
			 0);
	assert_int_equal(snug_hook_folders_render(SNUG_HOOKS_CRIO, &folders, "/ours", &out, &err),
			 0);
	assert_int_equal(snug_hook_folders_read(SNUG_HOOKS_CRIO, &out, "f", &again, &set, &err), 0);
	assert_int_equal(again.count, 2);
	assert_string_equal(again.at[0], "/a");
	assert_string_equal(again.at[1], "/ours");
	assert_true(snug_hook_folders_render(SNUG_HOOKS_CRIO, &folders, "/o\"", &text, &err) < 0);
}

static void podman_has_its_own_key(void **state)
{
	SNUG_AUTO(snug_hook_folders_clear) struct snug_hook_folders folders = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, out = { 0 };
	struct snug_error err;
	bool set = false;

	(void)state;
	fill(&text, "[crio.runtime]\nhooks_dir = ['/no']\n[engine]\nhooks_dir = ['/a']\n");
	assert_int_equal(
		snug_hook_folders_read(SNUG_HOOKS_PODMAN, &text, "f", &folders, &set, &err), 0);
	assert_true(set);
	assert_true(snug_hook_folders_has(&folders, "/a"));
	assert_false(snug_hook_folders_has(&folders, "/no"));
	assert_int_equal(snug_hook_folders_render(SNUG_HOOKS_PODMAN, &folders, "/b", &out, &err),
			 0);
	assert_string_equal(snug_buf_text(&out),
			    "[engine]\nhooks_dir = [\n\t\"/a\",\n\t\"/b\",\n]\n");
}

/* ---- hooks.d ---- */

static void hooks_are_written_and_read(void **state)
{
	const struct snug_hooksd entry = { .hook = "/b/snug-hook", .stage = "poststop" };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_hooksd_file file = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_hooksd_render(&entry, &text, &err), 0);
	assert_string_equal(snug_buf_text(&text),
			    "{\n  \"version\": \"1.0.0\",\n"
			    "  \"hook\": {\"path\": \"/b/snug-hook\", \"args\": [\"snug-hook\", "
			    "\"poststop\"]},\n"
			    "  \"when\": {\"always\": true},\n  \"stages\": [\"poststop\"]\n}\n");
	assert_int_equal(snug_hooksd_read(&text, "f", &file, &err), 0);
	assert_string_equal(file.path, "/b/snug-hook");
	assert_true(file.is_ours);
	free(file.path);
}

static void hooks_of_others_are_read(void **state)
{
	static const struct {
		const char *text, *path; /* NULL: refused */
	} rows[] = {
		{ "{\"version\":\"1.0.0\",\"hook\":{\"path\":\"/x/y\"},\"when\":{},\"stages\":[]}",
		  "/x/y" },
		{ "{\"hook\":\"/x/z\",\"stages\":[\"prestart\"]}", "/x/z" },
		{ "{\"hook\":{}}", NULL },
		{ "{\"hook\":{\"path\":1}}", NULL },
		{ "[]", NULL },
		{ "{", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		struct snug_hooksd_file file = { 0 };
		struct snug_error err;
		int result;

		fill(&text, rows[i].text);
		result = snug_hooksd_read(&text, "f", &file, &err);
		assert_int_equal(result, rows[i].path ? 0 : -1);
		if (!rows[i].path)
			continue;
		assert_string_equal(file.path, rows[i].path);
		assert_false(file.is_ours);
		free(file.path);
	}
}

/* ---- the record ---- */

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER  "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void records_are_read_as_written(void **state)
{
	SNUG_AUTO(snug_installed_clear) struct snug_installed in = { 0 }, again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, twice = { 0 };
	struct snug_installed_file files[SNUG_INSTALLED_MAX];
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_vec_push(&in.folders, strdup("/etc/x")), 0);
	for (unsigned i = 0; i < SNUG_INSTALLED_MAX; i++) {
		files[i] = (struct snug_installed_file){ .path = strdup("/f"),
							 .kind = (enum snug_installed_kind)i,
							 .had = i % 2 == 0,
							 .wrote = DIGEST };
		if (i % 2)
			memcpy(files[i].replaced, OTHER, sizeof(OTHER));
		if (files[i].had)
			fill(&files[i].before, "a\t\"\\\xc3\xa9\n");
		assert_int_equal(snug_vec_push(&in.files, files[i]), 0);
	}
	assert_int_equal(snug_installed_render(&in, "docker", &text, &err), 0);
	assert_int_equal(snug_installed_parse(&text, "f", &again, &err), 0);
	assert_int_equal(again.files.count, SNUG_INSTALLED_MAX);
	for (unsigned i = 0; i < SNUG_INSTALLED_MAX; i++) {
		assert_int_equal(again.files.at[i].kind, i);
		assert_int_equal(again.files.at[i].had, i % 2 == 0);
		assert_string_equal(snug_buf_text(&again.files.at[i].before),
				    i % 2 == 0 ? "a\t\"\\\xc3\xa9\n" : "");
		assert_true(snug_installed_left(&again.files.at[i], DIGEST));
		assert_int_equal(snug_installed_left(&again.files.at[i], OTHER), i % 2);
		assert_false(snug_installed_left(&again.files.at[i], ""));
	}
	assert_int_equal(snug_installed_render(&again, "docker", &twice, &err), 0);
	assert_string_equal(snug_buf_text(&text), snug_buf_text(&twice));
}

static void bytes_that_json_cannot_hold_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = { { "a\xff", 2 }, { "a\0b", 3 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SNUG_AUTO(snug_installed_clear) struct snug_installed in = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		struct snug_installed_file file = { .path = strdup("/f"),
						    .had = true,
						    .wrote = DIGEST };
		struct snug_error err;

		snug_buf_add(&file.before, rows[i].bytes, rows[i].len);
		assert_int_equal(snug_vec_push(&in.files, file), 0);
		assert_true(snug_installed_render(&in, "docker", &text, &err) < 0);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

static void records_that_are_none_are_refused(void **state)
{
#define FILE_OF(more) "{\"snugInstall\":1,\"files\":[{" more "}]}"
	static const char *const rows[] = {
		"[]",
		"{}",
		"{\"snugInstall\":2}",
		"{\"snugInstall\":\"1\"}",
		"{\"snugInstall\":1,\"files\":{}}",
		"{\"snugInstall\":1,\"folders\":[\"x\"]}",
		FILE_OF("\"path\":\"/f\",\"kind\":\"file\""),
		FILE_OF("\"path\":\"f\",\"kind\":\"file\",\"wrote\":\"" DIGEST "\""),
		FILE_OF("\"path\":\"/f\",\"kind\":\"x\",\"wrote\":\"" DIGEST "\""),
		FILE_OF("\"path\":\"/f\",\"kind\":\"file\",\"wrote\":\"0\""),
		FILE_OF("\"path\":\"/f\",\"kind\":\"file\",\"wrote\":\"" DIGEST "\",\"before\":1"),
		FILE_OF("\"path\":\"/f\",\"kind\":\"file\",\"wrote\":\"" DIGEST
			"\",\"replaced\":\"\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_installed_clear) struct snug_installed in = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
		struct snug_error err;

		fill(&text, rows[i]);
		if (snug_installed_parse(&text, "f", &in, &err) == 0)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker_gets_an_entry),
		cmocka_unit_test(docker_replaces_what_is_its_own),
		cmocka_unit_test(docker_leaves_a_default_that_was_set_since),
		cmocka_unit_test(crio_folders_are_read),
		cmocka_unit_test(crio_gets_them_and_ours_last),
		cmocka_unit_test(podman_has_its_own_key),
		cmocka_unit_test(hooks_are_written_and_read),
		cmocka_unit_test(hooks_of_others_are_read),
		cmocka_unit_test(records_are_read_as_written),
		cmocka_unit_test(bytes_that_json_cannot_hold_are_refused),
		cmocka_unit_test(records_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
