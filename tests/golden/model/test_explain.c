/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording -> profile -> its explanations, byte for byte. SNUG_GOLDEN_WRITE=1 writes the files
 * anew; read the difference before it is committed.
 */
#include "base/cleanup.h"
#include "model/explain.h"
#include "model/generate.h"
#include "model/oci/docker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden_file.h"
#include "support/native.h"

#define ENGINES	 "engines.seccomp.json"
#define MAJOR	 6u
#define MINOR	 1u
#define FILE_MAX 65536u

static void expect(int result, const struct snug_error *err)
{
	if (result < 0)
		fail_msg("%s: %s", err->path, err->what);
}

/* A section of its own: read, and judged for a target. */
struct section {
	struct snug_json *doc;
	struct snug_oci_seccomp seccomp;
	struct snug_seccomp policy;
};

/* A runtime whose libseccomp is older than the kernel: it cannot name futex_waitv (5.16). */
static struct snug_target target;

static void judge(const struct snug_oci_seccomp *seccomp, struct snug_seccomp *ret)
{
	struct snug_error err = { 0 };

	snug_target_init(&target, SNUG_RUNTIME_RUNC, 5, 15);
	expect(snug_oci_seccomp_mean(seccomp, &target, ret, &err), &err);
}

static void read_engines(struct section *ret)
{
	static const struct snug_docker_host host = { .native = SNUG_ARCH_X86_64,
						      .major = MAJOR,
						      .minor = MINOR,
						      .bounding = SNUG_DOCKER_CAPS };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, resolved = { 0 };
	struct snug_error err = { 0 };

	read_file(ENGINES, &text);
	expect(snug_docker_resolve(text.data, text.len, ENGINES, &host, &resolved, &err), &err);
	expect(snug_json_parse(&ret->doc, resolved.data, resolved.len, ENGINES, &err), &err);
	expect(snug_oci_seccomp_read(snug_json_root(ret->doc), &ret->seccomp, &err), &err);
	judge(&ret->seccomp, &ret->policy);
}

static void section_clear(struct section *section)
{
	snug_seccomp_clear(&section->policy);
	snug_oci_seccomp_clear(&section->seccomp);
	snug_json_free(section->doc);
}

static void explain(const struct snug_explain *what, const char *text_name, const char *json_name)
{
	SNUG_AUTO(snug_explained_clear) struct snug_explained explained = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, json = { 0 };
	struct snug_error err = { 0 };

	expect(snug_explain_make(what, &explained, &err), &err);
	expect(snug_explain_text(&explained, &text, &err), &err);
	expect(snug_explain_json(&explained, &json, &err), &err);
	check(text_name, &text);
	check(json_name, &json);
}

static void generate(bool exact, struct snug_buf *ret)
{
	static const char *const digests[] = { "sha256:00", NULL };
	const struct snug_generate_options options = { .generator = "snug test",
						       .exact = exact,
						       .has_runtime_only = exact,
						       .runtime_only = SNUG_RUNTIME_RUNC,
						       .digests = digests };
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	read_file("web.recording.json", &text);
	expect(snug_recording_parse(text.data, text.len, "r.json", &recording, &err), &err);
	expect(snug_generate(&recording, &options, ret, &err), &err);
}

static void a_profile_is_generated(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf wide = { 0 }, exact = { 0 };

	need_x86_64(state);
	generate(false, &wide);
	check("web.profile.json", &wide);
	generate(true, &exact);
	check("web.exact.json", &exact);
}

static void a_profile_is_explained(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct section engines = { 0 };
	struct snug_profile profile = { 0 };
	struct snug_seccomp policy;
	struct snug_error err = { 0 };
	struct snug_explain what;

	need_x86_64(state);
	read_engines(&engines);
	generate(false, &text);
	expect(snug_profile_parse(text.data, text.len, "p.json", &profile, &err), &err);
	judge(&profile.seccomp, &policy);
	what = (struct snug_explain){ .title = profile.name,
				      .profile = &profile,
				      .section = &profile.seccomp,
				      .policy = &policy,
				      .target = &target,
				      .engines = &engines.policy,
				      .engines_origin = ENGINES,
				      .major = MAJOR,
				      .minor = MINOR,
				      .has_caps = true,
				      .caps = profile.caps,
				      .has_no_new_privs = true,
				      .no_new_privs = true };
	explain(&what, "web.explain.txt", "web.explain.json");
	snug_seccomp_clear(&policy);
	snug_profile_clear(&profile);
	section_clear(&engines);
}

static void an_engines_own_rules_are_explained(void **state)
{
	struct section engines = { 0 };
	struct snug_explain what;

	need_x86_64(state);
	read_engines(&engines);
	what = (struct snug_explain){ .title = ENGINES,
				      .section = &engines.seccomp,
				      .policy = &engines.policy,
				      .target = &target,
				      .engines = &engines.policy,
				      .engines_origin = ENGINES,
				      .major = MAJOR,
				      .minor = MINOR };
	explain(&what, "engines.explain.txt", "engines.explain.json");
	section_clear(&engines);
}

