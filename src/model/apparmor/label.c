/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/label.h"

#include <stdio.h>
#include <string.h>

#define PREFIX_LEN   (sizeof(SNUG_LABEL_PREFIX) - 1)
#define DIGITS	     16u
#define NAME_LEN_MAX 64u
#define STACK	     "//&"
#define STACK_LEN    (sizeof(STACK) - 1)

void snug_label_make(const char *name, const char *digits, char ret[SNUG_LABEL_SIZE])
{
	snprintf(ret, SNUG_LABEL_SIZE, SNUG_LABEL_PREFIX "%.*s-%.*s", (int)NAME_LEN_MAX, name,
		 (int)DIGITS, digits);
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789._-";

static bool part_is_ours(const struct snug_label_part *part)
{
	const char *name = part->at + PREFIX_LEN;
	size_t name_len;

	if (part->len < PREFIX_LEN + 1 + 1 + DIGITS ||
	    memcmp(part->at, SNUG_LABEL_PREFIX, PREFIX_LEN) != 0)
		return false;
	name_len = part->len - PREFIX_LEN - 1 - DIGITS;
	return name_len <= NAME_LEN_MAX && !strchr("._-", name[0]) && name[name_len] == '-' &&
	       strspn(name, letters) >= name_len &&
	       strspn(name + name_len + 1, "0123456789abcdef") >= DIGITS;
}

bool snug_label_is_ours(const char *text)
{
	const struct snug_label_part part = { text, strlen(text) };

	return part_is_ours(&part);
}

bool snug_label_may_be_in(const char *text)
{
	while ((text = strstr(text, SNUG_LABEL_PREFIX))) {
		text += PREFIX_LEN;
		if (strspn(text, letters) >= 1 + 1 + DIGITS)
			return true;
	}
	return false;
}

void snug_label_name(const char *label, char ret[SNUG_LABEL_SIZE])
{
	size_t len = strlen(label);

	ret[0] = '\0';
	if (snug_label_is_ours(label))
		snprintf(ret, SNUG_LABEL_SIZE, "%.*s", (int)(len - PREFIX_LEN - 1 - DIGITS),
			 label + PREFIX_LEN);
}

bool snug_label_next(const char **cursor, struct snug_label_part *ret)
{
	const char *end;

	if (!*cursor)
		return false;
	*cursor += strspn(*cursor, " \t\n"); /* as the kernel does */
	ret->at = *cursor;
	end = strstr(*cursor, STACK);
	ret->len = end ? (size_t)(end - *cursor) : strlen(*cursor);
	*cursor = end ? end + STACK_LEN : NULL;
	return true;
}

bool snug_label_next_ours(const char **cursor, char ret[SNUG_LABEL_SIZE])
{
	struct snug_label_part part;

	while (snug_label_next(cursor, &part)) {
		if (!part_is_ours(&part))
			continue;
		snprintf(ret, SNUG_LABEL_SIZE, "%.*s", (int)part.len, part.at);
		return true;
	}
	return false;
}

bool snug_label_holds(const char *stack, const char *label, bool children)
{
	size_t len = strlen(label);
	struct snug_label_part part;

	while (snug_label_next(&stack, &part)) {
		if (part.len < len || memcmp(part.at, label, len) != 0)
			continue;
		if (part.len == len ||
		    (children && part.len > len + 2 && memcmp(part.at + len, "//", 2) == 0))
			return true;
	}
	return false;
}

bool snug_label_is_none(const char *stack)
{
	return !stack || !stack[0] || strcmp(stack, "unconfined") == 0;
}

/* Where we put it ourselves, in front of a profile in a namespace. */
static bool is_first(const char *stack, const char *label)
{
	size_t len = strlen(label);

	return strncmp(stack, label, len) == 0 && strncmp(stack + len, STACK, STACK_LEN) == 0;
}

void snug_label_stack(const char *stack, const char *label, struct snug_buf *ret)
{
	if (snug_label_is_none(stack))
		snug_buf_adds(ret, label);
	else if (!strchr(stack, ':') ? snug_label_holds(stack, label, false)
				     : is_first(stack, label))
		snug_buf_adds(ret, stack);
	else if (strchr(stack, ':')) /* the kernel looks for what follows `:ns:A` in ns too */
		snug_buf_addf(ret, "%s" STACK "%s", label, stack);
	else
		snug_buf_addf(ret, "%s" STACK "%s", stack, label);
}
