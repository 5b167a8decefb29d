/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser's own process, one for each document. It has no privilege and no file, and of the
 * system's calls those that take memory, and its end. It says where values lie in a text; who asked
 * makes a document of that by looking whether it is so (snug_json_adopt), so a guest that others
 * have got hold of cannot even lie.
 *
 * What snug or root wrote is parsed at home (snug_json_parse_own).
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "json/json.h"

/* From here on snug_json_parse() asks a guest. */
void snug_guest_invite(void);
/*
 * One guest for two texts that are about to be parsed: what it says of them is known then, and held
 * against them as ever. Best effort: what is wrong with one, or kills the guest, its own parse
 * tells.
 */
void snug_guest_foresee(const struct snug_buf *one, const struct snug_buf *two);
/* The snug_json_reader. It has ended, and is waited for, when this returns. SNUG_SYSTEM where there
 * can be no guest, or where it died of the text. */
int snug_guest_parse(struct snug_json **ret, const char *text, size_t len, const char *file,
		     struct snug_error *err) SNUG_CHECKED;
