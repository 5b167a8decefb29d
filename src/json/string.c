/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: decoding, UTF-8, quoting. */
#include "json/internal.h"

#include "base/plain.h"

#include <string.h>

static bool in(unsigned char c, unsigned char low, unsigned char high)
{
	return c >= low && c <= high;
}

/* Unicode, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF. */
size_t snug_json_utf8(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t want;

	if (s[0] < 0x80)
		return 1;
	want = in(s[0], 0xc2, 0xdf) ? 2 : in(s[0], 0xe0, 0xef) ? 3 : in(s[0], 0xf0, 0xf4) ? 4 : 0;
	if (!want || want > len)
		return 0;
	if (!in(s[1],
		s[0] == 0xe0   ? 0xa0
		: s[0] == 0xf0 ? 0x90
			       : 0x80,
		s[0] == 0xed   ? 0x9f
		: s[0] == 0xf4 ? 0x8f
			       : 0xbf))
		return 0;
	for (size_t i = 2; i < want; i++)
		if (!in(s[i], 0x80, 0xbf))
			return 0;
	return want;
}

static unsigned hex4(const char *raw)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		char c = raw[i];

		value = value << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

static void add_utf8(struct snug_buf *out, unsigned point)
{
	if (point < 0x80) {
		snug_buf_addc(out, (char)point);
		return;
	}
	if (point < 0x800) {
		snug_buf_addc(out, (char)(0xc0 | point >> 6));
	} else {
		if (point < 0x10000) {
			snug_buf_addc(out, (char)(0xe0 | point >> 12));
		} else {
			snug_buf_addc(out, (char)(0xf0 | point >> 18));
			snug_buf_addc(out, (char)(0x80 | (point >> 12 & 0x3f)));
		}
		snug_buf_addc(out, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	snug_buf_addc(out, (char)(0x80 | (point & 0x3f)));
}

/* \uXXXX at raw (yajl has checked the digits). Its length, or 0. */
static size_t decode_unicode(const char *raw, size_t len, struct snug_buf *ret,
			     const char **ret_why)
{
	unsigned point = hex4(raw + 2), low;

	if (point == 0) {
		*ret_why = "a NUL in a string";
		return 0;
	}
	if (point < 0xd800 || point > 0xdfff) {
		add_utf8(ret, point);
		return 6;
	}
	low = point < 0xdc00 && len >= 12 && raw[6] == '\\' && raw[7] == 'u' ? hex4(raw + 8) : 0;
	if (low < 0xdc00 || low > 0xdfff) {
		*ret_why = "half of a surrogate pair in a string";
		return 0;
	}
	add_utf8(ret, 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00));
	return 12;
}

static size_t decode_escape(const char *raw, size_t len, struct snug_buf *ret, const char **ret_why)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *found;

	if (raw[1] == 'u')
		return decode_unicode(raw, len, ret, ret_why);
	found = strchr(from, raw[1]);
	snug_buf_addc(ret, found ? to[found - from] : raw[1]);
	return 2;
}

size_t snug_json_decode(const char *raw, size_t len, struct snug_buf *ret, const char **ret_why)
{
	size_t at = 0, plain, step;

	while (at < len) {
		plain = at + snug_plain(raw + at, len - at);
		for (; plain < len && raw[plain] != '\\'; plain += step) {
			step = (unsigned char)raw[plain] < 0x80
				       ? 1
				       : snug_json_utf8(raw + plain, len - plain);
			if (!step) {
				*ret_why = "a string that is not UTF-8";
				return plain + 1;
			}
		}
		snug_buf_add(ret, raw + at, plain - at);
		if (plain == len)
			break;
		step = decode_escape(raw + plain, len - plain, ret, ret_why);
		if (!step)
			return plain + 1;
		at = plain + step;
	}
	return 0;
}

static void quote_char(struct snug_buf *out, unsigned char c)
{
	static const char from[] = "\b\f\n\r\t\"\\", to[] = "bfnrt\"\\";
	const char *found = strchr(from, c);

	if (found)
		snug_buf_addf(out, "\\%c", to[found - from]);
	else
		snug_buf_addf(out, "\\u%04x", c);
}

/* Bytes that are not UTF-8 become U+FFFD: an argument list may hold any, a document may not. */
void snug_json_quote(struct snug_buf *out, const char *text)
{
	size_t len = strlen(text), plain = 0, at, step;

	snug_buf_addc(out, '"');
	for (at = snug_plain(text, len); at < len; at += step) {
		unsigned char c = (unsigned char)text[at];
		size_t whole = snug_json_utf8(text + at, len - at);

		step = whole ? whole : 1;
		if (whole && c >= 0x20 && c != '"' && c != '\\')
			continue;
		snug_buf_add(out, text + plain, at - plain);
		if (whole)
			quote_char(out, c);
		else
			snug_buf_adds(out, "\xef\xbf\xbd");
		plain = at + step;
	}
	snug_buf_add(out, text + plain, at - plain);
	snug_buf_addc(out, '"');
}
