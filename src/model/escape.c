/* SPDX-License-Identifier: Apache-2.0 */
#include "model/escape.h"

#include "base/cleanup.h"
#include "base/plain.h"
#include "json/json.h"

#include <stdbool.h>
#include <string.h>

#define ESCAPE_LEN 4u /* \ooo */

/* How many bytes stand as they are at the head of len, 0: the first is escaped. C1 controls are two
 * bytes of UTF-8, and as bad for a terminal as the others. */
static size_t plain(const char *bytes, size_t len)
{
	const unsigned char *c = (const unsigned char *)bytes;
	size_t whole = snug_json_utf8(bytes, len);

	if (whole == 1 && (*c < 0x20 || *c == 0x7f || *c == '\\'))
		return 0;
	if (whole == 2 && c[0] == 0xc2 && c[1] < 0xa0)
		return 0;
	return whole;
}

void snug_escape_put(struct snug_buf *out, const char *bytes)
{
	size_t len = strlen(bytes), at = snug_plain(bytes, len), whole;

	snug_buf_add(out, bytes, at);
	while (at < len) {
		whole = plain(bytes + at, len - at);
		if (whole)
			snug_buf_add(out, bytes + at, whole);
		else
			snug_buf_addf(out, "\\%03o", (unsigned char)bytes[at]);
		at += whole ? whole : 1;
	}
}

size_t snug_escape_json_len(const char *bytes)
{
	size_t len = strlen(bytes), at = snug_plain(bytes, len), sum = at, whole;

	while (at < len) {
		whole = plain(bytes + at, len - at);
		/* JSON doubles the backslash, and puts one before a quote. */
		sum += whole ? whole + (bytes[at] == '"') : ESCAPE_LEN + 1;
		at += whole ? whole : 1;
	}
	return sum;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \ooo at text: the byte, or 0 and why. */
static unsigned char read_one(const char *text, const char **ret_why)
{
	unsigned value;

	if (!is_octal(text[1]) || !is_octal(text[2]) || !is_octal(text[3]) || text[1] > '3') {
		*ret_why = "a backslash has three octal digits behind it, 001 to 377";
		return 0;
	}
	value = (unsigned)(text[1] - '0') << 6 | (unsigned)(text[2] - '0') << 3 |
		(unsigned)(text[3] - '0');
	if (!value)
		*ret_why = "no name has a NUL";
	return (unsigned char)value;
}

/* Written again it has to be the same. */
static size_t differs(const char *text, const char *bytes, const char **ret_why)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf again = { 0 };
	const char *written;
	size_t at = 0;

	snug_escape_put(&again, bytes);
	written = snug_buf_text(&again);
	if (again.failed || strcmp(text, written) == 0)
		return 0;
	while (text[at] == written[at])
		at++;
	/* Within an escape: back to its head. */
	for (size_t back = 1; back < ESCAPE_LEN && back <= at; back++) {
		if (text[at - back] == '\\') {
			at -= back;
			break;
		}
	}
	*ret_why = text[at] == '\\' ? "this is written without a backslash"
				    : "this byte is written as a backslash and three octal digits";
	return at + 1;
}

size_t snug_escape_read(const char *text, struct snug_buf *ret, const char **ret_why)
{
	size_t from = ret->len, at = snug_plain(text, strlen(text));

	snug_buf_add(ret, text, at);
	if (!text[at]) /* it is written as it stands */
		return 0;
	while (text[at]) {
		size_t len = strcspn(text + at, "\\");
		char byte;

		snug_buf_add(ret, text + at, len);
		at += len;
		if (!text[at])
			break;
		byte = (char)read_one(text + at, ret_why);
		if (!byte)
			return at + 1;
		snug_buf_addc(ret, byte);
		at += ESCAPE_LEN;
	}
	return ret->failed ? 0 : differs(text, ret->data + from, ret_why);
}
