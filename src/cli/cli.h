/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: a table of commands, each thin. A command parses its arguments, calls flow or
 * model, and prints. It returns 0, or negative with err filled: main prints the line and exits
 * with err->code (SNUG_NO with an empty `what` prints nothing).
 */
#pragma once

#include "base/version.h"
#include "base/error.h"
#include "model/target.h"
#include "store/store.h"

#include <stdbool.h>

struct snug_cli {
	struct snug_store store; /* --root */
};

struct snug_command {
	const char *name;
	const char *arguments; /* usage, after the name */
	const char *summary;   /* one line */
	const char *options;   /* the option lines of --help; "" if none */
	int (*run)(const struct snug_cli *context, int argc, char **argv, struct snug_error *err);
};

/* One a file: cmd_NAME.c. argv[0] is the command's name. */
extern const struct snug_command snug_cmd_learn, snug_cmd_record, snug_cmd_status, snug_cmd_flush,
	snug_cmd_generate, snug_cmd_merge, snug_cmd_diff, snug_cmd_harden, snug_cmd_simulate,
	snug_cmd_explain, snug_cmd_unload, snug_cmd_policy, snug_cmd_hook, snug_cmd_install,
	snug_cmd_uninstall, snug_cmd_doctor;

/* The whole command line, but for printing the error. */
int snug_cli_run(int argc, char **argv, struct snug_error *err) SNUG_CHECKED;
/* Opens what is closed of descriptors 0 to 2, so that no file of ours lands there. */
int snug_cli_open_stdio(struct snug_error *err) SNUG_CHECKED;
/* For text that may be longer than stdio's buffer: the write fails here, where errno is known. */
int snug_cli_print(const char *text, struct snug_error *err) SNUG_CHECKED;
/* The same of JSON, laid out for people. */
int snug_cli_print_json(const struct snug_buf *text, struct snug_error *err) SNUG_CHECKED;
int snug_cli_write(const char *data, size_t len, struct snug_error *err) SNUG_CHECKED;
/* Nothing printed counts until it is written: a full disk behind '>' is an error. */
int snug_cli_flush(struct snug_error *err) SNUG_CHECKED;

/* --format text|json, for commands that print facts. */
enum snug_format { SNUG_FORMAT_TEXT, SNUG_FORMAT_JSON };
int snug_format_parse(const char *word, enum snug_format *ret, struct snug_error *err) SNUG_CHECKED;

/* --runtime's word: runc, crun or, where the command takes that, snug. SNUG_USAGE for another. */
int snug_runtime_option(const char *command, const char *word, bool takes_snug,
			enum snug_runtime *ret, struct snug_error *err) SNUG_CHECKED;

/* The error of a command line: SNUG_USAGE with "see snug COMMAND --help" as the remedy. Returns -1.
 */
int snug_usage(struct snug_error *err, const char *command, const char *fmt, ...) SNUG_PRINTF(3, 4);
/* --name of a command that records: there, and a name. */
int snug_usage_name(struct snug_error *err, const char *command, const char *name) SNUG_CHECKED;
/* For getopt_long's '?' and ':' (opterr = 0, optstring begins with ':'): names the option. Returns
 * -1. */
int snug_usage_option(struct snug_error *err, const char *command, int result, char **argv);
