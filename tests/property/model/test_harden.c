/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invariants 1 to 3 of docs/design.md on random pairs of config and profile: hardening only
 * removes, twice is once, and what it does not mean to change stays as it is spelt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/hardening.h"

#define PAIRS random_cases(10000u)

/* ---- random documents ---- */

static void caps_random(struct snug_buf *out)
{
	const char *comma = "";

	snug_buf_addc(out, '[');
	for (unsigned cap = random_below(4); cap < SNUG_CAP_MAX; cap += 1 + random_below(9)) {
		snug_buf_addf(out, "%s\"%s\"", comma, snug_cap_name(cap));
		comma = random_below(3) ? "," : " ,\n ";
	}
	snug_buf_addc(out, ']');
}

static void sets_random(struct snug_buf *out)
{
	snug_buf_adds(out, ",\"capabilities\":{\"x-other\":[ 1.50e1 ]");
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++) {
		if (random_below(6) == 0)
			continue;
		snug_buf_addf(out, ",\"%s\":", snug_cap_set_name(set));
		if (random_below(10))
			caps_random(out);
		else
			snug_buf_adds(out, "null");
	}
	snug_buf_addc(out, '}');
}

/* A section, sometimes with members that are no policy. */
static void put_section(struct snug_buf *out, bool once)
{
	const struct section_options options = { .all_operators = random_below(4) == 0,
						 .all_actions = true,
						 .calls = 4,
						 .entries = 2,
						 .once = once };

	section_random(out, &options);
	if (random_below(4))
		return;
	out->len--; /* the closing brace */
	snug_buf_adds(out, ",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"], \"x\" : 7.00}");
}

static void path_list_random(struct snug_buf *out, const char *key, const char *colon)
{
	static const char *const paths[] = { "/proc/kcore", "/proc/sys", "/a", "/\\u0062", "/b/c" };
	const char *comma = "";

	if (random_below(3) == 0)
		return;
	snug_buf_addf(out, ",\"%s\"%s[", key, colon);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (random_below(2))
			continue;
		snug_buf_addf(out, "%s\"%s\"", comma, paths[i]);
		comma = random_below(2) ? "," : ", ";
	}
	snug_buf_addc(out, ']');
}

#define OLDER "snug-p-fedcba9876543210"

static void label_random(struct snug_buf *out)
{
	static const char *const labels[] = { "null",
					      "\"\"",
					      "\"unconfined\"",
					      "\"docker-default\"",
					      "\"a//&b\"",
					      "\"\\u0061//&" OLDER "\"",
					      "\"" OLDER "\"",
					      "\"" OURS "\"",
					      "\"a//&" OURS "\"",
					      "\":ns:a\"" };

	if (random_below(2))
		snug_buf_addf(out, ", \"apparmorProfile\" : %s", labels[random_below(10)]);
}

static void hooks_random(struct snug_buf *out)
{
	static const struct {
		const char *head, *tail; /* the stage's name goes between them */
	} lists[] = {
		{ "null", NULL },
		{ "[]", NULL },
		{ "[ {\"path\":\"/bin/true\", \"timeout\":1e1} ]", NULL },
		{ "[{\"path\":\"" HOOK "\"}]", NULL },
		{ "[{\"path\":\"" HOOK "\",\"args\":[\"snug-hook\",\"", "\"]}]" },
		{ "[{\"path\":\"" HOOK "\",\"args\":[\"x\",\"",
		  "\"],\"timeout\":60},{\"path\":\"/b\"}]" },
		{ "[{\"path\":\"" HOOK "\",\"args\":[\"snug-hook\",\"--root\",\"/r\",\"", "\"]}]" },
	};
	static const char *const stages[] = { "prestart", "createRuntime", "poststart",
					      "poststop" };
	const char *comma = "";
	unsigned which;

	if (random_below(3) == 0)
		return;
	if (random_below(6) == 0) {
		snug_buf_adds(out, ",\"hooks\":null");
		return;
	}
	snug_buf_adds(out, ",\"hooks\" : {");
	for (size_t i = 0; i < 4; i++) {
		if (random_below(2))
			continue;
		snug_buf_addf(out, "%s\"%s\": ", comma, stages[i]);
		which = random_below(7);
		snug_buf_adds(out, lists[which].head);
		if (lists[which].tail)
			snug_buf_addf(out, "%s%s", stages[i], lists[which].tail);
		comma = ", ";
	}
	snug_buf_adds(out, random_below(2) ? " }" : "}");
}

