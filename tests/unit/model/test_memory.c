/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings, profiles, and what is said of them, with each of their allocations failing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/render.h"
#include "model/boundary.h"
#include "model/diff.h"
#include "model/explain.h"
#include "model/generate.h"
#include "model/profile_merge.h"
#include "model/summary.h"
#include "model/trace.h"
#include "support/golden.h"
#include "support/memory.h"

/* ---- recordings ---- */

static int generate_of(const struct snug_buf *text, struct snug_generate_options options,
		       struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };

	options.generator = "snug test";
	return snug_recording_parse(text->data, text->len, "r.json", &recording, err) < 0
		       ? -1
		       : snug_generate(&recording, &options, ret, err);
}

static int generate_web(struct snug_buf *ret, struct snug_error *err)
{
	return generate_of(&web, (struct snug_generate_options){ 0 }, ret, err);
}

static int generate_files(struct snug_buf *ret, struct snug_error *err)
{
	return generate_of(
		&files, (struct snug_generate_options){ .exact = true, .apparmor.children = true },
		ret, err);
}

static int merge(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };

	if (snug_recording_parse(web.data, web.len, "a.json", &a, err) < 0 ||
	    snug_recording_parse(files.data, files.len, "b.json", &b, err) < 0 ||
	    snug_recording_merge(&a, &b, err) < 0)
		return -1;
	return snug_recording_render(&a, ret, err);
}

static int diff_recordings(struct snug_buf *ret, struct snug_error *err)
{
	static const char *const titles[] = { "a", "b" };
	SNUG_AUTO(snug_recording_clear) struct snug_recording a = { 0 };
	SNUG_AUTO(snug_recording_clear) struct snug_recording b = { 0 };
	SNUG_AUTO(snug_recording_diff_clear) struct snug_recording_diff diff = { 0 };

	if (snug_recording_parse(web.data, web.len, "a.json", &a, err) < 0 ||
	    snug_recording_parse(files.data, files.len, "b.json", &b, err) < 0 ||
	    snug_recording_diff_make(&a, &b, &diff, err) < 0 ||
	    snug_recording_diff_text(&diff, titles, ret, err) < 0)
		return -1;
	return snug_recording_diff_json(&diff, titles, ret, err);
}

/* ---- profiles ---- */

static int convert(enum snug_profile_format format, struct snug_buf *ret, struct snug_error *err)
{
	return snug_profile_convert(&files_profile, format, ret, err);
}

static int to_docker(struct snug_buf *ret, struct snug_error *err)
{
	return convert(SNUG_PROFILE_DOCKER, ret, err);
}

static int to_capabilities(struct snug_buf *ret, struct snug_error *err)
{
	return convert(SNUG_PROFILE_CAPABILITIES, ret, err);
}

static int render_apparmor(struct snug_buf *ret, struct snug_error *err)
{
	return convert(SNUG_PROFILE_APPARMOR, ret, err);
}

static int unite(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile a = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile b = { 0 };
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };

	if (parse_profile(&files_profile, &a, err) < 0 ||
	    parse_profile(&files_profile, &b, err) < 0 ||
	    snug_profile_union_add(&all, &a, err) < 0 || snug_profile_union_add(&all, &b, err) < 0)
		return -1;
	return snug_profile_union_render(&all, "snug test", ret, err);
}

static int diff_profiles(struct snug_buf *ret, struct snug_error *err)
{
	static const char *const titles[] = { "a", "b" };
	SNUG_AUTO(snug_profile_clear) struct snug_profile a = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile b = { 0 };
	SNUG_AUTO(snug_profile_diff_clear) struct snug_profile_diff diff = { 0 };

	if (parse_profile(&web_profile, &a, err) < 0 ||
	    parse_profile(&files_profile, &b, err) < 0 ||
	    snug_profile_diff_make(&a, &b, &diff, err) < 0 ||
	    snug_profile_diff_text(&diff, titles, ret, err) < 0)
		return -1;
	return snug_profile_diff_json(&diff, titles, ret, err);
}

static int summarise(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile a = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile b = { 0 };

	if (parse_profile(&web_profile, &a, err) < 0 ||
	    parse_profile(&files_profile, &b, err) < 0 || snug_profile_summary(&b, ret, err) < 0)
		return -1;
	return snug_profile_changes(&a, &b, ret, err);
}

static int boundary(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_seccomp policy = { 0 };

	(void)ret;
	if (parse_profile(&web_profile, &profile, err) < 0 ||
	    snug_boundary_policy(&profile, &policy, err) < 0)
		return -1;
	snug_seccomp_clear(&policy);
	return 0;
}

static int mark(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	return snug_profile_convert(&web_profile, SNUG_PROFILE_DOCKER, &text, err) < 0
		       ? -1
		       : snug_trace_mark(&text, "snug test", "joiners", ret, err);
}

/* ---- sections ---- */

static int explain(struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(section_clear) struct section beside = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_explained_clear) struct snug_explained explained = { 0 };
	struct snug_seccomp policy = { 0 };
	struct snug_explain what = { .title = "web",
				     .target = &targets[0],
				     .engines_origin = "e.json",
				     .major = 6,
				     .minor = 1 };
	int result;

	if (read_engines(&beside, err) < 0 || parse_profile(&files_profile, &profile, err) < 0 ||
	    snug_oci_seccomp_mean(&profile.seccomp, &targets[0], &policy, err) < 0)
		return -1;
	what.engines = &beside.policy;
	what.profile = &profile;
	what.section = &profile.seccomp;
	what.policy = &policy;
	what.has_caps = profile.has_caps;
	what.caps = profile.caps;
	result = snug_explain_make(&what, &explained, err) < 0 ||
				 snug_explain_text(&explained, ret, err) < 0 ||
				 snug_explain_json(&explained, ret, err) < 0
			 ? -1
			 : 0;
	snug_seccomp_clear(&policy);
	return result;
}

static const struct memory_case operations[] = {
	MEMORY_CASE(generate_web),
	MEMORY_CASE(generate_files),
	MEMORY_CASE(merge),
	MEMORY_CASE(diff_recordings),
	MEMORY_CASE(to_docker),
	MEMORY_CASE(to_capabilities),
	MEMORY_CASE(render_apparmor),
	MEMORY_CASE(unite),
	MEMORY_CASE_OTHERWISE(
		diff_profiles), /* a split that is not simplified shows another call */
	MEMORY_CASE(summarise),
	MEMORY_CASE(boundary),
	MEMORY_CASE(mark),
	MEMORY_CASE(explain),
};

int main(void)
{
	return memory_main(operations, sizeof(operations) / sizeof(operations[0]), read_texts,
			   drop_texts);
}
