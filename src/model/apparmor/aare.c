/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/aare.h"

#include "base/cleanup.h"

#include <string.h>

#define NONE UINT32_MAX

struct parser {
	struct snug_aare *out;
	struct snug_error *err;
	unsigned depth;
	bool after_slash; /* the last that was put out is '/' */
};

/* Stands for itself in a pattern, and in what people read. */
static bool is_plain(char c)
{
	static const bool others[128] = { ['\\'] = true, ['*'] = true, ['?'] = true, ['['] = true,
					  [']'] = true,	 ['{'] = true, ['}'] = true };

	return c >= 0x20 && c <= 0x7e && !others[(unsigned char)c];
}

/* And is no beginning of a variable. */
static bool is_itself(char c)
{
	return is_plain(c) && c != '@';
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ---- classes ---- */

bool snug_aare_class_has(const struct snug_aare_class *set, unsigned char byte)
{
	return set->bits[byte / 64] >> (byte % 64) & 1;
}

static void class_add(struct snug_aare_class *set, unsigned char byte)
{
	set->bits[byte / 64] |= UINT64_C(1) << (byte % 64);
}

/* All bytes that a path can have, but one of these. */
static struct snug_aare_class class_but(const struct snug_aare_class *these)
{
	struct snug_aare_class set;

	for (unsigned i = 0; i < 4; i++)
		set.bits[i] = ~these->bits[i];
	set.bits[0] &= ~UINT64_C(1);
	return set;
}

static struct snug_aare_class class_any(bool slash)
{
	struct snug_aare_class none = { 0 };

	if (!slash)
		class_add(&none, '/');
	return class_but(&none);
}

/* ---- nodes ---- */

static int put_node(struct parser *p, struct snug_aare_node node)
{
	if (p->out->nodes.count == SNUG_AARE_NODES_MAX)
		return snug_fail(p->err, SNUG_INPUT, "the pattern is too large");
	return snug_vec_push(&p->out->nodes, node) < 0 ? snug_fail_memory(p->err) : 0;
}

static uint32_t here(const struct parser *p)
{
	return (uint32_t)p->out->nodes.count;
}

static int put_byte(struct parser *p, char c)
{
	const struct snug_aare_node node = { .op = SNUG_AARE_BYTE,
					     .byte = (unsigned char)c,
					     .next = here(p) + 1 };

	p->after_slash = c == '/';
	return put_node(p, node);
}

static int put_class(struct parser *p, struct snug_aare_class set)
{
	struct snug_aare_node node = { .op = SNUG_AARE_CLASS, .next = here(p) + 1 };
	size_t i = 0;

	while (i < p->out->classes.count && memcmp(&p->out->classes.at[i], &set, sizeof(set)) != 0)
		i++;
	if (i == p->out->classes.count && snug_vec_push(&p->out->classes, set) < 0)
		return snug_fail_memory(p->err);
	node.set = (uint32_t)i;
	p->after_slash = false;
	return put_node(p, node);
}

static int put_any_times(struct parser *p, struct snug_aare_class set)
{
	const uint32_t start = here(p);
	const struct snug_aare_node split = { .op = SNUG_AARE_SPLIT,
					      .next = start + 1,
					      .other = start + 2 };

	if (put_node(p, split) < 0 || put_class(p, set) < 0)
		return -1;
	p->out->nodes.at[start + 1].next = start;
	return 0;
}

/* ---- the text ---- */

static int put_sequence(struct parser *p, const char **text, bool in_group);

static int fail(const struct parser *p, const char *what)
{
	return snug_fail(p->err, SNUG_INPUT, "%s", what);
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Behind a backslash: \xHH, or a byte that is neither letter nor digit. */
static int read_escape(const struct parser *p, const char **text, char *ret)
{
	const char *c = *text;
	int high, low;

	if (*c != 'x') {
		if (*c < 0x20 || *c > 0x7e || is_alnum(*c) || *c == '/')
			return fail(p, "a backslash stands before a sign, or before x and two "
				       "hexadecimal digits");
		*ret = *c;
		*text = c + 1;
		return 0;
	}
	high = digit_of(c[1]);
	low = high < 0 ? -1 : digit_of(c[2]);
	if (low < 0)
		return fail(p, "\\x wants two hexadecimal digits");
	*ret = (char)(high * 16 + low);
	*text = c + 3;
	return *ret && *ret != '/' ? 0 : fail(p, "no name has a NUL or a slash in it");
}

static bool may_be_in_class(char c)
{
	return is_alnum(c) || c == '.' || c == '_';
}

static int put_set(struct parser *p, const char **text)
{
	struct snug_aare_class set = { 0 };
	const char *c = *text;
	bool others = *c == '^';

	if (others)
		c++;
	if (*c == ']')
		return fail(p, "[] is empty");
	for (; *c != ']'; c++) {
		char last = c[0];

		if (!may_be_in_class(*c))
			return fail(p, "[…] holds letters, digits, '.' and '_', and ranges of "
				       "letters and digits");
		if (c[1] == '-') {
			last = c[2];
			if (!is_alnum(c[0]) || !is_alnum(last) || last < c[0])
				return fail(p, "a range goes from a letter or digit to a later "
					       "one");
		}
		for (unsigned b = (unsigned char)*c; b <= (unsigned char)last; b++)
			class_add(&set, (unsigned char)b);
		if (c[1] == '-')
			c += 2;
	}
	*text = c + 1;
	return put_class(p, others ? class_but(&set) : set);
}

/* parser_regex.c: behind a slash and before one, or at the end, a star is one byte at least, so
 * that a folder's content is not the folder. */
static int put_star(struct parser *p, const char **text)
{
	const char *c = *text; /* behind the first star */
	bool two = *c == '*';

	if (two)
		c++;
	if (*c == '*')
		return fail(p, "*** is no pattern");
	if (p->after_slash && (*c == '/' || !*c) && put_class(p, class_any(false)) < 0)
		return -1;
	*text = c;
	return put_any_times(p, class_any(two));
}

/* Behind a '{': alternatives to the '}'. Each but the last starts with a split, and ends with a
 * split of one way, to the end. */
static int put_group(struct parser *p, const char **text)
{
	SNUG_VEC(uint32_t) ends = { 0 };
	unsigned commas = 0;
	int result = 0;

	if (++p->depth > SNUG_AARE_DEPTH_MAX)
		return fail(p, "{…} are nested too deep");
	for (;;) {
		const struct snug_aare_node jump = { .op = SNUG_AARE_SPLIT, .next = NONE };
		const uint32_t split = here(p);
		const struct snug_aare_node fork = { .op = SNUG_AARE_SPLIT,
						     .next = split + 1,
						     .other = NONE };

		p->after_slash = false;
		result = put_node(p, fork);
		if (result == 0)
			result = put_sequence(p, text, true);
		if (result < 0)
			break;
		if (**text == '}') {
			p->out->nodes.at[split].other = split + 1;
			break;
		}
		if (**text != ',') {
			result = fail(p, "a '{' has no '}'");
			break;
		}
		(*text)++;
		commas++;
		if (snug_vec_push(&ends, here(p)) < 0)
			result = snug_fail_memory(p->err);
		if (result < 0 || (result = put_node(p, jump)) < 0)
			break;
		p->out->nodes.at[split].other = here(p);
	}
	for (size_t i = 0; result == 0 && i < ends.count; i++)
		p->out->nodes.at[ends.at[i]].next = p->out->nodes.at[ends.at[i]].other = here(p);
	snug_vec_clear(&ends);
	p->depth--;
	p->after_slash = false;
	if (result < 0)
		return -1;
	(*text)++;
	return commas ? 0 : fail(p, "{…} wants alternatives: {a,b}");
}

/* Behind "@{". */
static int put_variable(struct parser *p, const char **text)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf value = { 0 };
	const char *end = strchr(*text, '}');
	const char *inner;

	if (!end || !snug_aare_variable(*text, (size_t)(end - *text), &value))
		return fail(p, "@{…} is none of @{pid}, @{int}, @{uuid}, @{hexN}; a literal one is "
			       "written @\\{");
	if (snug_buf_check(&value, p->err) < 0)
		return -1;
	*text = end + 1;
	inner = snug_buf_text(&value);
	return put_sequence(p, &inner, false);
}

static int put_element(struct parser *p, const char **text)
{
	const char c = *(*text)++;
	char byte = c;

	switch (c) {
	case '\\':
		if (read_escape(p, text, &byte) < 0)
			return -1;
		return put_byte(p, byte);
	case '*':
		return put_star(p, text);
	case '?':
		return put_class(p, class_any(false));
	case '[':
		return put_set(p, text);
	case '{':
		return put_group(p, text);
	case ']':
	case '}':
		return fail(p, "a ']' or '}' closes nothing; a literal one wants a backslash");
	case '@':
		if (**text == '{') {
			(*text)++;
			return put_variable(p, text);
		}
		return put_byte(p, c);
	default:
		if (c < 0x20 || c > 0x7e)
			return fail(p, "what is not printable ASCII is written \\xHH");
		return put_byte(p, c);
	}
}

/* To the end; in a group to its ',' or '}'. */
static int put_sequence(struct parser *p, const char **text, bool in_group)
{
	while (**text && !(in_group && (**text == ',' || **text == '}')))
		if (put_element(p, text) < 0)
			return -1;
	return 0;
}

int snug_aare_parse(const char *text, struct snug_aare *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
	struct parser p = { .out = &aare, .err = err };

	if (strlen(text) > SNUG_AARE_TEXT_MAX)
		return snug_fail(err, SNUG_INPUT, "the pattern is longer than %u bytes",
				 SNUG_AARE_TEXT_MAX);
	if (put_sequence(&p, &text, false) < 0 ||
	    put_node(&p, (struct snug_aare_node){ .op = SNUG_AARE_MATCH }) < 0)
		return -1;
	/* Two lists of states and the marks: each state is in a list once. */
	aare.work = calloc(aare.nodes.count, 3 * sizeof(*aare.work));
	if (!aare.work)
		return snug_fail_memory(err);
	*ret = aare;
	aare = (struct snug_aare){ 0 };
	return 0;
}

size_t snug_aare_fixed(const char *text)
{
	size_t len = 0;

	while (is_itself(text[len]))
		len++;
	return len;
}

int snug_aare_check(const char *text, struct snug_error *err)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
	const size_t len = snug_aare_fixed(text);

	/* Each such character is a node of its own, whatever comes before or behind it; and there
	 * is room for more of them than a text may have. */
	if (!text[len] && len <= SNUG_AARE_TEXT_MAX)
		return 0;
	return snug_aare_parse(text, &aare, err);
}