/* Where the default permits, what is refused is the rule, and all else runs. */
static void a_section_that_allows_by_default(void **state)
{
	static const char json[] =
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_64\"],"
		" \"syscalls\": [{\"names\": [\"personality\"], \"action\": \"SCMP_ACT_ERRNO\","
		"  \"args\": [{\"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\"}]}]}";
	SNUG_AUTO(snug_explained_clear) struct snug_explained explained = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, as_json = { 0 };
	struct section section = { 0 };
	struct snug_error err = { 0 };
	struct snug_explain what;

	need_x86_64(state);
	expect(snug_json_parse(&section.doc, json, strlen(json), "config.json", &err), &err);
	expect(snug_oci_seccomp_read(snug_json_root(section.doc), &section.seccomp, &err), &err);
	judge(&section.seccomp, &section.policy);
	what = (struct snug_explain){ .title = "config.json",
				      .section = &section.seccomp,
				      .policy = &section.policy,
				      .target = &target,
				      .major = MAJOR,
				      .minor = MINOR };
	expect(snug_explain_make(&what, &explained, &err), &err);
	expect(snug_explain_text(&explained, &text, &err), &err);
	expect(snug_explain_json(&explained, &as_json, &err), &err);
	assert_non_null(strstr(snug_buf_text(&text),
			       "\n  personality(PER_LINUX32): EPERM\n"
			       "  personality with other arguments: allow\n"));
	assert_non_null(
		strstr(snug_buf_text(&as_json), "\"refused\": [\"personality(PER_LINUX32)\"]"));
	section_clear(&section);
}

static void no_filter_allows_what_the_kernel_has(void **state)
{
	const struct snug_explain what = { .title = "config.json",
					   .major = 5,
					   .minor = 0,
					   .has_caps = true,
					   .has_no_new_privs = true };
	struct snug_call_counts old, new;

	need_x86_64(state);
	snug_count_calls(NULL, SNUG_ARCH_X86_64, 5, 0, &old);
	snug_count_calls(NULL, SNUG_ARCH_X86_64, 6, 18, &new);
	assert_int_equal(old.allowed, old.known);
	assert_int_equal(old.by_argument, 0);
	/* Linux 5.0's table ends at rseq (334); five numbers of it are no calls any more. */
	assert_in_range(old.known, 325, 335);
	assert_true(new.known > old.known + 40);
	explain(&what, "none.explain.txt", "none.explain.json");
}

static void docker_gets_the_default_for_each_call(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 }, docker = { 0 }, caps = { 0 };
	struct snug_error err = { 0 };

	need_x86_64(state);
	generate(true, &profile);
	expect(snug_profile_convert(&profile, SNUG_PROFILE_DOCKER, &docker, &err), &err);
	check("web.docker.json", &docker);
	expect(snug_profile_convert(&profile, SNUG_PROFILE_CAPABILITIES, &caps, &err), &err);
	assert_string_equal(snug_buf_text(&caps), "[\"CAP_CHOWN\", \"CAP_NET_BIND_SERVICE\"]\n");
}

/* What a default profile is made from, and why it does otherwise. Sentences fill lines of 80
 * columns; what says no reason, or is no pair of texts, is left out. */
static const char default_profile[] =
	"{\"snugProfile\": 1, \"name\": \"house\", \"origin\": \"default\", \"runAsNonRoot\": true,"
	" \"maskedPaths\": [\"/proc/kcore\", \"/sys/firmware\"], \"readonlyPaths\": [],"
	" \"provenance\": {\"base\": \"the house's rules\", \"deviations\": ["
	"  {\"what\": \"One architecture: the host's own.\", \"abis\": [\"i386\"],"
	"   \"why\": \"Programs of another ABI are killed: their calls reach the kernel by a second"
	"  entry, and images are built for one architecture.\"},"
	"  {\"what\": \"A difference without a reason.\"}, \"no pair\","
	"  {\"what\": \"kexec\", \"why\": \"It boots another kernel.\"}],"
	"  \"noOpinion\": [{\"what\": \"AppArmor\", \"why\": \"The engine's own profile "
	"stays.\"}]}}";

static void explain_profile(const char *json, struct snug_buf *ret)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	expect(snug_profile_parse(json, strlen(json), "p.json", &profile, &err), &err);
	snug_explain_profile(&profile, ret);
	assert_false(ret->failed);
}

static void a_default_profile_says_why_it_differs(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	(void)state;
	explain_profile(default_profile, &text);
	check("default.explain.txt", &text);
}

/* Nothing is said of what it does not say; a list of reasons may be empty, and of no base. */
static void a_profile_says_nothing_of_what_it_leaves_open(void **state)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf bare = { 0 }, lists = { 0 }, root = { 0 };

	(void)state;
	explain_profile("{\"snugProfile\": 1, \"name\": \"bare\"}", &bare);
	assert_string_equal(snug_buf_text(&bare), "");
	explain_profile("{\"snugProfile\": 1, \"name\": \"lists\", \"provenance\":"
			" {\"deviations\": [], \"noOpinion\": \"none\"}}",
			&lists);
	assert_string_equal(snug_buf_text(&lists), "");
	explain_profile(
		"{\"snugProfile\": 1, \"name\": \"root\", \"runAsNonRoot\": false, \"provenance\":"
		" {\"deviations\": [{\"what\": \"w\", \"why\": \"y\"}]}}",
		&root);
	assert_string_equal(snug_buf_text(&root),
			    "\nStarted as root: allowed\n"
			    "\nWhat differs from what it is made from, and why\n  w\n      y\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_generated),
		cmocka_unit_test(a_profile_is_explained),
		cmocka_unit_test(an_engines_own_rules_are_explained),
		cmocka_unit_test(a_section_that_allows_by_default),
		cmocka_unit_test(no_filter_allows_what_the_kernel_has),
		cmocka_unit_test(a_default_profile_says_why_it_differs),
		cmocka_unit_test(a_profile_says_nothing_of_what_it_leaves_open),
		cmocka_unit_test(docker_gets_the_default_for_each_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
