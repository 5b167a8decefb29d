/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_grows(void **state)
{
	struct snug_buf buf = { 0 };
	struct snug_error err;

	(void)state;
	assert_string_equal(snug_buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		snug_buf_addf(&buf, "%d,", i % 10);
	assert_int_equal(buf.len, 2000);
	assert_int_equal(snug_buf_check(&buf, &err), 0);
	assert_memory_equal(buf.data, "0,1,2,3,", 8);
	assert_int_equal(buf.data[buf.len], '\0');
	snug_buf_clear(&buf);
	assert_string_equal(snug_buf_text(&buf), "");
}

static void take_hands_over_even_nothing(void **state)
{
	struct snug_buf buf = { 0 };
	char *text = snug_buf_take(&buf);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	snug_buf_adds(&buf, "x");
	text = snug_buf_take(&buf);
	assert_string_equal(text, "x");
	assert_null(buf.data);
	free(text);
}

static void failure_sticks(void **state)
{
	struct snug_buf buf = { 0 };
	struct snug_error err;

	(void)state;
	snug_buf_adds(&buf, "kept");
	snug_buf_add(&buf, "x",
		     SIZE_MAX / 2); /* more than any machine has: fails before it reads */
	assert_true(buf.failed);
	snug_buf_adds(&buf, "more");
	assert_int_equal(buf.len, 4);
	assert_int_equal(snug_buf_check(&buf, &err), -1);
	assert_int_equal(err.code, SNUG_SYSTEM);
	assert_null(snug_buf_take(&buf));
}

static void vector_keeps_its_elements(void **state)
{
	SNUG_VEC(uint32_t) vec = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(snug_vec_push(&vec, i * 3), 0);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(vec.at[i], i * 3);
	assert_int_equal(snug_vec_reserve(&vec, SIZE_MAX / 2), -1);
	assert_int_equal(vec.count, 10000);
	snug_vec_clear(&vec);
	assert_null(vec.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows),
		cmocka_unit_test(take_hands_over_even_nothing),
		cmocka_unit_test(failure_sticks),
		cmocka_unit_test(vector_keeps_its_elements),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
