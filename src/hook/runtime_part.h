/* SPDX-License-Identifier: Apache-2.0 */
/* What hook/runtime.c asks of hook/runtime_place.c. Not for others. */
#pragma once

#include "hook/runtime.h"

/* A bundle's folder and the config.json that the runtime reads, without symlinks; malloc'ed. */
struct snug_bundle {
	char *folder, *config;
	/* Of a container that there is; else NULL. */
	char *named;	  /* the folder as the runtime keeps it */
	bool is_shadowed; /* runc's exec would read another one's process */
};
void snug_bundle_clear(struct snug_bundle *bundle);
/* -1: there is none. */
int snug_bundle_realpath(const char *path, char **ret) SNUG_CHECKED;
int snug_bundle_find(const struct snug_runtime_args *args, struct snug_bundle *ret) SNUG_CHECKED;
/* Of a container that there is, by the runtime's own state folder. SNUG_INPUT: it cannot be told.
 */
int snug_bundle_of_container(const struct snug_runtime_args *args, enum snug_runtime runtime,
			     struct snug_bundle *ret, bool *ret_there,
			     struct snug_error *err) SNUG_CHECKED;

/* Puts an option behind the command's word. */
int snug_runtime_add_option(struct snug_standin *runtime, const char *option,
			    struct snug_error *err) SNUG_CHECKED;

/* A file in memory that outlives an exec of ours, out of the way of descriptors that are passed on
 * (--preserve-fds, LISTEN_FDS). -1: error. */
int snug_runtime_memory(struct snug_error *err);
/* Makes fd's file what exec --process names. */
int snug_runtime_put_process(struct snug_standin *runtime, int fd,
			     struct snug_error *err) SNUG_CHECKED;
