/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/self.h"
#include "flow/explain.h"

#include <getopt.h>

static const struct option longs[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "engines", required_argument, NULL, 'e' },
	{ 0 },
};

static int take_arguments(int argc, char **argv, struct snug_explain_request *ret,
			  struct snug_error *err)
{
	enum snug_format format = SNUG_FORMAT_TEXT;
	int option;

	while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (option == 'e')
			ret->engines = optarg;
		else if (option != 'f')
			return snug_usage_option(err, "explain", option, argv);
		else if (snug_format_parse(optarg, &format, err) < 0)
			return -1;
	}
	if (argc - optind != 1)
		return snug_usage(err, "explain", "one PROFILE is wanted");
	ret->json = format == SNUG_FORMAT_JSON;
	ret->what = argv[optind];
	return 0;
}

static int confine(const struct snug_cli *context, const struct snug_explain_request *request,
		   struct snug_error *err)
{
	const char *const words[] = { request->what, request->engines };
	const struct snug_cli_files files = { .reads = words, .count = 2 };

	return snug_cli_confine(context, &files, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_explain_request request = { .store = &context->store };

	if (take_arguments(argc, argv, &request, err) < 0 || confine(context, &request, err) < 0 ||
	    snug_flow_explain(&request, &text, err) < 0)
		return -1;
	return snug_cli_print(snug_buf_text(&text), err);
}

const struct snug_command snug_cmd_explain = {
	.name = "explain",
	.arguments = "PROFILE [OPTION...]",
	.summary = "says what a profile allows and takes away, and why",
	.options = "PROFILE is a profile's name or path; a recording, a config.json, a bundle, a\n"
		   "linux.seccomp object or an engine's seccomp.json are explained too.\n\n"
		   "  --format F       text or json\n"
		   "  --engines FILE   the seccomp.json to compare with, else the one that this "
		   "host's\n"
		   "                   engines use\n",
	.run = run,
};
