/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "cli/live.h"
#include "flow/learn.h"

#include <getopt.h>
#include <unistd.h>

static const struct option options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "runtime", required_argument, NULL, 'r' },
	{ "id", required_argument, NULL, 'i' },
	{ "fresh", no_argument, NULL, 'f' },
	{ "no-files", no_argument, NULL, 'N' },
	{ "format", required_argument, NULL, 'F' },
	{ 0 },
};

static int parse(int argc, char **argv, struct snug_learn *ret, enum snug_format *format,
		 struct snug_error *err)
{
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result == 'n')
			ret->name = optarg;
		else if (result == 'r')
			ret->runtime = optarg;
		else if (result == 'i')
			ret->id = optarg;
		else if (result == 'f')
			ret->fresh = true;
		else if (result == 'N')
			ret->no_files = true;
		else if (result != 'F')
			return snug_usage_option(err, argv[0], result, argv);
		else if (snug_format_parse(optarg, format, err) < 0)
			return -1;
	}
	if (optind + 1 != argc)
		return snug_usage(err, argv[0],
				  optind < argc ? "one bundle at a time" : "no bundle given");
	if (snug_usage_name(err, argv[0], ret->name) < 0)
		return -1;
	ret->bundle = argv[optind];
	return 0;
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	struct snug_live live = { 0 };
	struct snug_learn request = { .store = &context->store,
				      .note = snug_live_note,
				      .context = &live };
	SNUG_AUTO(snug_learned_clear) struct snug_learned learned = { 0 };
	enum snug_format format = SNUG_FORMAT_TEXT;
	int result;

	if (parse(argc, argv, &request, &format, err) < 0)
		return -1;
	if (isatty(STDERR_FILENO))
		request.tick = snug_live_tick;
	result = snug_learn(&request, &learned, err);
	return snug_live_end(&live, result, &learned, "learned", request.name, format);
}

const struct snug_command snug_cmd_learn = {
	.name = "learn",
	.arguments = "BUNDLE --name NAME [--runtime RUNTIME] [--id ID] [--fresh] [--no-files] "
		     "[--format FORMAT]",
	.summary = "runs a bundle once and records what it does",
	.options = "  --name NAME        the recording's; learning a name again adds a run\n"
		   "  --runtime RUNTIME  runc (the default), crun, or a path\n"
		   "  --id ID            the container's id (snug-NAME-8hex)\n"
		   "  --fresh            forgets the name's earlier runs\n"
		   "  --no-files         records syscalls and capabilities alone\n"
		   "  --format json      prints the summary as JSON too, on standard output\n",
	.run = run,
};
