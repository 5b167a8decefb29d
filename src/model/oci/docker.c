/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows moby's profiles/seccomp and containers-common's pkg/seccomp, both setupSeccomp. Where
 * they differ: minKernel is moby's alone, errno and defaultErrno (names) are containers-common's.
 */
#include "model/oci/docker.h"

#include "base/cleanup.h"
#include "model/action.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef const struct snug_json_node *node_t;

/* Go's zero value: absent and null are the same. */
static node_t member(node_t object, const char *key)
{
	node_t node = snug_json_member(object, key);

	return node == NULL || snug_json_type(node) == SNUG_JSON_NULL ? NULL : node;
}

static node_t first(node_t list)
{
	return list == NULL ? NULL : snug_json_first(list);
}

static size_t count(node_t list)
{
	return list == NULL ? 0 : snug_json_count(list);
}

static void put_source(struct snug_json_writer *w, node_t node)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	snug_json_put_raw(w, text, len);
}

static void pair_source(struct snug_json_writer *w, const char *key, node_t node)
{
	if (node == NULL)
		return;
	snug_json_put_key(w, key);
	put_source(w, node);
}

/* GOARCH and libseccomp-golang agree on these. */
static const char *arch_word(enum snug_arch arch)
{
	static const char *const words[SNUG_ARCH_MAX] = {
		[SNUG_ARCH_X86_64] = "amd64",
		[SNUG_ARCH_I386] = "x86",
		[SNUG_ARCH_X32] = "x32",
		[SNUG_ARCH_ARM64] = "arm64",
	};

	return words[arch];
}

/* Exact, as engines compare: "cap_chown" is no capability to them. */
static bool has_cap(const struct snug_docker_host *host, const char *name)
{
	for (unsigned number = 0; number < SNUG_CAP_MAX; number++) {
		if (strcmp(snug_cap_name(number), name) == 0)
			return (host->bounding >> number & 1) != 0;
	}
	return false;
}

static bool is_native(const struct snug_docker_host *host, const char *name)
{
	return strcmp(arch_word(host->native), name) == 0;
}

/* How many strings of list the host has, of how many. An absent list: 0 of 0. */
struct tally {
	size_t has, count;
};

static int tally(node_t list, const struct snug_docker_host *host,
		 bool (*has)(const struct snug_docker_host *, const char *), struct tally *ret,
		 struct snug_error *err)
{
	*ret = (struct tally){ 0 };
	if (list == NULL)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (node_t node = first(list); node != NULL; node = snug_json_next(node)) {
		const char *name;

		if (snug_json_string(node, &name, err) < 0)
			return -1;
		ret->count++;
		ret->has += has(host, name);
	}
	return 0;
}

/* Is the host's kernel at least node's "4.8"? */
static int reaches_kernel(node_t node, const struct snug_docker_host *host, bool *ret,
			  struct snug_error *err)
{
	const char *text;
	char *end;
	unsigned long major, minor;

	if (snug_json_string(node, &text, err) < 0)
		return -1;
	if (text[0] < '0' || text[0] > '9')
		return snug_json_fail(node, err, "\"%.32s\" is no kernel version", text);
	major = strtoul(text, &end, 10);
	if (end[0] != '.' || end[1] < '0' || end[1] > '9')
		return snug_json_fail(node, err, "\"%.32s\" is no kernel version", text);
	minor = strtoul(end + 1, NULL, 10);
	*ret = host->major > major || (host->major == major && host->minor >= minor);
	return 0;
}

struct filter {
	struct tally arches, caps;
	bool has_kernel, reaches;
};

static int read_filter(node_t entry, const char *key, const struct snug_docker_host *host,
		       struct filter *ret, struct snug_error *err)
{
	static const char *const names[] = { "arches", "caps", "minKernel", NULL };
	node_t filter = member(entry, key), kernel = member(filter, "minKernel");
	const char *text = "";

	*ret = (struct filter){ 0 };
	if (filter != NULL && (snug_json_expect(filter, SNUG_JSON_OBJECT, err) < 0 ||
			       snug_json_refuse_folded(filter, names, err) < 0))
		return -1;
	if (tally(member(filter, "arches"), host, is_native, &ret->arches, err) < 0 ||
	    tally(member(filter, "caps"), host, has_cap, &ret->caps, err) < 0)
		return -1;
	if (kernel == NULL || (snug_json_type(kernel) == SNUG_JSON_STRING &&
			       snug_json_string(kernel, &text, err) == 0 && text[0] == '\0'))
		return 0;
	ret->has_kernel = true;
	return reaches_kernel(kernel, host, &ret->reaches, err);
}

/* Is this entry for that host? */
static int applies(node_t entry, const struct snug_docker_host *host, bool *ret,
		   struct snug_error *err)
{
	struct filter in, out;

	if (read_filter(entry, "includes", host, &in, err) < 0 ||
	    read_filter(entry, "excludes", host, &out, err) < 0)
		return -1;
	*ret = out.arches.has == 0 && out.caps.has == 0 && !(out.has_kernel && out.reaches) &&
	       (in.arches.count == 0 || in.arches.has > 0) && in.caps.has == in.caps.count &&
	       !(in.has_kernel && !in.reaches);
	return 0;
}

static bool errno_by_name(const char *name, unsigned *ret)
{
	static const struct {
		const char *name;
		unsigned number;
	} aliases[] = {
		{ "EWOULDBLOCK", EWOULDBLOCK },
		{ "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP },
	};

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (strcmp(name, aliases[i].name) == 0) {
			*ret = aliases[i].number;
			return true;
		}
	}
	for (unsigned number = 1; number < 256; number++) {
		const char *known = snug_errno_name(number);

		if (known != NULL && strcmp(name, known) == 0) {
			*ret = number;
			return true;
		}
	}
	return false;
}

