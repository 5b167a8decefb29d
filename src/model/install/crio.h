/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRI-O's crio.conf: hooks_dir, the folders whose hooks it runs. A file in crio.conf.d that sets it
 * takes the place of what files before it say, so that has to be said once more.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

struct snug_crio_folders SNUG_VEC_BODY(char *);
void snug_crio_folders_clear(struct snug_crio_folders *folders);

/*
 * What a configuration file says. Where it sets hooks_dir, *ret becomes that, and *ret_set is true;
 * else both stay. SNUG_INPUT: it is written in a way that snug does not read.
 */
int snug_crio_read(const struct snug_buf *text, const char *file, struct snug_crio_folders *ret,
		   bool *ret_set, struct snug_error *err) SNUG_CHECKED;
/* What CRI-O has by itself. */
int snug_crio_default(struct snug_crio_folders *ret, struct snug_error *err) SNUG_CHECKED;
/* A file for crio.conf.d: these, and ours behind them. */
int snug_crio_render(const struct snug_crio_folders *folders, const char *ours,
		     struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
