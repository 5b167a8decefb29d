/* SPDX-License-Identifier: Apache-2.0 */
/* harden.c's parts, for each other. */
#pragma once

#include "base/buf.h"
#include "model/harden.h"

int snug_harden_seccomp(struct snug_spec *spec, const struct snug_profile *profile,
			const struct snug_harden_options *options, struct snug_hardened *ret,
			struct snug_error *err) SNUG_CHECKED;

/* fresh is empty before; it stays as long as spec is used: spec->fresh may point into it. */
int snug_harden_paths(struct snug_spec *spec, const struct snug_profile *profile,
		      struct snug_buf *fresh, struct snug_hardened *ret,
		      struct snug_error *err) SNUG_CHECKED;

int snug_harden_apparmor(struct snug_spec *spec, const struct snug_profile *profile,
			 const struct snug_harden_options *options, struct snug_hardened *ret,
			 struct snug_error *err) SNUG_CHECKED;

/* Notes a change; text past the buffer's end is cut. */
int snug_harden_note(struct snug_hardened *hardened, struct snug_error *err, const char *path,
		     const char *fmt, ...) SNUG_CHECKED SNUG_PRINTF(4, 5);
