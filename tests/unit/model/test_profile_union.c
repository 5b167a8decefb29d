/* SPDX-License-Identifier: Apache-2.0 */
/* What a union of profiles says of the user and of paths: what all of them say. Which children its
 * AppArmor part has. And which profiles have none. */
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
	/* A folder speaks of what is below it, and a mask of writing. */
	{ { P(",\"maskedPaths\":[\"/p/k\",\"/s/f\"]"),
	    P(",\"maskedPaths\":[\"/s/f/a\",\"/s/fa\"],\"readonlyPaths\":[\"/p/k\"]") },
	  "[\"/s/f/a\"]",
	  "[\"/p/k\"]",
	  NULL },
	{ { P(",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[\"/a/b\"]"),
	    P(",\"maskedPaths\":[\"/a\"]"), P(",\"readonlyPaths\":[\"/a\"]") },
	  NULL,
	  "[\"/a\"]",
	  NULL },
	{ { P(",\"maskedPaths\":[\"/a\",\"/a-b\",\"/a/b\"],\"readonlyPaths\":[\"/a/c\",\"/r\"]") },
	  "[\"/a\",\"/a-b\"]",
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

static struct snug_json *render(const struct snug_profile_union *all)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json *doc = NULL;
	struct snug_error err = { 0 };

	if (snug_profile_union_render(all, "snug", &text, &err) < 0 ||
	    snug_json_parse(&doc, text.data, text.len, NULL, &err) < 0)
		fail_msg("%s", err.what);
	return doc;
}

static void check(size_t at, size_t first)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	size_t count = 0;

	while (count < 3 && cases[at].parts[count])
		count++;
	for (size_t i = 0; i < count; i++)
		add(&all, cases[at].parts[(first + i) % count]);
	add(&all, cases[at].parts[0]); /* again */
	doc = render(&all);
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

/* ---- children ---- */

#define A(files, children) P(",\"apparmor\":{\"files\":[" files "],\"children\":[" children "]}")
#define X(path, child)	   "{\"path\":\"" path "\",\"access\":\"x\",\"child\":\"" child "\"}"
#define R(path)		   "{\"path\":\"" path "\",\"access\":\"r\"}"
#define C(name, files)	   "{\"name\":\"" name "\",\"files\":[" files "]}"
#define U(files, children) "{\"files\":[" files "],\"children\":[" children "]}"

/* Each program has what its children had, and nothing of another program's. */
static const struct {
	const char *parts[3];
	const char *apparmor;
} children[] = {
	/* Of one name, and other programs'. */
	{ { A(X("/bin/sh", "sh"), C("sh", R("/a"))), A(X("/opt/sh", "sh"), C("sh", R("/b"))) },
	  U(X("/bin/sh", "sh") "," X("/opt/sh", "sh-2"), C("sh", R("/a")) "," C("sh-2", R("/b"))) },
	/* A name that is wanted by one alone stays. */
	{ { A(X("/z/sh", "sh"), C("sh", R("/a"))), A(X("/y/sh", "sh"), C("sh", R("/b"))),
	    A(X("/x/sh", "sh-2"), C("sh-2", R("/c"))) },
	  U(X("/x/sh", "sh-2") "," X("/y/sh", "sh") "," X("/z/sh", "sh-3"),
	    C("sh", R("/b")) "," C("sh-2", R("/c")) "," C("sh-3", R("/a"))) },
	/* Of one program, and other names, spelt otherwise. */
	{ { A(X("/bin/sh", "sh"), C("sh", R("/a"))),
	    A(X("/bin/\\\\x73h", "dash"), C("dash", R("/b"))) },
	  U(X("/bin/\\\\x73h", "dash") "," X("/bin/sh", "dash"), C("dash", R("/a") "," R("/b"))) },
	/* One tells them apart, the other does not. */
	{ { A(X("/a/sh", "sh") "," X("/b/sh", "sh"), C("sh", R("/a"))),
	    A(X("/b/sh", "sh"), C("sh", R("/b"))) },
	  U(X("/a/sh", "sh") "," X("/b/sh", "sh-2"),
	    C("sh", R("/a")) "," C("sh-2", R("/a") "," R("/b"))) },
	/* Nobody goes there. */
	{ { A(R("/a"), C("sh", R("/a"))), A(X("/bin/sh", "sh"), C("sh", R("/b"))),
	    A(R("/a"), C("sh", R("/c"))) },
	  U(R("/a") "," X("/bin/sh", "sh-2"),
	    C("sh", R("/a") "," R("/c")) "," C("sh-2", R("/b"))) },
};

