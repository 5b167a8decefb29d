/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A runtime's command line. Where it is read (and not refused) as one of crun's, libc's argp, which
 * crun uses, finds the same bundle, config and id in it. Of either runtime: what was read points
 * into the words, and spelt anew as --option=VALUE ahead of the id it reads as the same.
 *
 * Input: a byte for the runtime, then words, each ended by a NUL or a new line.
 */
#include "fuzz/fuzz.h"

#include "base/error.h"
#include "model/oci/runtime_args.h"

#include <argp.h>

#define WORDS_MAX 24

struct line {
	char *text; /* owned */
	char *words[WORDS_MAX + 1];
	int count;
};

static void split(const uint8_t *data, size_t size, struct line *ret)
{
	char *at, *end;

	*ret = (struct line){ .text = malloc(size + 1),
			      .words = { (char *)"runtime" },
			      .count = 1 };
	if (!ret->text)
		abort();
	memcpy(ret->text, data, size);
	ret->text[size] = '\0';
	end = ret->text + size;
	for (at = ret->text; at < end && ret->count < WORDS_MAX;) {
		char *next = at;

		while (next < end && *next && *next != '\n')
			next++;
		*next = '\0';
		ret->words[ret->count++] = at;
		at = next + 1;
	}
	ret->words[ret->count] = NULL;
}

/* ---- crun's way ---- */

struct crun {
	const char *bundle, *config, *id;
	bool failed;
};

/* crun 1.8: src/crun.c, src/run.c and src/create.c, src/exec.c. */
static const struct argp_option global_options[] = {
	{ "debug", 1001, 0, 0, 0, 0 },
	{ "cgroup-manager", 1002, "M", 0, 0, 0 },
	{ "systemd-cgroup", 1003, 0, 0, 0, 0 },
	{ "log", 1004, "F", 0, 0, 0 },
	{ "log-format", 1005, "F", 0, 0, 0 },
	{ "root", 1006, "D", 0, 0, 0 },
	{ "rootless", 1007, "V", 0, 0, 0 },
	{ "version", 'v', 0, 0, 0, 0 },
	{ 0 },
};
static const struct argp_option run_options[] = {
	{ "bundle", 'b', "D", 0, 0, 0 },
	{ "config", 'f', "F", 0, 0, 0 },
	{ "detach", 'd', 0, 0, 0, 0 },
	{ "console-socket", 1001, "S", 0, 0, 0 },
	{ "preserve-fds", 1002, "N", 0, 0, 0 },
	{ "no-pivot", 1003, 0, 0, 0, 0 },
	{ "pid-file", 1004, "F", 0, 0, 0 },
	{ "no-subreaper", 1005, 0, 0, 0, 0 },
	{ "no-new-keyring", 1006, 0, 0, 0, 0 },
	{ "keep", 1007, 0, 0, 0, 0 },
	{ 0 },
};

/* As in crun, words are none of the parser's: argp stops at the first. */
static error_t on_global(int key, char *arg, struct argp_state *state)
{
	(void)arg, (void)state;
	return key >= ' ' && key < 0x1000000 ? 0 : ARGP_ERR_UNKNOWN;
}

static error_t on_run(int key, char *arg, struct argp_state *state)
{
	struct crun *crun = state->input;

	if (key == 'b')
		crun->bundle = arg;
	else if (key == 'f')
		crun->config = arg;
	return key >= ' ' && key < 0x1000000 ? 0 : ARGP_ERR_UNKNOWN;
}

