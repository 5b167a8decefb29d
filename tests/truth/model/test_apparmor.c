/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: pattern × path → matched; access × rule → allowed; what was seen → the pattern of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "model/apparmor/generate.h"
#include "model/apparmor/access.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/sightings.h"
#include "model/seen.h"

#include <linux/mount.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void patterns_match(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} rows[] = {
		{ "/a", "/a", true },
		{ "/a", "/a/", false },
		{ "/a", "/ab", false },
		{ "/a/*", "/a/b", true },
		{ "/a/*", "/a/", false },
		{ "/a/*", "/a/b/c", false },
		{ "/a/*", "/a/b/", false },
		{ "/a/*/", "/a/b/", true },
		{ "/a/*/", "/a//", false },
		{ "/a/*b", "/a/b", true },
		{ "/a/b*", "/a/b", true },
		{ "/a/**", "/a/", false },
		{ "/a/**", "/a/b", true },
		{ "/a/**", "/a/b/c", true },
		{ "/a/**", "/a/b/", true },
		{ "/a/**", "/a//b", false },
		{ "/a/b**", "/a/b/c", true },
		{ "/a/**/c", "/a/b/c", true },
		{ "/a/**/c", "/a/c", false },
		{ "/**", "/", false },
		{ "/a?", "/ab", true },
		{ "/a?", "/a/", false },
		{ "/a[b-d]", "/ac", true },
		{ "/a[b-d]", "/ae", false },
		{ "/a[^b-d]", "/ae", true },
		{ "/a[^b-d]x", "/a/x", true },
		{ "/{a,bc}/d", "/bc/d", true },
		{ "/{a,bc}/d", "/b/d", false },
		{ "/a{,/**}", "/a", true },
		{ "/a{,/b}", "/a/b", true },
		{ "/{a,b{c,d}}", "/bd", true },
		{ "/a\\*", "/a*", true },
		{ "/a\\*", "/ab", false },
		{ "/a\\x0ab", "/a\nb", true },
		{ "/proc/@{pid}/stat", "/proc/4194304/stat", true },
		{ "/proc/@{pid}/stat", "/proc/sys/stat", false },
		{ "/proc/@{pid}/stat", "/proc/0/stat", false },
		{ "/f@{int}", "/f0123", true },
		{ "/f@{int}", "/f", false },
		{ "/f@{int}", "/f1a", false },
		{ "/@{hex16}", "/0123456789abcDEF", true },
		{ "/@{hex16}", "/0123456789abcde", false },
		{ "/@{uuid}", "/01234567-89ab-cdef-0123-456789abcdef", true },
		{ "/@{uuid}", "/0123456789ab-cdef-0123-456789abcdef", false },
		{ "/a@b", "/a@b", true },
		{ "/a^$+|().b", "/a^$+|().b", true },
		{ "/a.b", "/axb", false },
		{ "/a,b", "/a,b", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
		struct snug_error err = { 0 };

		assert_int_equal(snug_aare_parse(rows[i].pattern, &aare, &err), 0);
		if (snug_aare_match(&aare, rows[i].path) != rows[i].matches)
			fail_msg("%s on %s", rows[i].pattern, rows[i].path);
	}
}

static void what_is_no_pattern_is_refused(void **state)
{
	static const char *const rows[] = {
		"/a{b",
		"/a}",
		"/a{b}",
		"/a[b",
		"/a]",
		"/a[]",
		"/a[z-a]",
		"/a[b-]",
		"/a[/]",
		"/a\\",
		"/a\\x4",
		"/a\\x00",
		"/a\\b",
		"/a\\/",
		"/a***",
		"/@{pid",
		"/@{HOME}",
		"/@{hex8}",
		"/@{hex129}",
		"/\x01",
		"/\xc3\xa9",
		"/a\\x2f",
		"/{{{{{{{{{a,b},c},d},e},f},g},h},i},j}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct snug_aare aare = { 0 };
		struct snug_error err = { 0 };

		if (snug_aare_parse(rows[i], &aare, &err) == 0)
			fail_msg("%s is taken for a pattern", rows[i]);
		assert_int_equal(err.code, SNUG_INPUT);
	}
}

