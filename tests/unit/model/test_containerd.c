/* SPDX-License-Identifier: Apache-2.0 */
/* containerd's config.toml: what is added, and taken out again. */
#include "base/cleanup.h"
#include "model/install/containerd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct snug_buf *buf, const char *text)
{
	snug_buf_adds(buf, text ? text : "");
}

#define BLOCK_OF(plugin, more)                                                                     \
	"# snug: begin\n[plugins.\"" plugin "\".containerd.runtimes.r]\n"                          \
	"  runtime_type = \"io.containerd.runc.v2\"\n[plugins.\"" plugin                           \
	"\".containerd.runtimes.r.options]\n  BinaryName = \"/x\"\n" more "# snug: end\n"
#define RUNC(plugin)                                                                               \
	"# containerd's own, which it forgets where a file names a runtime\n[plugins.\"" plugin    \
	"\".containerd.runtimes.runc]\n  runtime_type = \"io.containerd.runc.v2\"\n"
#define TABLES(plugin) BLOCK_OF(plugin, RUNC(plugin))
#define CRI	       "io.containerd.grpc.v1.cri"
#define BLOCK	       TABLES(CRI)
#define ALONE	       BLOCK_OF(CRI, "") /* beside runtimes that the file has, or an older snug's */

static const struct {
	const char *now, *want;
} containerd_rows[] = {
	{ NULL, "version = 2\n" BLOCK },
	{ "version = 2", "version = 2\n" BLOCK },
	{ "version = 2\n" BLOCK, "version = 2\n" BLOCK },
	{ BLOCK "version = 2\n", NULL }, /* a key of the last table, then */
	{ "version=3 # new\n", "version=3 # new\n" TABLES("io.containerd.cri.v1.runtime") },
	{ "version = 2\nx = [ # ]\n  '[plugins]', [\"]\"],\n]\n[plugins]\n",
	  "version = 2\nx = [ # ]\n  '[plugins]', [\"]\"],\n]\n[plugins]\n" BLOCK },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes.q]\n",
	  "version = 2\n[plugins.'" CRI "'.containerd.runtimes.q]\n" ALONE },
	{ "version = 2\n[ plugins.\"" CRI "\".containerd . runtimes ]\nq.runtime_type = 'v'\n",
	  "version = 2\n[ plugins.\"" CRI
	  "\".containerd . runtimes ]\nq.runtime_type = 'v'\n" ALONE },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes]\nq = {}\n",
	  "version = 2\n[plugins.'" CRI "'.containerd.runtimes]\nq = {}\n" ALONE },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes.runc.options]\n",
	  "version = 2\n[plugins.'" CRI "'.containerd.runtimes.runc.options]\n" ALONE },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes]\n",
	  "version = 2\n[plugins.'" CRI "'.containerd.runtimes]\n" BLOCK },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimesx.q]\n",
	  "version = 2\n[plugins.'" CRI "'.containerd.runtimesx.q]\n" BLOCK },
	{ "version = 3\n[plugins.'" CRI "'.containerd.runtimes.q]\n",
	  "version = 3\n[plugins.'" CRI
	  "'.containerd.runtimes.q]\n" TABLES("io.containerd.cri.v1.runtime") },
	{ "version = 2\n[ plugins . \"" CRI "\" ]\r\n  a.b = \"\\\"#\"\r\n",
	  "version = 2\n[ plugins . \"" CRI "\" ]\r\n  a.b = \"\\\"#\"\r\n" BLOCK },
	{ "version = 2\nstate = \"\"\n", "version = 2\nstate = \"\"\n" BLOCK },
	{ "", "version = 2\n" BLOCK },
	{ "state = \"/run\"\n", NULL },
	{ "version = 4\n", NULL },
	{ "version = 2\nplugins = {}\n", NULL },
	{ "version = 2\n[plugins]\n'" CRI "' = {}\n", NULL },
	{ "version = 2\n[plugins]\n'" CRI "'.containerd.x = 1\n", NULL },
	{ "version = 2\n[[plugins]]\n", NULL },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes]\nr.x = 1\n", NULL },
	{ "version = 2\n[plugins.'" CRI "'.containerd.runtimes.r.options]\n", NULL },
	{ "version = 2\nx = \"\"\"\n[plugins]\n\"\"\"\n", NULL },
	{ "version = 2\nx = '''y'''\n", NULL },
	{ "version = 2\nx = [\n", NULL },
	{ "version = 2\nx = \"y\n", NULL },
	{ "version = 2\n\"a\\u0062\" = 1\n", NULL },
	{ "version = 2\nx\n", NULL },
	{ "version = 2\n[x] y\n", NULL },
	{ "version = 2\n# snug: begin\n", NULL },
	{ "version = 2\n# snug: end\n# snug: begin\n", NULL },
	{ "version = 2\n" BLOCK BLOCK, NULL },
	{ "version = 2\n# snug: begin\n# snug: end\n", NULL }, /* not snug's, without a record */
};

