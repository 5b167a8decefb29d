/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A section that was hardened and proved before. That takes tens of milliseconds and more, and an
 * engine gives every container the same section: so it is done once for each pair of section and
 * profile. What is kept hangs on all that goes in: section, profile, options, this program and the
 * libseccomp that it proved with.
 */
#pragma once

#include "flow/harden.h"

struct snug_harden_cache {
	bool usable;  /* this pair may be kept at all */
	char key[65]; /* SHA-256 of all that goes in */
	bool hit;
	struct snug_json *doc; /* owned; ready points into it */
	struct snug_section_ready ready;
	char *text; /* owned */
};
void snug_harden_cache_clear(struct snug_harden_cache *cache);

/* Looks. What cannot be read, or is not to be trusted, is no hit. */
int snug_harden_cache_find(const struct snug_harden_how *how, const struct snug_profile *profile,
			   const struct snug_buf *config, struct snug_harden_cache *ret,
			   struct snug_error *err) SNUG_CHECKED;
/* Keeps what came of it; best effort. */
void snug_harden_cache_keep(const struct snug_harden_how *how,
			    const struct snug_harden_cache *cache, const struct snug_buf *config,
			    const struct snug_harden_result *result);
