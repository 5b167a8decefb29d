/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/recording.h"

/* Reads the recording at path and unites it with into (on failure to be cleared). ret_text is empty
 * before and gets the file's bytes. */
int snug_recording_add_file(const char *path, struct snug_recording *into,
			    struct snug_buf *ret_text, struct snug_error *err) SNUG_CHECKED;
