/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/cli.h"
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
		request->dry_run = true;
		return 0;
	case 'i':
		request->accept_incomplete = true;
		return 0;
	case 'w':
		request->without_apparmor = true;
		return 0;
	case 'c':
		request->complain = true;
		return 0;
	case 'k':
		request->no_hook = true;
		return 0;
	case 'r':
		request->has_runtime = true;
		return snug_runtime_option(NAME, optarg, false, &request->runtime, err);
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
	if (request->without_apparmor && (request->complain || request->no_hook))
		return snug_usage(err, NAME, "--without-apparmor leaves nothing for %s",
				  request->complain ? "--complain" : "--no-hook");
	if (request->output && strcmp(request->output, "-") == 0 && ret->format == SNUG_FORMAT_JSON)
		return snug_usage(err, NAME, "--output - and --format json both want stdout");
	return 0;
}

/* The member that a path ends with. */
static const char *last_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* The same done to two members of one object, such as two sets of capabilities. */
static bool is_alike(const struct snug_change *a, const struct snug_change *b)
{
	size_t parent = (size_t)(last_of(a->path) - a->path);

	return strcmp(a->text, b->text) == 0 && (size_t)(last_of(b->path) - b->path) == parent &&
	       strncmp(a->path, b->path, parent) == 0;
}

/* One line for those that are alike. */
static void print_change(FILE *out, const struct snug_changes *changes, size_t first)
{
	const struct snug_change *change = &changes->at[first];

	for (size_t i = 0; i < first; i++)
		if (is_alike(&changes->at[i], change))
			return;
	fprintf(out, "  %s", change->path);
	for (size_t i = first + 1; i < changes->count; i++)
		if (is_alike(&changes->at[i], change))
			fprintf(out, ", %s", last_of(changes->at[i].path));
	fprintf(out, ": %s\n", change->text);
}

static void print_text(FILE *out, const struct snug_harden_request *request,
		       const struct snug_harden_result *result)
{
	const struct snug_hardened *hardened = &result->hardened;

	fprintf(out, "%s: %s profile %s%s\n", result->config,
		!result->changed   ? "within"
		: request->dry_run ? "would be hardened by"
				   : "hardened by",
		result->name, result->changed ? "" : " already, unchanged");
	for (size_t i = 0; i < hardened->changes.count; i++)
		print_change(out, &hardened->changes, i);
	if (result->complain_only)
		fprintf(out, "  AppArmor part left out: it rests on too little to enforce "
			     "(--complain applies it)\n");
	if (result->apparmor)
		fprintf(out, "  AppArmor text: %s%s\n", result->apparmor,
			result->loaded ? ", loaded" : "");
	for (size_t i = 0; i < hardened->losses.count; i++)
		fprintf(out, "  stricter than asked: %s\n", hardened->losses.at[i].text);
}

static int print_json(const struct snug_harden_result *result, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf pretty = { 0 };
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
	snug_json_put_key(&w, "changes");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < result->hardened.changes.count; i++) {
		snug_json_open(&w, '{');
		snug_json_pair_string(&w, "path", result->hardened.changes.at[i].path);
		snug_json_pair_string(&w, "text", result->hardened.changes.at[i].text);
		snug_json_close(&w);
	}
	snug_json_close(&w);
	snug_json_put_key(&w, "losses");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < result->hardened.losses.count; i++)
		snug_json_put_string(&w, result->hardened.losses.at[i].text);
	snug_json_close(&w);
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0 ||
	    snug_json_pretty(text.data, text.len, &pretty, err) < 0)
		return -1;
	return snug_cli_print(snug_buf_text(&pretty), err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	struct arguments arguments = { .request.store = &context->store };
	const struct snug_harden_request *request = &arguments.request;

	if (parse(argc, argv, &arguments, err) < 0 || snug_flow_harden(request, &result, err) < 0)
		return -1;
	if (arguments.format == SNUG_FORMAT_JSON)
		return print_json(&result, err);
	if (!request->output || strcmp(request->output, "-") != 0) {
		print_text(stdout, request, &result);
		return 0;
	}
	if (!request->dry_run && snug_cli_print(snug_buf_text(&result.text), err) < 0)
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
		"  --complain           AppArmor logs what the profile does not allow, and "
		"allows it\n"
		"  --no-hook            adds no hook that loads the AppArmor profile: it is loaded "
		"now,\n"
		"                       until the next boot\n"
		"  --runtime R          holds for runc or crun alone (default: for both)\n"
		"  --format text|json   how the changes are printed\n",
	.run = run,
};
