/* SPDX-License-Identifier: Apache-2.0 */
/* The engine against a plain interpreter, on random programs and the vectors they compare with. */
#include "support/programs.h"

#include "base/cleanup.h"

#include <stdio.h>

#define CASES	random_cases(10000u)
#define VECTORS 24u

static void test_engine(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (unsigned c = 0; c < CASES; c++) {
		SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
		struct seccomp_data data = { .nr = 41, .arch = 0xc000003e };
		struct random_program random;
		struct snug_error err;
		bool whole;

		random_case(c);
		random_program(&random);
		whole = snug_program_split(&random.program, data.arch, (uint32_t)data.nr, &split,
					   &err) == 0;
		refused += !whole;
		for (unsigned i = 0; i < VECTORS; i++) {
			snug_action expected, got;
			uint64_t args[SNUG_ARGS];

			fit(&random.program, &data);
			for (unsigned n = 0; n < SNUG_ARGS; n++)
				args[n] = data.args[n];
			expected = interpret(&random.program, &data);
			CHECK(snug_program_run(&random.program, data.arch, (uint32_t)data.nr, args,
					       &got, &err) == 0);
			CHECK(got == expected);
			CHECK(!whole || snug_split_decide(&split, args) == expected);
		}
	}
	/* Too many pieces, now and then; never for what a compiler emits. */
	assert_true(refused < CASES / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_engine) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
