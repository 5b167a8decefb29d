/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config.json and a profile. Either is refused, with a place; or the hardened config is one,
 * permits a subset of what config and profile permit, by each call and argument and under runc and
 * crun, has the intersection of their capabilities, keeps what is not hardening's business as it
 * was spelt, and stays as it is when it is hardened once more. To audit takes no call away.
 *
 * Input: bytes that choose options, the config, the profile.
 */
#include "fuzz/fuzz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hardening.h"

static void check_error(const struct snug_error *err)
{
	CHECK(err->code == SNUG_INPUT || err->code == SNUG_HOST || err->code == SNUG_NO);
	CHECK(err->what[0]);
}

static bool is_config(const struct snug_buf *text)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };
	struct snug_error err = { 0 };
	struct snug_spec spec;

	if (snug_json_parse(&doc, snug_buf_text(text), text->len, NULL, &err) < 0 ||
	    snug_spec_read(doc, &spec, &err) < 0 ||
	    (spec.seccomp && snug_oci_seccomp_read(spec.seccomp, &section, &err) < 0)) {
		check_error(&err);
		return false;
	}
	for (unsigned t = 0; spec.seccomp && t < 2; t++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

		if (snug_oci_seccomp_mean(&section, &targets[t], &policy, &err) < 0) {
			check_error(&err);
			return false;
		}
	}
	return true;
}

static bool harden(const struct snug_buf *from, const struct snug_profile *profile,
		   const struct snug_harden_options *options, struct snug_buf *ret,
		   struct snug_hardened *ret_hardened)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err = { 0 };
	struct snug_spec spec;

	must(snug_json_parse(&doc, snug_buf_text(from), from->len, NULL, &err), &err);
	must(snug_spec_read(doc, &spec, &err), &err);
	if (snug_harden(&spec, profile, options, ret_hardened, &err) < 0) {
		check_error(&err);
		return false;
	}
	must(snug_json_render(doc, ret, &err), &err);
	return true;
}

static void check_enforced(const struct snug_buf *text, const struct snug_profile *profile,
			   struct snug_harden_options *options)
{
	SNUG_AUTO(config_clear) struct config before = { 0 };
	SNUG_AUTO(config_clear) struct config after = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened first = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened second = { 0 };

	if (!config_read(text, &before) || !harden(text, profile, options, &once, &first))
		return;
	CHECK(config_read(&once, &after));
	check_hardened(&before, &after, profile, options);
	CHECK(first.changes.count ||
	      (once.len == text->len && memcmp(once.data, text->data, once.len) == 0));
	options->rewrite = SNUG_REWRITE_LITTLE;
	CHECK(harden(&once, profile, options, &twice, &second));
	CHECK(second.changes.count == 0);
	CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

/* What the config permits is permitted still, or logged; and nothing is added. */
static void check_audited(const struct snug_buf *text, const struct snug_profile *profile,
			  struct snug_harden_options *options)
{
	SNUG_AUTO(config_clear) struct config before = { 0 };
	SNUG_AUTO(config_clear) struct config after = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };

	options->audit = true;
	if (!config_read(text, &before) || !harden(text, profile, options, &once, &hardened))
		return;
	CHECK(config_read(&once, &after));
	for (unsigned t = 0; t < 2; t++)
		check_within(&after.policy[t], &before.policy[t], "the config");
	CHECK(after.spec.no_new_privs == before.spec.no_new_privs);
	CHECK(memcmp(after.spec.caps, before.spec.caps, sizeof(after.spec.caps)) == 0);
}

static struct snug_harden_options choose(uint8_t byte)
{
	return (struct snug_harden_options){ .targets = targets,
					     .target_count = 2,
					     .rewrite = byte & 1
								? SNUG_REWRITE_ALL + (byte >> 5 & 1)
								: SNUG_REWRITE_LITTLE,
					     .accept_incomplete = byte & 2,
					     .apparmor = byte & 4 ? OURS : NULL,
					     .hook = byte & 8 ? HOOK : NULL,
					     .hook_root = byte & 16 ? "/r" : NULL };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_harden_options options;
	struct snug_error err = { 0 };
	struct snug_buf config; /* borrowed */

	if (!snug_target_newest(&targets[0], SNUG_ARCH_X86_64)) {
		snug_target_init(&targets[0], SNUG_RUNTIME_RUNC, 6, 6);
		snug_target_init(&targets[1], SNUG_RUNTIME_CRUN, 6, 6);
	}
	fuzz_split(data, size, &parts);
	config = (struct snug_buf){ .data = parts.text[1], .len = parts.len[1] };
	options = choose((uint8_t)parts.text[0][0]);
	if (snug_profile_parse(parts.text[2], parts.len[2], "profile", &profile, &err) < 0) {
		check_error(&err);
		(void)is_config(&config);
		return 0;
	}
	if (!is_config(&config))
		return 0;
	check_enforced(&config, &profile, &options);
	check_audited(&config, &profile, &options);
	return 0;
}
