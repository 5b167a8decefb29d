/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's "match": how it is read. */
#include "base/cleanup.h"
#include "model/glob.h"
#include "model/policy_part.h"

#include <stdlib.h>
#include <string.h>

static const char *const members[] = {
	[SNUG_MATCH_IMAGE] = "image",
	[SNUG_MATCH_COMMAND] = "command",
	[SNUG_MATCH_COMMAND_LINE] = "commandLine",
	[SNUG_MATCH_BUNDLE] = "bundle",
	[SNUG_MATCH_ROOTFS] = "rootfs",
	[SNUG_MATCH_TEXT_MAX] = "annotations",
	"labels",
	"user",
	NULL,
};

const char *snug_match_member(size_t index)
{
	return members[index];
}

const char *snug_match_text_name(enum snug_match_text text)
{
	return members[text];
}

/* ---- patterns ---- */

static int too_many(const struct snug_json_node *node, const char *what, struct snug_error *err)
{
	snug_json_fail(node, err, "more than %u %s", SNUG_POLICY_GLOBS_MAX, what);
	return snug_remedy(err, "make two rules of it");
}

static int read_glob(const struct snug_json_node *node, struct snug_globs *ret,
		     struct snug_error *err)
{
	const char *pattern, *problem;

	if (snug_json_string(node, &pattern, err) < 0)
		return -1;
	problem = snug_glob_problem(pattern);
	if (problem) {
		snug_json_fail(node, err, "%s", problem);
		return snug_remedy(err, "'*' is any text, '?' one byte, at most %u bytes",
				   SNUG_GLOB_MAX);
	}
	return snug_vec_push(ret, pattern) < 0 ? snug_fail_memory(err) : 0;
}

/* A pattern, or a list of them. */
static int read_globs(const struct snug_json_node *node, struct snug_globs *ret,
		      struct snug_error *err)
{
	if (snug_json_type(node) != SNUG_JSON_ARRAY)
		return read_glob(node, ret, err);
	if (!snug_json_first(node)) {
		snug_json_fail(node, err, "an empty list matches nothing");
		return snug_remedy(err, "put a pattern into it, or take it out");
	}
	if (snug_json_count(node) > SNUG_POLICY_GLOBS_MAX)
		return too_many(node, "patterns", err);
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n))
		if (read_glob(n, ret, err) < 0)
			return -1;
	return 0;
}

/* Bundle and rootfs are absolute. */
static int check_absolute(const struct snug_json_node *node, const struct snug_globs *globs,
			  struct snug_error *err)
{
	for (size_t i = 0; i < globs->count; i++) {
		if (strchr("/*?", globs->at[i][0]))
			continue;
		snug_json_fail(node, err, "'%.80s' matches no absolute path", globs->at[i]);
		return snug_remedy(err, "begin it with '/' or '*'");
	}
	return 0;
}

static int read_text(const struct snug_json_node *node, enum snug_match_text text,
		     struct snug_match *ret, struct snug_error *err)
{
	if (read_globs(node, &ret->texts[text], err) < 0)
		return -1;
	return text == SNUG_MATCH_BUNDLE || text == SNUG_MATCH_ROOTFS
		       ? check_absolute(node, &ret->texts[text], err)
		       : 0;
}

