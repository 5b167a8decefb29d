/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/vec.h"

#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Room for len more bytes and the NUL. */
static bool reserve(struct snug_buf *buf, size_t len)
{
	if (buf->failed)
		return false;
	if (len < buf->room && buf->len < buf->room - len) /* most of the time */
		return true;
	if (len > SIZE_MAX / 2 - buf->len ||
	    snug_vec_grow((void **)&buf->data, &buf->room, buf->len + len + 1, 1) < 0)
		buf->failed = true;
	return !buf->failed;
}

void snug_buf_add(struct snug_buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void snug_buf_adds(struct snug_buf *buf, const char *text)
{
	snug_buf_add(buf, text, strlen(text));
}

void snug_buf_addc(struct snug_buf *buf, char c)
{
	if (!reserve(buf, 1))
		return;
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
}

void snug_buf_addf(struct snug_buf *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !reserve(buf, (size_t)len)) {
		buf->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)len;
}

const char *snug_buf_text(const struct snug_buf *buf)
{
	return buf->data ? buf->data : "";
}

int snug_buf_check(const struct snug_buf *buf, struct snug_error *err)
{
	return buf->failed ? snug_fail_memory(err) : 0;
}

char *snug_buf_take(struct snug_buf *buf)
{
	char *data;

	snug_buf_add(buf, "", 0);
	data = buf->failed ? NULL : buf->data;
	if (buf->failed)
		snug_buf_clear(buf);
	*buf = (struct snug_buf){ 0 };
	return data;
}

void snug_buf_clear(struct snug_buf *buf)
{
	int saved = errno;

	free(buf->data);
	*buf = (struct snug_buf){ 0 };
	errno = saved;
}
