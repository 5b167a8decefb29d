/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/docker.h"

#include "base/cleanup.h"
#include "base/vec.h"
#include "model/action.h"
#include "model/syscalls.h"

#include <errno.h>
#include <string.h>

typedef const struct snug_json_node *node_t;
struct names SNUG_VEC_BODY(const char *);

/* The first child of what may be absent. */
static node_t first(node_t list)
{
	return list == NULL ? NULL : snug_json_first(list);
}

static void names_clear(struct names *names)
{
	snug_vec_clear(names);
}

static bool holds(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->at[i], name) == 0)
			return true;
	}
	return false;
}

static int collect_named(node_t syscalls, struct names *ret, struct snug_error *err)
{
	for (node_t entry = first(syscalls); entry; entry = snug_json_next(entry)) {
		for (node_t node = first(snug_json_member(entry, "names")); node;
		     node = snug_json_next(node)) {
			const char *name;

			if (snug_json_string(node, &name, err) < 0)
				return -1;
			if (snug_vec_push(ret, name) < 0)
				return snug_fail_memory(err);
		}
	}
	return 0;
}

/* The calls of arch that no entry names, once each. */
static int collect_rest(enum snug_arch arch, const struct names *named, struct names *ret,
			struct snug_error *err)
{
	size_t count;
	const struct snug_syscall *calls = snug_syscall_table(arch, &count);

	for (size_t i = 0; i < count; i++) {
		if (holds(named, calls[i].name) || holds(ret, calls[i].name))
			continue;
		if (snug_vec_push(ret, calls[i].name) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

static int collect(node_t seccomp, struct names *ret, struct snug_error *err)
{
	SNUG_AUTO(names_clear) struct names named = { 0 };
	node_t archs = snug_json_member(seccomp, "architectures");

	if (collect_named(snug_json_member(seccomp, "syscalls"), &named, err) < 0)
		return -1;
	/* Runtimes add the native one where none is listed, and beside those that are. */
	if (collect_rest(snug_arch_native(), &named, ret, err) < 0)
		return -1;
	for (node_t node = first(archs); node; node = snug_json_next(node)) {
		enum snug_arch arch;
		const char *name;

		if (snug_json_string(node, &name, err) < 0)
			return -1;
		if (snug_arch_parse(name, &arch) && collect_rest(arch, &named, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* Is the default an errno that Docker 20.10 would lose? */
static int is_lost(node_t seccomp, bool *ret, uint64_t *ret_number, struct snug_error *err)
{
	node_t action = snug_json_member(seccomp, "defaultAction");
	node_t number = snug_json_member(seccomp, "defaultErrnoRet");
	const char *name;

	if (action == NULL)
		return snug_json_fail(seccomp, err, "no defaultAction");
	if (snug_json_string(action, &name, err) < 0)
		return -1;
	*ret_number = EPERM;
	if (number != NULL && snug_json_type(number) != SNUG_JSON_NULL &&
	    snug_json_u64(number, ret_number, err) < 0)
		return -1;
	*ret = strcmp(name, snug_action_name(SNUG_ERRNO(0))) == 0 && *ret_number != EPERM;
	return 0;
}

static void put_source(struct snug_json_writer *w, node_t node)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	snug_json_put_raw(w, text, len);
}

static void write_syscalls(struct snug_json_writer *w, node_t syscalls, const struct names *rest,
			   uint64_t number)
{
	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '[');
	for (node_t entry = first(syscalls); entry; entry = snug_json_next(entry))
		put_source(w, entry);
	if (rest->count > 0) {
		snug_json_open(w, '{');
		snug_json_put_key(w, "names");
		snug_json_open(w, '[');
		for (size_t i = 0; i < rest->count; i++)
			snug_json_put_string(w, rest->at[i]);
		snug_json_close(w);
		snug_json_pair_string(w, "action", snug_action_name(SNUG_ERRNO(0)));
		snug_json_pair_u64(w, "errnoRet", number);
		snug_json_close(w);
	}
	snug_json_close(w);
}

int snug_docker_render(const struct snug_json_node *seccomp, struct snug_buf *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(names_clear) struct names rest = { 0 };
	struct snug_json_writer w = { .out = ret };
	uint64_t number = 0;
	bool lost = false;

	if (snug_json_expect(seccomp, SNUG_JSON_OBJECT, err) < 0 ||
	    is_lost(seccomp, &lost, &number, err) < 0 || (lost && collect(seccomp, &rest, err) < 0))
		return -1;
	snug_json_open(&w, '{');
	for (node_t node = snug_json_first(seccomp); node; node = snug_json_next(node)) {
		if (strcmp(snug_json_key(node), "syscalls") == 0)
			continue;
		snug_json_put_key(&w, snug_json_key(node));
		put_source(&w, node);
	}
	write_syscalls(&w, snug_json_member(seccomp, "syscalls"), &rest, number);
	snug_json_close(&w);
	return snug_buf_check(ret, err);
}
