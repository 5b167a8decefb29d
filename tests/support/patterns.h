/* SPDX-License-Identifier: Apache-2.0 */
/* Random patterns for AppArmor, and paths that they match, or nearly. */
#pragma once

#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "random.h"

static inline const char *pick(const char *const *words, size_t count)
{
	return words[random_below((unsigned)count)];
}
#define PICK(...)                                                                                  \
	pick((const char *const[]){ __VA_ARGS__ },                                                 \
	     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static inline void put_any_byte(struct snug_buf *out)
{
	const char byte[2] = { (char)(1 + random_below(255)), '\0' };

	if (byte[0] != '/')
		snug_aare_quote(byte, out);
}

static inline void put_piece(struct snug_buf *out, unsigned depth)
{
	switch (random_below(depth < 3 ? 12 : 10)) {
	case 0:
		snug_buf_adds(out, PICK("*", "**", "?"));
		break;
	case 1:
		snug_buf_adds(out, PICK("[a-c]", "[^a]", "[^b.]", "[0-9_]", "[A-Ca.]"));
		break;
	case 2:
		snug_buf_adds(out, PICK("@{pid}", "@{int}", "@{hex16}", "@{uuid}"));
		break;
	case 3:
		put_any_byte(out);
		break;
	case 4:
		snug_buf_adds(out, PICK("\\*", "\\?", "\\[", "\\]", "\\{", "\\}", "\\\\", "\\,",
					"\\\"", "\\@", "^", "$", ",", "|", "(", ")", "+", "-", " ",
					"\"", "#", "@", "=", "!", "&", "\\x0a", "\\xff"));
		break;
	case 10:
		snug_buf_addc(out, '{');
		for (unsigned i = 0, n = 2 + random_below(2); i < n; i++) {
			if (i)
				snug_buf_addc(out, ',');
			for (unsigned j = random_below(3); j > 0; j--)
				put_piece(out, depth + 1);
		}
		snug_buf_addc(out, '}');
		break;
	default:
		snug_buf_adds(out, PICK("a", "b", "ab", "c", ".", "a.b", "/", "1", "12"));
		break;
	}
}

/* "**" and two slashes may come of pieces side by side: such are no patterns. */
static inline bool is_pattern(const char *text)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
	struct snug_error err;

	return !strstr(text, "//") && snug_aare_parse(text, &aare, &err) == 0;
}

static inline char *random_pattern(void)
{
	for (;;) {
		struct snug_buf out = { 0 };
		char *text;

		snug_buf_addc(&out, '/');
		for (unsigned i = random_below(6); i > 0; i--)
			put_piece(&out, 0);
		text = snug_buf_take(&out);
		if (is_pattern(text))
			return text;
		free(text);
	}
}

/* A path that the pattern matches: a walk through its automaton. */
static inline void put_match(const struct snug_aare *aare, struct snug_buf *out)
{
	uint32_t state = 0;

	while (aare->nodes.at[state].op != SNUG_AARE_MATCH && out->len < 200) {
		const struct snug_aare_node *node = &aare->nodes.at[state];
		unsigned char byte = node->byte;

		if (node->op == SNUG_AARE_SPLIT) {
			state = random_below(2) ? node->next : node->other;
			continue;
		}
		if (node->op == SNUG_AARE_CLASS) {
			const char *common =
				PICK("a", "b", "c", "/", "1", ".", "_", "0", "\xff", "*");

			byte = (unsigned char)common[0];
			for (unsigned i = 0; !snug_aare_takes(aare, state, byte); i++)
				byte = (unsigned char)(1 + random_below(255));
		}
		snug_buf_addc(out, (char)byte);
		state = node->next;
	}
}

static inline void mutate(struct snug_buf *path)
{
	size_t at = random_below((unsigned)path->len);

	switch (random_below(4)) {
	case 0:
		path->data[at] = (char)(1 + random_below(255));
		break;
	case 1:
		path->data[at] = PICK("a", "/", "b", ".", "1")[0];
		break;
	case 2:
		path->len = at ? at : 1;
		path->data[path->len] = '\0';
		break;
	default:
		snug_buf_adds(path, PICK("/", "a", "/a", "//", "1"));
		break;
	}
}
