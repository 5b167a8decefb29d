/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/live.h"

#include "base/cleanup.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 80 /* of a terminal that does not say */

static void erase(struct snug_live *live)
{
	if (live->printed)
		(void)fputs("\r\033[K", stderr);
	live->printed = false;
}

/* Keeps the counts of the last seconds; returns the one from SNUG_LIVE_SECS ago. */
static unsigned slide(struct snug_live *live, time_t now, unsigned calls)
{
	for (; live->second < now; live->second++)
		live->at[live->second % SNUG_LIVE_SECS] = live->calls;
	live->calls = calls;
	return now - live->start < SNUG_LIVE_SECS ? 0 : live->at[now % SNUG_LIVE_SECS];
}

/* A line that the terminal wraps cannot be erased: each tick would leave one behind. */
static void show(struct snug_live *live, const char *line)
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

void snug_live_tick(void *context, const struct snug_learn_tick *tick)
{
	const struct snug_progress *progress = &tick->progress;
	struct snug_live *live = context;
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
		 progress->calls, progress->calls - before, SNUG_LIVE_SECS,
		 (long long)(now - live->last_new), complete);
	show(live, progress->gate_passed ? line : "learning: the container is starting");
}

void snug_live_note(void *context, const char *text)
{
	erase(context);
	(void)fprintf(stderr, "snug: %s\n", text);
}

/* What was not looked at is absent, not none. */
static void put_seen(struct snug_json_writer *w, const struct snug_learned *learned)
{
	snug_json_put_key(w, "observed");
	snug_observed_put(w, learned->observed);
	if (learned->observed & (SNUG_OBSERVED_FILES | SNUG_OBSERVED_FILES_APPROXIMATE)) {
		snug_json_pair_u64(w, "files", learned->seen.files);
		snug_json_pair_u64(w, "programs", learned->seen.programs);
	}
	if (learned->observed & SNUG_OBSERVED_NETWORK)
		snug_json_pair_u64(w, "sockets", learned->seen.acts[SNUG_ACT_SOCKET]);
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
	put_seen(&w, learned);
	snug_json_pair_string(&w, "gate", snug_gate_name(learned->gate));
	if (learned->exit >= 0)
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

static void print(const struct snug_learned *learned, const char *verb, const char *name)
{
	char caps[32] = "capabilities not observed", expected[64] = "unknown after one run";
	char refused[48] = "", status[32] = "";
	SNUG_AUTO(snug_buf_clear) struct snug_buf seen = { 0 };

	snug_seen_words(learned->observed, &learned->seen, &seen);
	if (learned->observed &
	    (SNUG_OBSERVED_CAPABILITIES | SNUG_OBSERVED_CAPABILITIES_APPROXIMATE))
		snprintf(caps, sizeof(caps), "%u capabilit%s", learned->caps,
			 learned->caps == 1 ? "y" : "ies");
	if (learned->refused)
		snprintf(refused, sizeof(refused), ", %u refused by its own filter",
			 learned->refused);
	if (learned->runs > 1 && learned->expected_new >= 0)
		snprintf(expected, sizeof(expected), "%.1f", learned->expected_new);
	if (learned->exit >= 0)
		snprintf(status, sizeof(status), ", exit status %d", learned->exit);
	(void)fprintf(stderr,
		      "%s %s: %u calls%s, %s, gate %s%s\n"
		      "%s\n"
		      "run %" PRIu64 " of this name; new calls to expect in the next: %s\n"
		      "%s\n",
		      verb, name, learned->calls, refused, caps, snug_gate_name(learned->gate),
		      status, snug_buf_text(&seen), learned->runs, expected, learned->path);
	if (!(learned->observed & SNUG_OBSERVED_JOINERS))
		(void)fputs("joiners: not seen (the container has no cgroup of its own)\n", stderr);
	if (learned->lost)
		(void)fprintf(stderr,
			      "incomplete: %" PRIu64 " events were lost; learn it again, or use "
			      "--accept-incomplete\n",
			      learned->lost);
}

int snug_live_end(struct snug_live *live, int result, const struct snug_learned *learned,
		  const char *verb, const char *name, enum snug_format format)
{
	erase(live);
	if (result < 0)
		return result;
	print(learned, verb, name);
	if (format == SNUG_FORMAT_JSON)
		print_json(learned);
	return result;
}
