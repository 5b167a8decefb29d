/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to nodes, by yajl's callbacks.
 *
 * yajl 2.1 judges the grammar; what it lets pass is judged here: vertical tab and form feed as
 * white space, strings that are not UTF-8, NUL, lone surrogates, duplicate keys, and all limits.
 *
 * yajl_get_bytes_consumed() in a callback is the end of the token, numbers included, but only
 * while the token ends in the chunk that is being parsed. A number at the very end of the text
 * would be reported by yajl_complete_parse() in a chunk of its own, so the text is given with one
 * space behind it, in one call.
 */
#include "json/internal.h"
#include "json/yajl_memory.h"

#include "base/cleanup.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#define NODE_BYTES 8u /* of text a value takes, about: what is reserved for */

struct parser {
	struct snug_json *doc;
	struct snug_error *err;
	yajl_handle yajl;
	struct snug_yajl_memory memory; /* yajl's */
	uint32_t open[SNUG_JSON_DEPTH_MAX],
		last[SNUG_JSON_DEPTH_MAX]; /* container, its last child */
	unsigned depth;
	uint32_t end; /* of the last token that yajl told us of */
	enum { AT_OPEN, AT_KEY, AT_VALUE } after;
	uint32_t key, key_start; /* the member whose value comes next; NONE */
};

static uint32_t skip_space(const struct snug_json *doc, uint32_t at)
{
	while (at < doc->len && snug_json_is_space(doc->text[at]))
		at++;
	return at;
}

/* Where the token after the last one starts: at most one comma or colon lies between. */
static uint32_t token_start(const struct parser *p)
{
	uint32_t at = skip_space(p->doc, p->end);

	if (p->after != AT_OPEN && at < p->doc->len &&
	    (p->doc->text[at] == ',' || p->doc->text[at] == ':'))
		at = skip_space(p->doc, at + 1);
	return at;
}

void snug_json_locate(const struct snug_json *doc, size_t at, const struct snug_json_node *node,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
	const char *line = doc->text;

	err->line = 1;
	for (const char *nl; (nl = memchr(line, '\n', (size_t)(doc->text + at - line)));
	     line = nl + 1)
		err->line++;
	err->column = (unsigned)(doc->text + at - line) + 1;
	strncpy(err->file, doc->file ? doc->file : "", sizeof(err->file) - 1);
	if (!node)
		return;
	snug_json_path(node, &path);
	strncpy(err->path, snug_buf_text(&path), sizeof(err->path) - 1);
}

/* The path of what is being read: of a node that is not there yet. */
static void locate(struct parser *p, size_t at)
{
	struct snug_json_node *nodes = p->doc->nodes.at, next = { .doc = p->doc };

	next.parent = p->depth ? p->open[p->depth - 1] : SNUG_JSON_NONE;
	next.key = p->key;
	if (p->depth) {
		const struct snug_json_node *parent = &nodes[next.parent];

		next.index = parent->count;
		if (parent->type == SNUG_JSON_OBJECT && p->key == SNUG_JSON_NONE)
			next = *parent;
	}
	snug_json_locate(p->doc, at, &next, p->err);
}

static int fail_at(struct parser *p, size_t at, const char *what, const char *remedy)
{
	snug_fail(p->err, SNUG_INPUT, "%s", what);
	locate(p, at);
	if (remedy)
		snug_remedy(p->err, "%s", remedy);
	return -1;
}

static int fail_limit(struct parser *p, size_t at, const char *what, size_t limit)
{
	snug_fail(p->err, SNUG_INPUT, "more than %zu %s", limit, what);
	locate(p, at);
	return snug_remedy(p->err, "snug reads no such document");
}

/* yajl takes vertical tab and form feed for white space; RFC 8259 does not. */
static int check_start(struct parser *p, uint32_t at)
{
	if (at < p->doc->len && (p->doc->text[at] == '\v' || p->doc->text[at] == '\f'))
		return fail_at(p, at, "unexpected character", "take it out");
	return 0;
}