static void containerd_gets_tables(void **state)
{
	const struct snug_containerd_entry entry = { "f", "r", "/x", false };

	(void)state;
	for (size_t i = 0; i < sizeof(containerd_rows) / sizeof(containerd_rows[0]); i++) {
		const char *text = containerd_rows[i].now;
		SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, out = { 0 }, back = { 0 };
		struct snug_error err = { 0 };
		bool gone = false;
		int result;

		fill(&now, text);
		result = snug_containerd_add(&entry, text ? &now : NULL, &out, &err);
		if (!containerd_rows[i].want) {
			if (result == 0)
				fail_msg("row %zu was taken", i);
			assert_int_equal(err.code, SNUG_INPUT);
			assert_true(err.remedy[0] != '\0');
			continue;
		}
		if (result < 0)
			fail_msg("row %zu: %s", i, err.what);
		assert_string_equal(snug_buf_text(&out), containerd_rows[i].want);
		assert_int_equal(snug_containerd_take_out(&entry, &out, text ? &now : NULL, &back,
							  &gone, &err),
				 0);
		assert_int_equal(gone, text == NULL);
		assert_null(strstr(snug_buf_text(&back), "snug"));
	}
}

static void containerd_takes_out_what_it_wrote_alone(void **state)
{
	const struct snug_containerd_entry entry = { "f", "r", "/x", true };
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, out = { 0 }, other = { 0 };
	struct snug_error err;
	bool gone;

	(void)state;
	fill(&now, "a = 1\n" BLOCK "[b]\n");
	assert_int_equal(snug_containerd_take_out(&entry, &now, NULL, &out, &gone, &err), 0);
	assert_string_equal(snug_buf_text(&out), "a = 1\n[b]\n");
	assert_false(gone);
	snug_buf_clear(&out);
	snug_buf_clear(&now);
	fill(&now, "a = 1\n" ALONE);
	assert_int_equal(snug_containerd_take_out(&entry, &now, NULL, &out, &gone, &err), 0);
	assert_string_equal(snug_buf_text(&out), "a = 1\n");
	fill(&other, "# snug: begin\n[mine]\n# snug: end\n");
	assert_true(snug_containerd_take_out(&entry, &other, NULL, &out, &gone, &err) < 0);
	assert_int_equal(err.code, SNUG_INPUT);
}

/* What an older snug wrote gets the default runtime; and loses it where there is another one. */
static void containerd_is_brought_up_to_date(void **state)
{
	const struct snug_containerd_entry entry = { "f", "r", "/x", true };
	static const char *const rows[][2] = {
		{ "version = 2\n" ALONE, "version = 2\n" BLOCK },
		{ "version = 2\n" BLOCK "[plugins.'" CRI "'.containerd.runtimes.runc]\n",
		  "version = 2\n[plugins.'" CRI "'.containerd.runtimes.runc]\n" ALONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 }, out = { 0 };
		struct snug_error err;

		fill(&now, rows[i][0]);
		assert_int_equal(snug_containerd_add(&entry, &now, &out, &err), 0);
		assert_string_equal(snug_buf_text(&out), rows[i][1]);
	}
}

static void containerd_has_its_default(void **state)
{
#define AT(plugin, tail) "[plugins.\"" plugin "\".containerd" tail "]\n"
#define THREE		 "io.containerd.cri.v1.runtime"
	static const struct {
		const char *dump, *lacks; /* lacks: NULL: nothing */
	} rows[] = {
		{ "", NULL },
		{ AT(CRI, "") "default_runtime_name = \"runc\"\n" AT(CRI, ".runtimes.r"), "runc" },
		{ AT(CRI, "") "default_runtime_name = \"runc\"\n" AT(CRI, ".runtimes.runc"), NULL },
		{ AT(CRI, "") "default_runtime_name = \"run\"\n" AT(CRI, ".runtimes.runc"), "run" },
		{ AT(THREE, "") "default_runtime_name = 'crun'\n" AT(THREE, ".runtimes.runc"),
		  "crun" },
		{ AT(THREE, "") "default_runtime_name = 'runc'\n" AT(THREE,
								     ".runtimes.runc.options"),
		  NULL },
		{ AT(CRI, "") "default_runtime_name = ''\n", NULL },
		{ AT(CRI, "") "default_runtime_name = \"a\"\n" AT(
			  CRI, ".default_runtime") "runtime_type = \"\"\n",
		  "a" },
		{ AT(CRI, "") "default_runtime_name = \"a\"\n" AT(
			  CRI, ".default_runtime") "runtime_type = \"b\"\n",
		  NULL },
		{ AT(CRI, "") "default_runtime_name = \"runc\"\n[x\n", NULL }, /* not readable */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[64];
		bool lacks = snug_containerd_lacks_default(rows[i].dump, name, sizeof(name));

		if (lacks != (rows[i].lacks != NULL))
			fail_msg("row %zu: %d", i, lacks);
		if (lacks)
			assert_string_equal(name, rows[i].lacks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containerd_gets_tables),
		cmocka_unit_test(containerd_takes_out_what_it_wrote_alone),
		cmocka_unit_test(containerd_is_brought_up_to_date),
		cmocka_unit_test(containerd_has_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
