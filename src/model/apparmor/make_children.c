/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile of its own for each program that the first ones executed; what such a program executes
 * stays in its profile. The first ones: whom nobody was seen to execute, and whom somebody unknown
 * (the runtime) did.
 */
#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/access.h"
#include "model/apparmor/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has(const struct snug_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->at[i], word) == 0)
			return true;
	return false;
}

static bool is_exec(const struct snug_seen_file *file)
{
	return file->access & (SNUG_ACCESS_EXECUTE | SNUG_ACCESS_INTERPRET);
}

static bool is_executed_by_another(const struct snug_recording *recording, const char *program)
{
	for (size_t i = 0; i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];

		if (is_exec(file) && file->program[0] && strcmp(file->path, program) == 0 &&
		    strcmp(file->program, program) != 0)
			return true;
	}
	return false;
}

/* All that did something. */
static int add_programs(const struct snug_recording *recording, struct snug_words *ret,
			struct snug_error *err)
{
	for (size_t i = 0; i < recording->files.count; i++)
		if (recording->files.at[i].program[0] &&
		    snug_words_add(ret, recording->files.at[i].program, err) < 0)
			return -1;
	for (size_t i = 0; i < recording->acts.count; i++)
		if (recording->acts.at[i].program[0] &&
		    snug_words_add(ret, recording->acts.at[i].program, err) < 0)
			return -1;
	return 0;
}

