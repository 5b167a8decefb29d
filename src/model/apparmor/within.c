/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is one pattern within others? A search, breadth first, through pairs of one state of the pattern
 * and the set of states that the others may be in: where the pattern matches and none of them does,
 * the way there is a path that shows it.
 */
#include "base/cleanup.h"
#include "model/apparmor/aare.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX 20000u
#define STEPS_MAX (UINT64_C(1) << 24) /* a byte for a state of the others */
#define NO_PAIR	  UINT32_MAX

struct pair {
	uint32_t state;
	uint32_t set, count; /* in numbers: states of the others, ascending */
	uint32_t from;	     /* the pair before; NO_PAIR: none */
	unsigned char byte;  /* the way from it */
	uint32_t next;	     /* with the same hash */
};

struct search {
	const struct snug_aare *a;
	const struct snug_aare *const *b;
	size_t b_count;
	uint32_t *first; /* of each of b: where its states' numbers start; b_count + 1 of them */
	SNUG_VEC(struct pair) pairs;
	SNUG_VEC(uint32_t) numbers;
	uint32_t *heads; /* by hash */
	uint32_t *seen_a, *seen_b, *states;
	uint32_t mark;
	uint64_t steps;
	bool failed;
};
#define HEADS 4096u

static void search_clear(struct search *s)
{
	free(s->first);
	free(s->heads);
	free(s->seen_a);
	free(s->seen_b);
	free(s->states);
	snug_vec_clear(&s->pairs);
	snug_vec_clear(&s->numbers);
}

static bool search_init(struct search *s)
{
	s->first = calloc(s->b_count + 1, sizeof(*s->first));
	if (!s->first)
		return false;
	for (size_t i = 0; i < s->b_count; i++)
		s->first[i + 1] = s->first[i] + (uint32_t)s->b[i]->nodes.count;
	s->heads = malloc(HEADS * sizeof(*s->heads));
	s->seen_a = calloc(s->a->nodes.count, sizeof(*s->seen_a));
	s->seen_b = calloc((size_t)s->first[s->b_count] + 1, sizeof(*s->seen_b));
	s->states = calloc(s->a->nodes.count + s->first[s->b_count] + 1, sizeof(*s->states));
	if (!s->heads || !s->seen_a || !s->seen_b || !s->states)
		return false;
	memset(s->heads, 0xff, HEADS * sizeof(*s->heads));
	return true;
}

