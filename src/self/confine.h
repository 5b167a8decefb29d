/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program of snug's gives up of its own privileges before it reads what others wrote.
 * docs/design.md, "Snug confines itself".
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "self/landlock.h"

/* A command that computes, and writes files at most. */
struct snug_self {
	SNUG_VEC(struct snug_landlock_rule) rules;
	bool writes;
	bool gives; /* what is written is to be somebody else's, whose file it replaces */
};
void snug_self_clear(struct snug_self *self);

/* A file, or a folder and what is below. Paths are copied. */
int snug_self_read(struct snug_self *self, const char *path, struct snug_error *err) SNUG_CHECKED;
/* A folder in which files are written. */
int snug_self_write(struct snug_self *self, const char *path, struct snug_error *err) SNUG_CHECKED;

/*
 * For good: the umask (0, since no mode can be set that others may write by), capabilities but
 * those that set aside whose a file is, no_new_privs, Landlock, and the filter of what computes (no
 * execve, no socket but a pair, no ptrace, kill, mount, bpf, …).
 */
int snug_self_confine(const struct snug_self *self, struct snug_error *err) SNUG_CHECKED;

/* What is not confined so: capabilities alone, those that no work of snug's takes. A tracer that is
 * forked can be under neither filter nor Landlock; what root executes from here has its own again.
 */
int snug_self_shed(struct snug_error *err) SNUG_CHECKED;
