/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording of everything, as it is written and explained, byte for byte. SNUG_GOLDEN_WRITE=1
 * writes the files anew; read the difference before it is committed.
 */
#include "base/cleanup.h"
#include "model/explain_recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/golden_file.h"

static void a_recording_of_everything(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf source = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf written = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf json = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	read_file("seen.recording.json", &source);
	if (snug_recording_parse(source.data, source.len, NULL, &recording, &err) < 0 ||
	    snug_recording_render(&recording, &written, &err) < 0 ||
	    snug_recording_text(&recording, "x", &text, &err) < 0 ||
	    snug_recording_json(&recording, "x", &json, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
	check("seen.recording.json", &written);
	check("seen.explain.txt", &text);
	check("seen.explain.json", &json);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_recording_of_everything) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
