/* SPDX-License-Identifier: Apache-2.0 */
#include "model/recording_part.h"

#include "model/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const struct snug_json_node node_t;

int snug_part_need(node_t *object, const char *key, node_t **ret, struct snug_error *err)
{
	*ret = snug_json_member(object, key);
	return *ret ? 0 : snug_json_fail(object, err, "no \"%s\"", key);
}

int snug_part_list(node_t *object, const char *key, node_t **ret, struct snug_error *err)
{
	node_t *list = snug_json_member(object, key);

	*ret = NULL;
	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	*ret = snug_json_first(list);
	return 0;
}

int snug_part_copy(node_t *node, char **ret, struct snug_error *err)
{
	const char *text;

	if (!node || snug_json_type(node) == SNUG_JSON_NULL)
		return 0;
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	if (strlen(text) > SNUG_SOURCE_STRING_MAX)
		return snug_json_fail(node, err, "longer than %u bytes", SNUG_SOURCE_STRING_MAX);
	*ret = strdup(text);
	return *ret ? 0 : snug_fail_memory(err);
}

int snug_part_flag(node_t *node, bool *ret, struct snug_error *err)
{
	return node ? snug_json_bool(node, ret, err) : 0;
}

int snug_part_id(node_t *node, uint64_t *ret, struct snug_error *err)
{
	uint64_t id = 0;
	const char *text;
	unsigned i = 0;

	if (snug_json_string(node, &text, err) < 0)
		return -1;
	for (; (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'); i++)
		id = id << 4 | (uint64_t)(text[i] - (text[i] <= '9' ? '0' : 'a' - 10));
	if (i != SNUG_RUN_ID_LEN || text[i])
		return snug_json_fail(node, err, "a run's id is %u hex digits", SNUG_RUN_ID_LEN);
	*ret = id;
	return 0;
}

int snug_part_runs(node_t *object, struct snug_seen_runs *ret, struct snug_error *err)
{
	node_t *node;

	if (snug_part_list(object, "runs", &node, err) < 0)
		return -1;
	for (; node; node = snug_json_next(node)) {
		uint64_t id;

		if (snug_part_id(node, &id, err) < 0)
			return -1;
		snug_seen_runs_add(ret, id);
	}
	return 0;
}

void snug_part_put_id(struct snug_json_writer *w, uint64_t id)
{
	char text[SNUG_RUN_ID_LEN + 1];

	(void)snprintf(text, sizeof(text), "%016llx", (unsigned long long)id);
	snug_json_put_string(w, text);
}

void snug_part_put_runs(struct snug_json_writer *w, const struct snug_seen_runs *runs)
{
	if (runs->count == 0)
		return;
	snug_json_put_key(w, "runs");
	snug_json_open(w, '[');
	for (unsigned i = 0; i < runs->count; i++)
		snug_part_put_id(w, runs->id[i]);
	snug_json_close(w);
}
