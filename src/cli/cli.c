/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/cleanup.h"
#include "base/near.h"
#include "flow/boundary.h"
#include "flow/confine.h"
#include "flow/hooked.h"
#include "flow/learn.h"
#include "self/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In the order in which a user meets them. */
/* clang-format off */
static const struct snug_command *const commands[] = {
	&snug_cmd_learn,
	&snug_cmd_record,
	&snug_cmd_status,
	&snug_cmd_flush,
	&snug_cmd_generate,
	&snug_cmd_merge,
	&snug_cmd_diff,
	&snug_cmd_harden,
	&snug_cmd_policy,
	&snug_cmd_install,
	&snug_cmd_uninstall,
	&snug_cmd_doctor,
	&snug_cmd_unload,
	&snug_cmd_simulate,
	&snug_cmd_explain,
	&snug_cmd_hook,
	NULL,
};
/* clang-format on */

static const struct snug_command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown(const char *name, struct snug_error *err)
{
	const char *names[sizeof(commands) / sizeof(commands[0])], *near;
	size_t count = 0;

	for (; commands[count]; count++)
		names[count] = commands[count]->name;
	near = snug_near(name, names, count);
	snug_fail(err, SNUG_USAGE, "unknown command '%s'", name);
	if (near)
		return snug_remedy(err, "did you mean '%s'?", near);
	return snug_remedy(err, "see snug help");
}

static void print_overview(void)
{
	printf("usage: snug [--root DIR] COMMAND [ARGUMENT...]\n\n"
	       "Fits a container's privileges to its workload.\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->summary[0]) /* none: not for people */
			printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("  %-10s %s\n\n", "help", "says more about a command");
	printf("  --root DIR   keeps policy, profiles and recordings below DIR\n"
	       "  --version    prints the version\n\n"
	       "exit status: 0 done; 1 the answer is no; 2 usage; 3 bad input; 4 this host "
	       "cannot;\n"
	       "5 a system error\n");
}

static void print_help(const struct snug_command *command)
{
	printf("usage: snug %s%s%s\n\n%s\n", command->name, command->arguments[0] ? " " : "",
	       command->arguments, command->summary);
	if (command->options[0])
		printf("\n%s", command->options);
}

static int help(int argc, char **argv, struct snug_error *err)
{
	const struct snug_command *command;

	if (argc > 2)
		return snug_usage(err, "help", "one command at a time");
	if (argc < 2) {
		print_overview();
		return 0;
	}
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1], err);
	print_help(command);
	return 0;
}

/* --help counts wherever it stands before "--", so that nobody has to know where it belongs. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/*
 * A container that hooks learned may have died without its poststop: whatever is done next, its
 * recording is written first, and its AppArmor profile unloaded. What cannot be is told, and kept.
 * What a killed learner left in the run folder goes.
 */
static void reap(const struct snug_cli *context)
{
	static int (*const reapers[])(const struct snug_store *,
				      struct snug_error *) = { snug_hooked_reap, snug_confine_reap,
							       snug_boundary_reap };
	struct snug_error err;
	char line[1024];

	if (geteuid() != 0)
		return;
	snug_learn_clear_away(&context->store);
	for (size_t i = 0; i < sizeof(reapers) / sizeof(reapers[0]); i++) {
		if (reapers[i](&context->store, &err) == 0)
			continue;
		snug_error_line(&err, line, sizeof(line));
		(void)fprintf(stderr, "snug: %s\n", line);
	}
}

static int run_command(const struct snug_cli *context, int argc, char **argv,
		       struct snug_error *err)
{
	const struct snug_command *command;

	if (strcmp(argv[0], "help") == 0)
		return help(argc, argv, err);
	command = find(argv[0]);
	if (!command)
		return unknown(argv[0], err);
	if (wants_help(argc, argv)) {
		print_help(command);
		return 0;
	}
	if (snug_self_shed(err) < 0)
		return -1;
	if (command != &snug_cmd_hook) /* which does so itself, under one lock */
		reap(context);
	opterr = 0;
	optind = 0; /* 0, not 1: glibc starts over, and reads the optstring's first letter */
	return command->run(context, argc, argv, err);
}

