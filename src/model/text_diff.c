/* SPDX-License-Identifier: Apache-2.0 */
#include "model/text_diff.h"

#include <string.h>

#define AROUND 3u

/* A text, line by line; a line is with its newline. */
struct lines {
	const char *text;
	size_t len;
	size_t count;
};

static size_t line_length(const char *text, size_t len)
{
	const char *end = len ? memchr(text, '\n', len) : NULL;

	return end ? (size_t)(end - text) + 1 : len;
}

static struct lines lines_of(const struct snug_buf *buf)
{
	struct lines lines = { .text = buf ? snug_buf_text(buf) : "", .len = buf ? buf->len : 0 };

	for (size_t at = 0; at < lines.len; at += line_length(lines.text + at, lines.len - at))
		lines.count++;
	return lines;
}

/* Lines that both begin with; *ret_at: where the next one begins. */
static size_t common_head(const struct lines *a, const struct lines *b, size_t *ret_at)
{
	size_t count = 0, at = 0;

	while (at < a->len && at < b->len) {
		size_t n = line_length(a->text + at, a->len - at);

		if (n != line_length(b->text + at, b->len - at) ||
		    memcmp(a->text + at, b->text + at, n) != 0)
			break;
		at += n;
		count++;
	}
	*ret_at = at;
	return count;
}

/* The length of the last line before `end`. */
static size_t last_length(const char *text, size_t end)
{
	size_t at = end - 1;

	while (at > 0 && text[at - 1] != '\n')
		at--;
	return end - at;
}

/* Lines that both end with, none of them in the first `from` bytes. */
static size_t common_tail(const struct lines *a, const struct lines *b, size_t from)
{
	size_t count = 0, end_a = a->len, end_b = b->len;

	while (end_a > from && end_b > from) {
		size_t n = last_length(a->text, end_a);

		if (n != last_length(b->text, end_b) ||
		    memcmp(a->text + end_a - n, b->text + end_b - n, n) != 0)
			break;
		end_a -= n;
		end_b -= n;
		count++;
	}
	return count;
}

/* Lines first to last (not included), each behind a mark. */
static void put_lines(const struct lines *lines, size_t first, size_t last, char mark,
		      struct snug_buf *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < last; i++) {
		size_t n = line_length(lines->text + at, lines->len - at);

		if (i >= first) {
			snug_buf_addc(ret, mark);
			snug_buf_add(ret, lines->text + at, n);
			if (lines->text[at + n - 1] != '\n')
				snug_buf_adds(ret, "\n\\ No newline at end of file\n");
		}
		at += n;
	}
}

/* Where a side of the hunk begins, as diff counts: from 1, and one less where it is empty. */
static size_t start_of(size_t first, size_t count)
{
	return count ? first + 1 : first;
}

static void put_hunk(const struct lines *a, const struct lines *b, struct snug_buf *ret)
{
	size_t from, head = common_head(a, b, &from), tail = common_tail(a, b, from);
	size_t first = head > AROUND ? head - AROUND : 0, behind = tail > AROUND ? AROUND : tail;
	size_t count_a = a->count - tail + behind - first;
	size_t count_b = b->count - tail + behind - first;

	snug_buf_addf(ret, "@@ -%zu,%zu +%zu,%zu @@\n", start_of(first, count_a), count_a,
		      start_of(first, count_b), count_b);
	put_lines(a, first, head, ' ', ret);
	put_lines(a, head, a->count - tail, '-', ret);
	put_lines(b, head, b->count - tail, '+', ret);
	put_lines(a, a->count - tail, a->count - tail + behind, ' ', ret);
}

void snug_text_diff(const char *path, const struct snug_buf *before, const struct snug_buf *after,
		    struct snug_buf *ret)
{
	struct lines a = lines_of(before), b = lines_of(after);
	bool same = !before == !after && a.len == b.len && memcmp(a.text, b.text, a.len) == 0;

	if (same)
		return;
	snug_buf_addf(ret, "--- %s\n", before ? path : "/dev/null");
	snug_buf_addf(ret, "+++ %s\n", after ? path : "/dev/null");
	if (a.len || b.len)
		put_hunk(&a, &b, ret);
}
