/* SPDX-License-Identifier: Apache-2.0 */
/* What is written means what it was written from, or is stricter and says where; and the meet of
 * two policies survives it. */
#include "../seccomp_cases.h"

#include <stdio.h>
#include <string.h>

#define CASES random_cases(10000u)

struct written {
	struct snug_json *doc;
	struct snug_oci_seccomp seccomp;
	struct snug_seccomp policy;
	struct snug_losses losses;
	struct snug_buf text;
};

static void written_clear(struct written *written)
{
	snug_seccomp_clear(&written->policy);
	snug_oci_seccomp_clear(&written->seccomp);
	snug_json_freep(&written->doc);
	snug_vec_clear(&written->losses);
	snug_buf_clear(&written->text);
}

/* false where the target cannot be as strict as policy, or it takes too many pieces (that is said,
 * not hidden). */
static bool write_and_read(const struct snug_seccomp *policy, const struct snug_target *target,
			   struct written *ret)
{
	struct snug_error err;

	if (snug_oci_seccomp_write(policy, target, NULL, &ret->text, &ret->losses, &err) < 0) {
		if (!strstr(err.what, "cannot be as strict") && !strstr(err.what, "pieces") &&
		    !strstr(err.what, "what was to be written: contradicts"))
			fail_msg("SNUG_SEED=%llu: %s", (unsigned long long)random_seed, err.what);
		return false;
	}
	assert_int_equal(snug_json_parse(&ret->doc, ret->text.data, ret->text.len, NULL, &err), 0);
	assert_int_equal(snug_oci_seccomp_read(snug_json_root(ret->doc), &ret->seccomp, &err), 0);
	assert_int_equal(snug_oci_seccomp_mean(&ret->seccomp, target, &ret->policy, &err), 0);
	return true;
}

static bool check_written(const struct snug_seccomp *policy, const struct snug_target *target,
			  unsigned *ret_exact)
{
	SNUG_AUTO(written_clear) struct written once = { 0 };
	SNUG_AUTO(written_clear) struct written twice = { 0 };
	struct snug_call_data w;

	if (!write_and_read(policy, target, &once))
		return false;
	CHECK(snug_seccomp_within(&once.policy, policy, &w));
	CHECK((once.losses.count == 0) == snug_seccomp_same(&once.policy, policy, &w));
	*ret_exact += once.losses.count == 0;
	/* What linux.seccomp has said once it can say again. */
	CHECK(write_and_read(&once.policy, target, &twice));
	CHECK(snug_seccomp_within(&twice.policy, &once.policy, &w));
	return true;
}

/* false: more pieces than a policy may have. */
static bool check_meet(const struct snug_seccomp *a, const struct snug_seccomp *b,
		       struct snug_seccomp *ret)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp other = { 0 };
	struct snug_call_data w;
	struct snug_error err;

	if (snug_seccomp_meet(a, b, ret, &err) < 0 || snug_seccomp_meet(b, a, &other, &err) < 0) {
		CHECK(strstr(err.what, "pieces") != NULL);
		return false;
	}
	CHECK(snug_seccomp_within(ret, a, &w) && snug_seccomp_within(ret, b, &w));
	CHECK(snug_seccomp_within(ret, &other, &w) && snug_seccomp_within(&other, ret, &w));
	CHECK(snug_seccomp_within(a, b, &w) == snug_seccomp_within(a, ret, &w));
	if (!snug_seccomp_within(a, b, &w))
		CHECK(snug_action_looser(snug_seccomp_decide(a, &w), snug_seccomp_decide(b, &w)));
	return true;
}

static bool random_policy(const struct snug_target *target, struct snug_seccomp *ret)
{
	SNUG_AUTO(random_section_clear) struct random_section section = random_section(true);
	struct snug_error err;

	return snug_oci_seccomp_mean(&section.seccomp, target, ret, &err) == 0;
}

static void test_written_is_no_looser(void **state)
{
	unsigned refused = 0, exact = 0, large = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp a = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp b = { 0 };
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp both = { 0 };
		struct snug_target target;

		random_case(i);
		snug_target_init(&target, (enum snug_runtime)random_below(SNUG_RUNTIME_MAX), 6, 7);
		if (!random_policy(&target, &a) || !random_policy(&target, &b))
			continue;
		if (!check_meet(&a, &b, &both)) {
			large++;
			continue;
		}
		refused += !check_written(random_below(2) ? &a : &both, &target, &exact);
	}
	print_message("%u of %u exact, %u refused, %u too large\n", exact, CASES, refused, large);
	assert_true(refused < CASES / 20);
	assert_true(large < CASES / 50);
	assert_true(exact > CASES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_written_is_no_looser) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