int snug_cli_run(int argc, char **argv, struct snug_error *err)
{
	struct snug_cli context = { .store = { .root = "" } };
	int at = 1;

	for (; at < argc && argv[at][0] == '-'; at++) {
		const char *option = argv[at];

		if (strcmp(option, "--version") == 0) {
			printf("snug %s\n", SNUG_VERSION);
			return 0;
		} else if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
			print_overview();
			return 0;
		} else if (strcmp(option, "--root") == 0 && at + 1 < argc) {
			context.store.root = argv[++at];
		} else if (strncmp(option, "--root=", strlen("--root=")) == 0) {
			context.store.root = option + strlen("--root=");
		} else {
			return snug_usage(err, NULL,
					  strcmp(option, "--root") ? "unknown option '%s'"
								   : "%s wants a folder",
					  option);
		}
		if (context.store.root[0] == '\0')
			return snug_usage(err, NULL, "--root wants a folder");
	}
	if (at >= argc)
		return snug_usage(err, NULL, "no command given");
	return run_command(&context, argc - at, argv + at, err);
}

int snug_cli_open_stdio(struct snug_error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The wrong way round: a read of stdin or a write to stdout still fails. */
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return snug_fail_errno(err, errno, "standard file %d is closed", fd);
	}
	return 0;
}

static int output_fail(struct snug_error *err)
{
	snug_fail_errno(err, errno ? errno : EIO, "standard output");
	return snug_remedy(err, "what was printed is not whole");
}

int snug_cli_write(const char *data, size_t len, struct snug_error *err)
{
	errno = 0;
	return fwrite(data, 1, len, stdout) == len ? 0 : output_fail(err);
}

int snug_cli_print(const char *text, struct snug_error *err)
{
	return snug_cli_write(text, strlen(text), err);
}

int snug_cli_print_json(const struct snug_buf *text, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf pretty = { 0 };

	if (snug_buf_check(text, err) < 0 ||
	    snug_json_pretty(snug_buf_text(text), text->len, &pretty, err) < 0)
		return -1;
	return snug_cli_print(snug_buf_text(&pretty), err);
}

int snug_cli_flush(struct snug_error *err)
{
	errno = 0;
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : output_fail(err);
}

int snug_format_parse(const char *word, enum snug_format *ret, struct snug_error *err)
{
	if (strcmp(word, "text") == 0)
		*ret = SNUG_FORMAT_TEXT;
	else if (strcmp(word, "json") == 0)
		*ret = SNUG_FORMAT_JSON;
	else
		return snug_fail(err, SNUG_USAGE, "unknown format '%s': it is text or json", word);
	return 0;
}

int snug_runtime_option(const char *command, const char *word, bool takes_snug,
			enum snug_runtime *ret, struct snug_error *err)
{
	enum snug_runtime runtime;

	if (!snug_runtime_parse(word, &runtime) || (runtime == SNUG_RUNTIME_SNUG && !takes_snug))
		return snug_usage(err, command, "unknown runtime '%s': it is %s", word,
				  takes_snug ? "runc, crun or snug" : "runc or crun");
	*ret = runtime;
	return 0;
}

int snug_usage(struct snug_error *err, const char *command, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snug_fail(err, SNUG_USAGE, "%s", text);
	if (!command || strcmp(command, "help") == 0)
		return snug_remedy(err, "see snug help");
	return snug_remedy(err, "see snug %s --help", command);
}

int snug_usage_option(struct snug_error *err, const char *command, int result, char **argv)
{
	const char *word = argv[optind - 1];

	if (result == ':')
		return snug_usage(err, command, "%s wants a value", word);
	if (word[0] == '-' && word[1] != '-' && optopt)
		return snug_usage(err, command, "unknown option '-%c'", optopt);
	if (optopt) /* a known long option, spelt --option=value, that takes none */
		return snug_usage(err, command, "%s: this option takes no value", word);
	snug_usage(err, command, "unknown option '%s'", word);
	if (strncmp(word, "--root", strlen("--root")) == 0)
		return snug_remedy(err, "it goes first: snug --root DIR %s", command);
	return -1;
}

int snug_usage_name(struct snug_error *err, const char *command, const char *name)
{
	if (!name)
		return snug_usage(err, command, "--name is missing");
	if (!snug_name_is_valid(name))
		return snug_usage(err, command,
				  "'%s' is no name: letters, digits, . _ -, at most %u", name,
				  SNUG_NAME_MAX);
	return 0;
}
