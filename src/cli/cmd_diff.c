/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/heap.h"
#include "cli/self.h"
#include "flow/diff.h"

#include <getopt.h>

static const struct option longs[] = {
	{ "recordings", no_argument, NULL, 'r' },
	{ "format", required_argument, NULL, 'f' },
	{ 0 },
};

static int take_arguments(int argc, char **argv, struct snug_diff_request *ret,
			  struct snug_error *err)
{
	enum snug_format format = SNUG_FORMAT_TEXT;
	int option;

	while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (option == 'r')
			ret->recordings = true;
		else if (option != 'f')
			return snug_usage_option(err, "diff", option, argv);
		else if (snug_format_parse(optarg, &format, err) < 0)
			return -1;
	}
	if (argc - optind != SNUG_SIDE_MAX)
		return snug_usage(err, "diff", "two profiles or two recordings are wanted");
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
		ret->what[side] = argv[optind + (int)side];
	ret->json = format == SNUG_FORMAT_JSON;
	return 0;
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_diff_request request = { .store = &context->store };
	const struct snug_cli_files files = { .reads = request.what, .count = SNUG_SIDE_MAX };
	bool same = false;

	snug_cli_use_large_pages();
	if (take_arguments(argc, argv, &request, err) < 0 ||
	    snug_cli_confine(context, &files, err) < 0 ||
	    snug_flow_diff(&request, &same, &text, err) < 0 ||
	    snug_cli_print(snug_buf_text(&text), err) < 0)
		return -1;
	return same ? 0 : snug_fail(err, SNUG_NO, "%s", "");
}

const struct snug_command snug_cmd_diff = {
	.name = "diff",
	.arguments = "A B [OPTION...]",
	.summary = "says what B allows that A does not, and the reverse",
	.options = "A and B are profiles, or recordings: paths, or NAMEs of profiles.\n\n"
		   "  --recordings        a NAME stands for all recordings of that name\n"
		   "  --format text|json  how the answer is printed\n"
		   "\nexit status 1: they differ\n",
	.run = run,
};
