/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/kernel_log.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX 8192u /* CONSOLE_EXT_LOG_MAX of the kernel's */

/* "6,1234,5678,-;text\n SUBSYSTEM=…\n" (Documentation/ABI/testing/dev-kmsg) */
static const char *text_of(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return NULL;
	*text = ' '; /* so that a first field is behind a space, as all are */
	text[strcspn(text, "\n")] = '\0';
	return text;
}

int snug_kernel_log(int (*take)(void *context, const char *line, struct snug_error *err),
		    void *context, bool *ret_there, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_MAX + 1];
	const char *text;
	ssize_t len;

	*ret_there = fd >= 0;
	/* EPIPE: that record was overwritten meanwhile; the next read has the oldest one left. */
	while (fd >= 0 && ((len = read(fd, record, RECORD_MAX)) > 0 ||
			   (len < 0 && (errno == EPIPE || errno == EINTR)))) {
		if (len < 0)
			continue;
		record[len] = '\0';
		text = text_of(record);
		if (text && take(context, text, err) < 0)
			return -1;
	}
	return 0;
}
