/* SPDX-License-Identifier: Apache-2.0 */
/* What a union of profiles says of the user and of paths: what all of them say. And which profiles
 * have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/profile_merge.h"

#include <string.h>

#define P(members) "{\"snugProfile\":1,\"name\":\"p\"" members "}"

/* Of all; NULL: it says nothing. */
static const struct {
	const char *parts[3];
	const char *masked, *readonly, *non_root;
} cases[] = {
	{ { P(",\"maskedPaths\":[\"/b\",\"/a\"],\"runAsNonRoot\":true") },
	  "[\"/a\",\"/b\"]",
	  NULL,
	  "true" },
	{ { P(",\"maskedPaths\":[\"/b\",\"/a\"]"), P(",\"maskedPaths\":[\"/c\",\"/b\"]") },
	  "[\"/b\"]",
	  NULL,
	  NULL },
	{ { P(",\"maskedPaths\":[\"/a\"]"), P(",\"maskedPaths\":[\"/c\"]"),
	    P(",\"maskedPaths\":[\"/a\"]") },
	  "[]",
	  NULL,
	  NULL },
	{ { P(",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/r\"]"),
	    P(",\"readonlyPaths\":[\"/r\",\"/s\"]"),
	    P(",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/r\"]") },
	  NULL,
	  "[\"/r\"]",
	  NULL },
	{ { P(",\"runAsNonRoot\":true"), P(",\"runAsNonRoot\":true") }, NULL, NULL, "true" },
	{ { P(",\"runAsNonRoot\":true"), P(",\"runAsNonRoot\":false") }, NULL, NULL, "false" },
	{ { P(",\"runAsNonRoot\":true"), P(""), P(",\"runAsNonRoot\":true") }, NULL, NULL, NULL },
};

static void add(struct snug_profile_union *all, const char *text)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	if (snug_profile_parse(text, strlen(text), "p.json", &profile, &err) < 0 ||
	    snug_profile_union_add(all, &profile, &err) < 0)
		fail_msg("%s: %s", text, err.what);
}

/* The member's text, without white space. */
static void check_member(const struct snug_json *doc, const char *key, const char *want)
{
	const struct snug_json_node *node = snug_json_member(snug_json_root(doc), key);
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const char *source;
	size_t len;

	if (!want) {
		assert_null(node);
		return;
	}
	assert_non_null(node);
	source = snug_json_source(node, &len);
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \n\t", source[i]))
			snug_buf_addc(&text, source[i]);
	assert_string_equal(snug_buf_text(&text), want);
}

static void check(size_t at, size_t first)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err = { 0 };
	size_t count = 0;

	while (count < 3 && cases[at].parts[count])
		count++;
	for (size_t i = 0; i < count; i++)
		add(&all, cases[at].parts[(first + i) % count]);
	add(&all, cases[at].parts[0]); /* again */
	assert_int_equal(snug_profile_union_render(&all, "snug", &text, &err), 0);
	assert_int_equal(snug_json_parse(&doc, text.data, text.len, NULL, &err), 0);
	check_member(doc, "maskedPaths", cases[at].masked);
	check_member(doc, "readonlyPaths", cases[at].readonly);
	check_member(doc, "runAsNonRoot", cases[at].non_root);
}

static void test_what_all_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t first = 0; first < 3; first++)
			check(i, first);
}

#define SECCOMP(members) P(",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"" members "}")
#define SH(exec)                                                                                   \
	P(",\"apparmor\":{\"files\":[{\"path\":\"/bin/sh\",\"access\":\"rx\"" exec                 \
	  "}],\"children\":[{\"name\":\"sh\",\"files\":[{\"path\":\"/a\",\"access\":\"r\"}]}]}")

/* Two that have no union, in either order, and why; without a reason they have one. */
static const struct {
	const char *a, *b, *what;
} pairs[] = {
	{ SECCOMP(",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]"), SECCOMP(""),
	  "differ in \"flags\", of which there is no union" },
	{ SECCOMP(",\"listenerPath\":\"/a\""), SECCOMP(",\"listenerPath\":\"/b\""),
	  "differ in \"listenerPath\"" },
	{ SECCOMP(",\"architectures\":[\"SCMP_ARCH_MIPS\"]"), SECCOMP(""),
	  "no table of SCMP_ARCH_MIPS's calls" },
	{ SECCOMP(",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]"),
	  SECCOMP(",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"syscalls\":["
		  "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]"),
	  NULL },
	/* One that says nothing of calls: neither does the union. */
	{ SECCOMP(",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"]"), P(""), NULL },
	{ SH(",\"child\":\"sh\""), SH(""), "run /bin/sh in different AppArmor profiles" },
	{ SH(",\"child\":\"sh\""), SH(",\"child\":\"sh\""), NULL },
};

static void check_pair(const char *one, const char *other, const char *what)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	struct snug_error err = { 0 };

	add(&all, one);
	assert_int_equal(snug_profile_parse(other, strlen(other), "p.json", &profile, &err), 0);
	assert_int_equal(snug_profile_union_add(&all, &profile, &err), what ? -1 : 0);
	if (!what)
		return;
	assert_int_equal(err.code, SNUG_INPUT);
	if (!strstr(err.what, what))
		fail_msg("%s and %s: %s", one, other, err.what);
}

static void test_who_has_no_union(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		check_pair(pairs[i].a, pairs[i].b, pairs[i].what);
		check_pair(pairs[i].b, pairs[i].a, pairs[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_all_say),
		cmocka_unit_test(test_who_has_no_union),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
