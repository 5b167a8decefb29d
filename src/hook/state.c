/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/state.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <unistd.h>

#define STATE_BYTES_MAX ((size_t)1 << 20)

static int read_all(int fd, struct snug_buf *ret, struct snug_error *err)
{
	char chunk[4096];
	ssize_t len;

	while ((len = read(fd, chunk, sizeof(chunk))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return snug_fail_errno(err, errno, "the container's state");
		snug_buf_add(ret, chunk, (size_t)len);
		if (ret->len > STATE_BYTES_MAX)
			return snug_fail(err, SNUG_INPUT, "the container's state has no end");
	}
	return snug_buf_check(ret, err);
}

int snug_hook_read_state(int fd, struct snug_json **ret_doc, struct snug_state *ret,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (read_all(fd, &text, err) < 0)
		return -1;
	if (!text.len) {
		snug_fail(err, SNUG_INPUT, "no container's state on standard input");
		return snug_remedy(err, "let a runtime call this, as a hook");
	}
	if (snug_json_parse(ret_doc, snug_buf_text(&text), text.len, "state", err) < 0)
		return -1;
	return snug_state_read(*ret_doc, ret, err);
}
