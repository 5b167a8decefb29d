/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default profiles beside Docker's default, byte for byte, and each difference with its reason:
 * profiles/NAME.json says in provenance.deviations which ones it means. docker-20.10.seccomp.json
 * is Docker's profiles/seccomp/default.json (Apache-2.0), as Debian 12's
 * golang-github-docker-docker-dev 20.10.24+dfsg1-1+deb12u1 has it; Docker's paths are its
 * oci/defaults.go's. SNUG_GOLDEN_WRITE=1 writes the goldens anew; read the difference before it is
 * committed.
 */
#include "base/cleanup.h"
#include "model/diff.h"
#include "model/oci/docker.h"
#include "support/native.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "tests/golden/model/"
#define DOCKER_PATHS                                                                               \
	",\"maskedPaths\":[\"/proc/asound\",\"/proc/acpi\",\"/proc/kcore\",\"/proc/keys\","        \
	"\"/proc/latency_stats\",\"/proc/timer_list\",\"/proc/timer_stats\",\"/proc/"              \
	"sched_debug\","                                                                           \
	"\"/proc/scsi\",\"/sys/firmware\"],\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\","         \
	"\"/proc/irq\",\"/proc/sys\",\"/proc/sysrq-trigger\"]}"

static void read_file(const char *path, struct snug_buf *ret)
{
	char block[4096];
	size_t len;
	FILE *file = fopen(path, "re");

	if (!file)
		fail_msg("no %s: run from the top folder", path);
	while ((len = fread(block, 1, sizeof(block), file)) > 0)
		snug_buf_add(ret, block, len);
	assert_int_equal(fclose(file), 0);
}

static void check_golden(const char *path, const struct snug_buf *got)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf wanted = { 0 };

	if (getenv("SNUG_GOLDEN_WRITE")) {
		FILE *file = fopen(path, "we");

		assert_non_null(file);
		assert_int_equal(fwrite(got->data, 1, got->len, file), got->len);
		assert_int_equal(fclose(file), 0);
		return;
	}
	read_file(path, &wanted);
	assert_string_equal(snug_buf_text(got), snug_buf_text(&wanted));
}

static void expect(int result, const struct snug_error *err)
{
	if (result < 0)
		fail_msg("%s: %s: %s", err->file, err->path, err->what);
}

static void read_profile(const char *path, struct snug_profile *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	read_file(path, &text);
	expect(snug_profile_parse(text.data, text.len, path, ret, &err), &err);
}

/* What Docker gives to a container that it starts without options, on x86_64. */
static void make_docker(struct snug_profile *ret)
{
	static const struct snug_docker_host host = {
		.native = SNUG_ARCH_X86_64, .major = 6, .minor = 1, .bounding = SNUG_DOCKER_CAPS
	};
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf seccomp = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 };
	struct snug_json_writer w = { .out = &profile };
	struct snug_error err = { 0 };

	read_file(FOLDER "docker-20.10.seccomp.json", &text);
	expect(snug_docker_resolve(text.data, text.len, "docker", &host, &seccomp, &err), &err);
	snug_buf_addf(&profile,
		      "{\"snugProfile\":1,\"name\":\"docker\",\"seccomp\":%s,"
		      "\"capabilities\":",
		      snug_buf_text(&seccomp));
	snug_caps_write(&w, SNUG_DOCKER_CAPS);
	snug_buf_adds(&profile, DOCKER_PATHS);
	expect(snug_profile_parse(profile.data, profile.len, "docker", ret, &err), &err);
}

/* ---- reasons ---- */

typedef const struct snug_json_node *node_t;

static const char *text_of(node_t node)
{
	struct snug_error err = { 0 };
	const char *text = "";

	assert_non_null(node);
	expect(snug_json_string(node, &text, &err), &err);
	return text;
}

static bool lists(node_t list, const char *word)
{
	for (node_t n = snug_json_first(list); n; n = snug_json_next(n))
		if (strcmp(text_of(n), word) == 0)
			return true;
	return false;
}

static node_t deviations_of(const struct snug_profile *profile)
{
	return snug_json_first(snug_json_member(profile->provenance, "deviations"));
}

/* Does a deviation have the word in the list called key (or the key at all)? */
static bool is_meant(const struct snug_profile *profile, const char *key, const char *word)
{
	for (node_t n = deviations_of(profile); n; n = snug_json_next(n)) {
		node_t member = snug_json_member(n, key);

		if (member && (!word || lists(member, word)))
			return true;
	}
	return false;
}

static void must_mean(const struct snug_profile *profile, const char *key, const char *word)
{
	if (!is_meant(profile, key, word))
		fail_msg("%s: nobody says why: %s %s", profile->name, key, word ? word : "");
}

