/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "cli/live.h"
#include "flow/record.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static const struct option options[] = {
	{ "name", required_argument, NULL, 'n' },
	{ "container", required_argument, NULL, 'c' },
	{ "runtime", required_argument, NULL, 'r' },
	{ "pid", required_argument, NULL, 'p' },
	{ "format", required_argument, NULL, 'F' },
	{ "no-files", no_argument, NULL, 'N' },
	{ 0 },
};

static int parse_pid(const char *word, pid_t *ret, struct snug_error *err)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(word, &end, 10);
	if (errno || end == word || *end || number <= 0 || number > INT_MAX)
		return snug_usage(err, "record", "'%s' is no process id", word);
	*ret = (pid_t)number;
	return 0;
}

static int take_option(int option, struct snug_record *ret, enum snug_format *format,
		       struct snug_error *err)
{
	switch (option) {
	case 'n':
		ret->name = optarg;
		return 0;
	case 'c':
		ret->container = optarg;
		return 0;
	case 'r':
		ret->runtime = optarg;
		return 0;
	case 'N':
		ret->no_files = true;
		return 0;
	case 'p':
		return parse_pid(optarg, &ret->pid, err);
	default:
		return snug_format_parse(optarg, format, err);
	}
}

static int parse(int argc, char **argv, struct snug_record *ret, enum snug_format *format,
		 struct snug_error *err)
{
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return snug_usage_option(err, argv[0], option, argv);
		if (take_option(option, ret, format, err) < 0)
			return -1;
	}
	if (optind < argc)
		return snug_usage(err, argv[0], "what is '%s'? a container is named by --container",
				  argv[optind]);
	if (!ret->container == !ret->pid)
		return snug_usage(err, argv[0], "either --container or --pid");
	if (ret->runtime && !ret->container)
		return snug_usage(err, argv[0], "--runtime goes with --container");
	return snug_usage_name(err, argv[0], ret->name);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	struct snug_live live = { 0 };
	struct snug_record request = { .store = &context->store,
				       .note = snug_live_note,
				       .context = &live };
	SNUG_AUTO(snug_learned_clear) struct snug_learned learned = { 0 };
	enum snug_format format = SNUG_FORMAT_TEXT;
	int result;

	if (parse(argc, argv, &request, &format, err) < 0)
		return -1;
	if (isatty(STDERR_FILENO))
		request.tick = snug_live_tick;
	result = snug_record(&request, &learned, err);
	return snug_live_end(&live, result, &learned, "recorded", request.name, format);
}

const struct snug_command snug_cmd_record = {
	.name = "record",
	.arguments = "(--container ID [--runtime RUNTIME] | --pid PID) --name NAME [--no-files] "
		     "[--format FORMAT]",
	.summary = "records a running container until it ends, or ^C",
	.options = "  --container ID     asked of the runtime\n"
		   "  --runtime RUNTIME  runc (the default), crun, or a path\n"
		   "  --pid PID          the container's first process, as an engine shows it\n"
		   "  --name NAME        the recording's; recording a name again adds a run\n"
		   "  --no-files         records syscalls and capabilities alone\n"
		   "  --format json      prints the summary as JSON too, on standard output\n",
	.run = run,
};
