/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char snug_aa_perm_letters[SNUG_AA_PERMS + 1] = "rwakmx";

/* ---- order ---- */

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_files(const void *left, const void *right)
{
	const struct snug_aa_file *a = left, *b = right;
	int order = strcmp(a->path, b->path);

	if (!order)
		order = a->owner - b->owner;
	return order ? order : compare_text(a->child, b->child);
}

static int compare_links(const void *left, const void *right)
{
	const struct snug_aa_link *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : strcmp(a->target, b->target);
}

static int compare_network(const void *left, const void *right)
{
	const struct snug_aa_network *a = left, *b = right;
	int order = compare_u64(a->family, b->family);

	return order ? order : compare_u64(a->type, b->type);
}

static int compare_signals(const void *left, const void *right)
{
	const struct snug_aa_signal *a = left, *b = right;
	int order = compare_text(a->peer, b->peer);

	for (unsigned i = 0; i < 2 && !order; i++)
		order = compare_u64(a->set[i], b->set[i]);
	return order;
}

static int compare_ptraces(const void *left, const void *right)
{
	const struct snug_aa_ptrace *a = left, *b = right;

	return compare_text(a->peer, b->peer);
}

static int compare_mounts(const void *left, const void *right)
{
	const struct snug_aa_mount *a = left, *b = right;
	int order = compare_u64(a->kind, b->kind);

	if (!order)
		order = strcmp(a->target, b->target);
	if (!order)
		order = compare_text(a->source, b->source);
	if (!order)
		order = compare_text(a->fs, b->fs);
	return order ? order : compare_u64(a->flags, b->flags);
}

static int compare_children(const void *left, const void *right)
{
	const struct snug_aa_child *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* ---- what goes ---- */

static void clear_file(void *rule)
{
	struct snug_aa_file *file = rule;

	free(file->path);
	free(file->child);
}

static void clear_link(void *rule)
{
	struct snug_aa_link *link = rule;

	free(link->name);
	free(link->target);
}

static void clear_network(void *rule)
{
	(void)rule;
}

static void clear_signal(void *rule)
{
	free(((struct snug_aa_signal *)rule)->peer);
}

static void clear_ptrace(void *rule)
{
	free(((struct snug_aa_ptrace *)rule)->peer);
}

static void clear_mount(void *rule)
{
	struct snug_aa_mount *mount = rule;

	free(mount->fs);
	free(mount->source);
	free(mount->target);
}

#define CLEAR_LIST(list, clear_one)                                                                \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < (list).count; i_++)                                       \
			clear_one(&(list).at[i_]);                                                 \
		snug_vec_clear(&(list));                                                           \
	} while (0)

void snug_aa_rules_clear(struct snug_aa_rules *rules)
{
	int saved = errno;

	CLEAR_LIST(rules->files, clear_file);
	CLEAR_LIST(rules->links, clear_link);
	CLEAR_LIST(rules->network, clear_network);
	CLEAR_LIST(rules->signals, clear_signal);
	CLEAR_LIST(rules->ptraces, clear_ptrace);
	CLEAR_LIST(rules->mounts, clear_mount);
	for (size_t i = 0; i < rules->children.count; i++) {
		free(rules->children.at[i].name);
		snug_aa_rules_clear(&rules->children.at[i].rules);
	}
	snug_vec_clear(&rules->children);
	errno = saved;
}

void snug_apparmor_clear(struct snug_apparmor *policy)
{
	snug_aa_rules_clear(&policy->rules);
	policy->complain_only = false;
}

/* ---- what comes ---- */

/* *ret = a copy; NULL stays NULL. */
static bool copy(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return *ret || !text;
}

#define ADD(list, rule, clear_one)                                                                 \
	({                                                                                         \
		int result_ = snug_vec_push(&(list), rule);                                        \
		if (result_ < 0)                                                                   \
			clear_one(&(rule));                                                        \
		result_;                                                                           \
	})

int snug_aa_add_file(struct snug_aa_rules *rules, const struct snug_aa_file *file)
{
	struct snug_aa_file rule = { .perms = file->perms, .owner = file->owner };

	if (!copy(file->path, &rule.path) || !copy(file->child, &rule.child)) {
		clear_file(&rule);
		return -1;
	}
	return ADD(rules->files, rule, clear_file);
}

int snug_aa_add_link(struct snug_aa_rules *rules, const struct snug_aa_link *link)
{
	struct snug_aa_link rule = { 0 };

	if (!copy(link->name, &rule.name) || !copy(link->target, &rule.target)) {
		clear_link(&rule);
		return -1;
	}
	return ADD(rules->links, rule, clear_link);
}

int snug_aa_add_network(struct snug_aa_rules *rules, const struct snug_aa_network *network)
{
	return snug_vec_push(&rules->network, *network);
}

int snug_aa_add_signal(struct snug_aa_rules *rules, const struct snug_aa_signal *signal)
{
	struct snug_aa_signal rule = *signal;

	if (!copy(signal->peer, &rule.peer))
		return -1;
	return ADD(rules->signals, rule, clear_signal);
}

