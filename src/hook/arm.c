/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/arm.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/arm.h"
#include "json/json.h"

#include <errno.h>
#include <limits.h>
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

static int read_pid(const struct snug_buf *text, pid_t *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const struct snug_json_node *pid;
	uint64_t number;

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, "state", err) < 0)
		return -1;
	pid = snug_json_member(snug_json_root(doc), "pid");
	if (!pid)
		return snug_json_fail(snug_json_root(doc), err, "no pid");
	if (snug_json_u64(pid, &number, err) < 0)
		return -1;
	if (number == 0 || number > INT_MAX)
		return snug_json_fail(pid, err, "no process yet");
	*ret = (pid_t)number;
	return 0;
}

int snug_hook_arm(int state_fd, const char *socket, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	pid_t pid = 0;

	if (read_all(state_fd, &text, err) < 0 || read_pid(&text, &pid, err) < 0)
		return -1;
	return snug_arm_ask(socket, pid, err);
}
