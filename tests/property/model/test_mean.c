/* SPDX-License-Identifier: Apache-2.0 */
/* What linux.seccomp means, against its rules read one by one: every operator, vectors near every
 * constant. */
#include "../seccomp_cases.h"

#include <stdio.h>

#define CASES	random_cases(10000u)
#define VECTORS 40u

/* A call that the section has something to say of. */
static struct snug_call_data random_call(const struct snug_oci_seccomp *seccomp)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 0x26, 0x28, 0xf, UINT32_MAX, 0x100000026ull
	};
	struct snug_call_data call = { .arch = (enum snug_arch)random_below(SNUG_ARCH_MAX) };
	uint32_t nr = random_below(470), number;

	if (seccomp->entries.count && random_below(8)) {
		const struct snug_oci_entry *entry =
			&seccomp->entries.at[random_below((unsigned)seccomp->entries.count)];
		const char *name = entry->names.at[random_below((unsigned)entry->names.count)];
		const struct snug_syscall *known = snug_syscall_by_name(call.arch, name);

		if (known)
			nr = known->nr;
		if (call.arch == SNUG_ARCH_I386 && random_below(2))
			snug_i386_multiplexed(name, &nr, &number);
	}
	call.nr = nr | snug_abi_first(call.arch);
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		call.args[i] = values[random_below(9)] + random_below(3) - 1;
		if (random_below(4) == 0)
			call.args[i] ^= 1ull << random_below(64);
	}
	return call;
}

static void test_meaning_is_its_rules(void **state)
{
	struct snug_target target;
	unsigned refused = 0;

	(void)state;
	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	for (unsigned i = 0; i < CASES; i++) {
		random_case(i);
		SNUG_AUTO(random_section_clear)
		struct random_section section = random_section(false);
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
		struct snug_error err;

		if (snug_oci_seccomp_mean(&section.seccomp, &target, &policy, &err) < 0) {
			refused++;
			continue;
		}
		for (unsigned n = 0; n < VECTORS; n++) {
			struct snug_call_data call = random_call(&section.seccomp);

			CHECK(snug_seccomp_decide(&policy, &call) ==
			      (is_in_filter(&section.seccomp, call.arch)
				       ? judge(&section.seccomp, &call)
				       : SNUG_UNLISTED));
		}
	}
	assert_true(refused < CASES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_meaning_is_its_rules) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
