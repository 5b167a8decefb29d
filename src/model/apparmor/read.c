/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's member "apparmor", from JSON. */
#include "model/apparmor/aare.h"
#include "model/apparmor/policy.h"
#include "model/apparmor/words.h"

#include "base/cleanup.h"

#include <string.h>

typedef int (*reader)(const struct snug_json_node *node, struct snug_aa_rules *rules,
		      struct snug_error *err);

/* ---- values ---- */

/* A misspelt member would leave something out, or unsaid. */
static int only_members(const struct snug_json_node *node, const char *const *names,
			struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		size_t i = 0;

		while (names[i] && strcmp(names[i], snug_json_key(n)) != 0)
			i++;
		if (!names[i]) {
			snug_json_fail(n, err, "a rule has no member of this name");
			return snug_remedy(err, "correct its spelling or take it out");
		}
	}
	return 0;
}

/* *ret NULL where the member is absent. */
static int member_text(const struct snug_json_node *object, const char *key, size_t max, char **ret,
		       struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(object, key);
	const char *text;

	*ret = NULL;
	if (!node)
		return 0;
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	if (!text[0] || strlen(text) > max)
		return snug_json_fail(node, err, "1 to %zu bytes are wanted", max);
	/* The document lives as long as the reading; rules copy what they keep. */
	*ret = (char *)text;
	return 0;
}

static int check_pattern(const struct snug_json_node *node, const char *text,
			 struct snug_error *err)
{
	struct snug_error why;

	if (snug_aare_check(text, &why) == 0)
		return 0;
	if (why.code != SNUG_INPUT) {
		*err = why;
		return -1;
	}
	return snug_json_fail(node, err, "%s", why.what);
}

/* A pattern; of paths: from the root. */
static int member_pattern(const struct snug_json_node *object, const char *key, bool is_path,
			  char **ret, struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(object, key);

	if (member_text(object, key, SNUG_AARE_TEXT_MAX, ret, err) < 0)
		return -1;
	if (!*ret)
		return 0;
	if (is_path && (*ret)[0] != '/')
		return snug_json_fail(node, err, "a path starts with '/'");
	if (strstr(*ret, "//"))
		return snug_json_fail(node, err, "no path has two slashes in a row");
	return check_pattern(node, *ret, err);
}

static int needed(const struct snug_json_node *object, const char *key, const char *value,
		  struct snug_error *err)
{
	return value ? 0 : snug_json_fail(object, err, "%s is missing", key);
}

/* A label's pattern may hold anything but what ends it; "self" is itself. */
static int member_peer(const struct snug_json_node *object, char **ret, struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(object, "peer");

	if (member_text(object, "peer", SNUG_AA_LABEL_MAX, ret, err) < 0)
		return -1;
	return node ? check_pattern(node, *ret, err) : 0;
}

/* Words of a list as bits; at least one. */
static int member_access(const struct snug_json_node *object, const char *const *words,
			 unsigned *ret, struct snug_error *err)
{
	const struct snug_json_node *list = snug_json_member(object, "access");

	if (!list)
		return needed(object, "access", NULL, err);
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		const char *word;
		unsigned i = 0;

		if (snug_json_string(n, &word, err) < 0)
			return -1;
		while (words[i] && strcmp(words[i], word) != 0)
			i++;
		if (!words[i])
			return snug_json_fail(n, err, "no access has this name");
		*ret |= 1u << i;
	}
	return *ret ? 0 : snug_json_fail(list, err, "at least one is wanted");
}

/* ---- rules ---- */

static int read_letters(const struct snug_json_node *object, unsigned *ret, struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(object, "access");
	const char *text;

	if (!node)
		return needed(object, "access", NULL, err);
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	for (const char *c = text; *c; c++) {
		const char *at = strchr(snug_aa_perm_letters, *c);

		if (!at)
			return snug_json_fail(node, err, "'%c' is no access: they are %s",
					      *c >= 0x20 && *c < 0x7f ? *c : '?',
					      snug_aa_perm_letters);
		*ret |= 1u << (at - snug_aa_perm_letters);
	}
	return *ret ? 0
		    : snug_json_fail(node, err, "one of %s at least is wanted",
				     snug_aa_perm_letters);
}

