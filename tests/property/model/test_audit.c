/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To audit is to change nothing that a container can do, and to log what enforce would deny: on
 * random pairs of config and profile, for each call with arguments without upper halves. It only
 * removes all the same (LOG is stricter than ALLOW), and twice is once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/harden.h"
#include "support/config.h"

#include <stdio.h>
#include <string.h>

#define PAIRS random_cases(1500u)
#define CALLS 300 /* that are asked about, for each pair */

static const struct section_options simple = {
	.all_actions = true, .calls = 4, .entries = 2, .once = true
};

static void config_random(struct snug_buf *out)
{
	snug_buf_adds(out, "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{"
			   "\"args\":[\"a\"],\"capabilities\":{\"bounding\":[\"CAP_CHOWN\","
			   "\"CAP_KILL\"]}}");
	if (random_below(4)) {
		snug_buf_adds(out, ",\"linux\":{\"seccomp\":");
		section_random(out, &simple);
		snug_buf_addc(out, '}');
	}
	snug_buf_adds(out, ",\"annotations\":{\"run.oci.handler\":\"krun\","
			   "\"run.oci.seccomp_bpf_data\":\"AA==\"}}");
}

static void profile_random(struct snug_buf *out)
{
	snug_buf_adds(out, "{\"snugProfile\":1,\"name\":\"p\",\"capabilities\":[\"CAP_CHOWN\"],"
			   "\"noNewPrivileges\":true,\"seccomp\":");
	section_random(out, &simple);
	snug_buf_addc(out, '}');
}

/* ---- what a text means ---- */

static bool audit(const struct snug_buf *from, const struct snug_profile *profile,
		  struct snug_buf *ret, struct snug_hardened *hardened)
{
	const struct snug_harden_options options = { .targets = targets,
						     .target_count = 2,
						     .audit = true };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_spec spec;
	struct snug_error err = { 0 };
	int result;

	must(snug_json_parse(&doc, from->data, from->len, NULL, &err), &err);
	must(snug_spec_read(doc, &spec, &err), &err);
	result = snug_harden(&spec, profile, &options, hardened, &err);
	/* What it cannot do it says: the container starts as it was. */
	if (result < 0 && (strstr(err.what, "pieces") || strstr(err.what, "cannot log") ||
			   strstr(err.what, "cannot be as strict")))
		return false;
	must(result, &err);
	must(snug_json_render(doc, ret, &err), &err);
	return true;
}

/* ---- the check ---- */

static void call_random(struct snug_call_data *ret)
{
	const char *name =
		section_calls[random_below(sizeof(section_calls) / sizeof(section_calls[0]))];
	const struct snug_syscall *known = snug_syscall_by_name(SNUG_ARCH_X86_64, name);

	*ret = (struct snug_call_data){ .arch = SNUG_ARCH_X86_64 };
	ret->nr = known && random_below(8) ? known->nr : random_below(500);
	for (unsigned i = 0; i < SNUG_ARGS; i++)
		ret->args[i] = (uint32_t)section_value();
}

static unsigned logged;

static void check_call(const struct config *before, const struct config *after,
		       const struct snug_seccomp *profile, unsigned t)
{
	struct snug_call_data call;
	snug_action was, is, asked;
	char words[200];

	call_random(&call);
	was = snug_seccomp_decide(&before->policy[t], &call);
	is = snug_seccomp_decide(&after->policy[t], &call);
	asked = snug_seccomp_decide(profile, &call);
	if (snug_action_permits(was) &&
	    (!snug_action_permits(is) || (!snug_action_permits(asked) && is != SNUG_LOG))) {
		snug_call_words(&call, words, sizeof(words));
		print_error("SNUG_SEED=%llu: %s: was %x, is %x, asked %x\n",
			    (unsigned long long)random_seed, words, was, is, asked);
		fail();
	}
	logged += was == SNUG_ALLOW && is == SNUG_LOG;
}

static void check_pair(const struct snug_buf *config, const struct snug_profile *profile,
		       unsigned *refused)
{
	SNUG_AUTO(config_clear) struct config before = { 0 }, after = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened first = { 0 }, second = { 0 };

	if (!audit(config, profile, &once, &first)) {
		++*refused;
		return;
	}
	CHECK(config_read(config, &before));
	CHECK(config_read(&once, &after));
	for (unsigned t = 0; t < 2; t++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp asked = { 0 };
		struct snug_call_data witness;
		struct snug_error err = { 0 };

		must(snug_oci_seccomp_mean(&profile->seccomp, &targets[t], &asked, &err), &err);
		CHECK(snug_seccomp_within(&after.policy[t], &before.policy[t], &witness));
		for (unsigned i = 0; i < CALLS; i++)
			check_call(&before, &after, &asked, t);
	}
	/* The handler, CAP_KILL, no_new_privs, the blob: told, and left. */
	CHECK(first.would.count == 4);
	CHECK(snug_json_same(after.spec.process, before.spec.process));
	CHECK(snug_json_same(after.spec.annotations, before.spec.annotations));
	CHECK(audit(&once, profile, &twice, &second));
	CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

static void test_audit_takes_nothing_away_and_logs(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < PAIRS; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 }, text = { 0 };
		SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
		struct snug_error err = { 0 };

		random_case(i);
		config_random(&config);
		profile_random(&text);
		if (getenv("SNUG_SEED"))
			fprintf(stderr, "%s\n%s\n", config.data, text.data);
		must(snug_profile_parse(text.data, text.len, NULL, &profile, &err), &err);
		check_pair(&config, &profile, &refused);
	}
	print_message("%u of %u pairs refused, %u calls logged\n", refused, PAIRS, logged);
	assert_true(refused < PAIRS / 10);
	assert_true(logged > PAIRS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_takes_nothing_away_and_logs),
	};

	snug_target_init(&targets[0], SNUG_RUNTIME_RUNC, 6, 6);
	snug_target_init(&targets[1], SNUG_RUNTIME_CRUN, 6, 6);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
