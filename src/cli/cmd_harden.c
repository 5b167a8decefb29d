/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/heap.h"
#include "cli/self.h"
#include "cli/hardened.h"
#include "flow/harden.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define NAME "harden"

struct arguments {
	struct snug_harden_request request;
	enum snug_format format;
};

static int take(int option, char **argv, struct arguments *ret, struct snug_error *err)
{
	struct snug_harden_request *request = &ret->request;

	switch (option) {
	case 'p':
		request->profile = optarg;
		return 0;
	case 'o':
		request->output = optarg;
		return 0;
	case 'n':
		request->how.dry_run = true;
		return 0;
	case 'i':
		request->how.accept_incomplete = true;
		return 0;
	case 'w':
		request->how.apparmor = SNUG_APPARMOR_OFF;
		return 0;
	case 'a':
		request->how.audit = true;
		return 0;
	case 'c':
		request->how.complain = true;
		return 0;
	case 'k':
		request->how.no_hook = true;
		return 0;
	case 'r':
		request->how.has_runtime = true;
		return snug_runtime_option(NAME, optarg, false, &request->how.runtime, err);
	case 'f':
		return snug_format_parse(optarg, &ret->format, err);
	default:
		return snug_usage_option(err, NAME, option, argv);
	}
}

static int parse(int argc, char **argv, struct arguments *ret, struct snug_error *err)
{
	static const struct option options[] = {
		{ "profile", required_argument, NULL, 'p' },
		{ "output", required_argument, NULL, 'o' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "accept-incomplete", no_argument, NULL, 'i' },
		{ "without-apparmor", no_argument, NULL, 'w' },
		{ "audit", no_argument, NULL, 'a' },
		{ "complain", no_argument, NULL, 'c' },
		{ "no-hook", no_argument, NULL, 'k' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "format", required_argument, NULL, 'f' },
		{ 0 },
	};
	struct snug_harden_request *request = &ret->request;
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1)
		if (take(option, argv, ret, err) < 0)
			return -1;
	if (argc - optind != 1 || argv[optind][0] == '\0')
		return snug_usage(err, NAME, "one bundle or config.json is wanted");
	request->bundle = argv[optind];
	if (request->profile && request->profile[0] == '\0')
		return snug_usage(err, NAME, "--profile wants a name or a path");
	if (request->how.apparmor == SNUG_APPARMOR_OFF &&
	    (request->how.complain || request->how.no_hook))
		return snug_usage(err, NAME, "--without-apparmor leaves nothing for %s",
				  request->how.complain ? "--complain" : "--no-hook");
	if (request->how.audit && request->how.complain)
		return snug_usage(err, NAME, "--audit has AppArmor complain already");
	if (request->output && strcmp(request->output, "-") == 0 && ret->format == SNUG_FORMAT_JSON)
		return snug_usage(err, NAME, "--output - and --format json both want stdout");
	return 0;
}

static void print_text(FILE *out, const struct snug_harden_request *request,
		       const struct snug_harden_result *result)
{
	const char *done = request->how.audit ? "audited" : "hardened";

	if (result->changed)
		fprintf(out, "%s: %s%s by profile %s\n", result->config,
			request->how.dry_run ? "would be " : "", done, result->name);
	else
		fprintf(out, "%s: within profile %s already, unchanged\n", result->config,
			result->name);
	snug_print_hardened(out, result);
}

static int print_json(const struct snug_harden_result *result, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "config", result->config);
	snug_json_pair_string(&w, "profile", result->name);
	snug_json_pair_string(&w, "profileFile", result->profile);
	snug_json_pair_bool(&w, "changed", result->changed);
	snug_json_put_key(&w, "written");
	if (result->written)
		snug_json_put_string(&w, result->written);
	else
		snug_json_put_null(&w);
	if (result->complain_only)
		snug_json_pair_bool(&w, "apparmorLeftOut", true);
	if (result->apparmor) {
		snug_json_pair_string(&w, "apparmorText", result->apparmor);
		snug_json_pair_bool(&w, "loaded", result->loaded);
	}
	snug_put_hardened(&w, result);
	snug_json_close(&w);
	return snug_cli_print_json(&text, err);
}

static int confine(const struct snug_cli *context, const struct snug_harden_request *request,
		   struct snug_error *err)
{
	const char *const words[] = { request->bundle, request->profile };
	const struct snug_cli_files files = {
		.reads = words,
		.count = 2,
		.output = request->how.dry_run ? NULL
			  : request->output    ? request->output
					       : request->bundle,
		.store = !request->how.dry_run,
		.apparmor = request->how.apparmor != SNUG_APPARMOR_OFF,
	};

	/* It loads a policy into the kernel, now. The parser is in a process of its own all the
	 * same. */
	if (request->how.no_hook)
		return 0;
	return snug_cli_confine(context, &files, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	struct arguments arguments = { .request.how = { .store = &context->store,
							.tools = &snug_harden_tools,
							.keep_proofs = true } };
	const struct snug_harden_request *request = &arguments.request;

	snug_cli_use_large_pages();
	if (parse(argc, argv, &arguments, err) < 0 || confine(context, request, err) < 0 ||
	    snug_flow_harden(request, &result, err) < 0)
		return -1;
	if (arguments.format == SNUG_FORMAT_JSON)
		return print_json(&result, err);
	if (!request->output || strcmp(request->output, "-") != 0) {
		print_text(stdout, request, &result);
		return 0;
	}
	if (!request->how.dry_run && snug_cli_print(snug_buf_text(&result.text), err) < 0)
		return -1;
	print_text(stderr, request, &result);
	return 0;
}

const struct snug_command snug_cmd_harden = {
	.name = NAME,
	.arguments = "BUNDLE|CONFIG [--profile P] [--output PATH|-] [--dry-run]",
	.summary = "takes from a config.json what its profile does not need",
	.options =
		"  --profile P          the profile, by name or path (default: the config's "
		"annotation\n"
		"                       io.snug.profile)\n"
		"  --output PATH|-      writes there, not in place; - is stdout\n"
		"  --dry-run            prints the changes and makes none\n"
		"  --accept-incomplete  takes a profile whose recording lost events, and denies "
		"calls\n"
		"                       that libseccomp here cannot name\n"
		"  --without-apparmor   leaves the profile's AppArmor part out\n"
		"  --audit              logs what the profile denies, and takes nothing away\n"
		"  --complain           AppArmor logs what the profile does not allow, and "
		"allows it\n"
		"  --no-hook            adds no hook that loads the AppArmor profile: it is loaded "
		"now,\n"
		"                       until the next boot\n"
		"  --runtime R          holds for runc or crun alone (default: for both)\n"
		"  --format text|json   how the changes are printed\n",
	.run = run,
};
