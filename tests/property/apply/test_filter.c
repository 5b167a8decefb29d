/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies: what snug writes of them, libseccomp compiles to a filter that is proved equal
 * to them, linear and as a tree, with runc's stub and without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply/filter.h"
#include "base/cleanup.h"
#include "support/section.h"

#include <stdio.h>
#include <string.h>

#define POLICIES random_cases(2000u)

static struct snug_target targets[2];

/*
 * A section as somebody might write it, EQ and MASKED_EQ alone. Where i386 is listed beside x86_64,
 * libseccomp 2.5.4 now and then takes one block of instructions for two that differ, from operands
 * above 32 bits: some filters in 10,000 are weaker than their rules. The proof has to say so.
 */
static void test_plain_sections(void **state)
{
	static const struct section_options options = { .all_actions = true };
	unsigned wrong = 0;

	(void)state;
	for (unsigned i = 0; i < POLICIES; i++) {
		SNUG_AUTO(judged_clear) struct judged judged = { 0 };
		struct snug_error err = { 0 };
		const struct snug_target *target;

		random_case(i);
		target = &targets[random_below(2)];
		section_random(&judged.text, &options);
		judge(&judged, target);
		if (snug_filter_check(&judged.section, target, &judged.policy, &err) == 0)
			continue;
		CHECK(strstr(err.what, "is not the policy"));
		CHECK(strstr(judged.text.data, "SCMP_ARCH_X86\""));
		wrong++;
	}
	print_message("of %u filters %u not built right\n", POLICIES, wrong);
	assert_true(wrong < POLICIES / 200);
}

static bool write_meet(const struct judged *a, const struct judged *b,
		       const struct snug_target *target, struct judged *ret,
		       struct snug_seccomp *ret_meet, struct snug_losses *losses)
{
	struct snug_error err = { 0 };

	if (snug_seccomp_meet(&a->policy, &b->policy, ret_meet, &err) == 0 &&
	    snug_oci_seccomp_write(ret_meet, target, NULL, &ret->text, losses, &err) == 0)
		return true;
	/* Refused: more pieces than the limit, or what no section can say under runc. */
	if (!strstr(err.what, "pieces") && !strstr(err.what, "cannot be as strict"))
		section_must(-1, &err, &a->text);
	return false;
}

/* The meet of two sections with any operator, as harden writes it. */
static void test_written_meets(void **state)
{
	unsigned refused = 0, unbuilt = 0;

	(void)state;
	for (unsigned i = 0; i < POLICIES; i++) {
		SNUG_AUTO(judged_clear) struct judged a = { 0 };
		SNUG_AUTO(judged_clear) struct judged b = { 0 };
		SNUG_AUTO(judged_clear) struct judged written = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp meet = { 0 };
		struct snug_losses losses = { 0 };
		struct snug_error err = { 0 };
		struct snug_call_data witness;
		const struct snug_target *target;
		struct section_options options = { .all_actions = true, .calls = 6, .entries = 2 };

		random_case(i);
		options.all_operators = random_below(4) == 0;
		target = &targets[random_below(2)];
		section_random(&a.text, &options);
		section_random(&b.text, &options);
		judge(&a, target);
		judge(&b, target);
		if (write_meet(&a, &b, target, &written, &meet, &losses)) {
			judge(&written, target);
			CHECK(snug_seccomp_within(&written.policy, &meet, &witness));
			CHECK(losses.count || snug_seccomp_same(&written.policy, &meet, &witness));
			if (snug_filter_check(&written.section, target, &written.policy, &err) <
			    0) {
				print_message("%s\n", err.what);
				unbuilt++;
			}
		} else {
			refused++;
		}
		snug_vec_clear(&losses);
	}
	print_message("of %u meets %u refused, %u not built right\n", POLICIES, refused, unbuilt);
	assert_true(refused < POLICIES / 5);
	assert_true(unbuilt < POLICIES / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_sections),
		cmocka_unit_test(test_written_meets),
	};

	snug_target_of_host(SNUG_RUNTIME_RUNC, &targets[0]);
	snug_target_of_host(SNUG_RUNTIME_CRUN, &targets[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