/* What the kernel asks for when this was done (file.c, lsm.c), in the rules' letters. */
static void accesses_want_permissions(void **state)
{
	static const struct {
		unsigned access;
		const char *letters;
	} rows[] = {
		{ SNUG_ACCESS_READ, "r" },	{ SNUG_ACCESS_WRITE, "w" },
		{ SNUG_ACCESS_APPEND, "w" },	{ SNUG_ACCESS_CREATE, "w" },
		{ SNUG_ACCESS_DELETE, "w" },	{ SNUG_ACCESS_RENAME, "rw" },
		{ SNUG_ACCESS_REPLACE, "w" },	{ SNUG_ACCESS_LINK, "" },
		{ SNUG_ACCESS_LOCK, "k" },	{ SNUG_ACCESS_MAP, "rm" },
		{ SNUG_ACCESS_EXECUTE, "rmx" }, { SNUG_ACCESS_INTERPRET, "rm" },
		{ SNUG_ACCESS_RAISE, "" },	{ SNUG_ACCESS_CHMOD, "w" },
		{ SNUG_ACCESS_CHOWN, "w" },	{ SNUG_ACCESS_TRUNCATE, "w" },
		{ SNUG_ACCESS_ALL, "rwkmx" },
	};

	(void)state;
	assert_int_equal(COUNT(rows), SNUG_ACCESS_MAX + 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[SNUG_AA_PERMS + 1] = "";
		unsigned perms = snug_aa_perms_of(rows[i].access);

		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			if (perms & 1u << bit)
				strncat(got, &snug_aa_perm_letters[bit], 1);
		assert_string_equal(got, rows[i].letters);
	}
}

static void rules_answer(void **state)
{
	static const struct snug_aa_file files[] = {
		{ .path = (char *)"/r", .perms = SNUG_AA_READ },
		{ .path = (char *)"/w/*", .perms = SNUG_AA_WRITE },
		{ .path = (char *)"/w/*.log", .perms = SNUG_AA_READ, .owner = true },
		{ .path = (char *)"/x", .perms = SNUG_AA_EXECUTE },
		{ .path = (char *)"/c", .perms = SNUG_AA_EXECUTE, .child = (char *)"kid" },
	};
	static const struct {
		const char *path;
		bool owner;
		unsigned perms;
		const char *child;
	} rows[] = {
		{ "/r", false, SNUG_AA_READ, NULL },
		{ "/w/a", false, SNUG_AA_WRITE | SNUG_AA_APPEND, NULL },
		{ "/w/a.log", false, SNUG_AA_WRITE | SNUG_AA_APPEND, NULL },
		{ "/w/a.log", true, SNUG_AA_WRITE | SNUG_AA_APPEND | SNUG_AA_READ, NULL },
		{ "/w/", true, 0, NULL },
		{ "/x", false, SNUG_AA_EXECUTE | SNUG_AA_MAP, NULL },
		{ "/c", false, SNUG_AA_EXECUTE, "kid" },
		{ "/none", true, 0, NULL },
	};
	SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules rules = { 0 };
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };
	const unsigned exec = (unsigned)__builtin_ctz(SNUG_AA_EXECUTE);
	struct snug_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++)
		assert_int_equal(snug_aa_add_file(&rules, &files[i]), 0);
	snug_aa_rules_sort(&rules);
	assert_int_equal(snug_aa_judge_make(&rules, &judge, &err), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct snug_aa_answer answer;

		snug_aa_judge_file(&judge, rows[i].path, rows[i].owner, &answer);
		assert_int_equal(answer.perms, rows[i].perms);
		if (rows[i].child)
			assert_string_equal(answer.rule[exec]->child, rows[i].child);
		else
			assert_true(!answer.rule[exec] || !answer.rule[exec]->child);
	}
}

/* ---- from paths to patterns ---- */

#define W SNUG_ACCESS_WRITE
#define R SNUG_ACCESS_READ
#define C SNUG_ACCESS_CREATE
#define X SNUG_ACCESS_EXECUTE

struct seen {
	const char *path;
	unsigned access;
};

static void check(const struct seen *seen, const char *wanted)
{
	SNUG_AUTO(snug_aa_sightings_clear) struct snug_aa_sightings all = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };

	for (; seen->path; seen++)
		assert_int_equal(snug_aa_sightings_add(&all, seen->path, seen->access, 0), 0);
	snug_aa_sightings_sort(&all);
	assert_int_equal(snug_aa_sightings_type(&all, &err), 0);
	assert_int_equal(snug_aa_sightings_unite(&all, &err), 0);
	for (size_t i = 0; i < all.count; i++)
		snug_buf_addf(&got, "%s%s %u", i ? ", " : "", all.at[i].pattern, all.at[i].paths);
	assert_string_equal(snug_buf_text(&got), wanted);
}
#define SEEN(...) ((const struct seen[]){ __VA_ARGS__, { NULL, 0 } })

