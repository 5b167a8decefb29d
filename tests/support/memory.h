/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each allocation of an operation fails, one by one; nothing may crash or be lost, and the
 * operation says that there is no memory, or does all the same what it does with memory.
 *
 * The program is linked with --wrap for what allocates (Makefile: flags_test_memory). Frees are
 * counted too, so that a leak is found without a sanitizer.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "random.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void __real_free(void *data);

static struct {
	unsigned long calls, fail_at; /* fail_at 0: none */
	bool from_there_on;	      /* all later ones too */
	long living;
} memory;

static bool memory_fails(void)
{
	memory.calls++;
	return memory.fail_at && (memory.from_there_on ? memory.calls >= memory.fail_at
						       : memory.calls == memory.fail_at);
}

static void *memory_new(void *data)
{
	memory.living += data != NULL;
	return data;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return memory_fails() ? NULL : memory_new(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return memory_fails() ? NULL : memory_new(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	if (memory_fails())
		return NULL;
	memory.living += !old;
	return __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	if (memory_fails())
		return NULL;
	memory.living += !old;
	return __real_reallocarray(old, count, size);
}

char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
	return memory_fails() ? NULL : memory_new(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t len);
char *__wrap_strndup(const char *text, size_t len)
{
	return memory_fails() ? NULL : memory_new(__real_strndup(text, len));
}

void __wrap_free(void *data);
void __wrap_free(void *data)
{
	memory.living -= data != NULL;
	__real_free(data);
}

#define MEMORY_POINTS 300u /* of an operation, unless SNUG_FAULTS=all */

/* What it makes goes into ret; all else it has freed when it returns. */
typedef int memory_operation(struct snug_buf *ret, struct snug_error *err);

static unsigned memory_found;

#define MEMORY_FOUND(...)                                                                          \
	do {                                                                                       \
		print_error(__VA_ARGS__);                                                          \
		memory_found++;                                                                    \
	} while (0)

static int memory_run(const char *what, memory_operation *operation, unsigned long fail_at,
		      struct snug_buf *ret, struct snug_error *err)
{
	long before = memory.living, left;
	int result;

	*err = (struct snug_error){ 0 };
	memory.calls = 0;
	memory.fail_at = fail_at;
	result = operation(ret, err);
	memory.fail_at = 0;
	left = memory.living - (ret->data != NULL) - before;
	if (left)
		MEMORY_FOUND("%s: allocation %lu: %ld are not freed\n", what, fail_at, left);
	return result;
}

/* From a little ahead of where they differ. */
static const char *memory_difference(const struct snug_buf *got, const struct snug_buf *wanted)
{
	static char ret[256];
	size_t at = 0;

	while (at < got->len && at < wanted->len && got->data[at] == wanted->data[at])
		at++;
	at -= at < 40 ? at : 40;
	(void)snprintf(ret, sizeof(ret), "'%.100s', not '%.100s'", snug_buf_text(got) + at,
		       snug_buf_text(wanted) + at);
	return ret;
}

static void memory_check(const char *what, memory_operation *operation, unsigned long at,
			 const struct snug_buf *wanted, bool otherwise)
{
	struct snug_buf got = { 0 };
	struct snug_error err;
	int result = memory_run(what, operation, at, &got, &err);

	if (result < 0 && (err.code != SNUG_SYSTEM || err.sys_errno != ENOMEM))
		MEMORY_FOUND("%s: allocation %lu: it says '%s' (%d)\n", what, at, err.what,
			     (int)err.code);
	if (result >= 0 && !otherwise &&
	    (got.len != wanted->len || memcmp(snug_buf_text(&got), snug_buf_text(wanted), got.len)))
		MEMORY_FOUND("%s: allocation %lu: it makes something else: %s\n", what, at,
			     memory_difference(&got, wanted));
	snug_buf_clear(&got);
}

/* The points that are walked of so many: all, or some of each part. */
static unsigned long memory_step(unsigned long at, unsigned long count)
{
	const char *all = getenv("SNUG_FAULTS");

	if (count <= MEMORY_POINTS || (all && strcmp(all, "all") == 0))
		return at + 1;
	return at + 1 + random_below((unsigned)(2 * count / MEMORY_POINTS));
}

static unsigned long memory_walk(const char *what, memory_operation *operation, bool otherwise)
{
	struct snug_buf wanted = { 0 };
	struct snug_error err;
	unsigned long count;

	if (memory_run(what, operation, 0, &wanted, &err) < 0)
		fail_msg("%s: with memory: %s: %s", what, err.path, err.what);
	count = memory.calls;
	for (unsigned long at = 1; at <= count; at = memory_step(at, count))
		memory_check(what, operation, at, &wanted, otherwise);
	snug_buf_clear(&wanted);
	return count;
}

struct memory_case {
	const char *name;
	memory_operation *operation;
	bool otherwise; /* what it makes may be spelt in another way, and be true too */
};
#define MEMORY_CASE(function)                                                                      \
	{                                                                                          \
#function, function, false                                                         \
	}
#define MEMORY_CASE_OTHERWISE(function)                                                            \
	{                                                                                          \
#function, function, true                                                          \
	}

/* from_there_on: when one has failed, no other succeeds. */
static void memory_walk_all(const struct memory_case *cases, size_t count, bool from_there_on)
{
	unsigned long all = 0;

	memory.from_there_on = from_there_on;
	random_case(0);
	for (size_t i = 0; i < count; i++)
		all += memory_walk(cases[i].name, cases[i].operation, cases[i].otherwise);
	print_message("# note: %lu allocations of %zu operations\n", all, count);
	assert_true(all > 1000);
	assert_int_equal(memory_found, 0);
}

/* A whole program of such cases: one allocation fails; then one, and all behind it. */
static const struct memory_case *memory_cases;
static size_t memory_case_count;

static void one_allocation_fails(void **state)
{
	(void)state;
	memory_walk_all(memory_cases, memory_case_count, false);
}

static void none_succeeds_from_there_on(void **state)
{
	(void)state;
	memory_walk_all(memory_cases, memory_case_count, true);
}

static int memory_main(const struct memory_case *cases, size_t count, CMFixtureFunction setup,
		       CMFixtureFunction teardown)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_allocation_fails),
		cmocka_unit_test(none_succeeds_from_there_on),
	};

	memory_cases = cases;
	memory_case_count = count;
	return cmocka_run_group_tests(tests, setup, teardown);
}
