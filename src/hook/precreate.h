/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Podman's precreate, a config filter: a config.json on stdin, the config.json that is run on
 * stdout. Here is what snug-hook can do of it by itself, the decision; what it says is applied by
 * snug (flow/apply.h).
 */
#pragma once

#include "flow/decide.h"

/* Names the config in errors: the engine has not written it anywhere yet. */
#define SNUG_PRECREATE_CONFIG "config"

struct snug_precreate {
	struct snug_buf config;
	struct snug_policy_file policy;
	struct snug_decided decided;
};
/*
 * Reads the config to its end and decides. Where there is no policy nothing stops a container: then
 * a config that cannot be read is left alone. Not to be moved.
 */
int snug_precreate_read(const struct snug_store *store, int fd, struct snug_precreate *ret,
			struct snug_error *err) SNUG_CHECKED;
/* Podman shows nobody what a filter says, so it is noted for `snug status`. */
void snug_precreate_note(const struct snug_store *store, const char *line);
void snug_precreate_clear(struct snug_precreate *precreate);
