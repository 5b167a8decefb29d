/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/page.h"
#include "model/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void words_fill_lines_of_80_columns(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_page page = { .out = &text, .indent = 2 };
	unsigned longest = 0, lines = 0;

	(void)state;
	snug_page_end(&page);
	assert_string_equal(snug_buf_text(&text), "");
	for (unsigned i = 0; i < 40; i++)
		snug_page_word(&page, "sechs…");
	snug_page_end(&page);
	for (const char *line = text.data; *line; line = strchr(line, '\n') + 1) {
		unsigned width = 0;

		for (const char *c = line; *c != '\n'; c++)
			width += ((unsigned char)*c & 0xc0) != 0x80;
		longest = width > longest ? width : longest;
		assert_memory_equal(line, "  s", 3);
		lines++;
	}
	/* 2 + 11 words of 6 with 10 spaces between them: 78; a twelfth would pass 80. */
	assert_int_equal(longest, 78);
	assert_int_equal(lines, 4);
}

static void parse(const char *text, struct snug_profile *ret)
{
	struct snug_error err = { 0 };

	if (snug_profile_parse(text, strlen(text), "p.json", ret, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
}

#define ALLOW(names, args) "{\"names\":[" names "],\"action\":\"SCMP_ACT_ALLOW\"" args "}"
#define PROFILE(entries, caps, nnp)                                                                \
	"{\"snugProfile\":1,\"name\":\"web\",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\","   \
	"\"syscalls\":[" entries "]},\"capabilities\":[" caps "],\"noNewPrivileges\":" nnp "}"
#define DOMAIN(value) ",\"args\":[{\"index\":0,\"value\":" value ",\"op\":\"SCMP_CMP_EQ\"}]"

static void changes_are_said(void **state)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile before = { 0 }, now = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, none = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	parse(PROFILE(ALLOW("\"read\",\"poll\"", "") "," ALLOW("\"socket\"", DOMAIN("1")),
		      "\"CAP_CHOWN\"", "true"),
	      &before);
	parse(PROFILE(ALLOW("\"read\",\"write\"", "") "," ALLOW("\"socket\"", DOMAIN("2")),
		      "\"CAP_KILL\"", "false"),
	      &now);
	assert_int_equal(snug_profile_changes(&before, &now, &text, &err), 0);
	assert_string_equal(snug_buf_text(&text), "  now allowed: write\n"
						  "  no longer allowed: poll\n"
						  "  by other arguments: socket\n"
						  "  capabilities added: CAP_KILL\n"
						  "  capabilities taken away: CAP_CHOWN\n"
						  "  no_new_privs: now not set\n");
	assert_int_equal(snug_profile_changes(&now, &now, &none, &err), 0);
	assert_string_equal(snug_buf_text(&none), "");
}

/* Whether there is something to say of files hangs on what was observed. */
static void what_was_not_observed_is_said(void **state)
{
	static const struct {
		const char *provenance, *said;
	} rows[] = {
		{ "", NULL },
		{ "\"runs\":1", NULL },
		{ "\"observed\":[\"syscalls\"]", "  files: not observed, so no opinion\n" },
		{ "\"observed\":[\"files:approximate\"]",
		  "  files: observed approximately, too little to enforce\n" },
		{ "\"observed\":[\"syscalls\",\"files\"]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, source = { 0 };
		struct snug_error err = { 0 };

		snug_buf_addf(&source, "{\"snugProfile\":1,\"name\":\"web\",\"provenance\":{%s}}",
			      rows[i].provenance);
		parse(source.data, &profile);
		assert_int_equal(snug_profile_summary(&profile, &text, &err), 0);
		if (rows[i].said ? !strstr(text.data, rows[i].said) : !!strstr(text.data, "files:"))
			fail_msg("%s: %s", rows[i].provenance, text.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_fill_lines_of_80_columns),
		cmocka_unit_test(changes_are_said),
		cmocka_unit_test(what_was_not_observed_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
