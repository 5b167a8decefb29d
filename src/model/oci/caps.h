/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities as a 64-bit set, and the five sets of process.capabilities. */
#pragma once

#include "base/error.h"
#include "json/json.h"

#include <stdbool.h>
#include <stdint.h>

/* Bit n is capability n of linux/capability.h. */
typedef uint64_t snug_caps;

#define SNUG_CAP_MAX 41u /* CAP_CHECKPOINT_RESTORE is 40 */

/* "CAP_CHOWN"; NULL past the table. */
const char *snug_cap_name(unsigned number);
/* By name, with or without CAP_, any case. */
bool snug_cap_parse(const char *name, unsigned *ret);

enum snug_cap_set {
	SNUG_CAP_BOUNDING,
	SNUG_CAP_EFFECTIVE,
	SNUG_CAP_INHERITABLE,
	SNUG_CAP_PERMITTED,
	SNUG_CAP_AMBIENT,
	SNUG_CAP_SET_MAX,
};
const char *snug_cap_set_name(enum snug_cap_set set); /* "bounding", … */

/* A list of names (a profile's "capabilities", one set of a config). Unknown names: SNUG_INPUT. */
int snug_caps_read(const struct snug_json_node *list, snug_caps *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* As a JSON array of names, ascending. */
void snug_caps_write(struct snug_json_writer *w, snug_caps caps);