static void link_node(struct parser *p, uint32_t self, struct snug_json_node *node)
{
	struct snug_json_node *nodes = p->doc->nodes.at, *parent;
	uint32_t *last;

	if (!p->depth)
		return;
	last = &p->last[p->depth - 1];
	parent = &nodes[p->open[p->depth - 1]];
	node->parent = p->open[p->depth - 1];
	node->index = parent->count++;
	if (*last == SNUG_JSON_NONE)
		parent->first = self;
	else
		nodes[*last].next = self;
	*last = self;
}

/* A value whose token begins at start and has just ended. */
static int add_node(struct parser *p, enum snug_json_type type, uint32_t start, uint32_t text)
{
	struct snug_json *doc = p->doc;
	uint32_t self = (uint32_t)doc->nodes.count;
	struct snug_json_node node = { .doc = doc,
				       .start = start,
				       .end = (uint32_t)yajl_get_bytes_consumed(p->yajl),
				       .item = p->key == SNUG_JSON_NONE ? start : p->key_start,
				       .key = p->key,
				       .text = text,
				       .parent = SNUG_JSON_NONE,
				       .first = SNUG_JSON_NONE,
				       .next = SNUG_JSON_NONE,
				       .edit = SNUG_JSON_NONE,
				       .type = (uint8_t)type };

	if (check_start(p, start) < 0)
		return -1;
	if (self >= SNUG_JSON_NODES_MAX)
		return fail_limit(p, start, "values", SNUG_JSON_NODES_MAX);
	if (snug_vec_push(&doc->nodes, node) < 0)
		return snug_fail_memory(p->err);
	link_node(p, self, &doc->nodes.at[self]);
	p->key = SNUG_JSON_NONE;
	p->end = node.end;
	p->after = AT_VALUE;
	return 0;
}

static int open_container(struct parser *p, enum snug_json_type type)
{
	uint32_t self = (uint32_t)p->doc->nodes.count;

	if (p->depth == SNUG_JSON_DEPTH_MAX)
		return fail_limit(p, token_start(p), "nested arrays and objects",
				  SNUG_JSON_DEPTH_MAX);
	if (add_node(p, type, token_start(p), SNUG_JSON_NONE) < 0)
		return -1;
	p->open[p->depth] = self;
	p->last[p->depth] = SNUG_JSON_NONE;
	if (++p->depth > p->doc->depth)
		p->doc->depth = p->depth;
	p->after = AT_OPEN;
	return 0;
}

static int close_container(struct parser *p)
{
	struct snug_json_node *node = &p->doc->nodes.at[p->open[p->depth - 1]];

	if (check_start(p, skip_space(p->doc, p->end)) < 0)
		return -1;
	node->end = p->end = (uint32_t)yajl_get_bytes_consumed(p->yajl);
	p->after = AT_VALUE;
	if (node->type == SNUG_JSON_OBJECT && snug_json_refuse_duplicates(node, p->err) < 0)
		return -1;
	p->depth--;
	return 0;
}

/* Decodes the string token that ends here; yajl's own decoding takes lone surrogates. */
static int decode(struct parser *p, uint32_t start, uint32_t *ret)
{
	struct snug_buf *strings = &p->doc->strings;
	size_t len = yajl_get_bytes_consumed(p->yajl) - start - 2, bad;
	const char *why = "";

	if (check_start(p, start) < 0)
		return -1;
	*ret = (uint32_t)strings->len;
	bad = snug_json_decode(p->doc->text + start + 1, len, strings, &why);
	if (bad)
		return fail_at(p, start + bad, why, "take it out");
	snug_buf_addc(strings, '\0');
	return snug_buf_check(strings, p->err);
}

static int add_scalar(struct parser *p, enum snug_json_type type)
{
	return add_node(p, type, token_start(p), SNUG_JSON_NONE) == 0;
}

static int on_null(void *ctx)
{
	return add_scalar(ctx, SNUG_JSON_NULL);
}

