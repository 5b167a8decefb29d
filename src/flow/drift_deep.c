/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/drift_deep.h"

#include "apply/readback.h"
#include "base/cleanup.h"

static int mean(const struct snug_profile *profile, enum snug_runtime runtime,
		struct snug_seccomp *ret, struct snug_error *err)
{
	struct snug_target target;

	snug_target_of_host(runtime, &target);
	return snug_oci_seccomp_mean(&profile->seccomp, &target, ret, err);
}

int snug_deep_policy(const struct snug_profile *profile, enum snug_runtime runtime,
		     struct snug_seccomp *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp theirs = { 0 }, ours = { 0 };

	if (mean(profile, runtime, &theirs, err) < 0 ||
	    mean(profile, SNUG_RUNTIME_SNUG, &ours, err) < 0)
		return -1;
	return snug_seccomp_join(&theirs, &ours, ret, err);
}

/* All filters count, the strictest of them decides: one that is within the policy is enough. */
static bool is_any_within(const struct snug_filters *filters, const struct snug_seccomp *policy,
			  struct snug_error *why)
{
	struct snug_call_data witness;

	for (size_t i = 0; i < filters->count; i++)
		if (snug_program_within(&filters->at[i].program, policy, &witness, why) == 0)
			return true;
	return filters->count == 0;
}

void snug_deep_lacks(pid_t tid, const char *profile, const struct snug_seccomp *policy,
		     struct snug_buf *ret)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	struct snug_error why = { 0 };

	if (snug_filters_read(tid, &filters, &why) == 0 && is_any_within(&filters, policy, &why))
		return;
	snug_buf_addf(ret, "%sprofile %s: %s", ret->len ? ", " : "", profile, why.what);
}