void snug_aare_clear(struct snug_aare *aare)
{
	snug_vec_clear(&aare->nodes);
	snug_vec_clear(&aare->classes);
	snug_freep(&aare->work);
	aare->work = NULL;
}

/* ---- matching ---- */

size_t snug_aare_close(const struct snug_aare *aare, uint32_t state, uint32_t *states, size_t count,
		       uint32_t *seen, uint32_t mark)
{
	/* Groups are nested to a limit, and a split's first way is followed here: so is the depth
	 * of this recursion bounded by the alternatives that open at one place. */
	while (seen[state] != mark) {
		const struct snug_aare_node *node = &aare->nodes.at[state];

		seen[state] = mark;
		if (node->op != SNUG_AARE_SPLIT) {
			states[count++] = state;
			return count;
		}
		if (node->other != node->next)
			count = snug_aare_close(aare, node->next, states, count, seen, mark);
		state = node->other;
	}
	return count;
}

bool snug_aare_takes(const struct snug_aare *aare, uint32_t state, unsigned char byte)
{
	const struct snug_aare_node *node = &aare->nodes.at[state];

	if (node->op == SNUG_AARE_CLASS)
		return snug_aare_class_has(&aare->classes.at[node->set], byte);
	return node->op == SNUG_AARE_BYTE && node->byte == byte;
}

