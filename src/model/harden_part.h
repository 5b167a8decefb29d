/* SPDX-License-Identifier: Apache-2.0 */
/* harden.c's parts, for each other. */
#pragma once

#include "base/buf.h"
#include "model/harden.h"

int snug_harden_seccomp(struct snug_spec *spec, const struct snug_profile *profile,
			const struct snug_harden_options *options, struct snug_hardened *ret,
			struct snug_error *err) SNUG_CHECKED;

/* fresh is empty before; it stays as long as spec is used: spec->fresh may point into it. NULL: to
 * audit, nothing is changed. */
int snug_harden_paths(struct snug_spec *spec, const struct snug_profile *profile,
		      struct snug_buf *fresh, struct snug_changes *ret,
		      struct snug_error *err) SNUG_CHECKED;

int snug_harden_apparmor(struct snug_spec *spec, const struct snug_profile *profile,
			 const struct snug_harden_options *options, struct snug_hardened *ret,
			 struct snug_error *err) SNUG_CHECKED;

/* Notes a change in ret (the changes, or what would change); text past the buffer's end is cut. */
int snug_harden_note(struct snug_changes *ret, struct snug_error *err, const char *path,
		     const char *fmt, ...) SNUG_CHECKED SNUG_PRINTF(4, 5);

/* ---- audit ---- */

/* What a profile denies is logged. */
int snug_audit_soften(struct snug_seccomp *policy, struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT: written denies a call that config, which is used up, permits. */
int snug_audit_check(struct snug_seccomp *config, const struct snug_seccomp *written,
		     struct snug_error *err) SNUG_CHECKED;
void snug_audit_forget_logged(struct snug_losses *losses);
