/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/learners.h"
#include "json/json.h"

#include <getopt.h>
#include <stdio.h>

static const struct option options[] = {
	{ "format", required_argument, NULL, 'F' },
	{ 0 },
};

static int print_json(const struct snug_paths *paths, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_put_key(&w, "recordings");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < paths->count; i++)
		snug_json_put_string(&w, paths->at[i]);
	snug_json_close(&w);
	snug_json_close(&w);
	snug_buf_addc(&text, '\n');
	return snug_buf_check(&text, err) < 0 ? -1 : snug_cli_print(snug_buf_text(&text), err);
}

static int print_text(const struct snug_paths *paths, unsigned learners, struct snug_error *err)
{
	if (!learners)
		return snug_cli_print("nobody is learning\n", err);
	for (size_t i = 0; i < paths->count; i++)
		printf("%s\n", paths->at[i]);
	if (paths->count < learners)
		printf("%zu of %u containers have begun\n", paths->count, learners);
	return 0;
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };
	enum snug_format format = SNUG_FORMAT_TEXT;
	const char *name = NULL;
	unsigned learners = 0;
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result != 'F')
			return snug_usage_option(err, argv[0], result, argv);
		if (snug_format_parse(optarg, &format, err) < 0)
			return -1;
	}
	if (optind + 1 < argc)
		return snug_usage(err, argv[0], "one name at a time");
	if (optind < argc)
		name = argv[optind];
	if (name && !snug_name_is_valid(name))
		return snug_usage(err, argv[0], "'%s' is no name", name);
	if (snug_learners_flush(&context->store, name, &paths, &learners, err) < 0)
		return -1;
	if (name && !learners)
		return snug_fail(err, SNUG_NO, "nobody is learning %s", name);
	return format == SNUG_FORMAT_JSON ? print_json(&paths, err)
					  : print_text(&paths, learners, err);
}

const struct snug_command snug_cmd_flush = {
	.name = "flush",
	.arguments = "[NAME] [--format FORMAT]",
	.summary = "writes out what has been recorded so far, and stops nothing",
	.options = "  --format FORMAT  text (the default) or json\n",
	.run = run,
};
