/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int snug_fail(struct snug_error *err, enum snug_code code, const char *fmt, ...)
{
	va_list args;

	*err = (struct snug_error){ .code = code };
	va_start(args, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, args);
	va_end(args);
	return -1;
}

int snug_fail_errno(struct snug_error *err, int number, const char *fmt, ...)
{
	va_list args;
	size_t len;

	*err = (struct snug_error){ .code = SNUG_SYSTEM, .sys_errno = number };
	va_start(args, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, args);
	va_end(args);
	len = strlen(err->what);
	snprintf(err->what + len, sizeof(err->what) - len, ": %s", strerror(number));
	return -1;
}

int snug_fail_memory(struct snug_error *err)
{
	snug_fail(err, SNUG_SYSTEM, "out of memory");
	err->sys_errno = ENOMEM;
	return -1;
}

int snug_context(struct snug_error *err, const char *fmt, ...)
{
	char inner[sizeof(err->what)];
	va_list args;
	size_t len;

	memcpy(inner, err->what, sizeof(inner));
	va_start(args, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, args);
	va_end(args);
	len = strlen(err->what);
	snprintf(err->what + len, sizeof(err->what) - len, ": %s", inner);
	return -1;
}

int snug_remedy(struct snug_error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->remedy, sizeof(err->remedy), fmt, args);
	va_end(args);
	return -1;
}

/* Appends formatted text at *at, as far as there is room. */
static void append(char *text, size_t size, size_t *at, const char *fmt, ...) SNUG_PRINTF(4, 5);
static void append(char *text, size_t size, size_t *at, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + *at, size - *at, fmt, args);
	va_end(args);
	if (n > 0)
		*at += (size_t)n < size - *at ? (size_t)n : size - *at - 1;
}

void snug_error_line(const struct snug_error *err, char *ret, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return;
	ret[0] = '\0';
	if (err->file[0])
		append(ret, size, &at, "%s:", err->file);
	if (err->line)
		append(ret, size, &at, "%u:", err->line);
	if (err->line && err->column)
		append(ret, size, &at, "%u:", err->column);
	if (err->path[0])
		append(ret, size, &at, "%s%s:", at ? " " : "", err->path);
	append(ret, size, &at, "%s%s", at ? " " : "", err->what);
	if (err->remedy[0])
		append(ret, size, &at, "; %s", err->remedy);
	for (char *c = ret; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
}
