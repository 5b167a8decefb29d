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

static int build_all(const char *const *patterns, size_t count, struct snug_aare *ret,
		     struct snug_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (build(patterns[i], &ret[i], err) < 0)
			return -1;
	return 0;
}

static int decide(const struct snug_aare *all, size_t count, bool *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) const struct snug_aare **others = calloc(count, sizeof(*others));
	SNUG_AUTO(snug_buf_clear) struct snug_buf witness = { 0 };
	enum snug_aare_answer answer;

	if (!others)
		return snug_fail_memory(err);
	for (size_t i = 0; i + 1 < count; i++)
		others[i] = &all[i + 1];
	if (snug_aare_within(&all[0], others, count - 1, &answer, &witness, err) < 0)
		return -1;
	*ret = answer == SNUG_AARE_YES;
	return 0;
}

int snug_glob_within(const char *pattern, const char *const *others, size_t count, bool *ret,
		     struct snug_error *err)
{
	struct snug_aare *all = calloc(count + 1, sizeof(*all));
	int result = all ? 0 : snug_fail_memory(err);

	if (!result)
		result = build(pattern, &all[0], err);
	if (!result)
		result = build_all(others, count, &all[1], err);
	if (!result)
		result = decide(all, count + 1, ret, err);
	for (size_t i = 0; all && i <= count; i++)
		snug_aare_clear(&all[i]);
	free(all);
	return result;
}