/* crun counts the first word that is none of argp's from where argp stopped. */
static void read_as_crun(const struct line *line, struct crun *ret)
{
	static const struct argp global = { .options = global_options, .parser = on_global };
	static const struct argp run = { .options = run_options, .parser = on_run };
	char *words[WORDS_MAX + 1];
	int first = 0, second = 0;

	*ret = (struct crun){ 0 };
	memcpy(words, line->words, sizeof(words));
	if (argp_parse(&global, line->count, words, ARGP_IN_ORDER | ARGP_SILENT, &first, ret) !=
		    0 ||
	    first >= line->count) {
		ret->failed = true;
		return;
	}
	ret->failed = argp_parse(&run, line->count - first, words + first,
				 ARGP_IN_ORDER | ARGP_SILENT, &second, ret) != 0;
	if (first + second < line->count)
		ret->id = words[first + second];
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_crun(const struct line *line, const struct snug_runtime_args *args)
{
	struct crun crun;

	if (args->verb != SNUG_VERB_RUN)
		return;
	read_as_crun(line, &crun);
	if (crun.failed)
		return;
	if (!same(args->bundle, crun.bundle) || !same(args->config, crun.config) ||
	    !same(args->id, crun.id))
		(void)fprintf(stderr, "snug: %s %s %s; argp: %s %s %s\n", args->bundle,
			      args->config, args->id, crun.bundle, crun.config, crun.id);
	CHECK(same(args->bundle, crun.bundle) && same(args->config, crun.config) &&
	      same(args->id, crun.id));
}

/* ---- of either ---- */

static void check_inside(const struct line *line, const char *text, size_t size)
{
	CHECK(!text || (text >= line->text && text <= line->text + size));
}

/* Puts "--name=value" where there is one. */
static void add(struct line *line, const char *name, const char *value, char *room, size_t size)
{
	if (!value)
		return;
	(void)snprintf(room, size, "--%s=%s", name, value);
	line->words[line->count++] = room;
}

static void check_again(enum snug_runtime runtime, const struct snug_runtime_args *args)
{
	static const char *const verbs[] = {
		[SNUG_VERB_CREATE] = "create", [SNUG_VERB_RUN] = "run", [SNUG_VERB_EXEC] = "exec"
	};
	static char room[6][8192];
	struct line line = { .words = { (char *)"runtime" }, .count = 1 };
	struct snug_runtime_args again;
	struct snug_error err;

	if (args->verb > SNUG_VERB_EXEC || !verbs[args->verb] || !args->id)
		return;
	add(&line, "log", args->log, room[0], sizeof(room[0]));
	add(&line, "log-format", args->log_format, room[1], sizeof(room[1]));
	add(&line, "root", args->root, room[2], sizeof(room[2]));
	line.words[line.count++] = (char *)verbs[args->verb];
	add(&line, "bundle", args->bundle, room[3], sizeof(room[3]));
	add(&line, "config", args->config, room[4], sizeof(room[4]));
	add(&line, "process", args->process, room[5], sizeof(room[5]));
	if (args->id[0] == '-')
		line.words[line.count++] = (char *)"--";
	line.words[line.count++] = (char *)args->id;
	line.words[line.count] = NULL;
	CHECK(snug_runtime_args_read(runtime, line.count, line.words, &again, &err) == 0);
	CHECK(again.verb == args->verb && same(again.bundle, args->bundle) &&
	      same(again.config, args->config) && same(again.id, args->id) &&
	      same(again.root, args->root) && same(again.log, args->log) &&
	      same(again.process, args->process));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum snug_runtime runtime = size && data[0] & 1 ? SNUG_RUNTIME_CRUN : SNUG_RUNTIME_RUNC;
	struct snug_runtime_args args = { 0 };
	struct snug_error err = { 0 };
	struct line line;

	if (size > 4096)
		return 0;
	split(size ? data + 1 : data, size ? size - 1 : 0, &line);
	if (snug_runtime_args_read(runtime, line.count, line.words, &args, &err) < 0) {
		CHECK(err.code == SNUG_INPUT && err.what[0]);
	} else {
		const char *const texts[] = { args.log,	   args.log_format, args.root, args.bundle,
					      args.config, args.process,    args.id };

		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			check_inside(&line, texts[i], size);
		if (args.process)
			CHECK(args.process_at > 0 && args.process_at < line.count &&
			      strstr(line.words[args.process_at], args.process));
		if (runtime == SNUG_RUNTIME_CRUN)
			check_crun(&line, &args);
		check_again(runtime, &args);
	}
	free(line.text);
	return 0;
}
