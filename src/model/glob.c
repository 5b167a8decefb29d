/* SPDX-License-Identifier: Apache-2.0 */
#include "model/glob.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/apparmor/aare.h"

#include <string.h>

const char *snug_glob_problem(const char *pattern)
{
	if (!*pattern)
		return "an empty pattern matches nothing";
	if (strlen(pattern) > SNUG_GLOB_MAX)
		return "the pattern is too long";
	for (; *pattern; pattern++) {
		if (*pattern != '\\')
			continue;
		pattern++;
		if (!*pattern || !strchr("*?\\", *pattern))
			return "a backslash stands before '*', '?' or a backslash alone";
	}
	return NULL;
}

/* Does the pattern's next byte take this one? *ret_next: what follows it. */
static bool takes(const char *pattern, char byte, const char **ret_next)
{
	if (*pattern == '\\') {
		*ret_next = pattern + 2;
		return pattern[1] == byte;
	}
	*ret_next = pattern + 1;
	return *pattern && (*pattern == '?' || *pattern == byte);
}

/* Of two '*' only the later one has to be tried again: what the earlier one took first leaves most
 * to the rest. */
bool snug_glob_match(const char *pattern, const char *text)
{
	const char *again = NULL, *from = NULL, *next;

	while (*text) {
		if (*pattern == '*') {
			again = ++pattern;
			from = text;
		} else if (takes(pattern, *text, &next)) {
			pattern = next;
			text++;
		} else if (again) {
			pattern = again;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* ---- inclusion, which the matcher of AppArmor's patterns decides ---- */

static bool put(struct snug_aare *aare, struct snug_aare_node node)
{
	return snug_vec_push(&aare->nodes, node) == 0;
}

static bool put_any(struct snug_aare *aare, uint32_t next)
{
	return put(aare, (struct snug_aare_node){ .op = SNUG_AARE_CLASS, .next = next });
}

static bool put_element(struct snug_aare *aare, const char **pattern)
{
	const uint32_t here = (uint32_t)aare->nodes.count;
	char c = *(*pattern)++;

	if (c == '*') /* a byte and once more, or on */
		return put(aare, (struct snug_aare_node){ .op = SNUG_AARE_SPLIT,
							  .next = here + 1,
							  .other = here + 2 }) &&
		       put_any(aare, here);
	if (c == '?')
		return put_any(aare, here + 1);
	if (c == '\\')
		c = *(*pattern)++;
	return put(aare, (struct snug_aare_node){ .op = SNUG_AARE_BYTE,
						  .byte = (unsigned char)c,
						  .next = here + 1 });
}

static int build(const char *pattern, struct snug_aare *ret, struct snug_error *err)
{
	/* no text holds a NUL */
	const struct snug_aare_class any = { { ~UINT64_C(1), UINT64_MAX, UINT64_MAX, UINT64_MAX } };
	bool room = snug_vec_push(&ret->classes, any) == 0;

	while (room && *pattern)
		room = put_element(ret, &pattern);
	if (!room || !put(ret, (struct snug_aare_node){ .op = SNUG_AARE_MATCH }))
		return snug_fail_memory(err);
	return 0;
}

struct automata {
	SNUG_VEC(struct snug_aare) all;
	const struct snug_aare **others; /* all but the first */
};

static void automata_clear(struct automata *automata)
{
	for (size_t i = 0; i < automata->all.count; i++)
		snug_aare_clear(&automata->all.at[i]);
	snug_vec_clear(&automata->all);
	snug_freep(&automata->others);
}

static int add(struct automata *automata, const char *pattern, struct snug_error *err)
{
	const struct snug_aare none = { 0 };

	if (snug_vec_push(&automata->all, none) < 0)
		return snug_fail_memory(err);
	return build(pattern, &automata->all.at[automata->all.count - 1], err);
}

int snug_glob_within(const char *pattern, const char *const *others, size_t count, bool *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(automata_clear) struct automata automata = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf witness = { 0 };
	enum snug_aare_answer answer;

	if (add(&automata, pattern, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add(&automata, others[i], err) < 0)
			return -1;
	automata.others = calloc(count + 1, sizeof(void *));
	if (!automata.others)
		return snug_fail_memory(err);
	for (size_t i = 0; i < count; i++)
		automata.others[i] = &automata.all.at[i + 1];
	if (snug_aare_within(&automata.all.at[0], automata.others, count, &answer, &witness, err) <
	    0)
		return -1;
	*ret = answer == SNUG_AARE_YES;
	return 0;
}
