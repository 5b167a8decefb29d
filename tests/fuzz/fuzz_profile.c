/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two profiles. What is none is refused with a place. Of one: its AppArmor part is written and read
 * again as the same, and rendered as a text of one profile; at the exec boundary it permits nothing
 * beside. Of two: what unites them is a profile, the same the other way round, and permits what
 * either does.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "model/apparmor/children.h"
#include "model/apparmor/diff.h"
#include "model/apparmor/render.h"
#include "model/boundary.h"
#include "model/generate.h"
#include "model/profile_merge.h"

#define FILES_MAX 64u /* that are compared as patterns, which can take long */

static struct snug_target snug;

static void check_error(const struct snug_error *err)
{
	CHECK(err->code == SNUG_INPUT || err->code == SNUG_HOST || err->code == SNUG_NO);
	CHECK(err->what[0]);
}

static void put_rules(const struct snug_apparmor *apparmor, struct snug_buf *ret)
{
	struct snug_json_writer w = { .out = ret };

	snug_apparmor_write(&w, apparmor);
}

static void check_rules(const struct snug_apparmor *apparmor)
{
	SNUG_AUTO(snug_apparmor_clear) struct snug_apparmor again = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, more = { 0 };
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_error err = { 0 };

	put_rules(apparmor, &text);
	CHECK(snug_json_parse(&doc, text.data, text.len, NULL, &err) == 0);
	if (snug_apparmor_read(snug_json_root(doc), &again, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n", err.path, err.what, text.data);
	CHECK(err.code == SNUG_DONE);
	put_rules(&again, &more);
	CHECK(text.len == more.len && memcmp(text.data, more.data, text.len) == 0);
}

/* Words of people's never get out of their quotes: braces and ends of lines are the renderer's. */
static void check_text(const struct snug_profile *profile)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error err = { 0 };
	int depth = 0;

	if (snug_apparmor_render(profile, "fuzz", true, &text, &err) < 0) {
		check_error(&err);
		return;
	}
	for (const char *line = text.data; *line;) {
		const char *end = strchr(line, '\n');

		CHECK(end);
		for (const char *at = line; at < end; at++)
			CHECK((unsigned char)*at >= ' ' || *at == '\t');
		depth += end > line && end[-1] == '{';
		depth -= line[strspn(line, " \t")] == '}';
		CHECK(depth >= 0 && depth <= 2);
		line = end + 1;
	}
	CHECK(depth == 0);
}

static bool mean(const struct snug_profile *profile, struct snug_seccomp *ret)
{
	struct snug_error err = { 0 };

	if (snug_oci_seccomp_mean(&profile->seccomp, &snug, ret, &err) == 0)
		return true;
	check_error(&err);
	return false;
}

static void check_boundary(const struct snug_profile *profile)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp inner = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	if (!mean(profile, &policy))
		return;
	if (snug_boundary_policy(profile, &inner, &err) < 0)
		check_error(&err);
	else
		CHECK(snug_seccomp_within(&inner, &policy, &witness));
}

/* What engines and people are shown of it is JSON, or a refusal. */
static void check_formats(const char *text, size_t len)
{
	struct snug_buf whole = { .data = (char *)text, .len = len };

	for (enum snug_profile_format i = 0; i < SNUG_PROFILE_FORMAT_MAX; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
		SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
		struct snug_error err = { 0 };

		if (snug_profile_convert(&whole, i, &out, &err) < 0)
			check_error(&err);
		else if (i != SNUG_PROFILE_APPARMOR)
			CHECK(snug_json_parse(&doc, out.data, out.len, NULL, &err) == 0);
	}
}

static void check_one(const struct snug_profile *profile, const char *text, size_t len)
{
	if (profile->has_apparmor) {
		check_rules(&profile->apparmor);
		check_text(profile);
	}
	if (profile->seccomp_node)
		check_boundary(profile);
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++) {
		struct snug_cap_needs needs = { 0 };
		struct snug_error err;

		CHECK(snug_profile_needs(profile, cap, &needs, &err) == 0);
		snug_vec_clear(&needs);
	}
	check_formats(text, len);
}

enum united { UNITED, HAVE_NO_UNION, UNSAYABLE };

/* UNSAYABLE: conditions take more entries than a section may have, and how many they take is a
 * matter of the order in which they come. */
static enum united unite(const struct snug_profile *a, const struct snug_profile *b,
			 struct snug_buf *ret)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	struct snug_error err = { 0 };

	if (snug_profile_union_add(&all, a, &err) == 0 &&
	    snug_profile_union_add(&all, b, &err) == 0 &&
	    snug_profile_union_render(&all, "snug", ret, &err) == 0)
		return UNITED;
	check_error(&err);
	return strstr(err.what, "linux.seccomp cannot say") ? UNSAYABLE : HAVE_NO_UNION;
}

/* A child that no program goes to is known by its name alone, which a union may change. */
static bool is_simple(const struct snug_aa_rules *rules)
{
	SNUG_AUTO(snug_aa_ways_clear) struct snug_aa_ways ways = { 0 };
	struct snug_error err;

	CHECK(snug_aa_ways_make(rules, &ways, &err) == 0);
	for (size_t i = 0; i < rules->children.count; i++)
		if (!snug_aa_ways_reach(&ways, rules->children.at[i].name))
			return false;
	return rules->files.count <= FILES_MAX;
}

