/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's AppArmor text, and the label that its digest gives it. */
#pragma once

#include "base/buf.h"
#include "model/apparmor/label.h"
#include "model/profile.h"

struct snug_confine_text {
	char label[SNUG_LABEL_SIZE];
	struct snug_buf text; /* names the profile by the label */
};
void snug_confine_text_clear(struct snug_confine_text *text);

/* The label's digits are those of the text's SHA-256 with no name in it. complain: what is not
 * allowed is logged, and done. */
int snug_confine_text_make(const struct snug_profile *profile, bool complain,
			   struct snug_confine_text *ret, struct snug_error *err) SNUG_CHECKED;
/* SNUG_INPUT: this is not the text that label is the name of. */
int snug_confine_text_check(const char *label, const struct snug_buf *text, const char *path,
			    struct snug_error *err) SNUG_CHECKED;
