/* SPDX-License-Identifier: Apache-2.0 */
/* Invariants 1 to 3 of docs/design.md, of one config before and after it was hardened. cmocka's
 * headers come first. */
#pragma once

#include "model/apparmor/label.h"
#include "support/config.h"

#define OURS "snug-p-0123456789abcdef"
#define HOOK "/usr/bin/snug-hook"

static void check_within(const struct snug_seccomp *inner, const struct snug_seccomp *outer,
			 const char *whose)
{
	struct snug_call_data witness;
	char words[200];

	if (snug_seccomp_within(inner, outer, &witness))
		return;
	snug_call_words(&witness, words, sizeof(words));
	print_error("%s is looser than %s\n", words, whose);
	CHECK(!"nothing is added");
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
		SNUG_AUTO(snug_buf_clear) struct snug_buf one = { 0 };

		snug_buf_add(&one, part.at, part.len);
		CHECK(snug_label_holds(is, snug_buf_text(&one), false));
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
			if (!strchr(" \n\t\r", source[i]))
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

/* A `linux` that is null is none, and gets what a config without one gets. */
static bool became_linux(const struct snug_json_node *before, const struct snug_json_node *after)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

	snug_json_path(before, &path);
	return strcmp(snug_buf_text(&path), "$.linux") == 0 &&
	       snug_json_type(before) == SNUG_JSON_NULL &&
	       snug_json_type(after) == SNUG_JSON_OBJECT;
}

/* Same members in the same order, same spelling, but for hardening's business. */
static void check_lossless(const struct snug_json_node *before, const struct snug_json_node *after)
{
	const struct snug_json_node *a = snug_json_first(before), *b = snug_json_first(after);
	size_t a_len, b_len;
	const char *a_text = snug_json_source(before, &a_len),
		   *b_text = snug_json_source(after, &b_len);

	CHECK(snug_json_type(before) == snug_json_type(after) || became_linux(before, after));
	CHECK(!snug_json_key(before) == !snug_json_key(after));
	CHECK(!snug_json_key(before) || strcmp(snug_json_key(before), snug_json_key(after)) == 0);
	if (became_linux(before, after)) {
		CHECK(!skip_business(&b));
		return;
	}
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

/* All of it. */
static void check_hardened(const struct config *before, const struct config *after,
			   const struct snug_profile *profile,
			   const struct snug_harden_options *options)
{
	check_removes(before, after, profile);
	check_paths(before, after, profile);
	check_label(before, after, options->apparmor);
	check_hooks_kept(before, after);
	check_hooks(after, options);
	check_lossless(snug_json_root(before->doc), snug_json_root(after->doc));
}
