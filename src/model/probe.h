/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a process is confined, by the kernel's word: what `snug-hook probe` prints in a container,
 * which is its /proc/self/status and a line with /proc/self/attr/current. And whether that is what
 * a profile says.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/profile.h"

#define SNUG_PROBE_LABEL "Snug-AppArmor:\t" /* the line that is not the kernel's */
#define SNUG_PROBE_END	 "Snug-End:\n"

struct snug_probe {
	unsigned seccomp; /* 0: none, 2: filters */
	bool no_new_privs;
	snug_caps caps[SNUG_CAP_SET_MAX];
	char label[512]; /* "" where there is none to be had */
};
/* SNUG_INPUT: it is not whole. */
int snug_probe_parse(const struct snug_buf *text, struct snug_probe *ret,
		     struct snug_error *err) SNUG_CHECKED;
/*
 * Is the process confined at least as the profile says, as far as these facts tell (of seccomp:
 * that there is a filter)? Else why, in words, of all that falls short. apparmor: the AppArmor part
 * counts.
 */
bool snug_probe_is_within(const struct snug_probe *probe, const struct snug_profile *profile,
			  bool apparmor, struct snug_buf *why);