static void check_children(const char *const *parts, unsigned first, unsigned step,
			   const char *want)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

	for (unsigned i = 0; i < 6; i++) /* each twice */
		if (parts[(first + i * step) % 3])
			add(&all, parts[(first + i * step) % 3]);
	doc = render(&all);
	check_member(doc, "apparmor", want);
}

static void test_children_are_their_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
		for (unsigned first = 0; first < 3; first++) {
			check_children(children[i].parts, first, 1, children[i].apparmor);
			check_children(children[i].parts, first, 2, children[i].apparmor);
		}
}

/* ---- who has none ---- */

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
	{ A(X("/bin/sh", "sh"), C("sh", R("/a"))),
	  A("{\"path\":\"/bin/*\",\"access\":\"x\",\"owner\":true}", ""),
	  "run /bin/sh in different AppArmor profiles" },
	{ SH(",\"child\":\"sh\""), SH(""), "run /bin/sh in different AppArmor profiles" },
	{ SH(",\"child\":\"sh\""), SH(",\"child\":\"sh\""), NULL },
};

/* How many letters from a on are children's names. */
static char *with_children(char from, unsigned count)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf files = { 0 }, list = { 0 }, text = { 0 };

	for (unsigned i = 0; i < count; i++) {
		const char *comma = i ? "," : "";
		const int name = from + (int)i;

		snug_buf_addf(&files, "%s{\"path\":\"/%c\",\"access\":\"x\",\"child\":\"%c\"}",
			      comma, name, name);
		snug_buf_addf(&list,
			      "%s{\"name\":\"%c\",\"files\":[{\"path\":\"/a\",\"access\":\"r\"}]}",
			      comma, name);
	}
	snug_buf_addf(&text,
		      "{\"snugProfile\":1,\"name\":\"p\",\"apparmor\":{\"files\":[%s],"
		      "\"children\":[%s]}}",
		      files.data, list.data);
	return snug_buf_take(&text);
}

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

/* What is written is a profile. */
static void test_more_than_a_profile_holds(void **state)
{
	SNUG_AUTO(snug_freep) char *one = with_children('a', 12), *other = with_children('b', 12);
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

	(void)state;
	add(&all, one);
	add(&all, one);
	doc = render(&all);
	check_pair(one, other, "more AppArmor profiles for programs than the 12");
}

/* So many files of each, none of which the other has. */
static char *with_files(char folder, unsigned count)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	snug_buf_adds(&text, "{\"snugProfile\":1,\"name\":\"p\",\"apparmor\":{\"files\":[");
	for (unsigned i = 0; i < count; i++)
		snug_buf_addf(&text, "%s{\"path\":\"/%c/%u\",\"access\":\"r\"}", i ? "," : "",
			      folder, i);
	snug_buf_adds(&text, "]}}");
	return snug_buf_take(&text);
}

static void test_more_files_than_a_profile_holds(void **state)
{
	SNUG_AUTO(snug_freep) char *one = with_files('a', SNUG_AA_FILES_MAX / 2 + 1);
	SNUG_AUTO(snug_freep) char *other = with_files('b', SNUG_AA_FILES_MAX / 2 + 1);
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	add(&all, one);
	add(&all, other);
	assert_int_equal(snug_profile_union_render(&all, "snug", &text, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "more than 66048 rules"));
	assert_int_equal(text.len, 0);
}

/* ---- conditions ---- */

#define S(rules)                                                                                   \
	P(",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86_" \
	  "64\"],"                                                                                 \
	  "\"syscalls\":[" rules "]}")
#define SOCKET(args) "{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[" args "]}"
#define LOW(index, value)                                                                          \
	"{\"index\":" #index ",\"value\":4294967295,\"valueTwo\":" #value                          \
	",\"op\":\"SCMP_CMP_MASKED_EQ\"}"

/* In one of the two orders these take more entries than a call may have. */
static void test_conditions_in_any_order(void **state)
{
	static const char *const parts[] = {
		S(SOCKET(LOW(0, 2) "," LOW(1, 1)) "," SOCKET(LOW(0, 10) "," LOW(1, 2))),
		S(SOCKET("{\"index\":5,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}")),
	};

	(void)state;
	for (size_t first = 0; first < 2; first++) {
		SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;

		add(&all, parts[first]);
		add(&all, parts[1 - first]);
		doc = render(&all);
		assert_non_null(snug_json_member(snug_json_root(doc), "seccomp"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_all_say),
		cmocka_unit_test(test_children_are_their_programs),
		cmocka_unit_test(test_who_has_no_union),
		cmocka_unit_test(test_more_than_a_profile_holds),
		cmocka_unit_test(test_more_files_than_a_profile_holds),
		cmocka_unit_test(test_conditions_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
