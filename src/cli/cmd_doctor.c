/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/doctor.h"
#include "json/json.h"

#include <getopt.h>
#include <stdio.h>

static const struct option options[] = {
	{ "format", required_argument, NULL, 'F' },
	{ 0 },
};

static void clear_checks(struct snug_checks *checks)
{
	snug_vec_clear(checks);
}

static int parse(int argc, char **argv, struct snug_doctor_request *ret, enum snug_format *format,
		 struct snug_error *err)
{
	enum snug_engine engine;
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'F')
			return snug_usage_option(err, argv[0], option, argv);
		if (snug_format_parse(optarg, format, err) < 0)
			return -1;
	}
	for (int i = optind; i < argc; i++) {
		if (!snug_engine_parse(argv[i], &engine))
			return snug_usage(err, argv[0],
					  "'%.40s': podman, docker, containerd, crio, runc or crun",
					  argv[i]);
		ret->engines[engine] = true;
	}
	return 0;
}

static bool is_sound(const struct snug_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		if (checks->at[i].state == SNUG_CHECK_BROKEN)
			return false;
	return true;
}

static int print_text(const struct snug_checks *checks, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	for (size_t i = 0; i < checks->count; i++) {
		const struct snug_check *check = &checks->at[i];

		snug_buf_addf(&text, "%-8s %-10s %s%s%s\n", snug_check_state_name(check->state),
			      check->subject, check->what, check->remedy[0] ? "; " : "",
			      check->remedy);
	}
	return snug_buf_check(&text, err) < 0 ? -1 : snug_cli_print(snug_buf_text(&text), err);
}

static int print_json(const struct snug_checks *checks, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_bool(&w, "sound", is_sound(checks));
	snug_json_put_key(&w, "checks");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < checks->count; i++) {
		const struct snug_check *check = &checks->at[i];

		snug_json_open(&w, '{');
		snug_json_pair_string(&w, "state", snug_check_state_name(check->state));
		snug_json_pair_string(&w, "subject", check->subject);
		snug_json_pair_string(&w, "what", check->what);
		if (check->remedy[0])
			snug_json_pair_string(&w, "remedy", check->remedy);
		snug_json_close(&w);
	}
	snug_json_close(&w);
	snug_json_close(&w);
	return snug_cli_print_json(&text, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(clear_checks) struct snug_checks checks = { 0 };
	struct snug_doctor_request request = { .store = &context->store };
	enum snug_format format = SNUG_FORMAT_TEXT;

	if (parse(argc, argv, &request, &format, err) < 0 ||
	    snug_doctor(&request, &checks, err) < 0 ||
	    (format == SNUG_FORMAT_JSON ? print_json(&checks, err) : print_text(&checks, err)) < 0)
		return -1;
	return is_sound(&checks) ? 0 : snug_fail(err, SNUG_NO, "%s", "");
}

const struct snug_command snug_cmd_doctor = {
	.name = "doctor",
	.arguments = "[ENGINE...] [--format FORMAT]",
	.summary = "what this host lacks, and whether profiles arrive in each engine's containers",
	.options = "  ENGINE           podman, docker, containerd, crio, runc or crun (default: "
		   "where snug\n"
		   "                   is installed)\n"
		   "  --format FORMAT  text (the default) or json\n",
	.run = run,
};
