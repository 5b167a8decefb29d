/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a pattern is within others is decided exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/patterns.h"

#define CASES 2000u
#define PATHS 40u

static bool some_matches(const struct snug_aare *const *list, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (snug_aare_match(list[i], path))
			return true;
	return false;
}

/* A no has a path that shows it; a yes holds for whatever the pattern matches. */
static void inclusion_is_exact(void **state)
{
	unsigned counts[3] = { 0 };

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_aare patterns[4] = { 0 };
		const struct snug_aare *list[3] = { &patterns[1], &patterns[2], &patterns[3] };
		SNUG_AUTO(snug_buf_clear) struct snug_buf witness = { 0 };
		enum snug_aare_answer answer;
		struct snug_error err = { 0 };

		random_case(4000000 + i);
		for (unsigned j = 0; j < 4; j++) {
			SNUG_AUTO(snug_freep) char *text = random_pattern();

			CHECK(snug_aare_parse(j == 1 && random_below(2) ? "/**" : text,
					      &patterns[j], &err) == 0);
		}
		CHECK(snug_aare_within(&patterns[0], list, 3, &answer, &witness, &err) == 0);
		counts[answer]++;
		if (answer == SNUG_AARE_NO) {
			CHECK(snug_aare_match(&patterns[0], snug_buf_text(&witness)));
			CHECK(!some_matches(list, 3, snug_buf_text(&witness)));
		}
		for (unsigned j = 0; answer == SNUG_AARE_YES && j < PATHS; j++) {
			SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

			put_match(&patterns[0], &path);
			if (snug_aare_match(&patterns[0], snug_buf_text(&path)))
				CHECK(some_matches(list, 3, snug_buf_text(&path)));
		}
		for (unsigned j = 0; j < 4; j++)
			snug_aare_clear(&patterns[j]);
	}
	assert_true(counts[SNUG_AARE_YES] > CASES / 10 && counts[SNUG_AARE_NO] > CASES / 10);
	assert_true(counts[SNUG_AARE_UNKNOWN] < CASES / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inclusion_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
