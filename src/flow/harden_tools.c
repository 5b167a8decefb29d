/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden_tools.h"

#include "apply/apparmor.h"
#include "apply/apparmor_parser.h"
#include "apply/filter.h"
#include "base/cleanup.h"
#include "flow/confine.h"

static int prove(const struct snug_oci_seccomp *section, const struct snug_harden_options *options,
		 struct snug_error *err)
{
	struct snug_seccomp policies[SNUG_TARGETS_MAX] = { 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < options->target_count; i++)
		result = snug_oci_seccomp_mean(section, &options->targets[i], &policies[i], err);
	if (result == 0)
		result = snug_filter_check_all(section, options->targets, policies,
					       options->target_count, err);
	for (size_t i = 0; i < options->target_count; i++)
		snug_seccomp_clear(&policies[i]);
	return result;
}

static int find_apparmor(struct snug_error *err)
{
	SNUG_AUTO(snug_aa_kernel_close) struct snug_aa_kernel kernel = { 0 };

	return snug_aa_kernel_open(&kernel, err);
}

static int check_apparmor(const struct snug_buf *text, const char *shown, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf policy = { 0 };

	return snug_apparmor_compile(text, shown, &policy, err);
}

const struct snug_harden_tools snug_harden_tools = {
	.target = snug_target_of_host,
	.prove = prove,
	.library = snug_filter_library,
	.find_apparmor = find_apparmor,
	.lacks_apparmor = snug_aa_kernel_is_absent,
	.check_apparmor = check_apparmor,
	.load_apparmor = snug_confine_load_by_hand,
};