static int read_keyed(const struct snug_json_node *node, struct snug_keyed *ret,
		      struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	if (!snug_json_first(node)) {
		snug_json_fail(node, err, "it names nothing to look at");
		return snug_remedy(err, "write {\"KEY\": \"PATTERN\"}");
	}
	if (snug_json_count(node) > SNUG_POLICY_GLOBS_MAX)
		return too_many(node, "keys", err);
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		const struct snug_keyed_globs keyed = { .key = snug_json_key(n) };

		if (snug_vec_push(ret, keyed) < 0)
			return snug_fail_memory(err);
		if (read_globs(n, &ret->at[ret->count - 1].globs, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- users ---- */

static bool parse_id(const char **text, uint32_t *ret)
{
	char *end;
	unsigned long long number;

	if (**text < '0' || **text > '9')
		return false;
	number = strtoull(*text, &end, 10);
	if (number > UINT32_MAX || end - *text > 10)
		return false;
	*ret = (uint32_t)number;
	*text = end;
	return true;
}

/* "1000", "1000-1999" */
static bool parse_range(const char *text, struct snug_user_range *ret)
{
	if (!parse_id(&text, &ret->first))
		return false;
	ret->last = ret->first;
	if (*text == '-') {
		text++;
		if (!parse_id(&text, &ret->last))
			return false;
	}
	return !*text && ret->first <= ret->last;
}

static int read_user(const struct snug_json_node *node, struct snug_users *ret,
		     struct snug_error *err)
{
	struct snug_user_range range;
	const char *text;
	uint64_t number;

	if (snug_json_type(node) == SNUG_JSON_NUMBER) {
		if (snug_json_u64(node, &number, err) < 0)
			return -1;
		if (number > UINT32_MAX)
			return snug_json_fail(node, err, "not a user id: past 4294967295");
		range = (struct snug_user_range){ (uint32_t)number, (uint32_t)number };
	} else {
		if (snug_json_string(node, &text, err) < 0)
			return -1;
		if (!parse_range(text, &range)) {
			snug_json_fail(node, err, "'%.40s' is no user id and no range of them",
				       text);
			return snug_remedy(err, "a config.json holds numbers alone: 1000, or "
						"\"1000-1999\"");
		}
	}
	return snug_vec_push(ret, range) < 0 ? snug_fail_memory(err) : 0;
}

static int read_users(const struct snug_json_node *node, struct snug_users *ret,
		      struct snug_error *err)
{
	if (snug_json_type(node) != SNUG_JSON_ARRAY)
		return read_user(node, ret, err);
	if (!snug_json_first(node)) {
		snug_json_fail(node, err, "an empty list matches nobody");
		return snug_remedy(err, "put a user id into it, or take it out");
	}
	if (snug_json_count(node) > SNUG_POLICY_GLOBS_MAX)
		return too_many(node, "users", err);
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n))
		if (read_user(n, ret, err) < 0)
			return -1;
	return 0;
}

/* ---- all of it ---- */

static int read_texts(const struct snug_json_node *object, struct snug_match *ret,
		      struct snug_error *err)
{
	for (enum snug_match_text text = 0; text < SNUG_MATCH_TEXT_MAX; text++) {
		const struct snug_json_node *node = snug_json_member(object, members[text]);

		if (node && read_text(node, text, ret, err) < 0)
			return -1;
	}
	return 0;
}

int snug_policy_read_match(const struct snug_json_node *node, struct snug_match *ret,
			   struct snug_error *err)
{
	const struct snug_json_node *annotations, *labels, *user;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_policy_refuse_unknown(node, "a match", snug_match_member, err) < 0)
		return -1;
	if (!snug_json_first(node)) {
		snug_json_fail(node, err, "an empty match would match every container");
		return snug_remedy(err, "say which ones; for all that is left is \"default\"");
	}
	annotations = snug_json_member(node, "annotations");
	labels = snug_json_member(node, "labels");
	user = snug_json_member(node, "user");
	if (read_texts(node, ret, err) < 0 ||
	    (annotations && read_keyed(annotations, &ret->annotations, err) < 0) ||
	    (labels && read_keyed(labels, &ret->labels, err) < 0))
		return -1;
	return user ? read_users(user, &ret->users, err) : 0;
}

static void clear_keyed(struct snug_keyed *keyed)
{
	for (size_t i = 0; i < keyed->count; i++)
		snug_vec_clear(&keyed->at[i].globs);
	snug_vec_clear(keyed);
}

void snug_match_clear(struct snug_match *match)
{
	for (size_t i = 0; i < SNUG_MATCH_TEXT_MAX; i++)
		snug_vec_clear(&match->texts[i]);
	clear_keyed(&match->annotations);
	clear_keyed(&match->labels);
	snug_vec_clear(&match->users);
}
