/* SPDX-License-Identifier: Apache-2.0 */
/* A recording that is as large as can be, and one that is larger. */
#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/seen.h"

#define HEAD "{\"snugRecording\":1,\"runs\":{\"count\":1,\"ids\":[\"00000000000000aa\"]},"

/* count bytes that are five each in JSON */
static char *long_path(size_t count)
{
	char *path = malloc(count + 1);

	assert_non_null(path);
	memset(path, '\xff', count);
	path[0] = '/';
	path[count] = '\0';
	return path;
}

/* Paths of one length, so that the first in order stay. */
static void fill(struct snug_recording *ret, unsigned first)
{
	char path[32];

	for (unsigned i = 0; i < SNUG_SEEN_FILES_MAX; i++) {
		snprintf(path, sizeof(path), "/var/%06u", first + i);
		assert_non_null(snug_seen_files_add(&ret->files, path, "", SNUG_ACCESS_READ, 0));
	}
	assert_null(snug_seen_files_add(&ret->files, "/x", "", SNUG_ACCESS_READ, 0));
	assert_int_equal(errno, E2BIG);
	assert_non_null(snug_seen_files_add(&ret->files, path, "", SNUG_ACCESS_WRITE, 0));
}

static void past_the_limit_a_union_says_so(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording both = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording swapped = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording again = { 0 };
	SNUG_AUTO(snug_freep) char *left = NULL, *right = NULL;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_recording_set_run(&a, 1), 0);
	assert_int_equal(snug_recording_set_run(&b, 2), 0);
	fill(&a, 0);
	fill(&b, 1000);
	assert_int_equal(snug_recording_merge(&both, &a, &err), 0);
	assert_int_equal(both.lost_files, 0);
	assert_int_equal(snug_recording_merge(&both, &b, &err), 0);
	assert_int_equal(both.lost_files, 1);
	assert_int_equal(both.files.count, SNUG_SEEN_FILES_MAX);
	assert_string_equal(both.files.at[SNUG_SEEN_FILES_MAX - 1].path, "/var/032767");
	assert_int_equal(snug_recording_merge(&swapped, &b, &err), 0);
	assert_int_equal(snug_recording_merge(&swapped, &a, &err), 0);
	left = rendered(&both);
	right = rendered(&swapped);
	assert_string_equal(left, right);
	parse_good(left, &again);
	assert_int_equal(again.files.count, SNUG_SEEN_FILES_MAX);
}

/* All that the limits let through is written, and read again. */
static void the_largest_recording_is_read(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_freep) char *path = long_path(400);
	SNUG_AUTO(snug_freep) char *text = NULL;
	struct snug_seen_act act = { .kind = SNUG_ACT_MOUNT,
				     .text = { "", path, "" },
				     .program = "" };
	const uint64_t id = UINT64_MAX;
	struct snug_seen_file *file;

	(void)state;
	for (uint64_t run = 0; run < SNUG_SEEN_RUNS_MAX; run++)
		snug_seen_runs_add(&act.runs, id - run);
	assert_int_equal(snug_recording_set_run(&a, id), 0);
	for (unsigned i = 0;; i++) {
		snprintf(path, 400, "/%0*u", (int)(i % 300), i);
		path[strlen(path)] = '\xff';
		file = snug_seen_files_add(&a.files, path, "", SNUG_ACCESS_ALL, SNUG_ACCESS_ALL);
		if (!file)
			break;
		file->runs = act.runs;
	}
	assert_int_equal(errno, E2BIG);
	for (uint32_t i = 0;; i++) {
		act.number[0] = UINT32_MAX - i;
		if (!snug_seen_acts_add(&a.acts, &act))
			break;
	}
	assert_int_equal(errno, E2BIG);
	assert_true(a.files.count > 10000 && a.acts.count > 5000);
	text = rendered(&a);
	assert_true(strlen(text) < a.files.bytes + a.acts.bytes + 1000);
	parse_good(text, &b);
	assert_int_equal(a.files.count, b.files.count);
	assert_int_equal(a.acts.count, b.acts.count);
}

static void one_too_many_is_refused(void **state)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording read = { 0 };
	struct snug_buf text = { 0 };
	struct snug_error err;

	(void)state;
	snug_buf_adds(&text, HEAD "\"files\":[");
	for (unsigned i = 0; i <= SNUG_SEEN_FILES_MAX; i++)
		snug_buf_addf(&text, "%s{\"path\":\"/%u\",\"access\":[\"read\"]}", i ? "," : "", i);
	snug_buf_adds(&text, "]}");
	assert_int_equal(parse(snug_buf_text(&text), &read, &err), -1);
	assert_string_equal(err.path, "$.files[32768]");
	assert_non_null(strstr(err.what, "more than 32768 files"));
	snug_buf_clear(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(past_the_limit_a_union_says_so),
		cmocka_unit_test(the_largest_recording_is_read),
		cmocka_unit_test(one_too_many_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
