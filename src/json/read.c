/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a document's nodes. */
#include "json/internal.h"

#include <stdio.h>
#include <string.h>

static const struct snug_json_node *at(const struct snug_json *doc, uint32_t index)
{
	return index == SNUG_JSON_NONE ? NULL : &doc->nodes.at[index];
}

const struct snug_json_node *snug_json_root(const struct snug_json *doc)
{
	return &doc->nodes.at[0];
}

enum snug_json_type snug_json_type(const struct snug_json_node *node)
{
	return (enum snug_json_type)node->type;
}

const char *snug_json_type_name(enum snug_json_type type)
{
	static const char *const names[] = {
		[SNUG_JSON_NULL] = "null",	 [SNUG_JSON_BOOL] = "true or false",
		[SNUG_JSON_NUMBER] = "a number", [SNUG_JSON_STRING] = "a string",
		[SNUG_JSON_ARRAY] = "an array",	 [SNUG_JSON_OBJECT] = "an object",
	};

	return names[type];
}

const struct snug_json_node *snug_json_first(const struct snug_json_node *node)
{
	return node ? at(node->doc, node->first) : NULL;
}

const struct snug_json_node *snug_json_next(const struct snug_json_node *child)
{
	return at(child->doc, child->next);
}

size_t snug_json_count(const struct snug_json_node *node)
{
	return node ? node->count : 0;
}

const char *snug_json_key(const struct snug_json_node *child)
{
	return child->key == SNUG_JSON_NONE ? NULL : child->doc->strings.data + child->key;
}

const struct snug_json_node *snug_json_member(const struct snug_json_node *object, const char *key)
{
	if (!object || object->type != SNUG_JSON_OBJECT)
		return NULL;
	for (uint32_t at = object->first; at != SNUG_JSON_NONE; at = object->doc->nodes.at[at].next)
		if (snug_json_key_is(&object->doc->nodes.at[at], key))
			return &object->doc->nodes.at[at];
	return NULL;
}

const char *snug_json_source(const struct snug_json_node *node, size_t *ret_len)
{
	*ret_len = node->end - node->start;
	return node->doc->text + node->start;
}

bool snug_json_same(const struct snug_json_node *a, const struct snug_json_node *b)
{
	size_t a_len, b_len;
	const char *a_text = snug_json_source(a, &a_len), *b_text = snug_json_source(b, &b_len);

	if (a->type != b->type || a->count != b->count)
		return false;
	if (a->type != SNUG_JSON_ARRAY && a->type != SNUG_JSON_OBJECT)
		return a_len == b_len && !memcmp(a_text, b_text, a_len);
	a = snug_json_first(a);
	b = snug_json_first(b);
	for (; a && b; a = snug_json_next(a), b = snug_json_next(b)) {
		const char *key = snug_json_key(a), *other = snug_json_key(b);

		if ((key && other && strcmp(key, other) != 0) || !snug_json_same(a, b))
			return false;
	}
	return true;
}

static bool is_identifier(const char *key)
{
	if (!*key || (*key >= '0' && *key <= '9'))
		return false;
	for (; *key; key++)
		if (!((*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z') ||
		      (*key >= '0' && *key <= '9') || *key == '_'))
			return false;
	return true;
}

void snug_json_path(const struct snug_json_node *node, struct snug_buf *ret)
{
	const struct snug_json_node *line[SNUG_JSON_DEPTH_MAX + 1];
	size_t n = 0;

	for (; node && node->parent != SNUG_JSON_NONE; node = at(node->doc, node->parent))
		line[n++] = node;
	snug_buf_addc(ret, '$');
	while (n--) {
		const char *key = snug_json_key(line[n]);

		if (!key) {
			snug_buf_addf(ret, "[%u]", line[n]->index);
		} else if (is_identifier(key)) {
			snug_buf_addf(ret, ".%s", key);
		} else {
			snug_buf_addc(ret, '[');
			snug_json_quote(ret, key);
			snug_buf_addc(ret, ']');
		}
	}
}

int snug_json_fail(const struct snug_json_node *node, struct snug_error *err, const char *fmt, ...)
{
	va_list args;

	*err = (struct snug_error){ .code = SNUG_INPUT };
	va_start(args, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, args);
	va_end(args);
	snug_json_locate(node->doc, node->start, node, err);
	return -1;
}

int snug_json_expect(const struct snug_json_node *node, enum snug_json_type type,
		     struct snug_error *err)
{
	if (node->type == type)
		return 0;
	return snug_json_fail(node, err, "expected %s, found %s", snug_json_type_name(type),
			      snug_json_type_name(snug_json_type(node)));
}

int snug_json_string(const struct snug_json_node *node, const char **ret, struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_STRING, err) < 0)
		return -1;
	*ret = node->doc->strings.data + node->text;
	return 0;
}

