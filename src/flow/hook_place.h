/* SPDX-License-Identifier: Apache-2.0 */
/* Where snug-hook lies, for who writes it into a config.json. */
#pragma once

#include "base/error.h"
#include "store/store.h"

struct snug_hook_place {
	char *hook; /* the absolute path of snug-hook */
	char *root; /* of --root's DIR; NULL: none */
};
/* SNUG_HOST: there is none beside this program. */
int snug_hook_place_find(const struct snug_store *store, struct snug_hook_place *ret,
			 struct snug_error *err) SNUG_CHECKED;
void snug_hook_place_clear(struct snug_hook_place *place);
