/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks_dir, the folders whose hooks Podman (containers.conf) and CRI-O (crio.conf) run. A drop-in
 * file that sets it takes the place of what files before it say, so that has to be said once more.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>

enum snug_hooks_reader { SNUG_HOOKS_PODMAN, SNUG_HOOKS_CRIO };

struct snug_hook_folders SNUG_VEC_BODY(char *);
void snug_hook_folders_clear(struct snug_hook_folders *folders);

/*
 * What a configuration file says. Where it sets hooks_dir, *ret becomes that, and *ret_set is true;
 * else both stay. SNUG_INPUT: it is written in a way that snug does not read.
 */
int snug_hook_folders_read(enum snug_hooks_reader reader, const struct snug_buf *text,
			   const char *file, struct snug_hook_folders *ret, bool *ret_set,
			   struct snug_error *err) SNUG_CHECKED;
/* What both have by themselves. */
int snug_hook_folders_default(struct snug_hook_folders *ret, struct snug_error *err) SNUG_CHECKED;
bool snug_hook_folders_has(const struct snug_hook_folders *folders, const char *folder);
/* What a drop-in file begins with. */
void snug_hook_dropin_title(enum snug_hooks_reader reader, struct snug_buf *to);
/* Its table: these, and ours behind them. */
int snug_hook_folders_render(enum snug_hooks_reader reader, const struct snug_hook_folders *folders,
			     const char *ours, struct snug_buf *ret,
			     struct snug_error *err) SNUG_CHECKED;