static int on_bool(void *ctx, int value)
{
	(void)value;
	return add_scalar(ctx, SNUG_JSON_BOOL);
}

static int on_number(void *ctx, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return add_scalar(ctx, SNUG_JSON_NUMBER);
}

static int on_string(void *ctx, const unsigned char *value, size_t len)
{
	struct parser *p = ctx;
	uint32_t start = token_start(p), text;

	(void)value;
	(void)len;
	return decode(p, start, &text) == 0 && add_node(p, SNUG_JSON_STRING, start, text) == 0;
}

static int on_key(void *ctx, const unsigned char *value, size_t len)
{
	struct parser *p = ctx;
	uint32_t start = token_start(p), key;

	(void)value;
	(void)len;
	if (decode(p, start, &key) < 0)
		return 0;
	p->key = key;
	p->key_start = start;
	p->end = (uint32_t)yajl_get_bytes_consumed(p->yajl);
	p->after = AT_KEY;
	return 1;
}

static int on_open_object(void *ctx)
{
	return open_container(ctx, SNUG_JSON_OBJECT) == 0;
}

static int on_open_array(void *ctx)
{
	return open_container(ctx, SNUG_JSON_ARRAY) == 0;
}

static int on_close(void *ctx)
{
	return close_container(ctx) == 0;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close,
};

/* yajl's words (a part of them that tells them apart) and ours; where the fault lies. */
static const struct {
	const char *yajl, *what, *remedy;
	enum { AT_OFFSET, BEFORE_OFFSET, AT_TOKEN, AFTER_LAST } where;
} faults[] = {
	{ "unallowed token", "expected a value", NULL, AT_TOKEN },
	{ "invalid object key", "expected a member name in quotes", NULL, AT_TOKEN },
	{ "object key and value", "expected ':' after the member name", NULL, AFTER_LAST },
	{ "after key and value", "expected ',' or '}'", NULL, AFTER_LAST },
	{ "after array element", "expected ',' or ']'", NULL, AFTER_LAST },
	{ "trailing garbage", "text after the end of the document", "take it out", AFTER_LAST },
	{ "premature EOF", "unexpected end of the document", NULL, AT_OFFSET },
	{ "'\\' occurs", "no such escape in a string", NULL, AT_OFFSET },
	{ "non-hex", "\\u wants four hexadecimal digits", NULL, AT_OFFSET },
	{ "inside string", "a control character in a string", "write it as \\u and four digits",
	  AT_OFFSET },
	{ "invalid string", "expected true, false or null", NULL, AT_OFFSET },
	{ "after the exponent", "expected a digit after the exponent", NULL, AT_OFFSET },
	{ "decimal point", "expected a digit after the decimal point", NULL, AT_OFFSET },
	{ "minus sign", "expected a digit after the minus sign", NULL, AT_OFFSET },
	{ "comment", "a comment, which JSON has not", "take it out", AT_OFFSET },
	{ "invalid char", "unexpected character", NULL, BEFORE_OFFSET },
};

static int fail_syntax(struct parser *p, const char *yajl)
{
	static const char usual[] = "correct the document or write it anew";
	size_t offset = yajl_get_bytes_consumed(p->yajl), at, i = 0;
	size_t n = sizeof(faults) / sizeof(faults[0]);

	while (i < n && !strstr(yajl, faults[i].yajl))
		i++;
	if (i == n)
		return fail_at(p, offset < p->doc->len ? offset : p->doc->len, "not JSON", usual);
	switch (faults[i].where) {
	case BEFORE_OFFSET:
		at = offset ? offset - 1 : 0;
		break;
	case AT_TOKEN:
		at = token_start(p);
		break;
	case AFTER_LAST:
		at = skip_space(p->doc, p->end);
		break;
	case AT_OFFSET:
	default:
		at = offset;
		break;
	}
	if (offset > p->doc->len || at >= p->doc->len)
		return fail_at(p, p->doc->len, "unexpected end of the document",
			       "it is cut off: write it anew");
	if (at == 0 && !strncmp(p->doc->text, "\xef\xbb\xbf", 3))
		return fail_at(p, at, "a byte-order mark before the document", "take it out");
	return fail_at(p, at, faults[i].what, faults[i].remedy ? faults[i].remedy : usual);
}