/* Where two patterns that match one path send its exec to different profiles, the parser refuses
 * all. A literal beats patterns, and there is one of it. */
static int check_child(const struct snug_json_node *node, const struct snug_aa_file *file,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

	if (!file->child)
		return 0;
	if (!(file->perms & SNUG_AA_EXECUTE))
		return snug_json_fail(node, err, "a child is for what has access x");
	if (file->owner || !snug_aare_literal(file->path, &path))
		return snug_json_fail(node, err, "a child is for one path, whoever owns it");
	return snug_buf_check(&path, err);
}

static int read_file(const struct snug_json_node *node, struct snug_aa_rules *rules,
		     struct snug_error *err)
{
	static const char *const names[] = { "path", "access", "owner", "child", NULL };
	const struct snug_json_node *owner = snug_json_member(node, "owner");
	struct snug_aa_file file = { 0 };

	if (only_members(node, names, err) < 0 ||
	    member_pattern(node, "path", true, &file.path, err) < 0 ||
	    needed(node, "path", file.path, err) < 0 || read_letters(node, &file.perms, err) < 0 ||
	    (owner && snug_json_bool(owner, &file.owner, err) < 0) ||
	    member_text(node, "child", SNUG_AA_LABEL_MAX, &file.child, err) < 0 ||
	    check_child(node, &file, err) < 0)
		return -1;
	return snug_aa_add_file(rules, &file) < 0 ? snug_fail_memory(err) : 0;
}

static int read_link(const struct snug_json_node *node, struct snug_aa_rules *rules,
		     struct snug_error *err)
{
	static const char *const names[] = { "name", "target", NULL };
	struct snug_aa_link link = { 0 };

	if (only_members(node, names, err) < 0 ||
	    member_pattern(node, "name", true, &link.name, err) < 0 ||
	    needed(node, "name", link.name, err) < 0 ||
	    member_pattern(node, "target", true, &link.target, err) < 0 ||
	    needed(node, "target", link.target, err) < 0)
		return -1;
	return snug_aa_add_link(rules, &link) < 0 ? snug_fail_memory(err) : 0;
}

static int read_network(const struct snug_json_node *node, struct snug_aa_rules *rules,
			struct snug_error *err)
{
	static const char *const names[] = { "family", "type", NULL };
	struct snug_aa_network network = { 0 };
	char *family, *type;

	if (only_members(node, names, err) < 0 ||
	    member_text(node, "family", SNUG_AA_LABEL_MAX, &family, err) < 0 ||
	    needed(node, "family", family, err) < 0 ||
	    member_text(node, "type", SNUG_AA_LABEL_MAX, &type, err) < 0 ||
	    needed(node, "type", type, err) < 0)
		return -1;
	if (!snug_aa_family_parse(family, &network.family))
		return snug_json_fail(node, err, "no family has the name %.40s", family);
	if (!snug_aa_type_parse(type, &network.type))
		return snug_json_fail(node, err, "no type of socket has the name %.40s", type);
	return snug_aa_add_network(rules, &network) < 0 ? snug_fail_memory(err) : 0;
}

static int read_set(const struct snug_json_node *list, struct snug_aa_signal *ret,
		    struct snug_error *err)
{
	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	if (!snug_json_first(list))
		return snug_json_fail(list, err, "an empty set: leave it out to mean any signal");
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n)) {
		const char *name;
		unsigned number;

		if (snug_json_string(n, &name, err) < 0)
			return -1;
		if (!snug_aa_signal_parse(name, &number))
			return snug_json_fail(n, err, "no signal has this name");
		ret->set[number / 64] |= UINT64_C(1) << (number % 64);
	}
	return 0;
}

static int read_signal(const struct snug_json_node *node, struct snug_aa_rules *rules,
		       struct snug_error *err)
{
	static const char *const names[] = { "access", "set", "peer", NULL };
	static const char *const words[] = { "send", "receive", NULL };
	struct snug_aa_signal signal = { 0 };

	if (only_members(node, names, err) < 0 ||
	    member_access(node, words, &signal.access, err) < 0 ||
	    read_set(snug_json_member(node, "set"), &signal, err) < 0 ||
	    member_peer(node, &signal.peer, err) < 0)
		return -1;
	return snug_aa_add_signal(rules, &signal) < 0 ? snug_fail_memory(err) : 0;
}

