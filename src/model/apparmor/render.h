/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile as text for apparmor_parser, 3.0.8 and 4.x. It includes nothing; its first line wants
 * the parser's own abi/3.0 (/etc/apparmor.d/abi, in the package of apparmor_parser), so that the
 * same rules mean the same on every kernel: what a later abi mediates and these rules do not know
 * (user namespaces, io_uring, message queues) is left to seccomp and capabilities.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/profile.h"

#include <stdbool.h>

/*
 * name: of letters, digits, '.', '_', '-'; "" for the text whose digest goes into a name. The same
 * profile gives the same bytes. Paths hold any bytes and never leave their rule.
 * SNUG_INPUT: the profile has no "apparmor"; or it is to be enforced (complain is false), and rests
 * on what was not seen whole.
 */
int snug_apparmor_render(const struct snug_profile *profile, const char *name, bool complain,
			 struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;

/* The rules that are not about files, a line each, as the text has them; but peer=self. */
void snug_apparmor_render_others(const struct snug_aa_rules *rules, struct snug_buf *ret);
