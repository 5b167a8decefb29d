/* SPDX-License-Identifier: Apache-2.0 */
/* A recording's text, malloc'ed. cmocka's headers come first. */
#pragma once

#include "model/recording.h"

static char *rendered(const struct snug_recording *recording)
{
	struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	if (snug_recording_render(recording, &text, &err) < 0)
		fail_msg("%s", err.what);
	return snug_buf_take(&text);
}
