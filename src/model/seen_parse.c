/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/act_form.h"
#include "model/escape.h"
#include "model/recording_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef const struct snug_json_node node_t;

/* At least `least` bytes, at most SNUG_PATH_MAX. */
static int read_bytes(node_t *node, size_t least, char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf bytes = { 0 };
	const char *text, *why = "";
	size_t at;

	if (snug_json_string(node, &text, err) < 0)
		return -1;
	at = snug_escape_read(text, &bytes, &why);
	if (at)
		return snug_json_fail(node, err, "byte %zu: %s", at, why);
	if (snug_buf_check(&bytes, err) < 0)
		return -1;
	if (bytes.len < least || bytes.len > SNUG_PATH_MAX)
		return snug_json_fail(node, err, "%zu to %u bytes are wanted", least,
				      SNUG_PATH_MAX);
	*ret = snug_buf_take(&bytes);
	return *ret ? 0 : snug_fail_memory(err);
}

/* A member that may be absent: "". */
static int read_optional(node_t *object, const char *key, char **ret, struct snug_error *err)
{
	node_t *node = snug_json_member(object, key);

	if (node)
		return read_bytes(node, 0, ret, err);
	*ret = strdup("");
	return *ret ? 0 : snug_fail_memory(err);
}

static int fail_limit(node_t *node, const char *what, size_t count, size_t bytes,
		      struct snug_error *err)
{
	if (errno != E2BIG)
		return snug_fail_memory(err);
	return snug_json_fail(node, err, "more than %zu %s, or %zu bytes of them", count, what,
			      bytes);
}

/* ---- files ---- */

static int read_access(node_t *object, const char *key, unsigned *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(object, key, &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		const char *text;
		unsigned bit = 0;

		if (snug_json_string(node, &text, err) < 0)
			return -1;
		while (bit < SNUG_ACCESS_MAX && strcmp(text, snug_access_name(bit)) != 0)
			bit++;
		if (bit == SNUG_ACCESS_MAX)
			return snug_json_fail(node, err, "no access is called '%.40s'", text);
		*ret |= 1u << bit;
	}
	return 0;
}

static int read_file(node_t *node, struct snug_seen_files *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO(snug_freep) char *program = NULL;
	node_t *path_node, *access_node;
	unsigned access = 0, others = 0;
	struct snug_seen_file *file;
	size_t count = ret->count;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_part_need(node, "path", &path_node, err) < 0 ||
	    read_bytes(path_node, 1, &path, err) < 0 ||
	    read_optional(node, "program", &program, err) < 0 ||
	    snug_part_need(node, "access", &access_node, err) < 0 ||
	    read_access(node, "access", &access, err) < 0 ||
	    read_access(node, "byOthers", &others, err) < 0)
		return -1;
	if (!access)
		return snug_json_fail(access_node, err, "a file was accessed in one way at least");
	if (others & ~access)
		return snug_json_fail(snug_json_member(node, "byOthers"), err,
				      "this is not in \"access\"");
	file = snug_seen_files_add(ret, path, program, access, others);
	if (!file)
		return fail_limit(node, "files", SNUG_SEEN_FILES_MAX, SNUG_SEEN_FILES_BYTES_MAX,
				  err);
	if (ret->count == count)
		return snug_json_fail(node, err, "this file and program twice");
	return snug_part_runs(node, &file->runs, err);
}

int snug_part_files(node_t *root, struct snug_seen_files *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(root, "files", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node))
		if (read_file(node, ret, err) < 0)
			return -1;
	return 0;
}

/* ---- acts ---- */

static int read_u32(node_t *node, uint32_t max, uint32_t *ret, struct snug_error *err)
{
	uint64_t number;

	if (snug_json_u64(node, &number, err) < 0)
		return -1;
	if (number > (max ? max : UINT32_MAX))
		return snug_json_fail(node, err, "at most %u is possible", max ? max : UINT32_MAX);
	*ret = (uint32_t)number;
	return 0;
}

/* A name of the table, or, where it need be none, a number. */
static int read_named(node_t *node, const struct snug_act_member *member, uint32_t *ret,
		      struct snug_error *err)
{
	const struct snug_named *named = member->names;
	const char *text;