static int read_ptrace(const struct snug_json_node *node, struct snug_aa_rules *rules,
		       struct snug_error *err)
{
	static const char *const names[] = { "access", "peer", NULL };
	static const char *const words[] = { "read", "trace", "readby", "tracedby", NULL };
	struct snug_aa_ptrace ptrace = { 0 };

	if (only_members(node, names, err) < 0 ||
	    member_access(node, words, &ptrace.access, err) < 0 ||
	    member_peer(node, &ptrace.peer, err) < 0)
		return -1;
	return snug_aa_add_ptrace(rules, &ptrace) < 0 ? snug_fail_memory(err) : 0;
}

static int read_options(const struct snug_json_node *list, uint32_t *ret, struct snug_error *err)
{
	if (list && snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = list ? snug_json_first(list) : NULL; n;
	     n = snug_json_next(n)) {
		const char *name;
		uint32_t flags;

		if (snug_json_string(n, &name, err) < 0)
			return -1;
		if (!snug_aa_mount_flag_parse(name, &flags))
			return snug_json_fail(n, err, "no mount option has this name");
		*ret |= flags;
	}
	return 0;
}

static int read_mount(const struct snug_json_node *node, struct snug_aa_rules *rules,
		      struct snug_error *err)
{
	static const char *const names[] = { "fs", "options", "source", "target", NULL };
	struct snug_aa_mount mount = { .kind = SNUG_AA_MOUNT };

	if (only_members(node, names, err) < 0 ||
	    member_text(node, "fs", SNUG_AA_TYPE_MAX, &mount.fs, err) < 0 ||
	    read_options(snug_json_member(node, "options"), &mount.flags, err) < 0 ||
	    member_pattern(node, "source", false, &mount.source, err) < 0 ||
	    member_pattern(node, "target", true, &mount.target, err) < 0 ||
	    needed(node, "target", mount.target, err) < 0)
		return -1;
	if (mount.fs &&
	    strspn(mount.fs, "abcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(mount.fs))
		return snug_json_fail(node, err, "no type of file system has this name");
	return snug_aa_add_mount(rules, &mount) < 0 ? snug_fail_memory(err) : 0;
}

static int read_umount(const struct snug_json_node *node, struct snug_aa_rules *rules,
		       struct snug_error *err)
{
	static const char *const names[] = { "target", NULL };
	struct snug_aa_mount mount = { .kind = SNUG_AA_UMOUNT };

	if (only_members(node, names, err) < 0 ||
	    member_pattern(node, "target", true, &mount.target, err) < 0 ||
	    needed(node, "target", mount.target, err) < 0)
		return -1;
	return snug_aa_add_mount(rules, &mount) < 0 ? snug_fail_memory(err) : 0;
}

static int read_pivot(const struct snug_json_node *node, struct snug_aa_rules *rules,
		      struct snug_error *err)
{
	static const char *const names[] = { "new", "old", NULL };
	struct snug_aa_mount mount = { .kind = SNUG_AA_PIVOT };

	if (only_members(node, names, err) < 0 ||
	    member_pattern(node, "new", true, &mount.target, err) < 0 ||
	    needed(node, "new", mount.target, err) < 0 ||
	    member_pattern(node, "old", true, &mount.source, err) < 0 ||
	    needed(node, "old", mount.source, err) < 0)
		return -1;
	return snug_aa_add_mount(rules, &mount) < 0 ? snug_fail_memory(err) : 0;
}

/* ---- lists ---- */

static const struct list {
	const char *name;
	size_t max;
	reader read;
} lists[] = {
	{ "files", SNUG_AA_FILES_MAX, read_file },
	{ "links", SNUG_AA_OTHERS_MAX, read_link },
	{ "network", SNUG_AA_OTHERS_MAX, read_network },
	{ "signals", SNUG_AA_OTHERS_MAX, read_signal },
	{ "ptrace", SNUG_AA_OTHERS_MAX, read_ptrace },
	{ "mounts", SNUG_AA_OTHERS_MAX, read_mount },
	{ "umounts", SNUG_AA_OTHERS_MAX, read_umount },
	{ "pivotRoots", SNUG_AA_OTHERS_MAX, read_pivot },
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static int read_list(const struct snug_json_node *node, const struct list *list,
		     struct snug_aa_rules *rules, struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	if (snug_json_count(node) > list->max)
		return snug_json_fail(node, err, "more than %zu rules", list->max);
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n))
		if (list->read(n, rules, err) < 0)
			return -1;
	return 0;
}

/* The members that are lists of rules; those of names are passed over. */
static int read_rules(const struct snug_json_node *node, const char *const *names,
		      struct snug_aa_rules *rules, struct snug_error *err)
{
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		size_t i = 0, j = 0;

