/* SPDX-License-Identifier: Apache-2.0 */
/* Why patterns are in a profile, of several profiles together: of one pattern what more paths say.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"

#include <stdint.h>

struct snug_aa_text {
	char *pattern, *json;
	uint64_t paths;
};
struct snug_aa_reasons SNUG_VEC_BODY(struct snug_aa_text);

/* of: the member provenance.apparmor of a profile, or NULL. */
int snug_aa_reasons_add(struct snug_aa_reasons *into, const struct snug_json_node *of,
			struct snug_error *err) SNUG_CHECKED;
/* The same member's value. */
void snug_aa_reasons_put(struct snug_json_writer *w, const struct snug_aa_reasons *reasons);
void snug_aa_reasons_clear(struct snug_aa_reasons *reasons);
