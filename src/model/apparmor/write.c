/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's member "apparmor", to JSON. */
#include "model/apparmor/policy.h"
#include "model/apparmor/words.h"

#include <string.h>

static void open_list(struct snug_json_writer *w, const char *key)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
}

static void put_files(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	open_list(w, "files");
	for (size_t i = 0; i < rules->files.count; i++) {
		const struct snug_aa_file *file = &rules->files.at[i];
		char letters[SNUG_AA_PERMS + 1] = "";

		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			if (file->perms & 1u << bit)
				strncat(letters, &snug_aa_perm_letters[bit], 1);
		snug_json_open(w, '{');
		snug_json_pair_string(w, "path", file->path);
		snug_json_pair_string(w, "access", letters);
		if (file->owner)
			snug_json_pair_bool(w, "owner", true);
		if (file->child)
			snug_json_pair_string(w, "child", file->child);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_links(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	if (!rules->links.count)
		return;
	open_list(w, "links");
	for (size_t i = 0; i < rules->links.count; i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "name", rules->links.at[i].name);
		snug_json_pair_string(w, "target", rules->links.at[i].target);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_network(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	if (!rules->network.count)
		return;
	open_list(w, "network");
	for (size_t i = 0; i < rules->network.count; i++) {
		const struct snug_aa_network *rule = &rules->network.at[i];

		snug_json_open(w, '{');
		snug_json_pair_string(w, "family", snug_aa_family_name(rule->family));
		snug_json_pair_string(w, "type", snug_aa_type_name(rule->type));
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_words(struct snug_json_writer *w, const char *const *words, unsigned bits)
{
	open_list(w, "access");
	for (unsigned i = 0; words[i]; i++)
		if (bits & 1u << i)
			snug_json_put_string(w, words[i]);
	snug_json_close(w);
}

static void put_set(struct snug_json_writer *w, const struct snug_aa_signal *signal)
{
	char name[SNUG_AA_SIGNAL_NAME_MAX];

	if (!signal->set[0] && !signal->set[1])
		return;
	open_list(w, "set");
	for (unsigned i = 0; i <= SNUG_AA_SIGNAL_MAX; i++)
		if (signal->set[i / 64] >> (i % 64) & 1 && snug_aa_signal_name(i, name))
			snug_json_put_string(w, name);
	snug_json_close(w);
}

static void put_signals(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	static const char *const words[] = { "send", "receive", NULL };

	if (!rules->signals.count)
		return;
	open_list(w, "signals");
	for (size_t i = 0; i < rules->signals.count; i++) {
		snug_json_open(w, '{');
		put_words(w, words, rules->signals.at[i].access);
		put_set(w, &rules->signals.at[i]);
		if (rules->signals.at[i].peer)
			snug_json_pair_string(w, "peer", rules->signals.at[i].peer);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_ptraces(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	static const char *const words[] = { "read", "trace", "readby", "tracedby", NULL };

	if (!rules->ptraces.count)
		return;
	open_list(w, "ptrace");
	for (size_t i = 0; i < rules->ptraces.count; i++) {
		snug_json_open(w, '{');
		put_words(w, words, rules->ptraces.at[i].access);
		if (rules->ptraces.at[i].peer)
			snug_json_pair_string(w, "peer", rules->ptraces.at[i].peer);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void put_options(struct snug_json_writer *w, uint32_t flags)
{
	size_t count;
	const struct snug_aa_mount_flag *table = snug_aa_mount_flags(&count);

	if (!flags)
		return;
	open_list(w, "options");
	for (size_t i = 0; i < count; i++) {
		if ((flags & table[i].flags) != table[i].flags)
			continue;
		snug_json_put_string(w, table[i].name);
		flags &= ~table[i].flags;
	}
	snug_json_close(w);
}

static void put_mount(struct snug_json_writer *w, const struct snug_aa_mount *mount)
{
	bool pivot = mount->kind == SNUG_AA_PIVOT;

	snug_json_open(w, '{');
	if (mount->fs)
		snug_json_pair_string(w, "fs", mount->fs);
	if (mount->kind == SNUG_AA_MOUNT)
		put_options(w, mount->flags);
	if (mount->source && !pivot)
		snug_json_pair_string(w, "source", mount->source);
	snug_json_pair_string(w, pivot ? "new" : "target", mount->target);
	if (pivot)
		snug_json_pair_string(w, "old", mount->source);
	snug_json_close(w);
}

static void put_mounts(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	static const char *const names[SNUG_AA_MOUNT_KIND_MAX] = { "mounts", "umounts",
								   "pivotRoots" };

	for (unsigned kind = 0; kind < SNUG_AA_MOUNT_KIND_MAX; kind++) {
		bool any = false;

		for (size_t i = 0; i < rules->mounts.count; i++) {
			if (rules->mounts.at[i].kind != kind)
				continue;
			if (!any)
				open_list(w, names[kind]);
			any = true;
			put_mount(w, &rules->mounts.at[i]);
		}
		if (any)
			snug_json_close(w);
	}
}

static void put_rules(struct snug_json_writer *w, const struct snug_aa_rules *rules)
{
	put_files(w, rules);
	put_links(w, rules);
	put_network(w, rules);
	put_signals(w, rules);
	put_ptraces(w, rules);
	put_mounts(w, rules);
}

void snug_apparmor_write(struct snug_json_writer *w, const struct snug_apparmor *policy)
{
	const struct snug_aa_rules *rules = &policy->rules;

	snug_json_open(w, '{');
	if (policy->complain_only)
		snug_json_pair_bool(w, "complainOnly", true);
	put_rules(w, rules);
	if (rules->children.count) {
		open_list(w, "children");
		for (size_t i = 0; i < rules->children.count; i++) {
			snug_json_open(w, '{');
			snug_json_pair_string(w, "name", rules->children.at[i].name);
			put_rules(w, &rules->children.at[i].rules);
			snug_json_close(w);
		}
		snug_json_close(w);
	}
	snug_json_close(w);
}
