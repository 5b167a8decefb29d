/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/state.h"

#include <limits.h>

static int read_pid(const struct snug_json_node *node, pid_t *ret, struct snug_error *err)
{
	uint64_t number;

	if (!node)
		return 0;
	if (snug_json_u64(node, &number, err) < 0)
		return -1;
	if (number > INT_MAX)
		return snug_json_fail(node, err, "no process has this number");
	*ret = (pid_t)number;
	return 0;
}

int snug_state_read(const struct snug_json *doc, struct snug_state *ret, struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(doc), *id, *bundle;

	*ret = (struct snug_state){ .bundle = "" };
	if (snug_json_expect(root, SNUG_JSON_OBJECT, err) < 0)
		return -1;
	id = snug_json_member(root, "id");
	bundle = snug_json_member(root, "bundle");
	ret->annotations = snug_json_member(root, "annotations");
	if (ret->annotations && snug_json_type(ret->annotations) != SNUG_JSON_OBJECT)
		ret->annotations = NULL;
	if (!id)
		return snug_json_fail(root, err, "no id");
	if (snug_json_string(id, &ret->id, err) < 0 ||
	    (bundle && snug_json_string(bundle, &ret->bundle, err) < 0))
		return -1;
	return read_pid(snug_json_member(root, "pid"), &ret->pid, err);
}

const char *snug_state_annotation(const struct snug_state *state, const char *key)
{
	const struct snug_json_node *node =
		state->annotations ? snug_json_member(state->annotations, key) : NULL;
	struct snug_error ignored;
	const char *text;

	if (!node || snug_json_type(node) != SNUG_JSON_STRING ||
	    snug_json_string(node, &text, &ignored) < 0)
		return NULL;
	return text;
}