static int add_first(const struct snug_recording *recording, struct snug_words *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words all = { 0 };

	if (add_programs(recording, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		if (!is_executed_by_another(recording, all.at[i]) &&
		    snug_words_add(ret, all.at[i], err) < 0)
			return -1;
	for (size_t i = 0; i < recording->files.count; i++)
		if (is_exec(&recording->files.at[i]) && !recording->files.at[i].program[0] &&
		    snug_words_add(ret, recording->files.at[i].path, err) < 0)
			return -1;
	return 0;
}

/* What the group executed, what that executed, and so on. */
static int close_group(const struct snug_recording *recording, struct snug_words *group,
		       struct snug_error *err)
{
	size_t before;

	do {
		before = group->count;
		for (size_t i = 0; i < recording->files.count; i++) {
			const struct snug_seen_file *file = &recording->files.at[i];

			if (is_exec(file) && has(group, file->program) &&
			    snug_words_add(group, file->path, err) < 0)
				return -1;
		}
	} while (group->count > before);
	return 0;
}

/* The programs that get a profile: executed by the first ones, in order of path, as many as there
 * may be. */
static int find_children(const struct snug_recording *recording, const struct snug_words *first,
			 struct snug_words *ret, struct snug_error *err)
{
	for (size_t i = 0; i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];

		if (!(file->access & SNUG_ACCESS_EXECUTE) || !has(first, file->program) ||
		    has(first, file->path) || ret->count == SNUG_AA_CHILDREN_MAX)
			continue;
		if (snug_words_add(ret, file->path, err) < 0)
			return -1;
	}
	return 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "/usr/bin/a b" → "a_b"; where another program has that already "a_b-2". */
static int name_child(const struct snug_aa_rules *rules, const char *program, struct snug_buf *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf name = { 0 };

	for (const char *c = base_of(program); *c && name.len < SNUG_AA_TYPE_MAX; c++) {
		bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= 'a' && *c <= 'z') || strchr("._-", *c);

		snug_buf_addc(&name, plain ? *c : '_');
	}
	if (name.len == 0)
		snug_buf_adds(&name, "program");
	if (snug_buf_check(&name, err) < 0)
		return -1;
	snug_buf_adds(ret, name.data);
	for (unsigned same = 2; !ret->failed && snug_aa_find_child(rules, ret->data); same++) {
		snug_buf_clear(ret);
		snug_buf_addf(ret, "%s-%u", name.data, same);
	}
	return snug_buf_check(ret, err);
}

static bool did_something(const struct snug_recording *recording, const char *program)
{
	for (size_t i = 0; i < recording->files.count; i++)
		if (strcmp(recording->files.at[i].program, program) == 0)
			return true;
	for (size_t i = 0; i < recording->acts.count; i++)
		if (strcmp(recording->acts.at[i].program, program) == 0)
			return true;
	return false;
}

/* Who runs as the child: the program, or, where that is a script and did nothing itself, one of the
 * interpreters that were seen; and what those execute. */
static int add_members(const struct snug_recording *recording, const char *program,
		       struct snug_words *ret, struct snug_error *err)
{
	if (snug_words_add(ret, program, err) < 0)
		return -1;
	for (size_t i = 0; !did_something(recording, program) && i < recording->files.count; i++)
		if (recording->files.at[i].access & SNUG_ACCESS_INTERPRET &&
		    snug_words_add(ret, recording->files.at[i].path, err) < 0)
			return -1;
	return close_group(recording, ret, err);
}

/* The program is mapped under the child's label, and asked for again. */
static int add_own_binary(const char *program, struct snug_aa_rules *rules, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf pattern = { 0 };
	struct snug_aa_file file = { .perms = SNUG_AA_READ | SNUG_AA_MAP };

	snug_aa_quote_path(program, &pattern);
	if (snug_buf_check(&pattern, err) < 0)
		return -1;
	file.path = pattern.data;
	return snug_aa_add_file(rules, &file) < 0 ? snug_fail_memory(err) : 0;
}

/* The first ones' rule for the program becomes one that goes to the child. */
static int redirect(struct snug_aa_rules *rules, const char *program, const char *child,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf pattern = { 0 };

	snug_aa_quote_path(program, &pattern);
	if (snug_buf_check(&pattern, err) < 0)
		return -1;
	for (size_t i = 0; i < rules->files.count; i++) {
		struct snug_aa_file *file = &rules->files.at[i];

		if (file->perms & SNUG_AA_EXECUTE && strcmp(file->path, pattern.data) == 0) {
			file->child = strdup(child);
			return file->child ? 0 : snug_fail_memory(err);
		}
	}
	return 0;
}

static int make_child(const struct snug_recording *recording, const struct snug_words *children,
		      size_t index, enum snug_generalise how, struct snug_aa_made *made,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words members = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf name = { 0 };
	const struct snug_aa_group group = { &members };
	const char *program = children->at[index];
	struct snug_aa_rules *child;

	if (name_child(&made->policy.rules, program, &name, err) < 0 ||
	    add_members(recording, program, &members, err) < 0 ||
	    redirect(&made->policy.rules, program, name.data, err) < 0)
		return -1;
	child = snug_aa_child(&made->policy.rules, name.data);
	if (!child)
		return snug_fail_memory(err);
	if (snug_aa_make_files(recording, &group, how, child, made, err) < 0 ||
	    snug_aa_make_acts(recording, &group, how, child, made, err) < 0)
		return -1;
	return add_own_binary(program, child, err);
}

/* A signal from one profile to another is asked for at both ends, and only who sent it is known. */
static int let_all_receive(struct snug_aa_rules *rules, struct snug_error *err)
{
	static char self[] = SNUG_AA_SELF;
	const struct snug_aa_signal receive = { .access = SNUG_AA_RECEIVE, .peer = self };

	if (snug_aa_add_signal(rules, &receive) < 0)
		return snug_fail_memory(err);
	for (size_t i = 0; i < rules->children.count; i++)
		if (snug_aa_add_signal(&rules->children.at[i].rules, &receive) < 0)
			return snug_fail_memory(err);
	return 0;
}

/* Whoever is in no child's group: those, say, that execute each other in a ring. */
static int add_rest(const struct snug_recording *recording, const struct snug_words *children,
		    struct snug_words *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words all = { 0 }, covered = { 0 };

	for (size_t i = 0; i < children->count; i++)
		if (add_members(recording, children->at[i], &covered, err) < 0)
			return -1;
	if (add_programs(recording, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		if (!has(&covered, all.at[i]) && snug_words_add(ret, all.at[i], err) < 0)
			return -1;
	return 0;
}

static int add_all(const struct snug_words *words, struct snug_words *ret, struct snug_error *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (snug_words_add(ret, words->at[i], err) < 0)
			return -1;
	return 0;
}

/* The first ones, and whom they executed past the limit, with all that those did. What the first
 * ones executed besides went to the children. */
static int add_staying(const struct snug_recording *recording, const struct snug_words *first,
		       const struct snug_words *children, struct snug_words *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words past = { 0 };

	for (size_t i = 0; i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];

		if ((file->access & SNUG_ACCESS_EXECUTE) && has(first, file->program) &&
		    !has(first, file->path) && !has(children, file->path) &&
		    snug_words_add(&past, file->path, err) < 0)
			return -1;
	}
	if (close_group(recording, &past, err) < 0 || add_all(first, ret, err) < 0 ||
	    add_all(&past, ret, err) < 0)
		return -1;
	return add_rest(recording, children, ret, err);
}

int snug_aa_make_children(const struct snug_recording *recording, enum snug_generalise how,
			  struct snug_aa_made *made, struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words first = { 0 }, stay = { 0 }, children = { 0 };
	const struct snug_aa_group group = { &stay };
	bool any_signal = false;

	if (add_first(recording, &first, err) < 0 ||
	    find_children(recording, &first, &children, err) < 0)
		return -1;
	if (add_staying(recording, &first, &children, &stay, err) < 0)
		return -1;
	if (snug_aa_make_files(recording, &group, how, &made->policy.rules, made, err) < 0 ||
	    snug_aa_make_acts(recording, &group, how, &made->policy.rules, made, err) < 0)
		return -1;
	for (size_t i = 0; i < children.count; i++)
		if (make_child(recording, &children, i, how, made, err) < 0)
			return -1;
	for (size_t i = 0; i < recording->acts.count; i++)
		any_signal |= recording->acts.at[i].kind == SNUG_ACT_SIGNAL &&
			      recording->acts.at[i].number[1] == SNUG_PEER_CONTAINER;
	return any_signal ? let_all_receive(&made->policy.rules, err) : 0;
}
