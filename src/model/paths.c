/* SPDX-License-Identifier: Apache-2.0 */
#include "model/paths.h"

#include <string.h>

static const char *const members[SNUG_PATHS_MAX] = {
	[SNUG_PATHS_MASKED] = "maskedPaths",
	[SNUG_PATHS_READONLY] = "readonlyPaths",
};

const char *snug_path_kind_name(enum snug_path_kind which)
{
	return members[which];
}

/* Is each component between '/' and '/' or the end a name, and is there one? */
static bool is_plain(const char *path)
{
	if (path[0] != '/')
		return false;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len;
	}
	return true;
}

static int check(const struct snug_json_node *node, const char *path,
		 const struct snug_path_list *before, struct snug_error *err)
{
	if (!is_plain(path)) {
		snug_json_fail(node, err, "not an absolute path in its plain spelling");
		return snug_remedy(err, "write it like /proc/kcore: no \"//\", \".\" or \"..\", "
					"and no '/' at its end");
	}
	if (snug_path_list_has(before, path)) {
		snug_json_fail(node, err, "the path is there already");
		return snug_remedy(err, "take one of the two out");
	}
	if (before->count == SNUG_PATHS_COUNT_MAX) {
		snug_json_fail(node, err, "more than %u paths", SNUG_PATHS_COUNT_MAX);
		return snug_remedy(err, "name the folder above them");
	}
	return 0;
}

int snug_path_list_read(const struct snug_json_node *node, struct snug_path_list *ret,
			struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		const char *path;

		if (snug_json_string(n, &path, err) < 0 || check(n, path, ret, err) < 0)
			return -1;
		if (snug_vec_push(ret, path) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

bool snug_path_is_within(const char *path, const char *above)
{
	size_t len = strlen(above);

	return strncmp(path, above, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

bool snug_path_list_covers(const struct snug_path_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (snug_path_is_within(path, list->at[i]))
			return true;
	return false;
}

bool snug_path_list_has(const struct snug_path_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], path) == 0)
			return true;
	return false;
}

void snug_path_list_put(struct snug_json_writer *w, const struct snug_path_list *list)
{
	snug_json_open(w, '[');
	for (size_t i = 0; i < list->count; i++)
		snug_json_put_string(w, list->at[i]);
	snug_json_close(w);
}
