/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/self.h"
#include "flow/merge.h"
#include "store/file.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct option longs[] = {
	{ "output", required_argument, NULL, 'o' },
	{ 0 },
};

static int take_arguments(int argc, char **argv, struct snug_merge_request *ret,
			  const char **ret_output, struct snug_error *err)
{
	int option;

	while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (option != 'o')
			return snug_usage_option(err, "merge", option, argv);
		*ret_output = optarg;
	}
	if (optind == argc)
		return snug_usage(err, "merge", "nothing to merge");
	if (!(*ret_output)[0])
		return snug_usage(err, "merge", "--output is missing");
	ret->what = (const char *const *)argv + optind;
	ret->count = (size_t)(argc - optind);
	return 0;
}

/* Recordings hold arguments of calls: for the owner alone. */
static mode_t mode_of(enum snug_document kind)
{
	return kind == SNUG_DOCUMENT_RECORDING ? 0600 : 0644;
}

static int confine(const struct snug_cli *context, const struct snug_merge_request *request,
		   const char *output, struct snug_error *err)
{
	const struct snug_cli_files files = { .reads = request->what,
					      .count = request->count,
					      .output = output };

	return snug_cli_confine(context, &files, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	struct snug_merge_request request = { .store = &context->store,
					      .generator = "snug " SNUG_VERSION };
	SNUG_AUTO(snug_merged_clear) struct snug_merged merged = { 0 };
	const char *output = "";

	if (take_arguments(argc, argv, &request, &output, err) < 0 ||
	    confine(context, &request, output, err) < 0 ||
	    snug_flow_merge(&request, &merged, err) < 0)
		return -1;
	assert(output); /* a line without is refused */
	if (strcmp(output, "-") == 0)
		return snug_cli_print(snug_buf_text(&merged.text), err);
	if (snug_file_write(output, mode_of(merged.kind), merged.text.data, merged.text.len, err) <
	    0)
		return -1;
	if (merged.kind == SNUG_DOCUMENT_PROFILE)
		printf("merged %zu profiles\nwrote %s\n", merged.files, output);
	else
		printf("merged %zu recordings, of %" PRIu64 " runs\nwrote %s\n", merged.files,
		       merged.runs, output);
	return 0;
}

const struct snug_command snug_cmd_merge = {
	.name = "merge",
	.arguments = "NAME|FILE... --output PATH",
	.summary = "makes one recording, or one profile, of several",
	.options = "NAME stands for all recordings of that name.\n\n"
		   "  --output PATH  where the union goes; - prints\n",
	.run = run,
};