bool snug_aare_match(const struct snug_aare *aare, const char *path)
{
	const struct snug_aare_node *nodes = aare->nodes.at;
	const size_t room = aare->nodes.count;
	uint32_t *now = aare->work, *next = now + room, *seen = next + room;
	uint32_t start = 0, mark = 1;
	size_t count;

	/* Where there is one way, up to the first star: most paths are another one before. */
	for (; nodes[start].op == SNUG_AARE_BYTE; start = nodes[start].next)
		if (nodes[start].byte != (unsigned char)*path++)
			return false;
	if (nodes[start].op == SNUG_AARE_MATCH)
		return !*path;
	memset(seen, 0, room * sizeof(*seen));
	count = snug_aare_close(aare, start, now, 0, seen, mark);
	for (; *path && count; path++) {
		uint32_t *swap = now;
		size_t kept = 0;

		mark++;
		for (size_t i = 0; i < count; i++)
			if (snug_aare_takes(aare, now[i], (unsigned char)*path))
				kept = snug_aare_close(aare, aare->nodes.at[now[i]].next, next,
						       kept, seen, mark);
		count = kept;
		now = next;
		next = swap;
	}
	for (size_t i = 0; i < count; i++)
		if (aare->nodes.at[now[i]].op == SNUG_AARE_MATCH)
			return true;
	return false;
}

/* ---- literals ---- */

void snug_aare_quote(const char *path, struct snug_buf *ret)
{
	while (*path) {
		size_t plain = 0;

		while (is_plain(path[plain]))
			plain++;
		snug_buf_add(ret, path, plain);
		path += plain;
		if (!*path)
			break;
		if (*path < 0x20 || *path > 0x7e)
			snug_buf_addf(ret, "\\x%02x", (unsigned char)*path);
		else
			snug_buf_addf(ret, "\\%c", *path);
		path++;
	}
}

bool snug_aare_literal(const char *text, struct snug_buf *ret)
{
	struct snug_error ignored;
	const struct parser p = { .err = &ignored };

	while (*text) {
		char c = *text++;

		if (strchr("*?[]{}", c))
			return false;
		if (c == '\\' && read_escape(&p, &text, &c) < 0)
			return false;
		snug_buf_addc(ret, c);
	}
	return true;
}
