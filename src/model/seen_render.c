/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/act_form.h"
#include "model/escape.h"
#include "model/recording.h"
#include "model/recording_part.h"
#include "model/seen_json.h"

#include <string.h>

static void open_list(struct snug_json_writer *w, const char *key)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
}

void snug_bytes_put(struct snug_json_writer *w, const char *bytes)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	snug_escape_put(&text, bytes);
	snug_json_put_string(w, snug_buf_text(&text));
	w->out->failed |= text.failed;
}

void snug_bytes_pair(struct snug_json_writer *w, const char *key, const char *bytes)
{
	snug_json_put_key(w, key);
	snug_bytes_put(w, bytes);
}

void snug_access_put(struct snug_json_writer *w, unsigned access)
{
	snug_json_open(w, '[');
	for (unsigned i = 0; i < SNUG_ACCESS_MAX; i++)
		if (access & 1u << i)
			snug_json_put_string(w, snug_access_name(i));
	snug_json_close(w);
}

static void put_program(struct snug_json_writer *w, const char *program)
{
	if (*program)
		snug_bytes_pair(w, "program", program);
}

static void put_file(struct snug_json_writer *w, const struct snug_seen_file *file)
{
	snug_json_open(w, '{');
	snug_bytes_pair(w, "path", file->path);
	put_program(w, file->program);
	snug_json_put_key(w, "access");
	snug_access_put(w, file->access);
	if (file->others) {
		snug_json_put_key(w, "byOthers");
		snug_access_put(w, file->others);
	}
	snug_part_put_runs(w, &file->runs);
	snug_json_close(w);
}

void snug_seen_files_put(struct snug_json_writer *w, const struct snug_seen_files *files)
{
	open_list(w, "files");
	for (size_t i = 0; i < files->count; i++)
		if (files->at[i].access) /* else nothing was done with it, and no reader takes it */
			put_file(w, &files->at[i]);
	snug_json_close(w);
}

static void put_flags(struct snug_json_writer *w, const struct snug_act_member *member,
		      uint32_t flags)
{
	if (!flags)
		return;
	open_list(w, member->key);
	for (const struct snug_named *named = member->names; named->name; named++) {
		if (flags & named->value)
			snug_json_put_string(w, named->name);
		flags &= ~(uint32_t)named->value;
	}
	if (flags)
		snug_json_put_u64(w, flags);
	snug_json_close(w);
}

static void put_member(struct snug_json_writer *w, const struct snug_act_member *member,
		       const struct snug_seen_act *act)
{
	const char *name;

	if (snug_member_is_text(member)) {
		if (act->text[member->slot][0])
			snug_bytes_pair(w, member->key, act->text[member->slot]);
		return;
	}
	if (member->type == SNUG_MEMBER_FLAGS) {
		put_flags(w, member, act->number[member->slot]);
		return;
	}
	name = snug_named_name(member->names, act->number[member->slot]);
	if (name)
		snug_json_pair_string(w, member->key, name);
	else
		snug_json_pair_u64(w, member->key, act->number[member->slot]);
}

static void put_act(struct snug_json_writer *w, const struct snug_seen_act *act)
{
	const struct snug_act_form *form = snug_act_form(act->kind);

	snug_json_open(w, '{');
	if (form->op)
		snug_json_pair_string(w, "op", form->op);
	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++)
		put_member(w, &form->members[i], act);
	put_program(w, act->program);
	snug_part_put_runs(w, &act->runs);
	snug_json_close(w);
}

/* Was it looked for? Who sees successful opens alone sees none of these, though files are observed.
 */
static bool is_observed(const struct snug_act_form *form, unsigned observed)
{
	return observed & form->observed && !(form->observed & SNUG_OBSERVED_FILES &&
					      observed & SNUG_OBSERVED_FILES_APPROXIMATE);
}

void snug_seen_acts_put(struct snug_json_writer *w, const struct snug_seen_acts *acts,
			unsigned observed)
{
	size_t next = 0;

	/* Kinds of one list stand side by side, as their acts do. */
	for (enum snug_act_kind kind = 0; kind < SNUG_ACT_MAX;) {
		const struct snug_act_form *form = snug_act_form(kind);
		enum snug_act_kind end = kind;
		bool some;

		while (end < SNUG_ACT_MAX && strcmp(snug_act_form(end)->list, form->list) == 0)
			end++;
		some = next < acts->count && acts->at[next].kind < end;
		if (some || is_observed(form, observed))
			open_list(w, form->list);
		for (; next < acts->count && acts->at[next].kind < end; next++)
			put_act(w, &acts->at[next]);
		if (some || is_observed(form, observed))
			snug_json_close(w);
		kind = end;
	}
}
