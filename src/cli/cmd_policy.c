/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/near.h"
#include "cli/policy.h"
#include "cli/self.h"
#include "flow/harden.h"
#include "flow/wrap.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define NAME "policy"

static int take(int option, char **argv, struct snug_policy_arguments *ret, struct snug_error *err)
{
	switch (option) {
	case 'p':
		ret->policy = optarg;
		return 0;
	case 'r':
		ret->has_runtime = true;
		return snug_runtime_option(NAME, optarg, false, &ret->runtime, err);
	case 'f':
		return snug_format_parse(optarg, &ret->format, err);
	default:
		return snug_usage_option(err, NAME, option, argv);
	}
}

static int parse(int argc, char **argv, struct snug_policy_arguments *ret, struct snug_error *err)
{
	static const struct option options[] = {
		{ "policy", required_argument, NULL, 'p' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "format", required_argument, NULL, 'f' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		if (take(option, argv, ret, err) < 0)
			return -1;
	ret->words = argv + optind;
	ret->count = (size_t)(argc - optind);
	return 0;
}

/* What was there before snug-runtime wrote: it may be there. NULL: there is no config either. */
static int find_original(const char *word, char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL, *config = NULL;
	struct snug_error ignored;
	mode_t mode;

	*ret = NULL;
	if (snug_flow_find_config(word, &path, &mode, &ignored) < 0)
		return 0;
	config = realpath(path, NULL);
	return config ? snug_wrap_orig_path(config, ret, err) : 0;
}

static int confine(const struct snug_cli *context, const struct snug_policy_arguments *arguments,
		   const char *word, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *original = NULL;
	const char *words[] = { arguments->policy, word, NULL };
	const struct snug_cli_files files = { .reads = words, .count = 3, .apparmor = true };

	if (word && find_original(word, &original, err) < 0)
		return -1;
	words[2] = original;
	return snug_cli_confine(context, &files, err);
}

static int run_check(const struct snug_cli *context, struct snug_policy_arguments *arguments,
		     struct snug_error *err)
{
	if (arguments->count > 2)
		return snug_usage(err, NAME, "check takes one file, or none");
	if (arguments->has_runtime || (arguments->policy && arguments->count == 2))
		return snug_usage(err, NAME, "check takes a file, and --format");
	if (arguments->count == 2)
		arguments->policy = arguments->words[1];
	return confine(context, arguments, NULL, err) < 0
		       ? -1
		       : snug_policy_run_check(&context->store, arguments, err);
}

static int run_test(const struct snug_cli *context, struct snug_policy_arguments *arguments,
		    struct snug_error *err)
{
	if (arguments->count != 2 || !arguments->words[1][0])
		return snug_usage(err, NAME, "test wants one bundle or config.json");
	return confine(context, arguments, arguments->words[1], err) < 0
		       ? -1
		       : snug_policy_run_test(&context->store, arguments, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	static const char *const verbs[] = { "check", "test" };
	struct snug_policy_arguments arguments = { 0 };
	const char *word, *near;

	if (parse(argc, argv, &arguments, err) < 0)
		return -1;
	word = arguments.count ? arguments.words[0] : "";
	if (strcmp(word, "check") == 0)
		return run_check(context, &arguments, err);
	if (strcmp(word, "test") == 0)
		return run_test(context, &arguments, err);
	(void)snug_usage(err, NAME, "say check or test");
	near = snug_near(word, verbs, sizeof(verbs) / sizeof(verbs[0]));
	return near ? snug_remedy(err, "did you mean '%s'?", near) : -1;
}

const struct snug_command snug_cmd_policy = {
	.name = NAME,
	.arguments = "check [FILE] | test BUNDLE|CONFIG [--policy FILE]",
	.summary = "is the policy sound, and what does it say of a container",
	.options = "  --policy FILE        another policy than /etc/snug/policy.json\n"
		   "  --runtime R          test: for runc or crun alone (default: for both)\n"
		   "  --format text|json   how it is printed\n",
	.run = run,
};
