/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/confine.h"

#include <getopt.h>
#include <stdio.h>

static const struct option options[] = {
	{ "unused", no_argument, NULL, 'u' },
	{ 0 },
};

static int check(int argc, char **argv, bool unused, struct snug_error *err)
{
	if (unused ? optind < argc : optind == argc)
		return snug_usage(err, argv[0], "name what to unload, or say --unused");
	for (int i = optind; i < argc; i++)
		if (!snug_name_is_valid(argv[i]) && !snug_label_is_ours(argv[i]))
			return snug_usage(err, argv[0], "'%.100s' is no name of a profile",
					  argv[i]);
	return 0;
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths gone = { 0 };
	bool unused = false;
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result != 'u')
			return snug_usage_option(err, argv[0], result, argv);
		unused = true;
	}
	if (check(argc, argv, unused, err) < 0)
		return -1;
	result = snug_confine_unload(&context->store, argv + optind, (size_t)(argc - optind), &gone,
				     err);
	for (size_t i = 0; i < gone.count; i++)
		printf("unloaded %s\n", gone.at[i]);
	return result;
}

const struct snug_command snug_cmd_unload = {
	.name = "unload",
	.arguments = "NAME|LABEL... | --unused",
	.summary = "takes AppArmor profiles that snug loaded out of the kernel",
	.options = "  --unused  all that no process and no container uses\n",
	.run = run,
};
