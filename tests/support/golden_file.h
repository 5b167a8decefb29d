/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are compared byte for byte. After cmocka.h. */
#pragma once

#include "base/buf.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>

#define FOLDER "tests/golden/model/"

static inline void read_file(const char *name, struct snug_buf *ret)
{
	char path[128], block[4096];
	size_t len;
	FILE *file;

	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("no %s: run from the top folder", path);
	while ((len = fread(block, 1, sizeof(block), file)) > 0)
		snug_buf_add(ret, block, len);
	assert_int_equal(fclose(file), 0);
}

/* SNUG_GOLDEN_WRITE=1 writes the file anew; read the difference before it is committed. */
static inline void check(const char *name, const struct snug_buf *got)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf wanted = { 0 };
	char path[128];
	FILE *file;

	if (!getenv("SNUG_GOLDEN_WRITE")) {
		read_file(name, &wanted);
		assert_string_equal(snug_buf_text(got), snug_buf_text(&wanted));
		return;
	}
	(void)snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(got->data, 1, got->len, file), got->len);
	assert_int_equal(fclose(file), 0);
}
