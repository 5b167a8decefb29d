/* SPDX-License-Identifier: Apache-2.0 */
#include "model/need.h"
#include "model/syscalls.h"

#include <string.h>

typedef const struct snug_json_node node_t;

static int compare(const struct snug_cap_need *a, const struct snug_cap_need *b)
{
	int order = strcmp(a->program, b->program);

	if (order)
		return order;
	if (a->in_call != b->in_call)
		return a->in_call ? 1 : -1;
	if (a->arch != b->arch)
		return a->arch < b->arch ? -1 : 1;
	return a->nr < b->nr ? -1 : a->nr > b->nr;
}

/* As the writer of JSON would replace it: what was written and read again is the same need. */
static void copy_program(char *to, const char *from)
{
	static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t len = strnlen(from, SNUG_TASK_NAME_MAX), used = 0, at = 0;

	while (at < len) {
		size_t whole = snug_json_utf8(from + at, len - at);
		size_t bytes = whole ? whole : sizeof(unknown) - 1;

		if (used + bytes > SNUG_TASK_NAME_MAX)
			break;
		memcpy(to + used, whole ? from + at : unknown, bytes);
		used += bytes;
		at += whole ? whole : 1;
	}
	to[used] = '\0';
}

int snug_cap_needs_add(struct snug_cap_needs *needs, const struct snug_cap_need *need)
{
	struct snug_cap_need add = { .in_call = need->in_call };
	size_t at = 0;

	copy_program(add.program, need->program);
	if (need->in_call) {
		add.arch = need->arch;
		add.nr = need->nr;
	}
	while (at < needs->count && compare(&needs->at[at], &add) < 0)
		at++;
	if (at == SNUG_NEEDS_MAX || (at < needs->count && compare(&needs->at[at], &add) == 0))
		return 0;
	if (needs->count == SNUG_NEEDS_MAX)
		needs->count--;
	else if (snug_vec_reserve(needs, needs->count + 1) < 0)
		return -1;
	memmove(&needs->at[at + 1], &needs->at[at], (needs->count - at) * sizeof(add));
	needs->at[at] = add;
	needs->count++;
	return 0;
}

int snug_cap_needs_merge(struct snug_cap_needs *into, const struct snug_cap_needs *other)
{
	for (size_t i = 0; i < other->count; i++)
		if (snug_cap_needs_add(into, &other->at[i]) < 0)
			return -1;
	return 0;
}

static void put_need(struct snug_json_writer *w, const struct snug_cap_need *need)
{
	const struct snug_syscall *known =
		need->in_call ? snug_syscall_by_nr(need->arch, need->nr) : NULL;

	snug_json_open(w, '{');
	snug_json_pair_string(w, "program", need->program);
	if (known)
		snug_json_pair_string(w, "syscall", known->name);
	else if (need->in_call)
		snug_json_pair_u64(w, "nr", need->nr);
	if (need->arch != SNUG_ARCH_X86_64)
		snug_json_pair_string(w, "arch", snug_arch_name(need->arch));
	snug_json_close(w);
}

void snug_cap_needs_put(struct snug_json_writer *w, const struct snug_cap_needs *needs)
{
	if (needs->count == 0)
		return;
	snug_json_put_key(w, "needed");
	snug_json_open(w, '[');
	for (size_t i = 0; i < needs->count; i++)
		put_need(w, &needs->at[i]);
	snug_json_close(w);
}

static int read_program(node_t *object, char *ret, struct snug_error *err)
{
	node_t *node = snug_json_member(object, "program");
	const char *text;

	if (!node)
		return snug_json_fail(object, err, "no \"program\"");
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	if (strlen(text) > SNUG_TASK_NAME_MAX)
		return snug_json_fail(node, err, "longer than %u bytes", SNUG_TASK_NAME_MAX);
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

static int read_arch(node_t *object, enum snug_arch *ret, struct snug_error *err)
{
	node_t *node = snug_json_member(object, "arch");
	const char *text;

	*ret = SNUG_ARCH_X86_64;
	if (!node)
		return 0;
	if (snug_json_string(node, &text, err) < 0)
		return -1;
	if (!snug_arch_parse(text, ret))
		return snug_json_fail(node, err, "snug has no call table of this architecture");
	return 0;
}

static int read_named(node_t *node, struct snug_cap_need *ret, struct snug_error *err)
{
	const struct snug_syscall *call;
	const char *name;

	if (snug_json_string(node, &name, err) < 0)
		return -1;
	call = snug_syscall_by_name(ret->arch, name);
	if (!call)
		return snug_json_fail(node, err, "%s has no call '%.40s'",
				      snug_arch_word(ret->arch), name);
	ret->in_call = true;
	ret->nr = call->nr;
	return 0;
}

static int read_number(node_t *node, struct snug_cap_need *ret, struct snug_error *err)
{
	uint64_t nr;

	if (snug_json_u64(node, &nr, err) < 0)
		return -1;
	if (nr > UINT32_MAX || (ret->in_call && ret->nr != nr) ||
	    (ret->arch != SNUG_ARCH_ARM64 &&
	     (nr & SNUG_X32_BIT) != (ret->arch == SNUG_ARCH_X32 ? SNUG_X32_BIT : 0)))
		return snug_json_fail(node, err, "no number of this call of %s",
				      snug_arch_word(ret->arch));
	ret->in_call = true;
	ret->nr = (uint32_t)nr;
	return 0;
}

static int read_need(node_t *object, struct snug_cap_need *ret, struct snug_error *err)
{
	node_t *name, *nr;

	if (snug_json_expect(object, SNUG_JSON_OBJECT, err) < 0 ||
	    read_program(object, ret->program, err) < 0 || read_arch(object, &ret->arch, err) < 0)
		return -1;
	name = snug_json_member(object, "syscall");
	nr = snug_json_member(object, "nr");
	if (name && read_named(name, ret, err) < 0)
		return -1;
	return nr ? read_number(nr, ret, err) : 0;
}

int snug_cap_needs_read(node_t *object, struct snug_cap_needs *ret, struct snug_error *err)
{
	node_t *list = snug_json_member(object, "needed"), *node;

	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (node = snug_json_first(list); node; node = snug_json_next(node)) {
		struct snug_cap_need need = { 0 };

		if (read_need(node, &need, err) < 0)
			return -1;
		if (snug_cap_needs_add(ret, &need) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}