static void names_get_types(void **state)
{
	(void)state;
	check(SEEN({ "/proc/7/fd/3", R }), "/proc/@{pid}/fd/@{int} 1");
	check(SEEN({ "/proc/7/task/8/comm", R }), "/proc/@{pid}/task/@{pid}/comm 1");
	check(SEEN({ "/proc/sys/net/12345", R }), "/proc/sys/net/12345 1");
	check(SEEN({ "/proc/7", R }), "/proc/7 1");
	/* what O_TMPFILE makes */
	check(SEEN({ "/dev/shm/#2", R | W }), "/dev/shm/#@{int} 1");
	check(SEEN({ "/dev/shm/#2x", W }, { "/dev/#2/x", W }), "/dev/#2/x 1, /dev/shm/#2x 1");
	check(SEEN({ "/var/a/12345", R }, { "/var/a/67890", W }), "/var/a/@{int} 2");
	check(SEEN({ "/var/a/2024", W }), "/var/a/2024 1");
	check(SEEN({ "/var/a12345", W }), "/var/a12345 1");
	check(SEEN({ "/var/x-0123456789abcdef.js", R }), "/var/x-@{hex16}.js 1");
	check(SEEN({ "/srv/01234567-89ab-cdef-0123-456789ABCDEF/x", R }), "/srv/@{uuid}/x 1");
	/* programs, delicate places and other people's bytes stay what they are */
	check(SEEN({ "/opt/12345/run", X }), "/opt/12345/run 1");
	check(SEEN({ "/etc/12345", R }), "/etc/12345 1");
	check(SEEN({ "/root/12345", W }), "/root/12345 1");
	check(SEEN({ "/run/secrets/12345", R }), "/run/secrets/12345 1");
	check(SEEN({ "/var/\x01"
		     "12345",
		     W }),
	      "/var/\\x01@{int} 1");
}

static void siblings_unite(void **state)
{
	(void)state;
	check(SEEN({ "/var/l/a.log", W }, { "/var/l/b.log", W }, { "/var/l/c.log", W }),
	      "/var/l/*.log 3");
	check(SEEN({ "/var/l/a.log", W }, { "/var/l/b.log", W }), "/var/l/a.log 1, /var/l/b.log 1");
	check(SEEN({ "/var/l/a.log", R }, { "/var/l/b.log", R }, { "/var/l/c.log", R }),
	      "/var/l/a.log 1, /var/l/b.log 1, /var/l/c.log 1");
	check(SEEN({ "/var/l/a.log", W }, { "/var/l/b.log", W }, { "/var/l/c.db", W }),
	      "/var/l/a.log 1, /var/l/b.log 1, /var/l/c.db 1");
	check(SEEN({ "/tmp/php-a1", W }, { "/tmp/php-b2", W }, { "/tmp/php-b3", W }),
	      "/tmp/php-* 3");
	check(SEEN({ "/data/a", W }, { "/data/b", W }, { "/data/c", W }),
	      "/data/a 1, /data/b 1, /data/c 1");
	check(SEEN({ "/etc/x/a", W }, { "/etc/x/b", W }, { "/etc/x/c", W }),
	      "/etc/x/a 1, /etc/x/b 1, /etc/x/c 1");
	check(SEEN({ "/home/u/.ssh/a", W }, { "/home/u/.ssh/b", W }, { "/home/u/.ssh/c", W }),
	      "/home/u/.ssh/a 1, /home/u/.ssh/b 1, /home/u/.ssh/c 1");
	check(SEEN({ "/var/l/a", W | X }, { "/var/l/b", W | X }, { "/var/l/c", W | X }),
	      "/var/l/a 1, /var/l/b 1, /var/l/c 1");
}

