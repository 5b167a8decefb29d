/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/boundary_plan.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct snug_insn insns[] = { { 0x20, 0, 0, 0 }, { 0x06, 0, 0, 0x7fff0000 } };

static void make(const char *profile, struct snug_buf *ret)
{
	struct snug_boundary_made made = { .plan = { .filter = { insns, 2 },
						     .has_caps = true,
						     .caps = UINT64_C(1) << 40 | 1,
						     .no_new_privs = true,
						     .label = "snug-web-0123456789abcdef" },
					   .incomplete = "lost 3 events" };
	struct snug_buf text = { 0 };
	struct snug_error err;

	snug_buf_adds(&text, profile);
	assert_int_equal(snug_boundary_plan_render(&made, &text, ret, &err), 0);
	snug_buf_clear(&text);
}

static bool parse(const struct snug_buf *plan, size_t len, const char *profile,
		  struct snug_boundary_made *ret)
{
	struct snug_buf text = { 0 }, copy = { 0 };
	bool result;

	snug_buf_adds(&text, profile);
	snug_buf_add(&copy, plan->data, len);
	result = snug_boundary_plan_parse(&copy, &text, ret);
	snug_buf_clear(&copy);
	snug_buf_clear(&text);
	return result;
}

static void test_there_and_back(void **state)
{
	SNUG_AUTO(snug_boundary_made_clear) struct snug_boundary_made made = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf plan = { 0 };

	(void)state;
	make("{\"a\":1}", &plan);
	assert_true(parse(&plan, plan.len, "{\"a\":1}", &made));
	assert_int_equal(made.plan.filter.count, 2);
	assert_memory_equal(made.plan.filter.at, insns, sizeof(insns));
	assert_true(made.plan.has_caps && made.plan.no_new_privs);
	assert_int_equal(made.plan.caps, UINT64_C(1) << 40 | 1);
	assert_string_equal(made.plan.label, "snug-web-0123456789abcdef");
	assert_string_equal(made.incomplete, "lost 3 events");
}

/* Of another profile, cut anywhere, longer, or with a count that lies. */
static void test_none(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf plan = { 0 };
	struct snug_boundary_made made = { 0 };

	(void)state;
	make("{\"a\":1}", &plan);
	assert_false(parse(&plan, plan.len, "{\"a\":2}", &made));
	assert_false(parse(&plan, plan.len, "{\"a\":1} ", &made));
	assert_false(parse(&plan, plan.len, "", &made));
	for (size_t len = 0; len < plan.len; len++)
		assert_false(parse(&plan, len, "{\"a\":1}", &made));
	for (size_t at = 0; at < 32; at++) {
		if (at >= 8 && at < 12) /* flags */
			continue;
		if (at >= 16 && at < 24) /* capabilities */
			continue;
		plan.data[at] ^= 0x10;
		assert_false(parse(&plan, plan.len, "{\"a\":1}", &made));
		plan.data[at] ^= 0x10;
	}
	snug_buf_addc(&plan, '\n');
	assert_false(parse(&plan, plan.len, "{\"a\":1}", &made));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
