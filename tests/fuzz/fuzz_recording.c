/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two recordings. What is none is refused with a place. What is one is written and read again as
 * the same; the union of two is that of the same two the other way round, holds both, and is a
 * recording; a profile that is made of it is one.
 *
 * Input: two recordings as text; or, where it begins with no brace, bytes that choose two.
 */
#include "fuzz/fuzz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/generate.h"
#include "model/name.h"
#include "model/profile.h"
#include "model/summary.h"
#include "support/recordings.h"

static void render(const struct snug_recording *recording, struct snug_buf *ret)
{
	struct snug_error err;

	CHECK(snug_recording_render(recording, ret, &err) == 0);
}

static bool same(const struct snug_buf *a, const struct snug_buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void merge(struct snug_recording *into, const struct snug_recording *other)
{
	struct snug_error err;

	CHECK(snug_recording_merge(into, other, &err) == 0);
}

/* What is written reads as what was written. */
static void check_text(const struct snug_recording *recording)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, again = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording back = { 0 };
	struct snug_error err = { 0 };

	render(recording, &text);
	if (snug_recording_parse(text.data, text.len, "again", &back, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n", err.path, err.what, text.data);
	CHECK(err.code == SNUG_DONE);
	render(&back, &again);
	CHECK(same(&text, &again));
}

static void check_is(const struct snug_recording *a, const struct snug_recording *b)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf left = { 0 }, right = { 0 };

	render(a, &left);
	render(b, &right);
	CHECK(same(&left, &right));
}

/* nothing ∪ a ∪ b == b ∪ a; and neither again adds to that. */
static void check_union(const struct snug_recording *a, const struct snug_recording *b)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording left = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording right = { 0 };

	merge(&left, a);
	merge(&left, b);
	merge(&right, b);
	merge(&right, a);
	check_is(&left, &right);
	merge(&right, a);
	merge(&right, b);
	check_is(&left, &right);
	merge(&right, &left);
	check_is(&left, &right);
	check_text(&left);
}

static void check_profile(const struct snug_recording *recording)
{
	static const char *const digests[] = { "sha256:0", NULL };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_generate_options options = { .generator = "snug", .digests = digests };
	struct snug_error err = { 0 };

	/* Flow gives one that has none that will do another (flow/generate.c). */
	if (!recording->name || !snug_name_is_valid(recording->name))
		return;
	options.exact = recording->calls.count & 1;
	if (snug_generate(recording, &options, &text, &err) < 0) {
		CHECK(err.code == SNUG_INPUT || err.code == SNUG_NO || err.code == SNUG_HOST);
		return;
	}
	if (snug_profile_parse(text.data, text.len, "made", &profile, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n", err.path, err.what, text.data);
	CHECK(err.code == SNUG_DONE);
	CHECK(profile.seccomp_node || !(recording->observed & SNUG_OBSERVED_SYSCALLS));
}

static void parse(const char *text, size_t len, struct snug_recording *ret)
{
	struct snug_error err = { 0 };

	if (snug_recording_parse(text, len, "recording", ret, &err) < 0) {
		CHECK(err.code == SNUG_INPUT && err.path[0] == '$' && err.what[0]);
		snug_recording_clear(ret);
		*ret = (struct snug_recording){ 0 };
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };

	fuzz_split(data, size, &parts);
	if (parts.text[0][0] == '{') {
		parse(parts.text[0], parts.len[0], &a);
		parse(parts.text[1], parts.len[1], &b);
	} else {
		random_input(data, size);
		random_recording(&a);
		random_recording(&b);
	}
	if (a.run_count) {
		check_text(&a);
		if (size % 4 == 0) /* takes as long as all else, ten times */
			check_profile(&a);
	}
	if (a.run_count && b.run_count)
		check_union(&a, &b);
	return 0;
}