int snug_aa_add_ptrace(struct snug_aa_rules *rules, const struct snug_aa_ptrace *ptrace)
{
	struct snug_aa_ptrace rule = *ptrace;

	if (!copy(ptrace->peer, &rule.peer))
		return -1;
	return ADD(rules->ptraces, rule, clear_ptrace);
}

int snug_aa_add_mount(struct snug_aa_rules *rules, const struct snug_aa_mount *mount)
{
	struct snug_aa_mount rule = { .kind = mount->kind, .flags = mount->flags };
	bool whole = copy(mount->fs, &rule.fs);

	whole &= copy(mount->source, &rule.source);
	whole &= copy(mount->target, &rule.target);
	if (!whole) {
		clear_mount(&rule);
		return -1;
	}
	return ADD(rules->mounts, rule, clear_mount);
}

const struct snug_aa_rules *snug_aa_find_child(const struct snug_aa_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->children.count; i++)
		if (strcmp(rules->children.at[i].name, name) == 0)
			return &rules->children.at[i].rules;
	return NULL;
}

struct snug_aa_rules *snug_aa_child(struct snug_aa_rules *rules, const char *name)
{
	struct snug_aa_rules *found = (struct snug_aa_rules *)snug_aa_find_child(rules, name);
	struct snug_aa_child child = { 0 };

	if (found)
		return found;
	child.name = strdup(name);
	if (!child.name || snug_vec_push(&rules->children, child) < 0) {
		free(child.name);
		return NULL;
	}
	return &rules->children.at[rules->children.count - 1].rules;
}

/* ---- sets ---- */

static void join_file(void *into, const void *other)
{
	((struct snug_aa_file *)into)->perms |= ((const struct snug_aa_file *)other)->perms;
}

static void join_signal(void *into, const void *other)
{
	((struct snug_aa_signal *)into)->access |= ((const struct snug_aa_signal *)other)->access;
}

static void join_ptrace(void *into, const void *other)
{
	((struct snug_aa_ptrace *)into)->access |= ((const struct snug_aa_ptrace *)other)->access;
}

static void join_nothing(void *into, const void *other)
{
	(void)into;
	(void)other;
}

static bool is_sorted(const char *at, size_t count, size_t size,
		      int (*compare)(const void *, const void *))
{
	for (size_t i = 1; i < count; i++)
		if (compare(at + (i - 1) * size, at + i * size) > 0)
			return false;
	return true;
}

/* Elements of size bytes at `at`; returns how many are left. */
static size_t unite(void *at, size_t count, size_t size, int (*compare)(const void *, const void *),
		    void (*join)(void *, const void *), void (*clear_one)(void *))
{
	char *base = at;
	size_t kept = 0;

	/* They are written in order. */
	if (!is_sorted(at, count, size, compare))
		qsort(at, count, size, compare);
	for (size_t i = 0; i < count; i++) {
		char *one = base + i * size, *last = base + (kept ? kept - 1 : 0) * size;

		if (kept && compare(last, one) == 0) {
			join(last, one);
			clear_one(one);
		} else {
			if (kept++ != i)
				memcpy(base + (kept - 1) * size, one, size);
		}
	}
	return kept;
}

#define UNITE(list, compare, join, clear_one)                                                      \
	((list).count =                                                                            \
		 unite((list).at, (list).count, sizeof(*(list).at), compare, join, clear_one))

void snug_aa_rules_sort(struct snug_aa_rules *rules)
{
	UNITE(rules->files, compare_files, join_file, clear_file);
	UNITE(rules->links, compare_links, join_nothing, clear_link);
	UNITE(rules->network, compare_network, join_nothing, clear_network);
	UNITE(rules->signals, compare_signals, join_signal, clear_signal);
	UNITE(rules->ptraces, compare_ptraces, join_ptrace, clear_ptrace);
	UNITE(rules->mounts, compare_mounts, join_nothing, clear_mount);
	if (rules->children.count)
		qsort(rules->children.at, rules->children.count, sizeof(*rules->children.at),
		      compare_children);
	for (size_t i = 0; i < rules->children.count; i++)
		snug_aa_rules_sort(&rules->children.at[i].rules);
}

int snug_aa_rules_merge(struct snug_aa_rules *into, const struct snug_aa_rules *other)
{
	int result = 0;

	for (size_t i = 0; i < other->files.count; i++)
		result |= snug_aa_add_file(into, &other->files.at[i]);
	for (size_t i = 0; i < other->links.count; i++)
		result |= snug_aa_add_link(into, &other->links.at[i]);
	for (size_t i = 0; i < other->network.count; i++)
		result |= snug_aa_add_network(into, &other->network.at[i]);
	for (size_t i = 0; i < other->signals.count; i++)
		result |= snug_aa_add_signal(into, &other->signals.at[i]);
	for (size_t i = 0; i < other->ptraces.count; i++)
		result |= snug_aa_add_ptrace(into, &other->ptraces.at[i]);
	for (size_t i = 0; i < other->mounts.count; i++)
		result |= snug_aa_add_mount(into, &other->mounts.at[i]);
	snug_aa_rules_sort(into);
	return result;
}
