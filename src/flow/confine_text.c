/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/confine_text.h"

#include "base/cleanup.h"
#include "model/apparmor/render.h"
#include "store/digest.h"

#include <stdio.h>
#include <string.h>

void snug_confine_text_clear(struct snug_confine_text *text)
{
	snug_buf_clear(&text->text);
}

static void digest(const struct snug_buf *text, char ret[SNUG_DIGEST_SIZE])
{
	snug_digest(snug_buf_text(text), text->len, ret);
}

int snug_confine_text_make(const struct snug_profile *profile, bool complain,
			   struct snug_confine_text *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf nameless = { 0 };
	char digits[SNUG_DIGEST_SIZE];

	if (snug_apparmor_render(profile, "", complain, &nameless, err) < 0)
		return -1;
	digest(&nameless, digits);
	snug_label_make(profile->name, digits, ret->label);
	return snug_apparmor_render(profile, ret->label, complain, &ret->text, err);
}

/* The text holds its label as often as it names itself; without them it is what was digested. */
int snug_confine_text_check(const char *label, const struct snug_buf *text, const char *path,
			    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf nameless = { 0 };
	char digits[SNUG_DIGEST_SIZE], name[SNUG_LABEL_SIZE], want[SNUG_LABEL_SIZE];
	const char *at = snug_buf_text(text), *end = at + text->len, *found;
	size_t len = strlen(label);

	while ((found = memmem(at, (size_t)(end - at), label, len))) {
		snug_buf_add(&nameless, at, (size_t)(found - at));
		at = found + len;
	}
	snug_buf_add(&nameless, at, (size_t)(end - at));
	if (snug_buf_check(&nameless, err) < 0)
		return -1;
	digest(&nameless, digits);
	snug_label_name(label, name);
	snug_label_make(name, digits, want);
	if (strcmp(want, label) == 0)
		return 0;
	snug_fail(err, SNUG_INPUT, "%s: this is not the text that its name is the digest of", path);
	return snug_remedy(err,
			   "somebody changed it: harden the bundle again, which writes it anew");
}
