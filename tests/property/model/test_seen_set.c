/* SPDX-License-Identifier: Apache-2.0 */
/* A union of sets within limits is a union still: what it drops does not depend on the order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/vec.h"
#include "model/seen_set.h"
#include "random.h"

#include <string.h>

#define CASES	  random_cases(20000u)
#define COUNT_MAX 12u
#define BYTES_MAX 60u
#define KEYS	  40u
#define PARTS	  4u

struct element {
	unsigned key, bits;
	char *owned;
};

static int compare(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Of the same key the same, in no order of the keys. */
static size_t bytes_of_key(unsigned key)
{
	return 1 + key * 7 % 11;
}

static size_t bytes(const void *element)
{
	return bytes_of_key(((const struct element *)element)->key);
}

static int copy(const void *from, void *ret)
{
	struct element element = *(const struct element *)from;

	element.owned = strdup("x");
	if (!element.owned)
		return -1;
	memcpy(ret, &element, sizeof(element));
	return 0;
}

static void unite(void *into, const void *other)
{
	((struct element *)into)->bits |= ((const struct element *)other)->bits;
}

static void clear(void *element)
{
	free(((struct element *)element)->owned);
}

static const struct snug_set_kind kind = {
	.size = sizeof(struct element),
	.count_max = COUNT_MAX,
	.bytes_max = BYTES_MAX,
	.compare = compare,
	.bytes = bytes,
	.copy = copy,
	.unite = unite,
	.clear = clear,
};

static const struct element *element_of(const struct snug_set *set, size_t i)
{
	return (const struct element *)(const void *)set->at + i;
}

/* Sorted, each once, within the limits, and the sum is right. */
static void check_whole(const struct snug_set *set)
{
	size_t sum = 0;

	for (size_t i = 0; i < set->count; i++) {
		CHECK(i == 0 || element_of(set, i - 1)->key < element_of(set, i)->key);
		CHECK(snug_set_find(&kind, set, element_of(set, i)) == element_of(set, i));
		sum += bytes(element_of(set, i));
	}
	CHECK(sum == set->bytes && sum <= BYTES_MAX && set->count <= COUNT_MAX);
}

static bool same(const struct snug_set *a, const struct snug_set *b)
{
	if (a->count != b->count || a->bytes != b->bytes)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (element_of(a, i)->key != element_of(b, i)->key ||
		    element_of(a, i)->bits != element_of(b, i)->bits)
			return false;
	return true;
}

/* bits of each key, 0: not in. */
static void random_set(struct snug_set *ret, unsigned ret_bits[KEYS])
{
	unsigned keys = random_below(2) ? KEYS : 8;

	for (unsigned i = random_below(8); i > 0; i--) {
		struct element element = { .key = random_below(keys),
					   .bits = 1u << random_below(4) };
		bool full = !ret_bits[element.key] &&
			    (ret->count == COUNT_MAX || ret->bytes + bytes(&element) > BYTES_MAX);
		struct element *added = snug_set_add(&kind, ret, &element);

		CHECK(added ? !full && added->key == element.key : full && errno == E2BIG);
		if (added)
			ret_bits[element.key] |= element.bits;
	}
	check_whole(ret);
}

/* What the union of those bits is, worked out the slow way. */
static bool check_union(const struct snug_set *set, const unsigned bits[KEYS])
{
	size_t count = 0, sum = 0;
	bool full = false;

	for (unsigned weight = 1; weight <= 11; weight++) {
		for (unsigned key = 0; key < KEYS; key++) {
			const struct element wanted = { .key = key }, *found;

			if (!bits[key] || bytes_of_key(key) != weight)
				continue;
			full |= count == COUNT_MAX || sum + weight > BYTES_MAX;
			found = snug_set_find(&kind, set, &wanted);
			CHECK(!found == full);
			CHECK(full || found->bits == bits[key]);
			count += !full;
			sum += full ? 0 : weight;
		}
	}
	CHECK(count == set->count);
	return full;
}

static void union_is_a_union_within_limits(void **state)
{
	unsigned cuts = 0;

	(void)state;
	for (unsigned i = 0; i < CASES; i++) {
		struct snug_set part[PARTS] = { 0 }, all = { 0 }, other = { 0 }, half = { 0 };
		unsigned bits[PARTS][KEYS] = { 0 }, united[KEYS] = { 0 };
		bool cut = false, other_cut = false, none = false;

		random_case(i);
		for (unsigned j = 0; j < PARTS; j++) {
			random_set(&part[j], bits[j]);
			for (unsigned k = 0; k < KEYS; k++)
				united[k] |= bits[j][k];
		}
		for (unsigned j = 0; j < PARTS; j++)
			CHECK(snug_set_merge(&kind, &all, &part[j], &cut) == 0);
		/* (3 ∪ 2) ∪ ((1 ∪ 0) ∪ 1) */
		for (unsigned j = 2; j < PARTS; j++)
			CHECK(snug_set_merge(&kind, &other, &part[PARTS + 1 - j], &other_cut) == 0);
		for (unsigned j = 0; j < 3; j++)
			CHECK(snug_set_merge(&kind, &half, &part[!(j % 2)], &other_cut) == 0);
		CHECK(snug_set_merge(&kind, &other, &half, &other_cut) == 0);
		check_whole(&all);
		CHECK(same(&all, &other) && cut == other_cut);
		CHECK(check_union(&all, united) == cut);
		CHECK(snug_set_merge(&kind, &other, &all, &none) == 0);
		CHECK(same(&all, &other) && !none);
		cuts += cut;
		for (unsigned j = 0; j < PARTS; j++)
			snug_set_clear(&kind, &part[j]);
		snug_set_clear(&kind, &all);
		snug_set_clear(&kind, &other);
		snug_set_clear(&kind, &half);
	}
	assert_in_range(cuts, CASES / 10, CASES - CASES / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(union_is_a_union_within_limits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
