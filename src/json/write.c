/* SPDX-License-Identifier: Apache-2.0 */
/* Writing new JSON, compact. */
#include "json/internal.h"

#include <assert.h>
#include <string.h>

/* The comma before a value or key; where it may stand. */
static void before(struct snug_json_writer *w, bool is_key)
{
	if (w->after_key) {
		assert(!is_key);
		w->after_key = false;
		return;
	}
	if (!w->depth) {
		assert(!is_key);
		return;
	}
	assert(is_key == (w->stack[w->depth - 1] == '{'));
	if (w->filled[w->depth - 1])
		snug_buf_addc(w->out, ',');
	w->filled[w->depth - 1] = true;
}

void snug_json_open(struct snug_json_writer *w, char bracket)
{
	assert(bracket == '{' || bracket == '[');
	assert(w->depth < SNUG_JSON_DEPTH_MAX);
	before(w, false);
	w->stack[w->depth] = bracket;
	w->filled[w->depth++] = false;
	snug_buf_addc(w->out, bracket);
}

void snug_json_close(struct snug_json_writer *w)
{
	assert(w->depth && !w->after_key);
	snug_buf_addc(w->out, w->stack[--w->depth] == '{' ? '}' : ']');
}

void snug_json_put_key(struct snug_json_writer *w, const char *key)
{
	before(w, true);
	snug_json_quote(w->out, key);
	snug_buf_addc(w->out, ':');
	w->after_key = true;
}

void snug_json_put_string(struct snug_json_writer *w, const char *text)
{
	before(w, false);
	snug_json_quote(w->out, text);
}

void snug_json_put_u64(struct snug_json_writer *w, uint64_t number)
{
	before(w, false);
	snug_buf_addf(w->out, "%llu", (unsigned long long)number);
}

void snug_json_put_bool(struct snug_json_writer *w, bool value)
{
	before(w, false);
	snug_buf_adds(w->out, value ? "true" : "false");
}

void snug_json_put_null(struct snug_json_writer *w)
{
	before(w, false);
	snug_buf_adds(w->out, "null");
}

void snug_json_put_raw(struct snug_json_writer *w, const char *json, size_t len)
{
	before(w, false);
	snug_buf_add(w->out, json, len);
}

void snug_json_pair_string(struct snug_json_writer *w, const char *key, const char *text)
{
	snug_json_put_key(w, key);
	snug_json_put_string(w, text);
}

void snug_json_pair_u64(struct snug_json_writer *w, const char *key, uint64_t number)
{
	snug_json_put_key(w, key);
	snug_json_put_u64(w, number);
}

void snug_json_pair_bool(struct snug_json_writer *w, const char *key, bool value)
{
	snug_json_put_key(w, key);
	snug_json_put_bool(w, value);
}