/* Three names written beside a program make no pattern that holds the program. */
static void code_is_no_sibling(void **state)
{
	static const struct seen seen[] = {
		{ "/opt/db/data", W },
		{ "/opt/db/journal", W },
		{ "/opt/db/lock", W },
		{ "/opt/db/server", X | R },
		{ "/opt/v/20240101/tool", X | R },
		{ "/opt/v/20240102/tool", W },
		{ "/srv/s/a", W },
		{ "/srv/s/b", W },
		{ "/srv/s/c", W },
		{ "/srv/s/.hidden", R },
		{ NULL, 0 },
	};
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_aa_sightings_clear) struct snug_aa_sightings all = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf got = { 0 };
	struct snug_error err = { 0 };

	(void)state;
	for (const struct seen *one = seen; one->path; one++) {
		assert_non_null(
			snug_seen_files_add(&recording.files, one->path, "/p", one->access, 0));
		assert_int_equal(snug_aa_sightings_add(&all, one->path, one->access, 0), 0);
	}
	assert_int_equal(snug_aa_generalise(&recording, SNUG_GENERALISE_SIBLINGS, &all, &err), 0);
	for (size_t i = 0; i < all.count; i++)
		snug_buf_addf(&got, "%s%s", i ? ", " : "", all.at[i].pattern);
	assert_string_equal(snug_buf_text(&got),
			    "/opt/db/data, /opt/db/journal, /opt/db/lock, /opt/db/server, "
			    "/opt/v/20240101/tool, /opt/v/20240102/tool, /srv/s/.hidden, "
			    "/srv/s/[^.]*");
}

static void what_is_below_siblings_goes_with_them(void **state)
{
	(void)state;
	check(SEEN({ "/var/c/a/", C }, { "/var/c/a/x", W }, { "/var/c/b/", C }, { "/var/c/b/x", R },
		   { "/var/c/c/", C }, { "/var/c/c/run", X }),
	      "/var/c/*/ 3, /var/c/*/x 2, /var/c/c/run 1");
	check(SEEN({ "/var/c/a/", C }, { "/var/c/a/k/", C }, { "/var/c/a/l/", C },
		   { "/var/c/b/", C }, { "/var/c/b/m/", C }, { "/var/c/b/m/f", W },
		   { "/var/c/c/", C }),
	      "/var/c/*/ 3, /var/c/*/*/ 3, /var/c/*/*/f 1");
}

/* ---- from mounts to rules ---- */

static void sources_of_mounts(void **state)
{
	static const struct {
		unsigned flags;
		const char *source, *target, *type, *wanted; /* NULL: any */
	} rows[] = {
		{ MS_NOSUID, "none", "/t/", "tmpfs", "none" },
		{ MS_NOSUID, "//server/share", "/t/", "cifs", NULL },
		/* looked up: a folder's name ends with a slash */
		{ MS_BIND, "/a", "/t/", "", "/a/" },
		{ MS_BIND, "/a/", "/t/", "", "/a/" },
		{ MS_BIND, "/", "/t/", "", "/" },
		{ MS_BIND | MS_REC, "/a/b", "/t", "", "/a/b" },
		{ MS_MOVE, "/a", "/t/", "", "/a/" },
		/* and may be anywhere */
		{ MS_BIND, "a", "/t/", "", NULL },
		{ MS_BIND, "/a/../b", "/t/", "", NULL },
		{ MS_BIND, "/a/..", "/t/", "", NULL },
		{ MS_BIND, "/a/.", "/t/", "", NULL },
		{ MS_BIND, "/a//b", "/t/", "", NULL },
		{ MS_BIND, "/.a/b..", "/t/", "", "/.a/b../" },
		{ MS_BIND, "", "/t/", "", NULL },
		/* not asked for */
		{ MS_PRIVATE, "/a", "/t/", "", NULL },
		{ MS_BIND | MS_REMOUNT, "/a", "/t/", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
		SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };
		const struct snug_aa_group group = { 0 };
		struct snug_aa_rules *rules = &made.policy.rules;
		struct snug_error err = { 0 };
		const struct snug_seen_act act = { .kind = SNUG_ACT_MOUNT,
						   .number = { rows[i].flags },
						   .text = { (char *)rows[i].source,
							     (char *)rows[i].target,
							     (char *)rows[i].type },
						   .program = "" };

		assert_non_null(snug_seen_acts_add(&recording.acts, &act));
		assert_int_equal(snug_aa_make_acts(&recording, &group, SNUG_GENERALISE_SIBLINGS,
						   rules, &made, &err),
				 0);
		assert_int_equal(rules->mounts.count, 1);
		if (rows[i].wanted)
			assert_string_equal(rules->mounts.at[0].source, rows[i].wanted);
		else
			assert_null(rules->mounts.at[0].source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(accesses_want_permissions),
		cmocka_unit_test(rules_answer),
		cmocka_unit_test(names_get_types),
		cmocka_unit_test(siblings_unite),
		cmocka_unit_test(sources_of_mounts),
		cmocka_unit_test(code_is_no_sibling),
		cmocka_unit_test(what_is_below_siblings_goes_with_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
