/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan on disk: a profile, ready for the exec boundary. It holds the profile's whole text, so it
 * serves as long as the store's profile is that, byte for byte, and a changed one makes it anew.
 */
#pragma once

#include "apply/boundary.h"
#include "base/buf.h"
#include "base/error.h"
#include "store/store.h"

#include <stdbool.h>

#define SNUG_BOUNDARY_FOLDER "boundary" /* below ROOT/run/snug */

struct snug_boundary_made {
	struct snug_boundary_plan plan; /* its filter points into text, once it was parsed */
	bool paths;			/* the profile masks some, or has them read-only */
	char incomplete[256];		/* why the profile is not whole; "": it is */
	struct snug_buf text;
};
void snug_boundary_made_clear(struct snug_boundary_made *made);

/* As bytes: made's plan and incomplete, and the profile they are of. */
int snug_boundary_plan_render(const struct snug_boundary_made *made, const struct snug_buf *profile,
			      struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
/* Takes text over. false, and text as it was: this is no plan, or not of that profile. */
bool snug_boundary_plan_parse(struct snug_buf *text, const struct snug_buf *profile,
			      struct snug_boundary_made *ret);
/* "/run/snug/boundary/NAME.plan" below folder's name; malloc'ed. NULL: no memory. */
char *snug_boundary_plan_path(const char *folder, const char *name);
/*
 * 1; 0: there is none of the profile as it is now, in the folder (ROOT/run/snug/boundary). What
 * others could have written is none.
 */
int snug_boundary_plan_find(const struct snug_store *store, int folder, const char *name,
			    struct snug_boundary_made *ret, struct snug_error *err) SNUG_CHECKED;
