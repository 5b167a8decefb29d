/* SPDX-License-Identifier: Apache-2.0 */
#include "hook/precreate.h"

#include "flow/hooked.h"
#include "hook/state.h"

#include <string.h>

static int decide(struct snug_precreate *ret, struct snug_error *err)
{
	/* Podman tells no bundle. */
	if (snug_decide(&ret->policy, &ret->config, SNUG_PRECREATE_CONFIG, NULL, &ret->decided,
			err) == 0)
		return 0;
	if (ret->policy.there || err->code != SNUG_INPUT)
		return -1;
	ret->decided.decision.rule = SNUG_DECIDED_NONE;
	return 0;
}

int snug_precreate_read(const struct snug_store *store, int fd, struct snug_precreate *ret,
			struct snug_error *err)
{
	*ret = (struct snug_precreate){ 0 };
	if (snug_hook_read_all(fd, SNUG_JSON_BYTES_MAX, "the container's config", &ret->config,
			       err) < 0)
		return -1;
	if (!ret->config.len) {
		snug_fail(err, SNUG_INPUT, "no container's config on standard input");
		return snug_remedy(err, "let Podman call this, as a precreate hook");
	}
	return snug_policy_file_load(store, &ret->policy, err) < 0 ? -1 : decide(ret, err);
}

void snug_precreate_note(const struct snug_store *store, const char *line)
{
	snug_hooked_note_failure(store, "being created", line); /* it has no id yet */
}

void snug_precreate_clear(struct snug_precreate *precreate)
{
	snug_decided_clear(&precreate->decided);
	snug_policy_file_clear(&precreate->policy);
	snug_buf_clear(&precreate->config);
}
