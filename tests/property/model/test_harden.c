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

#include "model/apparmor/label.h"
#include "support/config.h"

#define PAIRS 10000

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

#define OURS  "snug-p-0123456789abcdef"
#define OLDER "snug-p-fedcba9876543210"
#define HOOK  "/usr/bin/snug-hook"

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

/* ---- the invariants ---- */

static void check_within(const struct snug_seccomp *inner, const struct snug_seccomp *outer,
			 const char *whose)
{
	struct snug_call_data witness;
	char words[200];

	if (snug_seccomp_within(inner, outer, &witness))
		return;
	snug_call_words(&witness, words, sizeof(words));
	print_error("SNUG_SEED=%llu: %s is looser than %s\n", (unsigned long long)random_seed,
		    words, whose);
	fail();
}

/* Every profile that the config named still holds; ours does where one is asked for. */
static void check_label(const struct config *before, const struct config *after, const char *label)
{
	const char *was = before->spec.apparmor, *is = after->spec.apparmor;
	struct snug_label_part part;

	if (!label) {
		CHECK(was == is || strcmp(was, is) == 0);
		return;
	}
	CHECK(snug_label_holds(is, label, false));
	if (snug_label_is_none(was)) {
		CHECK(strcmp(is, label) == 0);
		return;
	}
	while (snug_label_next(&was, &part)) {
		char one[64];

		snprintf(one, sizeof(one), "%.*s", (int)part.len, part.at);
		CHECK(snug_label_holds(is, one, false));
	}
}

/* How many entries of a stage call our hook as harden writes it. */
static unsigned count_hooks(const struct snug_spec *spec, const char *stage, const char *root)
{
	const struct snug_json_node *list = snug_json_member(spec->hooks, stage);
	char want[64];
	unsigned count = 0;

	snprintf(want, sizeof(want), root ? "\"--root\",\"%s\",\"%s\"]" : "%.0s,\"%s\"]",
		 root ? root : "", stage);
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		const struct snug_json_node *args = snug_json_member(n, "args");
		char text[128] = "";
		size_t len = 0, kept = 0;
		const char *source = args ? snug_json_source(args, &len) : "";

		for (size_t i = 0; i < len && kept + 1 < sizeof(text); i++)
			if (!strchr(" \n\t", source[i]))
				text[kept++] = source[i];
		text[kept] = '\0';
		len = strlen(want);
		count += snug_json_count(args) == (root ? 4 : 2) && kept >= len &&
			 strcmp(text + kept - len, want) == 0;
	}
	return count;
}

/* All entries that were there still are, first and as they were spelt. */
static void check_hooks_kept(const struct config *before, const struct config *after)
{
	const struct snug_json_node *stage = snug_json_first(before->spec.hooks);

	for (; stage; stage = snug_json_next(stage)) {
		const struct snug_json_node *list =
			snug_json_member(after->spec.hooks, snug_json_key(stage));
		const struct snug_json_node *a = snug_json_first(stage), *b = snug_json_first(list);

		for (; a; a = snug_json_next(a), b = snug_json_next(b)) {
			size_t a_len, b_len;
			const char *a_text = snug_json_source(a, &a_len);
			const char *b_text = b ? snug_json_source(b, &b_len) : NULL;

			CHECK(b && a_len == b_len && memcmp(a_text, b_text, a_len) == 0);
		}
	}
}

static void check_hooks(const struct config *after, const struct snug_harden_options *options)
{
	unsigned starting = count_hooks(&after->spec, "createRuntime", options->hook_root) +
			    count_hooks(&after->spec, "prestart", options->hook_root);

	if (!options->apparmor || !options->hook)
		return;
	CHECK(starting >= 1);
	CHECK(count_hooks(&after->spec, "poststop", options->hook_root) == 1);
}

static bool names(const struct snug_json_node *list, const char *path)
{
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		struct snug_error err = { 0 };
		const char *one;

		must(snug_json_string(n, &one, &err), &err);
		if (strcmp(one, path) == 0)
			return true;
	}
	return false;
}

