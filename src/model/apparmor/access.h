/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What AppArmor asks for when a program does something (security/apparmor of Linux 6.1: file.c,
 * lsm.c, include/file.h).
 *
 * w is MAY_WRITE, CREATE, DELETE, SETATTR, CHMOD and CHOWN at once (map_old_perms); getattr is
 * always allowed; an exclusive lock wants w beside k. Each write(2) asks for MAY_WRITE, however the
 * file was opened, so that a alone lets a file be opened and never written: w is what is given.
 */
#pragma once

#include <stdbool.h>

/* SNUG_AA_*, for SNUG_ACCESS_* of model/seen.h. A link has a rule of its own. */
unsigned snug_aa_perms_of(unsigned access);
/* All that these letters give: w gives a, and an x that stays gives m. */
unsigned snug_aa_perms_given(unsigned perms, bool to_child);
