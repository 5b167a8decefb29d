/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/recordings.h"

#include "base/cleanup.h"
#include "store/file.h"

int snug_recording_add_file(const char *path, struct snug_recording *into,
			    struct snug_buf *ret_text, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording one = { 0 };

	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, ret_text, err) < 0 ||
	    snug_recording_parse(snug_buf_text(ret_text), ret_text->len, path, &one, err) < 0)
		return -1;
	return snug_recording_merge(into, &one, err);
}