/* The config's list, as it was spelt and first; then the profile's paths that it lacked, once. */
static void check_paths(const struct config *before, const struct config *after,
			const struct snug_profile *profile)
{
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		const struct snug_json_node *was = before->spec.paths[kind],
					    *is = after->spec.paths[kind];
		const struct snug_json_node *a = snug_json_first(was), *b = snug_json_first(is);
		size_t added = 0, a_len, b_len;

		for (; a; a = snug_json_next(a), b = snug_json_next(b)) {
			const char *a_text = snug_json_source(a, &a_len);
			const char *b_text = b ? snug_json_source(b, &b_len) : NULL;

			CHECK(b && a_len == b_len && memcmp(a_text, b_text, a_len) == 0);
		}
		for (size_t i = 0; i < profile->paths[kind].count; i++) {
			CHECK(names(is, profile->paths[kind].at[i]));
			added += !names(was, profile->paths[kind].at[i]);
		}
		CHECK(snug_json_count(is) == snug_json_count(was) + added);
	}
}

static void check_removes(const struct config *before, const struct config *after,
			  const struct snug_profile *profile)
{
	for (unsigned t = 0; t < 2; t++) {
		SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp asked = { 0 };
		struct snug_error err = { 0 };

		check_within(&after->policy[t], &before->policy[t], "the config");
		if (!profile->seccomp_node)
			continue;
		must(snug_oci_seccomp_mean(&profile->seccomp, &targets[t], &asked, &err), &err);
		check_within(&after->policy[t], &asked, "the profile");
		CHECK(!snug_spec_annotation(&after->spec, "run.oci.seccomp_bpf_data"));
	}
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++) {
		snug_caps want =
			before->spec.caps[set] & (profile->has_caps ? profile->caps : -1ull);

		if (set == SNUG_CAP_AMBIENT && profile->has_caps)
			want &= before->spec.caps[SNUG_CAP_PERMITTED] &
				before->spec.caps[SNUG_CAP_INHERITABLE];
		CHECK(after->spec.caps[set] == want);
	}
	CHECK(after->spec.has_caps == before->spec.has_caps);
	CHECK(after->spec.no_new_privs ==
	      (before->spec.no_new_privs || (profile->has_no_new_privs && profile->no_new_privs)));
}

/* Nodes that hardening is about. */
static bool is_its_business(const char *path)
{
	static const char *const business[] = {
		"$.linux.seccomp",	     "$.process.noNewPrivileges",
		"$.process.capabilities.",   "$.annotations[\"run.oci.seccomp_bpf_data\"]",
		"$.process.apparmorProfile", "$.hooks",
		"$.linux.maskedPaths",	     "$.linux.readonlyPaths"
	};

	for (size_t i = 0; i < sizeof(business) / sizeof(business[0]); i++)
		if (strncmp(path, business[i], strlen(business[i])) == 0 &&
		    !strstr(path, "x-other"))
			return true;
	return false;
}

static bool skip_business(const struct snug_json_node **node)
{
	for (; *node; *node = snug_json_next(*node)) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

		snug_json_path(*node, &path);
		if (!is_its_business(snug_buf_text(&path)))
			return true;
	}
	return false;
}

/* Same members in the same order, same spelling, but for hardening's business. */
static void check_lossless(const struct snug_json_node *before, const struct snug_json_node *after)
{
	const struct snug_json_node *a = snug_json_first(before), *b = snug_json_first(after);
	size_t a_len, b_len;
	const char *a_text = snug_json_source(before, &a_len),
		   *b_text = snug_json_source(after, &b_len);

	CHECK(snug_json_type(before) == snug_json_type(after));
	CHECK(!snug_json_key(before) == !snug_json_key(after));
	CHECK(!snug_json_key(before) || strcmp(snug_json_key(before), snug_json_key(after)) == 0);
	if (!a && snug_json_type(before) != SNUG_JSON_OBJECT) {
		CHECK(a_len == b_len && memcmp(a_text, b_text, a_len) == 0);
		return;
	}
	while (skip_business(&a)) {
		CHECK(skip_business(&b));
		check_lossless(a, b);
		a = snug_json_next(a);
		b = snug_json_next(b);
	}
	/* A config without `linux` gets one, for the section and for paths. */
	if (skip_business(&b)) {
		const struct snug_json_node *inside = snug_json_first(b);

		CHECK(strcmp(snug_json_key(b), "linux") == 0 && !skip_business(&inside));
	}
}

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
					     .rewrite_seccomp = random_below(4) == 0,
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
	check_removes(&before, &after, profile);
	check_paths(&before, &after, profile);
	check_label(&before, &after, options.apparmor);
	check_hooks_kept(&before, &after);
	check_hooks(&after, &options);
	check_lossless(snug_json_root(before.doc), snug_json_root(after.doc));
	CHECK(first.changes.count ||
	      (once.len == config->len && memcmp(once.data, config->data, once.len) == 0));
	options.rewrite_seccomp = false;
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
