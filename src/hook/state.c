/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/state.h"

#include "base/cleanup.h"
#include "self/guest.h"
#include "store/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATE_BYTES_MAX ((size_t)1 << 20)

int snug_hook_read_all(int fd, size_t max, const char *what, struct snug_buf *ret,
		       struct snug_error *err)
{
	char chunk[16384];
	ssize_t len;

	while ((len = read(fd, chunk, sizeof(chunk))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return snug_fail_errno(err, errno, "%s", what);
		snug_buf_add(ret, chunk, (size_t)len);
		if (ret->len > max)
			return snug_fail(err, SNUG_INPUT, "%s has no end", what);
	}
	return snug_buf_check(ret, err);
}

/*
 * One guest for state and config, where a policy or an annotation will have that looked at. Where
 * the bundle is the state has yet to say; but runtimes call hooks in its folder. (Another folder's
 * config.json is parsed for nothing.)
 */
static void foresee(const struct snug_store *store, const struct snug_buf *state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };
	struct snug_error ignored;
	char policy[PATH_MAX];

	snprintf(policy, sizeof(policy), "%s/etc/snug/policy.json", store->root);
	if ((access(policy, F_OK) == 0 || strstr(snug_buf_text(state), "io.snug.")) &&
	    snug_file_read("config.json", STATE_BYTES_MAX, &config, &ignored) == 0 && config.len)
		snug_guest_foresee(state, &config);
}

int snug_hook_read_state(int fd, const struct snug_store *store, bool begins,
			 struct snug_json **ret_doc, struct snug_state *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (snug_hook_read_all(fd, STATE_BYTES_MAX, "the container's state", &text, err) < 0)
		return -1;
	if (!text.len) {
		snug_fail(err, SNUG_INPUT, "no container's state on standard input");
		return snug_remedy(err, "let a runtime call this, as a hook");
	}
	if (begins)
		foresee(store, &text);
	if (snug_json_parse(ret_doc, snug_buf_text(&text), text.len, "state", err) < 0)
		return err->code == SNUG_INPUT ? -1 : snug_context(err, "the container's state");
	return snug_state_read(*ret_doc, ret, err);
}
