/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One error object for every layer.
 *
 * A function that can fail returns int: 0, or negative. Its last parameter is a
 * `struct snug_error *err`, owned by the caller, never NULL, filled on failure alone. Every buffer
 * in it is fixed, so that reporting out-of-memory cannot fail. Only src/cli prints it and exits:
 *
 *     snug: WHERE: WHAT; REMEDY
 *
 * Context is added on the way out (snug_context); text past a buffer's end is cut, never overrun.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* What went wrong, in the numbers that snug exits with. */
enum snug_code {
	SNUG_DONE = 0,
	SNUG_NO = 1,	 /* the answer is no: findings, a difference, a denied call */
	SNUG_USAGE = 2,	 /* the command line is wrong */
	SNUG_INPUT = 3,	 /* bad input: a file or a document that somebody gave us */
	SNUG_HOST = 4,	 /* this host cannot: a kernel feature, a runtime, a privilege is missing */
	SNUG_SYSTEM = 5, /* a system call failed: disk full, I/O error, out of memory */
};

struct snug_error {
	enum snug_code code;
	int sys_errno;	       /* 0 where no system call is behind it */
	unsigned line, column; /* from 1; 0: not known. Columns count bytes */
	char file[256];	       /* as the user named it; "" if none */
	char path[256]; /* where in a document: $.linux.seccomp.syscalls[3].names[0]; "" if none */
	char what[512]; /* what and why, one line, no full stop */
	char remedy[256]; /* what to do; "" if none */
};

#define SNUG_CHECKED	       __attribute__((warn_unused_result))
#define SNUG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills err (line, column, file, path and remedy are cleared). Returns -1, for `return
 * snug_fail(…)`. */
int snug_fail(struct snug_error *err, enum snug_code code, const char *fmt, ...) SNUG_PRINTF(3, 4);

/* The same with SNUG_SYSTEM, sys_errno = number and ": strerror(number)" behind the text. */
int snug_fail_errno(struct snug_error *err, int number, const char *fmt, ...) SNUG_PRINTF(3, 4);

/* Out of memory: SNUG_SYSTEM, ENOMEM. */
int snug_fail_memory(struct snug_error *err);

/* Puts "text: " before what. Returns -1. */
int snug_context(struct snug_error *err, const char *fmt, ...) SNUG_PRINTF(2, 3);

/* Says what to do. Returns -1, so that `return snug_remedy(err, …)` reads well after snug_fail. */
int snug_remedy(struct snug_error *err, const char *fmt, ...) SNUG_PRINTF(2, 3);

/*
 * Renders err as the one line that is printed, without "snug: " and without a newline. Bytes that
 * would break the line or the terminal (control characters) come out as '?'.
 * Writes at most size bytes, NUL included.
 */
void snug_error_line(const struct snug_error *err, char *ret, size_t size);
