/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one clean-up idiom:
 *
 *     SNUG_AUTO(snug_buf_clear) struct snug_buf text = {0};      // released at end of scope
 *     SNUG_AUTO_FD int fd = -1;
 *     SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;   // pointers: freep takes T **
 *     *ret_doc = SNUG_TAKE(doc);                                 // hand over, nothing released
 *
 * Destructors take half-built things and keep errno.
 */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SNUG_AUTO(fn) __attribute__((cleanup(fn)))

#define SNUG_TAKE(pointer)                                                                         \
	({                                                                                         \
		__typeof__(pointer) taken_ = (pointer);                                            \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

/* free() for SNUG_AUTO on any pointer: SNUG_AUTO(snug_freep) char *text = NULL; */
static inline void snug_freep(void *pointer)
{
	int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

static inline void snug_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

/* A file descriptor, -1 for none. */
#define SNUG_AUTO_FD SNUG_AUTO(snug_close_fd)
