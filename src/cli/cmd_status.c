/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/status_audited.h"
#include "cli/status_containers.h"

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
	{ "deep", no_argument, NULL, 'D' },
	{ "runtime-root", required_argument, NULL, 'R' },
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
	struct snug_status_containers containers;
};

static void facts_clear(struct facts *facts)
{
	snug_vec_clear(&facts->learners);
	snug_confined_list_clear(&facts->confined);
	snug_vec_clear(&facts->guarded);
	snug_buf_clear(&facts->failures);
	snug_audited_clear(&facts->audited);
	snug_status_containers_clear(&facts->containers);
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
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
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
	snug_status_containers_print(&facts->containers, &text);
	if (snug_buf_check(&text, err) < 0 || snug_cli_print(snug_buf_text(&text), err) < 0)
		return -1;
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

static void write_lines(const char *key, const struct snug_buf *lines, struct snug_json_writer *w)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
	for (const char *line = snug_buf_text(lines); *line;) {
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
	snug_status_containers_write(&facts->containers, &w);
	write_lines("unreadable", &facts->containers.problems, &w);
	write_lines("failures", &facts->failures, &w);
	snug_put_audited(&w, &facts->audited);
	snug_json_close(&w);
	snug_buf_addc(&text, '\n');
	return snug_buf_check(&text, err) < 0 ? -1 : snug_cli_print(snug_buf_text(&text), err);
}

struct asked {
	enum snug_format format;
	bool deep;
	SNUG_VEC(char *) roots; /* of runtimes; empty: the usual ones */
};

static void asked_clear(struct asked *asked)
{
	snug_vec_clear(&asked->roots);
}

static int take_arguments(int argc, char **argv, struct asked *ret, struct snug_error *err)
{
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result != 'F' && result != 'R' && result != 'D')
			return snug_usage_option(err, argv[0], result, argv);
		if (result == 'F' && snug_format_parse(optarg, &ret->format, err) < 0)
			return -1;
		ret->deep |= result == 'D';
		if (result == 'R' && snug_vec_push(&ret->roots, optarg) < 0)
			return snug_fail_memory(err);
	}
	return optind < argc ? snug_usage(err, argv[0], "it takes no argument") : 0;
}

static int find_facts(const struct snug_cli *context, const struct asked *asked, struct facts *ret,
		      struct snug_error *err)
{
	struct snug_status_containers *containers = &ret->containers;
	const struct snug_drift_request request = { .store = &context->store,
						    .containers = &containers->found,
						    .deep = asked->deep };

	if (snug_learners_list(&context->store, &ret->learners, err) < 0 ||
	    snug_confine_list(&context->store, &ret->confined, err) < 0 ||
	    snug_boundary_list(&context->store, &ret->guarded, err) < 0 ||
	    snug_hooked_failures(&context->store, &ret->failures, err) < 0 ||
	    snug_status_audited(&context->store, &ret->audited, err) < 0)
		return -1;
	return snug_containers_find(asked->roots.at, asked->roots.count, &containers->found,
				    &containers->problems, err) < 0
		       ? -1
		       : snug_drift_look(&request, &containers->standings, err);
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	SNUG_AUTO(facts_clear) struct facts facts = { 0 };
	SNUG_AUTO(asked_clear) struct asked asked = { .format = SNUG_FORMAT_TEXT };

	if (take_arguments(argc, argv, &asked, err) < 0 ||
	    find_facts(context, &asked, &facts, err) < 0 ||
	    (asked.format == SNUG_FORMAT_JSON ? print_json(context, &facts, err)
					      : print_text(context, &facts, err)) < 0)
		return -1;
	return snug_status_containers_drift(&facts.containers) ? snug_fail(err, SNUG_NO, "%s", "")
							       : 0;
}

const struct snug_command snug_cmd_status = {
	.name = "status",
	.arguments = "[OPTION...]",
	.summary = "what runs, who is learning, who is confined by what; what is not as promised",
	.options = "  --deep              reads each process's filters back and compares them with "
		   "the "
		   "profile\n"
		   "  --format FORMAT     text (the default) or json\n"
		   "  --runtime-root DIR  looks for containers in this state folder of runc's or "
		   "crun's,\n"
		   "                      and not where they usually are; repeatable\n"
		   "\nexit status 1: a container is not as the policy promises\n",
	.run = run,
};
