/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_policy.c's parts, for each other. */
#pragma once

#include "cli/cli.h"

struct snug_policy_arguments {
	const char *policy; /* a file; NULL: the host's */
	bool has_runtime;
	enum snug_runtime runtime;
	enum snug_format format;
	char **words; /* check or test, and what follows */
	size_t count;
};

/* SNUG_NO: there are findings. */
int snug_policy_run_check(const struct snug_store *store,
			  const struct snug_policy_arguments *arguments,
			  struct snug_error *err) SNUG_CHECKED;
/* SNUG_NO: the container would be refused. */
int snug_policy_run_test(const struct snug_store *store,
			 const struct snug_policy_arguments *arguments,
			 struct snug_error *err) SNUG_CHECKED;