static void config_random(struct snug_buf *out)
{
	static const char *const nnp[] = { "", ",\"noNewPrivileges\" :true",
					   ",\"noNewPrivileges\":false",
					   ",\"noNewPrivileges\":null" };

	snug_buf_adds(out, "{\"ociVersion\" : \"1.0.2\",\"x-big\":123456789012345678901234567890,"
			   "\"root\":{\"path\":\"r\\u006fot\"},\n\t\"process\":{\"args\":[\"a\"]");
	snug_buf_adds(out, nnp[random_below(4)]);
	label_random(out);
	if (random_below(6))
		sets_random(out);
	snug_buf_adds(out, ",\"z\":{ } }");
	snug_buf_adds(out, random_below(2)
				   ? ",\"annotations\":{\"run.oci.seccomp_bpf_data\":\"AA==\","
				     "\"b\":\"\"}"
				   : "");
	if (random_below(6)) {
		snug_buf_adds(out, ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"}]");
		if (random_below(4)) {
			snug_buf_adds(out, ",\"seccomp\":");
			random_below(12) ? put_section(out, false) : snug_buf_adds(out, "null");
		}
		path_list_random(out, "maskedPaths", random_below(2) ? ":" : " : ");
		snug_buf_adds(out, ",\"y\":-0.0");
		path_list_random(out, "readonlyPaths", ":");
		snug_buf_addc(out, '}');
	}
	hooks_random(out);
	snug_buf_adds(out, "}\n");
}

static void profile_random(struct snug_buf *out)
{
	snug_buf_adds(out, "{\"snugProfile\":1,\"name\":\"p\"");
	if (random_below(5)) {
		snug_buf_adds(out, ",\"seccomp\":");
		put_section(out, true);
	}
	if (random_below(5)) {
		snug_buf_adds(out, ",\"capabilities\":");
		caps_random(out);
	}
	if (random_below(3))
		snug_buf_addf(out, ",\"noNewPrivileges\":%s", random_below(3) ? "true" : "false");
	path_list_random(out, "maskedPaths", ":");
	path_list_random(out, "readonlyPaths", ":");
	snug_buf_addc(out, '}');
}

/* ---- the pairs ---- */

/* What harden refuses is no case: two sections of many exact values that are more than the limit of
 * pieces, and what linux.seccomp cannot say under runc, whose stub answers ENOSYS where one of them
 * kills the process and the other does not list the ABI. */
static unsigned refused;

static bool harden_text(const struct snug_buf *from, const struct snug_profile *profile,
			const struct snug_harden_options *options, struct snug_buf *ret,
			struct snug_hardened *ret_hardened)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_spec spec;
	struct snug_error err = { 0 };
	int result;

	must(snug_json_parse(&doc, from->data, from->len, NULL, &err), &err);
	must(snug_spec_read(doc, &spec, &err), &err);
	result = snug_harden(&spec, profile, options, ret_hardened, &err);
	if (result < 0 && (strstr(err.what, "pieces") || strstr(err.what, "cannot be as strict")))
		return false;
	must(result, &err);
	must(snug_json_render(doc, ret, &err), &err);
	return true;
}

static struct snug_harden_options options_random(void)
{
	return (struct snug_harden_options){ .targets = targets,
					     .target_count = 2,
					     .rewrite = random_below(4) ? SNUG_REWRITE_LITTLE
									: SNUG_REWRITE_ALL +
										  random_below(2),
					     .accept_incomplete = true,
					     .apparmor = random_below(3) ? OURS : NULL,
					     .hook = random_below(3) ? HOOK : NULL,
					     .hook_root = random_below(3) ? NULL : "/r" };
}

static void check_pair(const struct snug_buf *config, const struct snug_profile *profile)
{
	SNUG_AUTO(config_clear) struct config before = { 0 }, after = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf once = { 0 }, twice = { 0 };
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened first = { 0 }, second = { 0 };
	struct snug_harden_options options = options_random();

	if (!config_read(config, &before) ||
	    !harden_text(config, profile, &options, &once, &first)) {
		refused++;
		return;
	}
	CHECK(config_read(&once, &after));
	check_hardened(&before, &after, profile, &options);
	CHECK(first.changes.count ||
	      (once.len == config->len && memcmp(once.data, config->data, once.len) == 0));
	options.rewrite = SNUG_REWRITE_LITTLE;
	CHECK(harden_text(&once, profile, &options, &twice, &second));
	CHECK(second.changes.count == 0);
	CHECK(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
}

static void test_hardening_only_removes(void **state)
{
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
		check_pair(&config, &profile);
	}
	print_message("%u of %u pairs refused\n", refused, PAIRS);
	assert_true(refused < PAIRS / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hardening_only_removes),
	};

	/* A libseccomp that cannot name all of the pool. */
	snug_target_init(&targets[0], SNUG_RUNTIME_RUNC, 6, 6);
	snug_target_init(&targets[1], SNUG_RUNTIME_CRUN, 6, 6);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