/* Which of b the number is a state of. */
static size_t owner_of(const struct search *s, uint32_t number)
{
	size_t low = 0, high = s->b_count;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (s->first[middle] <= number)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static int compare(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* Adds what a state of b[i] leads to without a byte, as numbers. */
static size_t close_b(struct search *s, size_t i, uint32_t state, uint32_t *set, size_t count)
{
	const size_t before = count;

	count = snug_aare_close(s->b[i], state, set, count, s->seen_b + s->first[i], s->mark);
	for (size_t j = before; j < count; j++)
		set[j] += s->first[i];
	return count;
}

static uint32_t hash_of(uint32_t state, const uint32_t *set, size_t count)
{
	uint32_t hash = state * 2654435761u;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ set[i]) * 16777619u;
	return hash % HEADS;
}

/* Adds the pair of state and set, unless it is there. */
static bool add_pair(struct search *s, uint32_t state, const uint32_t *set, size_t count,
		     uint32_t from, unsigned char byte)
{
	const uint32_t hash = hash_of(state, set, count);
	struct pair pair = { .state = state,
			     .set = (uint32_t)s->numbers.count,
			     .count = (uint32_t)count,
			     .from = from,
			     .byte = byte,
			     .next = s->heads[hash] };

	for (uint32_t i = s->heads[hash]; i < s->pairs.count; i = s->pairs.at[i].next)
		if (s->pairs.at[i].state == state && s->pairs.at[i].count == count &&
		    (count == 0 ||
		     memcmp(&s->numbers.at[s->pairs.at[i].set], set, count * sizeof(*set)) == 0))
			return true;
	for (size_t i = 0; i < count; i++)
		if (snug_vec_push(&s->numbers, set[i]) < 0)
			return false;
	if (snug_vec_push(&s->pairs, pair) < 0)
		return false;
	s->heads[hash] = (uint32_t)s->pairs.count - 1;
	return true;
}

/* Adds a pair for each state that `state` of the pattern leads to without a byte. */
static bool add_pairs(struct search *s, uint32_t state, uint32_t *set, size_t count, uint32_t from,
		      unsigned char byte)
{
	uint32_t *reached = s->states + s->first[s->b_count];
	size_t n;

	if (count)
		qsort(set, count, sizeof(*set), compare);
	n = snug_aare_close(s->a, state, reached, 0, s->seen_a, ++s->mark);
	for (size_t i = 0; i < n; i++)
		if (!add_pair(s, reached[i], set, count, from, byte))
			return false;
	return true;
}

static bool start(struct search *s)
{
	size_t count = 0;

	s->mark++;
	for (size_t i = 0; i < s->b_count; i++)
		count = close_b(s, i, 0, s->states, count);
	return add_pairs(s, 0, s->states, count, NO_PAIR, 0);
}

static bool step(struct search *s, uint32_t index, unsigned char byte)
{
	const struct pair pair = s->pairs.at[index];
	size_t count = 0;

	s->mark++;
	for (uint32_t i = 0; i < pair.count; i++) {
		const uint32_t number = s->numbers.at[pair.set + i];
		const size_t which = owner_of(s, number);
		const uint32_t state = number - s->first[which];

		if (snug_aare_takes(s->b[which], state, byte))
			count = close_b(s, which, s->b[which]->nodes.at[state].next, s->states,
					count);
	}
	s->steps += pair.count + 1;
	return add_pairs(s, s->a->nodes.at[pair.state].next, s->states, count, index, byte);
}

static bool is_matched(const struct search *s, const struct pair *pair)
{
	for (uint32_t i = 0; i < pair->count; i++) {
		const uint32_t number = s->numbers.at[pair->set + i];
		const size_t which = owner_of(s, number);

		if (s->b[which]->nodes.at[number - s->first[which]].op == SNUG_AARE_MATCH)
			return true;
	}
	return false;
}

static void put_way(const struct search *s, uint32_t index, struct snug_buf *witness)
{
	size_t len = 0, at;

	for (uint32_t i = index; s->pairs.at[i].from != NO_PAIR; i = s->pairs.at[i].from)
		len++;
	at = witness->len;
	for (size_t i = 0; i < len; i++)
		snug_buf_addc(witness, ' ');
	for (uint32_t i = index; !witness->failed && s->pairs.at[i].from != NO_PAIR;
	     i = s->pairs.at[i].from)
		witness->data[at + --len] = (char)s->pairs.at[i].byte;
}

/* Letters first, for witnesses that people can read. */
static unsigned char nth_byte(unsigned i)
{
	const unsigned rotated = i + 'a';

	return (unsigned char)(rotated <= 255 ? rotated : rotated - 255);
}

static bool expand(struct search *s, uint32_t index)
{
	const struct snug_aare_node *node = &s->a->nodes.at[s->pairs.at[index].state];

	if (node->op == SNUG_AARE_BYTE)
		return step(s, index, node->byte);
	for (unsigned i = 0; i < 255; i++)
		if (snug_aare_takes(s->a, s->pairs.at[index].state, nth_byte(i)) &&
		    !step(s, index, nth_byte(i)))
			return false;
	return true;
}

int snug_aare_within(const struct snug_aare *a, const struct snug_aare *const *b, size_t count,
		     enum snug_aare_answer *ret, struct snug_buf *witness, struct snug_error *err)
{
	SNUG_AUTO(search_clear) struct search s = { .a = a, .b = b, .b_count = count };

	if (!search_init(&s) || !start(&s))
		return snug_fail_memory(err);
	*ret = SNUG_AARE_YES;
	for (uint32_t i = 0; i < s.pairs.count; i++) {
		if (a->nodes.at[s.pairs.at[i].state].op == SNUG_AARE_MATCH) {
			if (is_matched(&s, &s.pairs.at[i]))
				continue;
			*ret = SNUG_AARE_NO;
			put_way(&s, i, witness);
			return snug_buf_check(witness, err);
		}
		if (s.pairs.count > PAIRS_MAX || s.steps > STEPS_MAX) {
			*ret = SNUG_AARE_UNKNOWN;
			return 0;
		}
		if (!expand(&s, i))
			return snug_fail_memory(err);
	}
	return 0;
}
