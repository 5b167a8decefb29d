/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the files that snug writes. */
#include "json/internal.h"

#include "base/cleanup.h"

int snug_json_pretty(const char *text, size_t len, struct snug_buf *ret, struct snug_error *err)
{
	static const struct snug_json_style style = {
		.unit = "  ",
		.colon = ": ",
		.comma = ", ",
		.newline = "\n",
		.fill = true,
		.flat = 2,
	};
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };

	if (snug_json_parse_own(&doc, text, len, NULL, err) < 0)
		return -1;
	snug_json_layout(snug_json_root(doc), &style, false, &out);
	snug_buf_addc(&out, '\n');
	if (snug_buf_check(&out, err) < 0)
		return -1;
	snug_buf_add(ret, out.data, out.len);
	return snug_buf_check(ret, err);
}