const char *snug_json_text(const struct snug_json_node *object, const char *key)
{
	const struct snug_json_node *node = snug_json_member(object, key);
	struct snug_error ignored;
	const char *text;

	return node && snug_json_type(node) == SNUG_JSON_STRING &&
			       snug_json_string(node, &text, &ignored) == 0
		       ? text
		       : NULL;
}

int snug_json_bool(const struct snug_json_node *node, bool *ret, struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_BOOL, err) < 0)
		return -1;
	*ret = node->doc->text[node->start] == 't';
	return 0;
}

/* The number that the digits spell, at most max. */
static bool read_digits(const char *text, size_t len, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return true;
}

/* An integer as sign and size. */
static int read_integer(const struct snug_json_node *node, uint64_t max, uint64_t max_negative,
			uint64_t *ret, bool *ret_negative, struct snug_error *err)
{
	size_t len;
	const char *text = snug_json_source(node, &len);
	int shown = len < 40 ? (int)len : 40;
	bool negative = *text == '-';

	if (snug_json_expect(node, SNUG_JSON_NUMBER, err) < 0)
		return -1;
	if (memchr(text, '.', len) || memchr(text, 'e', len) || memchr(text, 'E', len))
		return snug_json_fail(node, err, "expected an integer, found %.*s", shown, text);
	if (negative && !max_negative)
		return snug_json_fail(node, err, "expected no negative number, found %.*s", shown,
				      text);
	if (!read_digits(text + negative, len - negative, negative ? max_negative : max, ret))
		return snug_json_fail(node, err, "%.*s is too large a number", shown, text);
	*ret_negative = negative;
	return 0;
}

int snug_json_u64(const struct snug_json_node *node, uint64_t *ret, struct snug_error *err)
{
	uint64_t value = 0;
	bool negative = false;

	if (read_integer(node, UINT64_MAX, 0, &value, &negative, err) < 0)
		return -1;
	*ret = value;
	return 0;
}

int snug_json_i64(const struct snug_json_node *node, int64_t *ret, struct snug_error *err)
{
	uint64_t value = 0;
	bool negative = false;

	if (read_integer(node, INT64_MAX, (uint64_t)INT64_MAX + 1, &value, &negative, err) < 0)
		return -1;
	*ret = (int64_t)(negative ? 0 - value : value);
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Takes one character of a member name, as Go folds it. */
static char fold(const char **key)
{
	char c = lower(**key);
	size_t len = 1;

	if (!strncmp(*key, "\xc5\xbf", 2)) /* U+017F, long s */
		c = 's', len = 2;
	else if (!strncmp(*key, "\xe2\x84\xaa", 3)) /* U+212A, kelvin */
		c = 'k', len = 3;
	*key += len;
	return c;
}

static bool folds_to(const char *key, const char *name)
{
	for (; *key && *name; name++)
		if (fold(&key) != lower(*name))
			return false;
	return !*key && !*name;
}

/* The name that key folds to without being one of them; NULL: none. */
static const char *folded_name(const char *key, const char *const *names)
{
	const char *found = NULL;

	for (; *names; names++) {
		if (!strcmp(key, *names))
			return NULL;
		if (folds_to(key, *names))
			found = *names;
	}
	return found;
}

int snug_json_refuse_folded(const struct snug_json_node *object, const char *const *names,
			    struct snug_error *err)
{
	if (!object || object->type != SNUG_JSON_OBJECT)
		return 0;
	for (const struct snug_json_node *c = snug_json_first(object); c; c = snug_json_next(c)) {
		const char *name = folded_name(snug_json_name(c), names);

		if (!name)
			continue;
		snug_json_fail(c, err, "runc takes this member for \"%s\", crun does not", name);
		return snug_remedy(err, "call it \"%s\" or take it out", name);
	}
	return 0;
}
