/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's AppArmor, asked through libapparmor: is it on, what is loaded, who is confined by
 * what. Compiling a profile's text is apply/apparmor_parser.h's.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct snug_aa_kernel {
	char *fs; /* "/sys/kernel/security/apparmor" */
};
/* SNUG_HOST, with what is wrong and what to do, where this host has no AppArmor that is on, or
 * shows none; SNUG_SYSTEM where that could not be looked at. */
int snug_aa_kernel_open(struct snug_aa_kernel *ret, struct snug_error *err) SNUG_CHECKED;
/* Of its error: the kernel has none, or it is off. Anything else is no reason to do without. */
bool snug_aa_kernel_is_absent(const struct snug_error *err);
void snug_aa_kernel_close(struct snug_aa_kernel *kernel);

/* Where the kernel shows the profile of that name; "": it has none. */
int snug_aa_kernel_find(const struct snug_aa_kernel *kernel, const char *label, char ret[PATH_MAX],
			struct snug_error *err) SNUG_CHECKED;
/* Loads a compiled policy. Never over what is there: *ret_exists, and an error. */
int snug_aa_kernel_load(const struct snug_aa_kernel *kernel, const struct snug_buf *policy,
			bool *ret_exists, struct snug_error *err) SNUG_CHECKED;
/* Whoever it confines is unconfined afterwards: ask snug_aa_kernel_user() first. */
int snug_aa_kernel_remove(const struct snug_aa_kernel *kernel, const char *label,
			  struct snug_error *err) SNUG_CHECKED;

/* A process that is, or with its next execve will be, confined by the label or a child of it; 0:
 * none. */
int snug_aa_kernel_user(const char *label, pid_t *ret, struct snug_error *err) SNUG_CHECKED;
/* What confines a process, as the kernel spells it: "A//&B" and "enforce". "" where that cannot be
 * told: it is gone. */
void snug_aa_kernel_of(pid_t pid, struct snug_buf *ret_label, char ret_mode[16]);