static void check_call(const struct snug_profile *profile, const struct snug_call_change *change)
{
	const struct snug_syscall *known = snug_syscall_by_nr(change->arch, change->first);
	const enum snug_change kind = snug_change_of(change);

	assert_int_not_equal(kind, SNUG_CHANGE_UNDECIDED);
	if (change->arch != SNUG_ARCH_X86_64)
		must_mean(profile, "abis", snug_arch_word(change->arch));
	else if (kind == SNUG_CHANGE_OTHERWISE)
		must_mean(profile, "answers", NULL);
	else
		must_mean(profile, "calls", known ? known->name : "a call without a name");
}

/* Each difference is meant. A is Docker's, B the profile. */
static void check_meant(const struct snug_profile *profile, const struct snug_profile_diff *diff)
{
	for (size_t i = 0; i < diff->calls.count; i++)
		check_call(profile, &diff->calls.at[i]);
	assert_int_equal(diff->caps[SNUG_SIDE_B], 0);
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++)
		if (diff->caps[SNUG_SIDE_A] >> cap & 1)
			must_mean(profile, "caps", snug_cap_name(cap));
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		assert_int_equal(diff->paths[kind][SNUG_SIDE_A].count, 0);
		for (size_t i = 0; i < diff->paths[kind][SNUG_SIDE_B].count; i++)
			must_mean(profile, "paths", diff->paths[kind][SNUG_SIDE_B].at[i]);
	}
	if (diff->no_new_privs[SNUG_SIDE_B])
		must_mean(profile, "noNewPrivileges", NULL);
	if (diff->non_root[SNUG_SIDE_B])
		must_mean(profile, "runAsNonRoot", NULL);
	if (diff->has_apparmor[SNUG_SIDE_B])
		must_mean(profile, "apparmor", NULL);
	assert_int_equal(diff->members.count, 0);
}

static bool is_changed(const struct snug_profile_diff *diff, const char *call)
{
	for (size_t i = 0; i < diff->calls.count; i++) {
		const struct snug_call_change *change = &diff->calls.at[i];
		const struct snug_syscall *known = snug_syscall_by_nr(change->arch, change->first);

		if (change->arch == SNUG_ARCH_X86_64 && known && strcmp(known->name, call) == 0 &&
		    snug_change_of(change) != SNUG_CHANGE_OTHERWISE)
			return true;
	}
	return false;
}

/* And each that is meant is one: no reason outlives what it was for. */
static bool has_word(const struct snug_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->at[i], word) == 0)
			return true;
	return false;
}

static void check_real(const struct snug_profile *profile, const struct snug_profile_diff *diff)
{
	for (node_t n = deviations_of(profile); n; n = snug_json_next(n)) {
		node_t calls = snug_json_member(n, "calls"), paths = snug_json_member(n, "paths");

		assert_true(strlen(text_of(snug_json_member(n, "what"))) > 10);
		assert_true(strlen(text_of(snug_json_member(n, "why"))) > 30);
		for (node_t call = snug_json_first(calls); call; call = snug_json_next(call))
			if (!is_changed(diff, text_of(call)))
				fail_msg("%s: %s is as Docker has it", profile->name,
					 text_of(call));
		for (node_t path = snug_json_first(paths); path; path = snug_json_next(path))
			assert_true(has_word(&diff->paths[SNUG_PATHS_MASKED][SNUG_SIDE_B],
					     text_of(path)));
	}
}

static void check_beside_docker(const char *name, const char *golden)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile docker = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const char *const titles[SNUG_SIDE_MAX] = { "Docker 20.10", name };
	struct snug_error err = { 0 };

	make_docker(&docker);
	read_profile(name, &profile);
	expect(snug_profile_diff_make(&docker, &profile, &diff, &err), &err);
	expect(snug_profile_diff_text(&diff, titles, &text, &err), &err);
	check_golden(golden, &text);
	check_meant(&profile, &diff);
	check_real(&profile, &diff);
}

static void baseline_beside_docker(void **state)
{
	need_x86_64(state);
	check_beside_docker("profiles/baseline.json", FOLDER "defaults.baseline.txt");
}

static void restricted_beside_docker(void **state)
{
	need_x86_64(state);
	check_beside_docker("profiles/restricted.json", FOLDER "defaults.restricted.txt");
}

/* ---- each other ---- */

static void restricted_is_within_baseline(void **state)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile baseline = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile restricted = { 0 };
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	read_profile("profiles/baseline.json", &baseline);
	read_profile("profiles/restricted.json", &restricted);
	expect(snug_profile_diff_make(&baseline, &restricted, &diff, &err), &err);
	assert_false(snug_profile_diff_is_empty(&diff));
	for (size_t i = 0; i < diff.calls.count; i++) {
		assert_int_not_equal(snug_change_of(&diff.calls.at[i]), SNUG_CHANGE_B_ALLOWS);
		assert_int_not_equal(snug_change_of(&diff.calls.at[i]), SNUG_CHANGE_UNDECIDED);
	}
	assert_int_equal(diff.caps[SNUG_SIDE_B], 0);
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
		assert_int_equal(diff.paths[kind][SNUG_SIDE_A].count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(baseline_beside_docker),
		cmocka_unit_test(restricted_beside_docker),
		cmocka_unit_test(restricted_is_within_baseline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
