/* SPDX-License-Identifier: Apache-2.0 */
/* Editing: what is to change, kept beside the nodes until render. Also a document's end. */
#include "json/internal.h"

#include "base/cleanup.h"

#include <assert.h>
#include <string.h>

static void clear_edit(struct snug_json_edit *edit)
{
	snug_json_free(edit->replace);
	for (size_t i = 0; i < edit->front.count; i++)
		snug_json_free(edit->front.at[i].value);
	for (size_t i = 0; i < edit->back.count; i++) {
		free(edit->back.at[i].key);
		snug_json_free(edit->back.at[i].value);
	}
	snug_vec_clear(&edit->front);
	snug_vec_clear(&edit->back);
	*edit = (struct snug_json_edit){ .node = SNUG_JSON_NONE };
}

void snug_json_free(struct snug_json *doc)
{
	int saved = errno;

	if (!doc)
		return;
	for (size_t i = 0; i < doc->edits.count; i++)
		clear_edit(&doc->edits.at[i]);
	snug_vec_clear(&doc->edits);
	snug_vec_clear(&doc->nodes);
	snug_buf_clear(&doc->strings);
	free(doc->text);
	free(doc->file);
	free(doc);
	errno = saved;
}

void snug_json_freep(struct snug_json **doc)
{
	snug_json_free(*doc);
}

static uint32_t index_of(const struct snug_json *doc, const struct snug_json_node *node)
{
	assert(node->doc == doc);
	return (uint32_t)(node - doc->nodes.at);
}

static void drop_edit(struct snug_json *doc, uint32_t node)
{
	if (doc->nodes.at[node].edit == SNUG_JSON_NONE)
		return;
	clear_edit(&doc->edits.at[doc->nodes.at[node].edit]);
	doc->nodes.at[node].edit = SNUG_JSON_NONE;
}

/* What is edited below node goes: nodes lie in pre-order. */
static void drop_below(struct snug_json *doc, uint32_t node)
{
	uint32_t end = doc->nodes.at[node].end;

	if (!doc->nodes.at[node].touched)
		return;
	for (uint32_t i = node + 1; i < doc->nodes.count && doc->nodes.at[i].start < end; i++)
		drop_edit(doc, i);
}

/* The last edit wins: one inside a node that was replaced or removed brings that node back. */
static void bring_back(struct snug_json *doc, uint32_t node)
{
	for (; node != SNUG_JSON_NONE; node = doc->nodes.at[node].parent) {
		uint32_t edit = doc->nodes.at[node].edit;

		if (edit != SNUG_JSON_NONE &&
		    (doc->edits.at[edit].replace || doc->edits.at[edit].remove))
			drop_edit(doc, node);
	}
}

/* The node's edit, a new one if it has none. NULL without memory. */
static struct snug_json_edit *edit_of(struct snug_json *doc, uint32_t node)
{
	struct snug_json_edit fresh = { .node = node };

	if (doc->nodes.at[node].edit == SNUG_JSON_NONE) {
		if (snug_vec_push(&doc->edits, fresh) < 0)
			return NULL;
		doc->nodes.at[node].edit = (uint32_t)doc->edits.count - 1;
	}
	for (uint32_t i = node; i != SNUG_JSON_NONE; i = doc->nodes.at[i].parent)
		doc->nodes.at[i].touched = true;
	return &doc->edits.at[doc->nodes.at[node].edit];
}

/* Checks a new value that comes to lie `depth` containers deep. */
static int read_value(struct snug_json **ret, const char *json, unsigned depth,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *value = NULL;

	if (snug_json_parse_own(&value, json, strlen(json), NULL, err) < 0)
		return snug_context(err, "a value to be put into a document");
	if (value->depth + depth > SNUG_JSON_DEPTH_MAX)
		return snug_fail(err, SNUG_INPUT,
				 "with this value more than %d arrays and objects nest",
				 SNUG_JSON_DEPTH_MAX);
	*ret = SNUG_TAKE(value);
	return 0;
}

/* How many containers lie around node. */
static unsigned depth_of(const struct snug_json *doc, const struct snug_json_node *node)
{
	unsigned depth = 0;

	for (; node->parent != SNUG_JSON_NONE; node = &doc->nodes.at[node->parent])
		depth++;
	return depth;
}

