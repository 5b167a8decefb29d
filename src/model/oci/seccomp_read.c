/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/seccomp.h"

#include "base/cleanup.h"
#include "model/syscalls.h"

#include <errno.h>
#include <string.h>

/* What the kernel keeps of an action's data (SECCOMP_RET_DATA). */
#define DATA_MAX 0xffffu

static const char *const section_names[] = { "defaultAction", "defaultErrnoRet",
					     "architectures", "flags",
					     "listenerPath",  "listenerMetadata",
					     "syscalls",      NULL };
static const char *const entry_names[] = { "names", "action", "errnoRet", "args", NULL };
static const char *const arg_names[] = { "index", "value", "valueTwo", "op", NULL };

static const char *const op_names[SNUG_OP_MAX] = {
	[SNUG_OP_NE] = "SCMP_CMP_NE",
	[SNUG_OP_LT] = "SCMP_CMP_LT",
	[SNUG_OP_LE] = "SCMP_CMP_LE",
	[SNUG_OP_EQ] = "SCMP_CMP_EQ",
	[SNUG_OP_GE] = "SCMP_CMP_GE",
	[SNUG_OP_GT] = "SCMP_CMP_GT",
	[SNUG_OP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

static void entry_clear(struct snug_oci_entry *entry)
{
	snug_vec_clear(&entry->names);
	snug_vec_clear(&entry->args);
}

void snug_oci_seccomp_clear(struct snug_oci_seccomp *seccomp)
{
	for (size_t i = 0; i < seccomp->entries.count; i++)
		entry_clear(&seccomp->entries.at[i]);
	snug_vec_clear(&seccomp->entries);
	snug_vec_clear(&seccomp->archs);
}

/* The member; NULL where it is absent or null, which runtimes take for absent. */
static const struct snug_json_node *member(const struct snug_json_node *object, const char *key)
{
	const struct snug_json_node *node = snug_json_member(object, key);

	return node && snug_json_type(node) != SNUG_JSON_NULL ? node : NULL;
}

static int require(const struct snug_json_node *object, const char *key,
		   const struct snug_json_node **ret, struct snug_error *err)
{
	*ret = member(object, key);
	return *ret ? 0 : snug_json_fail(object, err, "%s is missing", key);
}

static int read_action(const struct snug_json_node *object, const char *key, const char *errno_key,
		       snug_action *ret, struct snug_error *err)
{
	const struct snug_json_node *node, *data = member(object, errno_key);
	snug_action action;
	const char *name;
	uint64_t number = EPERM; /* what the runtimes take where none is stated */

	if (require(object, key, &node, err) < 0 || snug_json_string(node, &name, err) < 0)
		return -1;
	if (!snug_action_parse(name, &action))
		return snug_json_fail(node, err, "unknown action %.40s", name);
	if (data && snug_json_u64(data, &number, err) < 0)
		return -1;
	if (data && !snug_action_has_data(action)) {
		snug_json_fail(data, err, "%s takes no errno", name);
		return snug_remedy(err, "take %s out: crun refuses it", errno_key);
	}
	if (number > DATA_MAX)
		return snug_json_fail(data, err, "errno %llu is out of range",
				      (unsigned long long)number);
	*ret = snug_action_has_data(action) ? action | (uint32_t)number : action;
	return 0;
}

static int read_arch(const struct snug_json_node *node, void *to, struct snug_error *err)
{
	struct snug_oci_seccomp *seccomp = to;
	const char *name;

	if (snug_json_string(node, &name, err) < 0)
		return -1;
	if (!snug_arch_is_oci(name))
		return snug_json_fail(node, err, "unknown architecture %.40s", name);
	return snug_vec_push(&seccomp->archs, name) < 0 ? snug_fail_memory(err) : 0;
}

static int read_name(const struct snug_json_node *node, void *to, struct snug_error *err)
{
	struct snug_oci_entry *entry = to;
	const char *name, *nearest;

	if (snug_json_string(node, &name, err) < 0)
		return -1;
	if (snug_syscall_is_known(name))
		return snug_vec_push(&entry->names, name) < 0 ? snug_fail_memory(err) : 0;
	snug_json_fail(node, err, "unknown syscall \"%.40s\"", name);
	nearest = snug_syscall_suggest(name);
	if (nearest)
		return snug_remedy(err, "did you mean %s?", nearest);
	return snug_remedy(err, "take it out: runtimes skip it");
}

static int read_op(const struct snug_json_node *node, enum snug_op *ret, struct snug_error *err)
{
	const char *name;

	if (snug_json_string(node, &name, err) < 0)
		return -1;
	for (unsigned op = 0; op < SNUG_OP_MAX; op++) {
		if (strcmp(name, op_names[op]) == 0) {
			*ret = (enum snug_op)op;
			return 0;
		}
	}
	return snug_json_fail(node, err, "unknown operator %.40s", name);
}

static int read_condition(const struct snug_json_node *node, void *to, struct snug_error *err)
{
	struct snug_oci_entry *entry = to;
	const struct snug_json_node *index, *value, *second, *op;
	struct snug_oci_arg arg = { 0 };
	uint64_t number;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(node, arg_names, err) < 0 ||
	    require(node, "index", &index, err) < 0 || require(node, "value", &value, err) < 0 ||
	    require(node, "op", &op, err) < 0 || snug_json_u64(index, &number, err) < 0 ||
	    snug_json_u64(value, &arg.value, err) < 0 || read_op(op, &arg.op, err) < 0)
		return -1;
	if (number >= SNUG_ARGS)
		return snug_json_fail(index, err,
				      "argument index %llu: a call has arguments 0 to %d",
				      (unsigned long long)number, SNUG_ARGS - 1);
	arg.index = (unsigned)number;
	second = member(node, "valueTwo");
	if (second && snug_json_u64(second, &arg.value2, err) < 0)
		return -1;
	return snug_vec_push(&entry->args, arg) < 0 ? snug_fail_memory(err) : 0;
}

/* Each element of an array; an absent one is empty. */
static int each(const struct snug_json_node *list,
		int (*read)(const struct snug_json_node *, void *, struct snug_error *), void *to,
		struct snug_error *err)
{
	if (!list)
		return 0;
	if (snug_json_expect(list, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(list); n; n = snug_json_next(n))
		if (read(n, to, err) < 0)
			return -1;
	return 0;
}

static int read_entry(const struct snug_json_node *node, void *to, struct snug_error *err)
{
	struct snug_oci_seccomp *seccomp = to;
	SNUG_AUTO(entry_clear) struct snug_oci_entry entry = { .node = node };
	const struct snug_json_node *names;

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(node, entry_names, err) < 0 ||
	    read_action(node, "action", "errnoRet", &entry.action, err) < 0 ||
	    require(node, "names", &names, err) < 0 || each(names, read_name, &entry, err) < 0 ||
	    each(member(node, "args"), read_condition, &entry, err) < 0)
		return -1;
	if (snug_vec_push(&seccomp->entries, entry) < 0)
		return snug_fail_memory(err);
	entry = (struct snug_oci_entry){ 0 };
	return 0;
}

static int read_string(const struct snug_json_node *node, void *to, struct snug_error *err)
{
	(void)to;
	return snug_json_expect(node, SNUG_JSON_STRING, err);
}

const char *const snug_oci_policy_members[] = { "defaultAction", "defaultErrnoRet", "architectures",
						"syscalls", NULL };

bool snug_oci_is_policy_member(const char *key)
{
	for (const char *const *member = snug_oci_policy_members; *member; member++)
		if (strcmp(key, *member) == 0)
			return true;
	return false;
}

bool snug_oci_seccomp_lists(const struct snug_oci_seccomp *seccomp, enum snug_arch arch)
{
	enum snug_arch listed;

	for (size_t i = 0; i < seccomp->archs.count; i++)
		if (snug_arch_parse(seccomp->archs.at[i], &listed) && listed == arch)
			return true;
	return false;
}

int snug_oci_seccomp_read(const struct snug_json_node *node, struct snug_oci_seccomp *ret,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp seccomp = { 0 };

	if (snug_json_expect(node, SNUG_JSON_OBJECT, err) < 0 ||
	    snug_json_refuse_folded(node, section_names, err) < 0 ||
	    read_action(node, "defaultAction", "defaultErrnoRet", &seccomp.fallback, err) < 0 ||
	    each(member(node, "architectures"), read_arch, &seccomp, err) < 0 ||
	    each(member(node, "flags"), read_string, NULL, err) < 0 ||
	    each(member(node, "syscalls"), read_entry, &seccomp, err) < 0)
		return -1;
	*ret = seccomp;
	seccomp = (struct snug_oci_seccomp){ 0 };
	return 0;
}
