/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording saw, in short. title: what it is called; its name where it has one. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/recording.h"

int snug_recording_text(const struct snug_recording *recording, const char *title,
			struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
int snug_recording_json(const struct snug_recording *recording, const char *title,
			struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
