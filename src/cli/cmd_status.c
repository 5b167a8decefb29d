/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/status_audited.h"

#include "base/cleanup.h"
#include "flow/boundary.h"
#include "flow/confine.h"
#include "flow/hooked.h"
#include "flow/learn.h"
#include "flow/learners.h"
#include "json/json.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct option options[] = {
	{ "format", required_argument, NULL, 'F' },
	{ 0 },
};

#define WHEN_SIZE 32

static void tell_when(uint64_t seconds, char ret[WHEN_SIZE])
{
	time_t at = (time_t)seconds;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(ret, WHEN_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* How complete the name's recordings on disk are; runs 0: none, or none that can be read. */
static void look_up(const struct snug_cli *context, const char *name, struct snug_company *ret)
{
	struct snug_error ignored;

	if (snug_learn_company(&context->store, name, ret, &ignored) < 0)
		*ret = (struct snug_company){ .expected_new = -1 };
}

static void print_one(const struct snug_cli *context, const struct snug_learner *one)
{
	char when[WHEN_SIZE], calls[16] = "-", next[16] = "?";
	struct snug_company company;

	tell_when(one->owner.started, when);
	look_up(context, one->owner.name, &company);
	if (one->progress.gate_passed)
		snprintf(calls, sizeof(calls), "%u", one->progress.calls);
	if (company.expected_new >= 0)
		snprintf(next, sizeof(next), "%.1f", company.expected_new);
	printf("%-20s %-24s %-6s %-20s %6s %6" PRIu64 " %5" PRIu64 " %6s\n", one->owner.name,
	       one->owner.id, snug_learner_how_name(one->how), when, calls, one->progress.lost,
	       company.runs, next);
}

/* All that status tells. */
struct facts {
	struct snug_learners learners;
	struct snug_confined_list confined;
	struct snug_guard_list guarded;
	struct snug_buf failures;
	struct snug_audited_list audited;
};

static void facts_clear(struct facts *facts)
{
	snug_vec_clear(&facts->learners);
	snug_confined_list_clear(&facts->confined);
	snug_vec_clear(&facts->guarded);
	snug_buf_clear(&facts->failures);
	snug_audited_clear(&facts->audited);
}

static void print_confined(const struct snug_confined_list *confined)
{
	if (confined->count)
		printf("\n%-24s %8s %-10s %s\n", "CONFINED", "PID", "MODE", "APPARMOR");
	for (size_t i = 0; i < confined->count; i++) {
		const struct snug_confined *one = &confined->at[i];

		printf("%-24s %8d %-10s %s\n", one->user.id, one->user.pid,
		       one->mode[0] ? one->mode : "-", one->label[0] ? one->label : "-");
	}
}

/* Confined at the exec boundary, and what the guard did of it since. */
static void print_guarded(const struct snug_guard_list *guarded)
{
	if (guarded->count)
		printf("\n%-24s %8s %-20s %-9s %6s %7s\n", "BOUNDARY", "PID", "PROFILE", "STATE",
		       "KILLED", "ALLOWED");
	for (size_t i = 0; i < guarded->count; i++) {
		const struct snug_guard_promise *one = &guarded->at[i];

		printf("%-24s %8u %-20s %-9s %6u %7u\n", one->id, one->init, one->profile,
		       one->sealed ? "confined" : "waiting", one->killed, one->allowed);
	}
}

static int print_text(const struct snug_cli *context, const struct facts *facts,
		      struct snug_error *err)
{
	const struct snug_learners *learners = &facts->learners;

	if (learners->count)
		printf("%-20s %-24s %-6s %-20s %6s %6s %5s %6s\n", "NAME", "CONTAINER", "BY",
		       "SINCE", "CALLS", "LOST", "RUNS", "NEXT");
	else
		printf("nobody is learning\n");
	for (size_t i = 0; i < learners->count; i++)
		print_one(context, &learners->at[i]);
	print_confined(&facts->confined);
	print_guarded(&facts->guarded);
	snug_print_audited(&facts->audited);
	if (!facts->failures.len)
		return 0;
	printf("\ncould not begin:\n");
	return snug_cli_print(snug_buf_text(&facts->failures), err);
}

static void write_one(const struct snug_cli *context, const struct snug_learner *one,
		      struct snug_json_writer *w)
{
	const struct snug_progress *progress = &one->progress;
	struct snug_company company;
	char when[WHEN_SIZE];

	tell_when(one->owner.started, when);
	look_up(context, one->owner.name, &company);
	snug_json_open(w, '{');
	snug_json_pair_string(w, "name", one->owner.name);
	snug_json_pair_string(w, "container", one->owner.id);
	snug_json_pair_string(w, "by", snug_learner_how_name(one->how));
	snug_json_pair_u64(w, "pid", one->owner.pid);
	snug_json_pair_string(w, "since", when);
	snug_json_pair_bool(w, "gatePassed", progress->gate_passed);
	if (progress->gate_passed)
		snug_json_pair_string(w, "gate", snug_gate_name(progress->gate));
	snug_json_pair_u64(w, "calls", progress->calls);
	snug_json_pair_u64(w, "tasks", progress->alive);
	snug_json_pair_u64(w, "lost", progress->lost);
	snug_json_pair_u64(w, "runs", company.runs);
	if (company.expected_new >= 0) {
		char number[32];
		int len = snprintf(number, sizeof(number), "%.2f", company.expected_new);

		snug_json_put_key(w, "expectedNewCalls");
		snug_json_put_raw(w, number, (size_t)len);
	}
	snug_json_close(w);
}

static void write_confined(const struct snug_confined_list *confined, struct snug_json_writer *w)
{
	snug_json_put_key(w, "confined");
	snug_json_open(w, '[');
	for (size_t i = 0; i < confined->count; i++) {
		snug_json_open(w, '{');
		snug_json_pair_string(w, "container", confined->at[i].user.id);
		snug_json_pair_u64(w, "pid", (uint64_t)confined->at[i].user.pid);
		snug_json_pair_string(w, "apparmor", confined->at[i].label);
		snug_json_pair_string(w, "mode", confined->at[i].mode);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void write_guarded(const struct snug_guard_list *guarded, struct snug_json_writer *w)
{
	snug_json_put_key(w, "boundary");
	snug_json_open(w, '[');
	for (size_t i = 0; i < guarded->count; i++) {
		const struct snug_guard_promise *one = &guarded->at[i];

		snug_json_open(w, '{');
		snug_json_pair_string(w, "container", one->id);
		snug_json_pair_u64(w, "pid", one->init);
		snug_json_pair_string(w, "profile", one->profile);
		snug_json_pair_bool(w, "confined", one->sealed);
		snug_json_pair_u64(w, "execsKilled", one->killed);
		snug_json_pair_u64(w, "execsAllowed", one->allowed);
		snug_json_close(w);
	}
	snug_json_close(w);
}

static void write_failures(const struct snug_buf *failures, struct snug_json_writer *w)
{
	snug_json_put_key(w, "failures");
	snug_json_open(w, '[');
	for (const char *line = snug_buf_text(failures); *line;) {
		size_t len = strcspn(line, "\n");
		char copy[1024];

		snprintf(copy, sizeof(copy), "%.*s", (int)len, line);
		snug_json_put_string(w, copy);
		line += len + (line[len] == '\n');
	}
	snug_json_close(w);
}

static int print_json(const struct snug_cli *context, const struct facts *facts,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_put_key(&w, "learning");
	snug_json_open(&w, '[');
	for (size_t i = 0; i < facts->learners.count; i++)
		write_one(context, &facts->learners.at[i], &w);
	snug_json_close(&w);
	write_confined(&facts->confined, &w);
	write_guarded(&facts->guarded, &w);
	write_failures(&facts->failures, &w);
	snug_put_audited(&w, &facts->audited);
	snug_json_close(&w);
	snug_buf_addc(&text, '\n');
	return snug_buf_check(&text, err) < 0 ? -1 : snug_cli_print(snug_buf_text(&text), err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(facts_clear) struct facts facts = { 0 };
	enum snug_format format = SNUG_FORMAT_TEXT;
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result != 'F')
			return snug_usage_option(err, argv[0], result, argv);
		if (snug_format_parse(optarg, &format, err) < 0)
			return -1;
	}
	if (optind < argc)
		return snug_usage(err, argv[0], "it takes no argument");
	if (snug_learners_list(&context->store, &facts.learners, err) < 0 ||
	    snug_confine_list(&context->store, &facts.confined, err) < 0 ||
	    snug_boundary_list(&context->store, &facts.guarded, err) < 0 ||
	    snug_hooked_failures(&context->store, &facts.failures, err) < 0 ||
	    snug_status_audited(&context->store, &facts.audited, err) < 0)
		return -1;
	return format == SNUG_FORMAT_JSON ? print_json(context, &facts, err)
					  : print_text(context, &facts, err);
}

const struct snug_command snug_cmd_status = {
	.name = "status",
	.arguments = "[--format FORMAT]",
	.summary = "who is learning, since when, how much; who is confined by what",
	.options = "  --format FORMAT  text (the default) or json\n",
	.run = run,
};
