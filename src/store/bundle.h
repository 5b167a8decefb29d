/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snug-runtime did to a bundle's config.json: a note in /var/lib/snug/bundles, where nobody
 * but root can make believe that a config is hardened. Refusals as in store/store.h.
 */
#pragma once

#include "store/digest.h"
#include "store/store.h"

#define SNUG_BUNDLE_PROFILES_MAX 2u

struct snug_bundle_note {
	char config[4096];	      /* the config.json's path */
	char wrote[SNUG_DIGEST_SIZE]; /* what snug wrote there */
	char key[SNUG_DIGEST_SIZE];   /* of all that it hangs on; "-": not to be relied on */
	char profiles[SNUG_BUNDLE_PROFILES_MAX][SNUG_NAME_MAX + 1];
	unsigned profile_count;
};

/* The note of a config.json (its absolute path); one that cannot be read is none. */
int snug_store_read_bundle(const struct snug_store *store, const char *config, bool *ret_there,
			   struct snug_bundle_note *ret, struct snug_error *err) SNUG_CHECKED;
/* Writes it, and takes away those whose config.json is gone. */
int snug_store_put_bundle(const struct snug_store *store, const struct snug_bundle_note *note,
			  struct snug_error *err) SNUG_CHECKED;
int snug_store_drop_bundle(const struct snug_store *store, const char *config,
			   struct snug_error *err) SNUG_CHECKED;

/* SNUG_INPUT: a config.json (absolute path without symlinks) that somebody else than root and the
 * caller could change before the runtime reads it. */
int snug_store_check_bundle(const char *config, struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT: a symlink on the way that such a one could let point elsewhere. NULL: no way. */
int snug_store_check_links(const char *path, struct snug_error *err) SNUG_CHECKED;
