/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "flow/learn.h"
#include "json/json.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_SECS 10 /* "new in 10 s" */
#define COLUMNS	    80 /* of a terminal that does not say */

/* The live line. */
struct live {
	bool printed;
	time_t start, last_new;
	unsigned calls;
	unsigned at[WINDOW_SECS]; /* calls at each of the last seconds */
	time_t second;
};

static void erase(struct live *live)
{
	if (live->printed)
		(void)fputs("\r\033[K", stderr);
	live->printed = false;
}

/* Keeps the counts of the last seconds; returns the one from WINDOW_SECS ago. */
static unsigned slide(struct live *live, time_t now, unsigned calls)
{
	for (; live->second < now; live->second++)
		live->at[live->second % WINDOW_SECS] = live->calls;
	live->calls = calls;
	return now - live->start < WINDOW_SECS ? 0 : live->at[now % WINDOW_SECS];
}

/* A line that the terminal wraps cannot be erased: each tick would leave one behind. */
static void show(struct live *live, const char *line)
{
	struct winsize size;
	int columns = COLUMNS;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		columns = size.ws_col;
	erase(live);
	(void)fprintf(stderr, "%.*s", columns - 1, line);
	(void)fflush(stderr);
	live->printed = true;
}

static void tick(void *context, const struct snug_learn_tick *tick)
{
	const struct snug_progress *progress = &tick->progress;
	struct live *live = context;
	char complete[64] = "completeness unknown", line[256];
	time_t now = time(NULL);
	unsigned before;

	if (!live->start)
		live->start = live->second = live->last_new = now;
	if (progress->calls != live->calls)
		live->last_new = now;
	before = slide(live, now, progress->calls);
	if (tick->expected_new >= 0)
		snprintf(complete, sizeof(complete), "%.1f expected after %" PRIu64 " runs",
			 tick->expected_new, tick->runs);
	snprintf(line, sizeof(line), "learning: %u calls, %u new in %d s, quiet for %lld s, %s",
		 progress->calls, progress->calls - before, WINDOW_SECS,
		 (long long)(now - live->last_new), complete);
	show(live, progress->gate_passed ? line : "learning: the container is starting");
}

static void note(void *context, const char *text)
{
	erase(context);
	(void)fprintf(stderr, "snug: learn: %s\n", text);
}

static void print_json(const struct snug_learned *learned)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "recording", learned->path);
	snug_json_pair_u64(&w, "calls", learned->calls);
	snug_json_pair_u64(&w, "refused", learned->refused);
	snug_json_pair_u64(&w, "capabilities", learned->caps);
	snug_json_pair_bool(&w, "capabilitiesObserved",
			    learned->observed & (SNUG_OBSERVED_CAPABILITIES |
						 SNUG_OBSERVED_CAPABILITIES_APPROXIMATE));
	snug_json_pair_bool(&w, "joinersSeen", learned->observed & SNUG_OBSERVED_JOINERS);
	snug_json_pair_string(&w, "gate", snug_gate_name(learned->gate));
	snug_json_pair_u64(&w, "exit", (uint64_t)learned->exit);
	snug_json_pair_u64(&w, "lost", learned->lost);
	snug_json_pair_u64(&w, "runs", learned->runs);
	if (learned->expected_new >= 0) {
		char number[32];
		int len = snprintf(number, sizeof(number), "%.2f", learned->expected_new);

		snug_json_put_key(&w, "expectedNewCalls");
		snug_json_put_raw(&w, number, (size_t)len);
	}
	snug_json_close(&w);
	printf("%s\n", snug_buf_text(&text));
}

