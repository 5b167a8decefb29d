/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/status_audited.h"

#include "apply/kernel_log.h"
#include "base/cleanup.h"
#include "flow/decide.h"

#include <stdio.h>

static int take(void *context, const char *line, struct snug_error *err)
{
	return snug_audited_add(context, line, err);
}

static bool audits(const struct snug_policy_file *file)
{
	const struct snug_policy *policy = &file->policy;

	for (size_t i = 0; i < policy->rules.count; i++)
		if (policy->rules.at[i].verdict.mode == SNUG_MODE_AUDIT)
			return true;
	return policy->has_default && policy->fallback.mode == SNUG_MODE_AUDIT;
}

int snug_status_audited(const struct snug_store *store, struct snug_audited_list *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_policy_file_clear) struct snug_policy_file file = { 0 };
	struct snug_error broken; /* `snug policy check` tells of it */
	bool there;

	if (snug_policy_file_load(store, &file, &broken) < 0 || !audits(&file))
		return 0;
	return snug_kernel_log(take, ret, &there, err);
}

void snug_print_audited(const struct snug_audited_list *list)
{
	if (!list->of.count)
		return;
	printf("\nlet pass by audit, as the kernel's log has it (which leaves lines out where "
	       "there "
	       "are many):\n%7s %-16s %-40s %s\n",
	       "TIMES", "PROGRAM", "WHAT", "PROFILE");
	for (size_t i = 0; i < list->of.count; i++) {
		const struct snug_audited *one = &list->of.at[i];

		printf("%7u %-16s %-40s %s\n", one->count, one->program, one->what,
		       one->profile[0] ? one->profile : "-");
	}
	if (list->left_out)
		printf("%7u lines more\n", list->left_out);
}

void snug_put_audited(struct snug_json_writer *w, const struct snug_audited_list *list)
{
	snug_json_put_key(w, "audited");
	snug_json_open(w, '[');
	for (size_t i = 0; i < list->of.count; i++) {
		const struct snug_audited *one = &list->of.at[i];

		snug_json_open(w, '{');
		snug_json_pair_string(w, "program", one->program);
		snug_json_pair_string(w, "what", one->what);
		if (one->profile[0])
			snug_json_pair_string(w, "profile", one->profile);
		snug_json_pair_u64(w, "times", one->count);
		snug_json_close(w);
	}
	snug_json_close(w);
}
