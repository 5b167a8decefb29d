/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/runtime_state.h"

#include <limits.h>
#include <string.h>

/* Where each runtime writes what. */
static const struct words {
	const char *file, *pid, *start, *cgroup;
} words_of[] = {
	[SNUG_RUNTIME_RUNC] = { "state.json", "init_process_pid", "init_process_start",
				"cgroup_paths" },
	[SNUG_RUNTIME_CRUN] = { "status", "pid", "process-start-time", "cgroup-path" },
};

const char *snug_runtime_state_file(enum snug_runtime runtime)
{
	return words_of[runtime].file;
}

static int number(const struct snug_json_node *root, const char *key, uint64_t max, uint64_t *ret,
		  struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(root, key);

	if (!node)
		return snug_json_fail(root, err, "no %s", key);
	if (snug_json_u64(node, ret, err) < 0)
		return -1;
	return *ret > max ? snug_json_fail(node, err, "too large a number") : 0;
}

/* runc keeps it among the labels of its libcontainer: "bundle=PATH", behind the annotations, of
 * which one may be called that too. */
static int bundle_of_runc(const struct snug_json_node *root, const char **ret,
			  struct snug_error *err)
{
	static const char label[] = "bundle=";
	const struct snug_json_node *labels =
		snug_json_member(snug_json_member(root, "config"), "labels");
	const char *text;

	*ret = NULL;
	for (const struct snug_json_node *one = snug_json_first(labels); one;
	     one = snug_json_next(one)) {
		if (snug_json_string(one, &text, err) < 0)
			return -1;
		if (strncmp(text, label, strlen(label)) == 0)
			*ret = text + strlen(label);
	}
	return *ret ? 0 : snug_json_fail(root, err, "config.labels have no bundle");
}

static int bundle_of_crun(const struct snug_json_node *root, const char **ret,
			  struct snug_error *err)
{
	const struct snug_json_node *node = snug_json_member(root, "bundle");

	return node ? snug_json_string(node, ret, err) : snug_json_fail(root, err, "no bundle");
}

/* An object with runc, a text with crun; empty without one. */
static bool has_cgroup(const struct snug_json_node *node)
{
	struct snug_error ignored;
	const char *text;

	if (!node || snug_json_type(node) == SNUG_JSON_OBJECT)
		return snug_json_count(node) > 0;
	return snug_json_type(node) == SNUG_JSON_STRING &&
	       snug_json_string(node, &text, &ignored) == 0 && text[0];
}

int snug_runtime_state_read(const struct snug_json *doc, enum snug_runtime runtime,
			    struct snug_runtime_state *ret, struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(doc);
	const struct words *words = &words_of[runtime];
	struct snug_runtime_state state = { .bundle = "" };
	uint64_t pid;

	if (snug_json_expect(root, SNUG_JSON_OBJECT, err) < 0 ||
	    number(root, words->pid, INT_MAX, &pid, err) < 0 ||
	    number(root, words->start, UINT64_MAX, &state.start, err) < 0 ||
	    (runtime == SNUG_RUNTIME_CRUN ? bundle_of_crun : bundle_of_runc)(root, &state.bundle,
									     err) < 0)
		return -1;
	if (state.bundle[0] != '/')
		return snug_json_fail(root, err, "the bundle's path is not absolute");
	state.pid = (pid_t)pid;
	state.own_cgroup = has_cgroup(snug_json_member(root, words->cgroup));
	*ret = state;
	return 0;
}