/* On stderr: stdout is the container's. */
static void print_summary(const struct snug_learned *learned, const char *name)
{
	char caps[32] = "capabilities not observed", expected[64] = "unknown after one run";
	char refused[48] = "";

	if (learned->observed &
	    (SNUG_OBSERVED_CAPABILITIES | SNUG_OBSERVED_CAPABILITIES_APPROXIMATE))
		snprintf(caps, sizeof(caps), "%u capabilit%s", learned->caps,
			 learned->caps == 1 ? "y" : "ies");
	if (learned->refused)
		snprintf(refused, sizeof(refused), ", %u refused by its own filter",
			 learned->refused);
	if (learned->runs > 1 && learned->expected_new >= 0)
		snprintf(expected, sizeof(expected), "%.1f", learned->expected_new);
	(void)fprintf(stderr,
		      "learned %s: %u calls%s, %s, gate %s, exit status %d\n"
		      "run %" PRIu64 " of this name; new calls to expect in the next: %s\n"
		      "%s\n",
		      name, learned->calls, refused, caps, snug_gate_name(learned->gate),
		      learned->exit, learned->runs, expected, learned->path);
	if (!(learned->observed & SNUG_OBSERVED_JOINERS))
		(void)fputs("joiners: not seen (the container has no cgroup of its own)\n", stderr);
	if (learned->lost)
		(void)fprintf(stderr,
			      "incomplete: %" PRIu64 " events were lost; learn it again, or use "
			      "--accept-incomplete\n",
			      learned->lost);
}

static const struct option options[] = {
	{ "name", required_argument, NULL, 'n' },   { "runtime", required_argument, NULL, 'r' },
	{ "id", required_argument, NULL, 'i' },	    { "fresh", no_argument, NULL, 'f' },
	{ "format", required_argument, NULL, 'F' }, { 0 },
};

static int parse(int argc, char **argv, struct snug_learn *ret, enum snug_format *format,
		 struct snug_error *err)
{
	int result;

	while ((result = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (result == 'n')
			ret->name = optarg;
		else if (result == 'r')
			ret->runtime = optarg;
		else if (result == 'i')
			ret->id = optarg;
		else if (result == 'f')
			ret->fresh = true;
		else if (result != 'F')
			return snug_usage_option(err, argv[0], result, argv);
		else if (snug_format_parse(optarg, format, err) < 0)
			return -1;
	}
	if (optind + 1 != argc)
		return snug_usage(err, argv[0],
				  optind < argc ? "one bundle at a time" : "no bundle given");
	if (!ret->name)
		return snug_usage(err, argv[0], "--name is missing");
	if (!snug_name_is_valid(ret->name))
		return snug_usage(err, argv[0],
				  "'%s' is no name: letters, digits, . _ -, at most %u", ret->name,
				  SNUG_NAME_MAX);
	ret->bundle = argv[optind];
	return 0;
}

static int run(const struct snug_cli *context, int argc, char **argv, struct snug_error *err)
{
	struct live live = { 0 };
	struct snug_learn request = { .store = &context->store, .note = note, .context = &live };
	SNUG_AUTO(snug_learned_clear) struct snug_learned learned = { 0 };
	enum snug_format format = SNUG_FORMAT_TEXT;
	int failed;

	if (parse(argc, argv, &request, &format, err) < 0)
		return -1;
	if (isatty(STDERR_FILENO))
		request.tick = tick;
	failed = snug_learn(&request, &learned, err);
	erase(&live);
	if (failed < 0)
		return -1;
	print_summary(&learned, request.name);
	if (format == SNUG_FORMAT_JSON)
		print_json(&learned);
	return 0;
}

const struct snug_command snug_cmd_learn = {
	.name = "learn",
	.arguments = "BUNDLE --name NAME [--runtime RUNTIME] [--id ID] [--fresh] [--format FORMAT]",
	.summary = "runs a bundle once and records what it does",
	.options = "  --name NAME        the recording's; learning a name again adds a run\n"
		   "  --runtime RUNTIME  runc (the default), crun, or a path\n"
		   "  --id ID            the container's id (snug-NAME-8hex)\n"
		   "  --fresh            forgets the name's earlier runs\n"
		   "  --format json      prints the summary as JSON too, on standard output\n",
	.run = run,
};
