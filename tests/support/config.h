/* SPDX-License-Identifier: Apache-2.0 */
/* A config.json, read for what it means: for tests of what hardening makes of one. cmocka's headers
 * come first. */
#pragma once

#include "model/harden.h"
#include "support/section.h"

#include <string.h>

static struct snug_target targets[2]; /* runc and crun: the test sets them up */

struct config {
	struct snug_json *doc;
	struct snug_spec spec;
	struct snug_oci_seccomp section;
	struct snug_seccomp policy[2]; /* for each target; without a section all is allowed */
};

static void config_clear(struct config *config)
{
	snug_seccomp_clear(&config->policy[0]);
	snug_seccomp_clear(&config->policy[1]);
	snug_oci_seccomp_clear(&config->section);
	snug_json_free(config->doc);
}

static void must(int result, const struct snug_error *err)
{
	if (result < 0)
		print_error("SNUG_SEED=%llu: %s: %s\n", (unsigned long long)random_seed, err->path,
			    err->what);
	CHECK(result == 0);
}

/* false: a section of too many pieces by itself. */
static bool config_read(const struct snug_buf *text, struct config *ret)
{
	struct snug_error err = { 0 };

	must(snug_json_parse(&ret->doc, text->data, text->len, NULL, &err), &err);
	must(snug_spec_read(ret->doc, &ret->spec, &err), &err);
	if (ret->spec.seccomp)
		must(snug_oci_seccomp_read(ret->spec.seccomp, &ret->section, &err), &err);
	for (unsigned t = 0; t < 2; t++) {
		int result = ret->spec.seccomp
				     ? snug_oci_seccomp_mean(&ret->section, &targets[t],
							     &ret->policy[t], &err)
				     : snug_seccomp_init(&ret->policy[t], SNUG_ALLOW, &err);

		if (result < 0 && strstr(err.what, "pieces"))
			return false;
		must(result, &err);
	}
	return true;
}