/* After yajl is content: what lies behind the document. */
static int check_tail(struct parser *p)
{
	uint32_t at = skip_space(p->doc, p->end);

	if (at == p->doc->len)
		return 0;
	return fail_at(p, at, "text after the end of the document", "take it out");
}

static int run(struct parser *p)
{
	struct snug_json *doc = p->doc;
	const unsigned char *text = (const unsigned char *)doc->text;
	unsigned char *words;
	yajl_status status;
	int result;

	if (skip_space(doc, 0) == doc->len)
		return fail_at(p, doc->len, "the document is empty", "write it anew");
	status = yajl_parse(p->yajl, text, doc->len + 1);
	if (status == yajl_status_client_canceled)
		return -1;
	if (status == yajl_status_ok && doc->nodes.count && !p->depth)
		return check_tail(p);
	if (status == yajl_status_ok)
		return fail_at(p, doc->len, "unexpected end of the document",
			       "it is cut off: write it anew");
	words = yajl_get_error(p->yajl, 0, text, doc->len + 1);
	result = fail_syntax(p, words ? (const char *)words : "");
	yajl_free_error(p->yajl, words);
	return result;
}

static int run_yajl(struct parser *p)
{
	const yajl_alloc_funcs functions = snug_yajl_memory_functions(&p->memory);

	if (setjmp(p->memory.none))
		return snug_fail_memory(p->err);
	p->yajl = yajl_alloc(&callbacks, (yajl_alloc_funcs *)&functions, p);
	/* strings are checked here, strictly; yajl takes overlong forms and surrogates */
	yajl_config(p->yajl, yajl_dont_validate_strings, 1);
	return run(p);
}

int snug_json_copy_text(struct snug_json *doc, const char *text, size_t len, const char *file)
{
	doc->text = malloc(len + 2);
	doc->file = file ? strdup(file) : NULL;
	if (!doc->text || (file && !doc->file))
		return -1;
	if (len)
		memcpy(doc->text, text, len);
	memcpy(doc->text + len, " ", 2);
	doc->len = len;
	return 0;
}

/* A decoded string and its NUL are shorter than its token: strings never move. */
static int reserve(struct snug_json *doc)
{
	size_t nodes = doc->len / NODE_BYTES;

	if (snug_vec_grow((void **)&doc->strings.data, &doc->strings.room, doc->len + 1, 1) < 0)
		return -1;
	return snug_vec_reserve(&doc->nodes,
				nodes < SNUG_JSON_NODES_MAX ? nodes : SNUG_JSON_NODES_MAX);
}

int snug_json_parse_yajl(struct snug_json **ret, const char *text, size_t len, const char *file,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = calloc(1, sizeof(*doc));
	struct parser p = { .doc = doc, .err = err, .key = SNUG_JSON_NONE };
	int result;

	if (len > SNUG_JSON_BYTES_MAX) {
		snug_fail(err, SNUG_INPUT, "a document of %zu bytes, more than the limit of %zu",
			  len, SNUG_JSON_BYTES_MAX);
		strncpy(err->file, file ? file : "", sizeof(err->file) - 1);
		return snug_remedy(err, "snug reads no such document");
	}
	if (!doc || snug_json_copy_text(doc, text, len, file) < 0 || reserve(doc) < 0)
		return snug_fail_memory(err);
	result = run_yajl(&p);
	snug_yajl_memory_clear(&p.memory);
	if (result == 0)
		*ret = SNUG_TAKE(doc);
	return result;
}

/* ---- by whom ---- */

static snug_json_reader *reader = snug_json_parse_own;

void snug_json_set_reader(snug_json_reader *own)
{
	reader = own ? own : snug_json_parse_own;
}

int snug_json_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		    struct snug_error *err)
{
	return reader(ret, text, len, file, err);
}
