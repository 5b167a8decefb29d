/* SPDX-License-Identifier: Apache-2.0 */
#include "model/argspec.h"
#include "model/explain.h"
#include "model/symbols.h"

#include <string.h>

#define INT_MASK UINT64_C(0xffffffff)

static const struct snug_oci_arg *condition_of(const struct snug_oci_arg *args, size_t count,
					       unsigned index)
{
	for (size_t i = 0; i < count; i++)
		if (args[i].index == index)
			return &args[i];
	return NULL;
}

/* The mask that snug itself would use for the argument; all of an int where it has no row. */
static uint64_t mask_of(const char *call, unsigned index)
{
	struct snug_argspec spec;

	(void)snug_argspec_of(call, &spec);
	for (unsigned i = 0; i < spec.count; i++)
		if (spec.index[i] == index)
			return spec.mask[i];
	return INT_MASK;
}

static void add_condition(const char *call, const struct snug_oci_arg *arg, uint64_t level,
			  struct snug_buf *ret)
{
	static const char *const operators[SNUG_OP_MAX] = {
		[SNUG_OP_NE] = "!= ", [SNUG_OP_LT] = "< ",  [SNUG_OP_LE] = "<= ",
		[SNUG_OP_EQ] = "",    [SNUG_OP_GE] = ">= ", [SNUG_OP_GT] = "> ",
	};
	uint64_t mask = mask_of(call, arg->index);
	char text[128];

	if (arg->op != SNUG_OP_MASKED_EQ) {
		snug_symbol(call, arg->index, arg->value, level, text, sizeof(text));
		snug_buf_addf(ret, "%s%s", operators[arg->op], text);
	} else if ((arg->value & INT_MASK) == mask || (arg->value & INT_MASK) == INT_MASK) {
		snug_symbol(call, arg->index, arg->value2, level, text, sizeof(text));
		snug_buf_adds(ret, text);
	} else {
		snug_buf_addf(ret, arg->value2 ? "& 0x%llx == 0x%llx" : "& 0x%llx == %llx",
			      (unsigned long long)arg->value, (unsigned long long)arg->value2);
	}
}

void snug_condition_words(const char *call, const struct snug_oci_arg *args, size_t count,
			  struct snug_buf *ret)
{
	const struct snug_oci_arg *level = condition_of(args, count, 1);
	unsigned last = 0;

	for (size_t i = 0; i < count; i++)
		last = args[i].index > last ? args[i].index : last;
	snug_buf_addf(ret, "%s(", call);
	for (unsigned index = 0; count && index <= last; index++) {
		const struct snug_oci_arg *arg = condition_of(args, count, index);

		if (index)
			snug_buf_adds(ret, ", ");
		if (!arg)
			snug_buf_addc(ret, '*');
		else
			add_condition(call, arg,
				      !level			       ? 0
				      : level->op == SNUG_OP_MASKED_EQ ? level->value2
								       : level->value,
				      ret);
	}
	snug_buf_addc(ret, ')');
}

/* One rule, or several where an argument occurs twice: runtimes then make a rule of each. */
static bool is_anded(const struct snug_oci_entry *entry)
{
	for (size_t i = 0; i < entry->args.count; i++)
		for (size_t j = 0; j < i; j++)
			if (entry->args.at[i].index == entry->args.at[j].index)
				return false;
	return true;
}

static bool names(const struct snug_oci_entry *entry, const char *call)
{
	for (size_t i = 0; i < entry->names.count; i++)
		if (strcmp(entry->names.at[i], call) == 0)
			return true;
	return false;
}

int snug_rules_of(const struct snug_oci_seccomp *section, const char *call, struct snug_rules *ret,
		  struct snug_error *err)
{
	for (size_t i = 0; section && i < section->entries.count; i++) {
		const struct snug_oci_entry *entry = &section->entries.at[i];
		size_t parts = is_anded(entry) ? 1 : entry->args.count;

		if (!entry->args.count || !names(entry, call) ||
		    snug_action_permits(entry->action) == snug_action_permits(section->fallback))
			continue;
		for (size_t part = 0; part < parts; part++) {
			struct snug_rule rule = { .args = &entry->args.at[part],
						  .count = parts == 1 ? entry->args.count : 1,
						  .action = entry->action };

			if (snug_vec_push(ret, rule) < 0)
				return snug_fail_memory(err);
		}
	}
	return 0;
}

void snug_answers_of(const struct snug_explain *what, const struct snug_explained_call *call,
		     struct snug_buf *ret)
{
	const struct snug_split *split = snug_seccomp_split(what->policy, call->arch, call->nr);
	snug_action seen[4];
	unsigned count = 0;
	char text[64];

	if (snug_action_permits(what->section->fallback)) {
		snug_action_words(what->section->fallback, text, sizeof(text));
		snug_buf_adds(ret, text);
		return;
	}
	for (size_t i = 0; i < split->count && count < 4; i++) {
		snug_action action = split->at[i].action;
		unsigned j = 0;

		while (j < count && seen[j] != action)
			j++;
		if (j < count || snug_action_permits(action))
			continue;
		seen[count++] = action;
		snug_action_words(action, text, sizeof(text));
		snug_buf_addf(ret, "%s%s", count > 1 ? " or " : "", text);
	}
}

static bool is_tuple(const struct snug_json_node *tuple, const struct snug_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		const char key[] = { (char)('0' + rule->args[i].index), '\0' };
		const struct snug_json_node *node = snug_json_member(tuple, key);
		struct snug_error err;
		uint64_t value;

		if (rule->args[i].op != SNUG_OP_MASKED_EQ || !node ||
		    snug_json_u64(node, &value, &err) < 0 || value != rule->args[i].value2)
			return false;
	}
	return true;
}

bool snug_rule_is_floor(const struct snug_profile *profile, const char *call,
			const struct snug_rule *rule)
{
	const struct snug_json_node *node;

	if (!profile)
		return false;
	node = snug_json_member(snug_json_member(profile->provenance, "syscalls"), call);
	node = snug_json_member(node, "floorArgs");
	for (node = node ? snug_json_first(node) : NULL; node; node = snug_json_next(node))
		if (is_tuple(node, rule))
			return true;
	return false;
}