		while (i < LISTS && strcmp(lists[i].name, snug_json_key(n)) != 0)
			i++;
		while (names[j] && strcmp(names[j], snug_json_key(n)) != 0)
			j++;
		if (i == LISTS && !names[j]) {
			snug_json_fail(n, err, "there are no rules of this name");
			return snug_remedy(err, "correct its spelling or take it out");
		}
		if (i < LISTS && read_list(n, &lists[i], rules, err) < 0)
			return -1;
	}
	/* Nothing could run: not what somebody means. */
	if (rules->files.count == 0) {
		snug_json_fail(node, err, "no files: no program could be run");
		return snug_remedy(err, "leave \"apparmor\" out to say nothing of it");
	}
	return 0;
}

static int read_child(const struct snug_json_node *node, struct snug_aa_rules *rules,
		      struct snug_error *err)
{
	static const char *const names[] = { "name", NULL };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	struct snug_aa_rules *child;
	size_t before = rules->children.count;
	char *name;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    member_text(node, "name", SNUG_AA_LABEL_MAX, &name, err) < 0)
		return -1;
	if (!name)
		return needed(node, "name", name, err);
	if (strspn(name, letters) != strlen(name))
		return snug_json_fail(node, err,
				      "a child's name has letters, digits, '.', '_' and '-'");
	child = snug_aa_child(rules, name);
	if (!child)
		return snug_fail_memory(err);
	if (rules->children.count == before)
		return snug_json_fail(node, err, "a child of this name is there already");
	return read_rules(node, names, child, err);
}

/* A path has one exec: it stays, or goes to one child. */
static int check_execs(const struct snug_json_node *node, const struct snug_aa_rules *rules,
		       const struct snug_aa_rules *all, struct snug_error *err)
{
	const struct snug_aa_file *last = NULL;

	for (size_t i = 0; i < rules->files.count; i++) {
		const struct snug_aa_file *file = &rules->files.at[i];

		if (file->child && (rules != all || !snug_aa_find_child(all, file->child)))
			return snug_json_fail(node, err, "there is no child \"%.60s\" to go to",
					      file->child);
		if (!(file->perms & SNUG_AA_EXECUTE))
			continue;
		if (last && (last->child || file->child) && strcmp(last->path, file->path) == 0)
			return snug_json_fail(node, err, "%.100s is executed in two ways",
					      file->path);
		last = file;
	}
	return 0;
}

static int read_all(const struct snug_json_node *node, struct snug_apparmor *ret,
		    struct snug_error *err)
{
	static const char *const names[] = { "children", "complainOnly", NULL };
	const struct snug_json_node *children = snug_json_member(node, "children");
	const struct snug_json_node *only = snug_json_member(node, "complainOnly");
	const struct list list = { "children", SNUG_AA_CHILDREN_MAX, read_child };

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    (only && snug_json_bool(only, &ret->complain_only, err) < 0) ||
	    read_rules(node, names, &ret->rules, err) < 0 ||
	    (children && read_list(children, &list, &ret->rules, err) < 0))
		return -1;
	snug_aa_rules_sort(&ret->rules);
	for (size_t i = 0; i < ret->rules.children.count; i++)
		if (check_execs(node, &ret->rules.children.at[i].rules, &ret->rules, err) < 0)
			return -1;
	return check_execs(node, &ret->rules, &ret->rules, err);
}

int snug_apparmor_read(const struct snug_json_node *node, struct snug_apparmor *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_apparmor_clear) struct snug_apparmor policy = { 0 };

	if (read_all(node, &policy, err) < 0)
		return -1;
	*ret = policy;
	policy = (struct snug_apparmor){ 0 };
	return 0;
}
