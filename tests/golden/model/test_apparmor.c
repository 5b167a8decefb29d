/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording of files and acts becomes a profile and text for AppArmor, byte for byte.
 * SNUG_GOLDEN_WRITE=1 writes the files anew; read the difference before it is committed. What is
 * written, apparmor_parser takes: tests/live/apparmor-syntax.bats.
 */
#include "base/cleanup.h"
#include "model/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden_file.h"
#include "support/native.h"

static void expect(int result, const struct snug_error *err)
{
	if (result < 0)
		fail_msg("%s: %s", err->path, err->what);
}

static void generate(const struct snug_aa_options *options, struct snug_buf *ret)
{
	const struct snug_generate_options all = { .generator = "snug test",
						   .exact = true,
						   .apparmor = *options };
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	read_file("files.recording.json", &text);
	expect(snug_recording_parse(text.data, text.len, "r.json", &recording, &err), &err);
	expect(snug_generate(&recording, &all, ret, &err), &err);
}

static void check_as(const struct snug_aa_options *options, const char *name)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 }, text = { 0 };
	struct snug_error err = { 0 };

	generate(options, &profile);
	expect(snug_profile_convert(&profile, SNUG_PROFILE_APPARMOR, &text, &err), &err);
	check(name, &text);
}

static void a_profile_is_generated(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 };
	const struct snug_aa_options options = { 0 };

	need_x86_64(state);
	generate(&options, &profile);
	check("files.profile.json", &profile);
}

static void text_is_generated_as_far_as_asked(void **state)
{
	const struct snug_aa_options siblings = { 0 }, typed = { SNUG_GENERALISE_TYPED, false },
				     none = { SNUG_GENERALISE_NONE, false },
				     children = { SNUG_GENERALISE_SIBLINGS, true };

	(void)state;
	check_as(&siblings, "siblings.apparmor");
	check_as(&typed, "typed.apparmor");
	check_as(&none, "none.apparmor");
	check_as(&children, "children.apparmor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_generated),
		cmocka_unit_test(text_is_generated_as_far_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