static void check_within(const struct snug_aa_rules *one, const struct snug_aa_rules *all)
{
	SNUG_AUTO(snug_aa_side_clear) struct snug_aa_side more = { 0 };
	struct snug_error err;

	if (!is_simple(one) || all->files.count > FILES_MAX)
		return;
	CHECK(snug_apparmor_diff(one, all, &more, &err) == 0);
	CHECK(more.rules.count == 0);
	for (size_t i = 0; i < more.files.count; i++)
		CHECK(!more.files.at[i].witness);
}

static void check_permits(const struct snug_profile *all, const struct snug_profile *one)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp inner = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp outer = { 0 };
	struct snug_call_data witness;

	CHECK(!all->has_caps || (one->has_caps && (one->caps & ~all->caps) == 0));
	CHECK(!(all->has_no_new_privs && all->no_new_privs) ||
	      (one->has_no_new_privs && one->no_new_privs));
	CHECK(!all->has_apparmor || one->has_apparmor);
	if (all->has_apparmor)
		check_within(&one->apparmor.rules, &all->apparmor.rules);
	if (!all->seccomp_node)
		return;
	CHECK(one->seccomp_node && mean(all, &outer) && mean(one, &inner));
	CHECK(snug_seccomp_within(&inner, &outer, &witness));
}

/* Of members that are no policy the first one's text stands, so it need not be the same bytes. */
static void check_same(const struct snug_buf *text, const struct snug_profile *all)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile other = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp one = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp two = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf mine = { 0 }, theirs = { 0 };
	struct snug_call_data witness;
	struct snug_error err;

	CHECK(snug_profile_parse(text->data, text->len, "other", &other, &err) == 0);
	CHECK(other.has_caps == all->has_caps && other.caps == all->caps &&
	      other.has_no_new_privs == all->has_no_new_privs &&
	      other.no_new_privs == all->no_new_privs && other.non_root == all->non_root &&
	      other.has_apparmor == all->has_apparmor && !other.seccomp_node == !all->seccomp_node);
	if (all->seccomp_node)
		CHECK(mean(all, &one) && mean(&other, &two) &&
		      snug_seccomp_same(&one, &two, &witness));
	if (all->has_apparmor) {
		put_rules(&all->apparmor, &mine);
		put_rules(&other.apparmor, &theirs);
		CHECK(mine.len == theirs.len && memcmp(mine.data, theirs.data, mine.len) == 0);
	}
}

/* 2: it is out of sight; 1: not to be written; 0: open. */
static int level(const struct snug_profile *profile, const char *path)
{
	if (snug_path_list_covers(&profile->paths[SNUG_PATHS_MASKED], path))
		return 2;
	return snug_path_list_covers(&profile->paths[SNUG_PATHS_READONLY], path);
}

/* Each path of from's is as open as the more open of the two has it. */
static void check_levels(const struct snug_profile *from, const struct snug_profile *a,
			 const struct snug_profile *b, const struct snug_profile *all)
{
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		for (size_t i = 0; i < from->paths[kind].count; i++) {
			const char *path = from->paths[kind].at[i];
			const int of_a = level(a, path), of_b = level(b, path);

			CHECK(level(all, path) == (of_a < of_b ? of_a : of_b));
		}
	}
}

static void check_union(const struct snug_profile *a, const struct snug_profile *b)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, other = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile all = { 0 };
	struct snug_error err = { 0 };
	enum united back;

	if (unite(a, b, &text) != UNITED)
		return;
	if (snug_profile_parse(text.data, text.len, "all", &all, &err) < 0)
		(void)fprintf(stderr, "%s: %s\n%s\n", err.path, err.what, text.data);
	CHECK(err.code == SNUG_DONE);
	check_permits(&all, a);
	check_permits(&all, b);
	check_levels(a, a, b, &all);
	check_levels(b, a, b, &all);
	check_levels(&all, a, b, &all);
	back = unite(b, a, &other);
	CHECK(back != HAVE_NO_UNION);
	if (back == UNITED)
		check_same(&other, &all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SNUG_AUTO(fuzz_parts_clear) struct fuzz_parts parts;
	SNUG_AUTO(snug_profile_clear) struct snug_profile a = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile b = { 0 };
	struct snug_error err = { 0 };
	bool one, other;

	snug_target_init(&snug, SNUG_RUNTIME_SNUG, 0, 0);
	fuzz_split(data, size, &parts);
	one = snug_profile_parse(parts.text[0], parts.len[0], "a", &a, &err) == 0;
	if (one)
		check_one(&a, parts.text[0], parts.len[0]);
	else
		CHECK(err.code == SNUG_INPUT && err.path[0] == '$' && err.what[0]);
	other = snug_profile_parse(parts.text[1], parts.len[1], "b", &b, &err) == 0;
	if (one && other)
		check_union(&a, &b);
	return 0;
}
