/* SPDX-License-Identifier: Apache-2.0 */
/* A config.json's text, hardened: for golden tests. cmocka's headers come first. */
#pragma once

#include "base/cleanup.h"
#include "model/harden.h"

#include <string.h>

#define CHANGES_MAX 4

static int harden_text(const char *config, const char *profile_text,
		       const struct snug_harden_options *options, struct snug_buf *ret,
		       struct snug_hardened *ret_hardened, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_spec spec;

	if (snug_profile_parse(profile_text, strlen(profile_text), "p.json", &profile, err) < 0 ||
	    snug_json_parse(&doc, config, strlen(config), "config.json", err) < 0 ||
	    snug_spec_read(doc, &spec, err) < 0 ||
	    snug_harden(&spec, &profile, options, ret_hardened, err) < 0)
		return -1;
	return snug_json_render(doc, ret, err);
}

/* The text that comes of it, and the places of what was changed. */
static void check_hardened(const char *what, const char *config, const char *profile,
			   const struct snug_harden_options *options, const char *want,
			   const char *const changes[CHANGES_MAX])
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
	struct snug_error err = { 0 };
	size_t n = 0;

	if (harden_text(config, profile, options, &out, &hardened, &err) < 0)
		fail_msg("%s: %s", what, err.what);
	if (strcmp(snug_buf_text(&out), want) != 0)
		fail_msg("%s: %s", what, out.data);
	for (; n < CHANGES_MAX && changes[n]; n++)
		assert_string_equal(hardened.changes.at[n].path, changes[n]);
	assert_int_equal(hardened.changes.count, n);
}
