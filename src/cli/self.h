/* SPDX-License-Identifier: Apache-2.0 */
/* A command confines itself, behind its command line and before what it reads. */
#pragma once

#include "cli/cli.h"

struct snug_cli_files {
	const char *const *reads; /* words of the command line: a path counts, a NAME does not */
	size_t count;
	const char *output; /* a file; NULL, "-": none */
	bool store;	    /* something goes into --root's folders */
	bool apparmor;	    /* texts may have to be compiled */
};

/* For commands that compute. For good; a child that is forked has it too. */
int snug_cli_confine(const struct snug_cli *context, const struct snug_cli_files *files,
		     struct snug_error *err) SNUG_CHECKED;
