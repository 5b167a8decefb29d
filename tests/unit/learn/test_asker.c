/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/asker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void names(void **state)
{
	(void)state;
	assert_true(snug_asker_is_probe("cap_vm_enough_memory"));
	assert_true(snug_asker_is_probe("ns_capable_noaudit"));
	assert_true(snug_asker_is_probe("ns_capable_noaudit.cold"));
	assert_true(snug_asker_is_probe("has_capability_noaudit.constprop.0"));
	assert_false(snug_asker_is_probe("ns_capable"));
	assert_false(snug_asker_is_probe("capable"));
	assert_false(snug_asker_is_probe("cap_vm_enough"));
	assert_false(snug_asker_is_probe("cap_vm_enough_memory_more"));
	assert_false(snug_asker_is_probe(""));
}

static void stacks(void **state)
{
	struct snug_rec_askers askers = { .count = 2,
					  .at = { { 0x1000, 0x1100 }, { 0x3000, 0x3010 } } };
	uint64_t outside[] = { 0x500, 0x1000, 0x1101, 0x2fff };
	uint64_t inside[] = { 0x500, 0x1042 };
	uint64_t at_end[] = { 0x3010 }; /* a call that never returns ends its function */
	uint64_t behind_the_last[] = { 0x500, 0, 0x1042 };

	(void)state;
	assert_false(snug_askers_probe(&askers, outside, 4));
	assert_true(snug_askers_probe(&askers, inside, 2));
	assert_true(snug_askers_probe(&askers, at_end, 1));
	assert_false(snug_askers_probe(&askers, behind_the_last, 3));
	assert_false(snug_askers_probe(&askers, inside, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
