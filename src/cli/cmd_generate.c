/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/heap.h"
#include "cli/self.h"
#include "flow/generate.h"
#include "model/summary.h"
#include "store/file.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct arguments {
	struct snug_generate_request request;
	enum snug_profile_format format;
	const char *output; /* NULL: the store's profile; "-": standard output */
};

static const struct option longs[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "exact", no_argument, NULL, 'e' },
	{ "runtime-only", required_argument, NULL, 'r' },
	{ "generalise", required_argument, NULL, 'g' },
	{ "children", no_argument, NULL, 'c' },
	{ 0 },
};

static int take_option(int option, struct arguments *ret, char **argv, struct snug_error *err)
{
	switch (option) {
	case 'f':
		if (snug_profile_format_parse(optarg, &ret->format))
			return 0;
		return snug_usage(err, "generate", "unknown format '%s': it is one of %s", optarg,
				  snug_profile_formats);
	case 'o':
		ret->output = optarg;
		return 0;
	case 'e':
		ret->request.options.exact = true;
		return 0;
	case 'r':
		ret->request.options.has_runtime_only = true;
		return snug_runtime_option("generate", optarg, true,
					   &ret->request.options.runtime_only, err);
	case 'g':
		if (snug_generalise_parse(optarg, &ret->request.options.apparmor.generalise))
			return 0;
		return snug_usage(err, "generate",
				  "unknown --generalise '%s': it is none, typed or siblings",
				  optarg);
	case 'c':
		ret->request.options.apparmor.children = true;
		return 0;
	default:
		return snug_usage_option(err, "generate", option, argv);
	}
}

/* One NAME, or FILEs. */
static int take_inputs(int argc, char **argv, struct arguments *ret, struct snug_error *err)
{
	int files = 0;

	for (int i = optind; i < argc; i++)
		files += snug_name_is_path(argv[i]);
	if (optind == argc)
		return snug_usage(err, "generate", "a NAME or FILEs are missing");
	if (files == argc - optind) {
		ret->request.files = (const char *const *)argv + optind;
		ret->request.count = (size_t)files;
		if (!ret->output)
			return snug_usage(err, "generate",
					  "recordings given as FILEs want --output");
		return 0;
	}
	if (argc - optind > 1)
		return snug_usage(err, "generate", "one NAME, or FILEs: not '%s' and '%s'",
				  argv[optind], argv[optind + 1]);
	if (!snug_name_is_valid(argv[optind]))
		return snug_usage(err, "generate", "'%s' is no name", argv[optind]);
	ret->request.name = argv[optind];
	/* The store holds profiles; what is of another format is for somebody else. */
	if (!ret->output && ret->format != SNUG_PROFILE_NATIVE)
		ret->output = "-";
	return 0;
}

static int take_arguments(int argc, char **argv, struct arguments *ret, struct snug_error *err)
{
	int option;

	while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1)
		if (take_option(option, ret, argv, err) < 0)
			return -1;
	return take_inputs(argc, argv, ret, err);
}

/* What changed beside the profile that is found by that name now. None, or one that cannot be read:
 * nothing is said of it here, writing is what fails. */
static int say_changes(const struct snug_store *store, const struct snug_profile *now,
		       struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile before = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, changes = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_error ignored;

	if (snug_store_read_profile(store, now->name, &text, &path, &ignored) < 0 ||
	    snug_profile_parse(snug_buf_text(&text), text.len, path, &before, &ignored) < 0)
		return 0;
	if (snug_profile_changes(&before, now, &changes, err) < 0)
		return -1;
	snug_buf_addf(ret, "compared with the profile before:%s\n%s",
		      changes.len ? "" : " nothing changed", snug_buf_text(&changes));
	return snug_buf_check(ret, err);
}

/* The profile goes into the store or a file, what it is to standard output. */
static int deliver(const struct snug_cli *context, const struct arguments *arguments,
		   const struct snug_buf *profile, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile read = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf said = { 0 }, text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_profile_parse_own(profile->data, profile->len, NULL, &read, err) < 0 ||
	    snug_profile_summary(&read, &said, err) < 0)
		return -1;
	if (arguments->output) {
		if (snug_profile_convert(profile, arguments->format, &text, err) < 0 ||
		    snug_file_write(arguments->output, 0644, text.data, text.len, err) < 0)
			return -1;
	} else if (say_changes(&context->store, &read, &said, err) < 0 ||
		   snug_store_put_profile(&context->store, read.name, profile, &path, err) < 0) {
		return -1;
	}
	printf("%swrote %s\n", snug_buf_text(&said), path ? path : arguments->output);
	return 0;
}

static int confine(const struct snug_cli *context, const struct arguments *arguments,
		   struct snug_error *err)
{
	const struct snug_cli_files files = { .reads = arguments->request.files,
					      .count = arguments->request.count,
					      .output = arguments->output,
					      .store = !arguments->output };

	return snug_cli_confine(context, &files, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	struct arguments arguments = { .request = {
					       .store = &context->store,
					       .options = { .generator = "snug " SNUG_VERSION } } };
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 }, text = { 0 };

	snug_cli_use_large_pages();
	if (take_arguments(argc, argv, &arguments, err) < 0 ||
	    confine(context, &arguments, err) < 0)
		return -1;
	/* Engines set no no_new_privs because of a seccomp.json, and without it runtimes make more
	 * calls under the filter. */
	arguments.request.options.filter_alone = arguments.format == SNUG_PROFILE_DOCKER;
	if (snug_generate_from(&arguments.request, &profile, err) < 0)
		return -1;
	if (!arguments.output || strcmp(arguments.output, "-") != 0)
		return deliver(context, &arguments, &profile, err);
	if (snug_profile_convert(&profile, arguments.format, &text, err) < 0)
		return -1;
	return snug_cli_print(snug_buf_text(&text), err);
}

const struct snug_command snug_cmd_generate = {
	.name = "generate",
	.arguments = "NAME|FILE... [OPTION...]",
	.summary = "makes a profile of what was recorded",
	.options =
		"NAME unites all recordings of that name and writes the profile of that name;\n"
		"FILEs are recordings, and want --output.\n\n"
		"  --format F          native (the profile), oci (a linux.seccomp object), "
		"docker (a\n"
		"                      seccomp.json for Docker, Podman and Kubernetes), "
		"capabilities,\n"
		"                      apparmor (text for apparmor_parser)\n"
		"  --output PATH       writes there instead; - prints\n"
		"  --exact             no equivalents of what was seen, such as openat2 for "
		"openat\n"
		"  --runtime-only R    allow what this runtime does at start alone: runc, crun "
		"or snug\n"
		"  --generalise G      files for AppArmor: none (as seen), typed (numbers, digests "
		"and\n"
		"                      processes in names), siblings (names written in one folder "
		"too;\n"
		"                      the default)\n"
		"  --children          a profile of AppArmor for each program that the first ones "
		"ran\n",
	.run = run,
};