	if (member->type != SNUG_MEMBER_WORD && snug_json_type(node) == SNUG_JSON_NUMBER)
		return read_u32(node, member->max, ret, err);
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	while (named->name && strcmp(named->name, text) != 0)
		named++;
	if (!named->name)
		return snug_json_fail(node, err, "'%.40s' is no \"%s\" that snug knows", text,
				      member->key);
	*ret = (uint32_t)named->value;
	return 0;
}

static int read_flags(node_t *object, const struct snug_act_member *member, uint32_t *ret,
		      struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(object, member->key, &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		uint32_t flag;

		if (read_named(node, member, &flag, err) < 0)
			return -1;
		*ret |= flag;
	}
	return 0;
}

static int read_member(node_t *object, const struct snug_act_member *member,
		       struct snug_seen_act *act, struct snug_error *err)
{
	char **text = &act->text[member->slot];
	uint32_t *number = &act->number[member->slot];
	node_t *node;

	if (member->type == SNUG_MEMBER_FLAGS)
		return read_flags(object, member, number, err);
	if (member->type == SNUG_MEMBER_TEXT)
		return read_optional(object, member->key, text, err);
	if (snug_part_need(object, member->key, &node, err) < 0)
		return -1;
	if (member->type == SNUG_MEMBER_PATH)
		return read_bytes(node, 1, text, err);
	if (member->type == SNUG_MEMBER_NUMBER)
		return read_u32(node, member->max, number, err);
	return read_named(node, member, number, err);
}

/* Of a list that holds several kinds the act says which. */
static int read_kind(node_t *node, const char *list, enum snug_act_kind *ret,
		     struct snug_error *err)
{
	const struct snug_act_form *form;
	node_t *op_node;
	const char *op = NULL;

	for (enum snug_act_kind kind = 0; kind < SNUG_ACT_MAX; kind++) {
		form = snug_act_form(kind);
		if (strcmp(form->list, list) != 0)
			continue;
		*ret = kind;
		if (!form->op)
			return 0;
		if (!op && (snug_part_need(node, "op", &op_node, err) < 0 ||
			    snug_json_string(op_node, &op, err) < 0))
			return -1;
		if (strcmp(op, form->op) == 0)
			return 0;
	}
	return snug_json_fail(snug_json_member(node, "op"), err, "no \"op\" is called '%.40s'", op);
}

static void clear_texts(struct snug_seen_act *act)
{
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++)
		free(act->text[i]);
	free(act->program);
}

static int read_texts(node_t *node, struct snug_seen_act *act, struct snug_error *err)
{
	const struct snug_act_form *form = snug_act_form(act->kind);

	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++)
		if (read_member(node, &form->members[i], act, err) < 0)
			return -1;
	for (unsigned i = 0; i < SNUG_ACT_TEXTS; i++) {
		if (!act->text[i])
			act->text[i] = strdup("");
		if (!act->text[i])
			return snug_fail_memory(err);
	}
	return read_optional(node, "program", &act->program, err);
}

static int read_act(node_t *node, const char *list, struct snug_seen_acts *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(clear_texts) struct snug_seen_act act = { 0 };
	size_t count = ret->count;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    read_kind(node, list, &act.kind, err) < 0 || read_texts(node, &act, err) < 0 ||
	    snug_part_runs(node, &act.runs, err) < 0)
		return -1;
	if (!snug_seen_acts_add(ret, &act))
		return fail_limit(node, "acts", SNUG_SEEN_ACTS_MAX, SNUG_SEEN_ACTS_BYTES_MAX, err);
	if (ret->count == count)
		return snug_json_fail(node, err, "the same twice");
	return 0;
}

int snug_part_acts(node_t *root, struct snug_seen_acts *ret, struct snug_error *err)
{
	const char *before = "";

	for (enum snug_act_kind kind = 0; kind < SNUG_ACT_MAX; kind++) {
		const char *list = snug_act_form(kind)->list;
		node_t *node;

		if (strcmp(list, before) == 0)
			continue;
		before = list;
		if (snug_part_list(root, list, &node, err) < 0)
			return -1;
		for (; node; node = snug_json_next(node))
			if (read_act(node, list, ret, err) < 0)
				return -1;
	}
	return 0;
}