int snug_json_replace(struct snug_json *doc, const struct snug_json_node *node, const char *json,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *value = NULL;
	uint32_t index = index_of(doc, node);
	struct snug_json_edit *edit;
	bool same;

	if (read_value(&value, json, depth_of(doc, node), err) < 0)
		return -1;
	same = snug_json_same(node, snug_json_root(value));
	edit = same ? NULL : edit_of(doc, index);
	if (!same && !edit)
		return snug_fail_memory(err);
	drop_below(doc, index);
	if (edit)
		clear_edit(edit);
	bring_back(doc, same ? index : node->parent);
	if (same) {
		drop_edit(doc, index); /* what was put into it goes too */
		return 0;
	}
	edit->node = index;
	edit->replace = SNUG_TAKE(value);
	return 0;
}

int snug_json_remove(struct snug_json *doc, const struct snug_json_node *node,
		     struct snug_error *err)
{
	uint32_t index = index_of(doc, node);
	struct snug_json_edit *edit = edit_of(doc, index);

	assert(node->parent != SNUG_JSON_NONE);
	if (!edit)
		return snug_fail_memory(err);
	drop_below(doc, index);
	clear_edit(edit);
	bring_back(doc, node->parent);
	edit->node = index;
	edit->remove = true;
	return 0;
}

/* Adds value to container's front or back; takes both key and value. */
static int add(struct snug_json *doc, const struct snug_json_node *container, bool front,
	       struct snug_json_added added, struct snug_error *err)
{
	uint32_t index = index_of(doc, container);
	struct snug_json_edit *edit;

	bring_back(doc, index);
	edit = edit_of(doc, index);
	if (edit &&
	    (front ? snug_vec_push(&edit->front, added) : snug_vec_push(&edit->back, added)) == 0)
		return 0;
	free(added.key);
	snug_json_free(added.value);
	return snug_fail_memory(err);
}

/* The pending addition of key to object. NULL: none. */
static struct snug_json_added *added_member(struct snug_json *doc,
					    const struct snug_json_node *object, const char *key)
{
	struct snug_json_edit *edit;

	if (object->edit == SNUG_JSON_NONE)
		return NULL;
	edit = &doc->edits.at[object->edit];
	for (size_t i = 0; i < edit->back.count; i++)
		if (!strcmp(edit->back.at[i].key, key))
			return &edit->back.at[i];
	return NULL;
}

int snug_json_set(struct snug_json *doc, const struct snug_json_node *object, const char *key,
		  const char *json, struct snug_error *err)
{
	const struct snug_json_node *member = snug_json_member(object, key);
	struct snug_json_added added = { 0 }, *pending;

	if (snug_json_expect(object, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	if (member)
		return snug_json_replace(doc, member, json, err);
	if (read_value(&added.value, json, depth_of(doc, object) + 1, err) < 0)
		return -1;
	pending = added_member(doc, object, key);
	if (pending) {
		snug_json_free(pending->value);
		pending->value = added.value;
		return 0;
	}
	added.key = strdup(key);
	if (!added.key) {
		snug_json_free(added.value);
		return snug_fail_memory(err);
	}
	return add(doc, object, false, added, err);
}

static int add_element(struct snug_json *doc, const struct snug_json_node *array, bool front,
		       const char *json, struct snug_error *err)
{
	struct snug_json_added added = { 0 };

	if (snug_json_expect(array, SNUG_JSON_ARRAY, err) < 0 ||
	    read_value(&added.value, json, depth_of(doc, array) + 1, err) < 0)
		return -1;
	return add(doc, array, front, added, err);
}

int snug_json_prepend(struct snug_json *doc, const struct snug_json_node *array, const char *json,
		      struct snug_error *err)
{
	return add_element(doc, array, true, json, err);
}

int snug_json_append(struct snug_json *doc, const struct snug_json_node *array, const char *json,
		     struct snug_error *err)
{
	return add_element(doc, array, false, json, err);
}

bool snug_json_is_edited(const struct snug_json *doc)
{
	for (size_t i = 0; i < doc->edits.count; i++)
		if (doc->edits.at[i].node != SNUG_JSON_NONE)
			return true;
	return false;
}