/* Writes "number_key" from the object's number, its name, or both where they agree. */
static int write_errno(struct snug_json_writer *w, node_t object, const char *number_key,
		       const char *name_key, struct snug_error *err)
{
	node_t number = member(object, number_key), named = member(object, name_key);
	const char *name = "";
	unsigned by_name;
	uint64_t value;

	if (named != NULL && snug_json_string(named, &name, err) < 0)
		return -1;
	if (name[0] == '\0') {
		pair_source(w, number_key, number);
		return 0;
	}
	if (!errno_by_name(name, &by_name))
		return snug_json_fail(named, err, "unknown errno \"%.32s\"", name);
	if (number != NULL && snug_json_u64(number, &value, err) < 0)
		return -1;
	if (number != NULL && value != by_name)
		return snug_json_fail(named, err, "%s is %u, but %s says otherwise", name, by_name,
				      number_key);
	snug_json_pair_u64(w, number_key, by_name);
	return 0;
}

/* The entry's names as JSON, from names or the old name; NULL: it names nothing. */
static int find_names(node_t entry, node_t *ret, bool *ret_single, struct snug_error *err)
{
	node_t name = member(entry, "name"), names = member(entry, "names");
	const char *text = "";

	if (name != NULL && snug_json_string(name, &text, err) < 0)
		return -1;
	if (names != NULL && snug_json_expect(names, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	*ret_single = text[0] != '\0';
	if (*ret_single && count(names) > 0)
		return snug_json_fail(entry, err, "name and names in one entry");
	*ret = *ret_single ? name : count(names) > 0 ? names : NULL;
	return 0;
}

static int write_entry(struct snug_json_writer *w, node_t entry,
		       const struct snug_docker_host *host, struct snug_error *err)
{
	static const char *const keys[] = { "name",  "names",	 "action",   "args", "errnoRet",
					    "errno", "includes", "excludes", NULL };
	bool wanted = false, single = false;
	node_t names = NULL;

	if (snug_json_expect(entry, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(entry, keys, err) < 0 || applies(entry, host, &wanted, err) < 0)
		return -1;
	if (!wanted)
		return 0;
	if (find_names(entry, &names, &single, err) < 0)
		return -1;
	if (names == NULL)
		return 0;
	snug_json_open(w, '{');
	snug_json_put_key(w, "names");
	if (single)
		snug_json_open(w, '[');
	put_source(w, names);
	if (single)
		snug_json_close(w);
	pair_source(w, "action", member(entry, "action"));
	if (write_errno(w, entry, "errnoRet", "errno", err) < 0)
		return -1;
	if (count(member(entry, "args")) > 0)
		pair_source(w, "args", member(entry, "args"));
	snug_json_close(w);
	return 0;
}

/* architectures, or the row of archMap whose architecture is native. */
static int write_archs(struct snug_json_writer *w, node_t root, const struct snug_docker_host *host,
		       struct snug_error *err)
{
	node_t archs = member(root, "architectures"), map = member(root, "archMap");

	if (count(archs) > 0 && count(map) > 0)
		return snug_json_fail(map, err, "architectures and archMap in one profile");
	if (count(archs) > 0)
		pair_source(w, "architectures", archs);
	for (node_t row = first(map); row != NULL; row = snug_json_next(row)) {
		node_t arch = member(row, "architecture");
		const char *name;

		if (arch == NULL || snug_json_string(arch, &name, err) < 0)
			return snug_json_fail(row, err, "no architecture");
		if (strcmp(name, snug_arch_name(host->native)) != 0)
			continue;
		snug_json_put_key(w, "architectures");
		snug_json_open(w, '[');
		put_source(w, arch);
		for (node_t sub = first(member(row, "subArchitectures")); sub != NULL;
		     sub = snug_json_next(sub))
			put_source(w, sub);
		snug_json_close(w);
		break;
	}
	return 0;
}

static int write_seccomp(struct snug_json_writer *w, node_t root,
			 const struct snug_docker_host *host, struct snug_error *err)
{
	static const char *const copied[] = { "flags", "listenerPath", "listenerMetadata" };
	static const char *const keys[] = { "defaultAction", "defaultErrnoRet",
					    "defaultErrno",  "architectures",
					    "archMap",	     "syscalls",
					    "flags",	     NULL };
	node_t syscalls = member(root, "syscalls");

	if (snug_json_expect(root, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(root, keys, err) < 0)
		return -1;
	if (member(root, "defaultAction") == NULL)
		return snug_json_fail(root, err, "no defaultAction");
	if (syscalls != NULL && snug_json_expect(syscalls, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	snug_json_open(w, '{');
	pair_source(w, "defaultAction", member(root, "defaultAction"));
	if (write_errno(w, root, "defaultErrnoRet", "defaultErrno", err) < 0 ||
	    write_archs(w, root, host, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		pair_source(w, copied[i], member(root, copied[i]));
	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '[');
	for (node_t entry = first(syscalls); entry != NULL; entry = snug_json_next(entry)) {
		if (write_entry(w, entry, host, err) < 0)
			return -1;
	}
	snug_json_close(w);
	snug_json_close(w);
	return 0;
}

int snug_docker_resolve(const char *text, size_t len, const char *file,
			const struct snug_docker_host *host, struct snug_buf *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf out = { 0 };
	struct snug_json_writer w = { .out = &out };

	if (snug_json_parse(&doc, text, len, file, err) < 0 ||
	    write_seccomp(&w, snug_json_root(doc), host, err) < 0 || snug_buf_check(&out, err) < 0)
		return -1;
	snug_buf_add(ret, out.data, out.len);
	return snug_buf_check(ret, err);
}
