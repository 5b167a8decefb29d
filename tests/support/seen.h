/* SPDX-License-Identifier: Apache-2.0 */
/* A recording's text, parsed: for tests of what it says of files and acts. cmocka's
 * headers come first. */
#pragma once

#include "support/rendered.h"

#include <string.h>

static int parse(const char *text, struct snug_recording *ret, struct snug_error *err)
{
	*err = (struct snug_error){ 0 };
	return snug_recording_parse(text, strlen(text), "r.json", ret, err);
}

static void parse_good(const char *text, struct snug_recording *ret)
{
	struct snug_error err;

	if (parse(text, ret, &err) < 0)
		fail_msg("%s: %s", err.path, err.what);
}
