/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program, run with a time limit: what it says is caught, and its standard input stays open
 * until it is told to end. Found by PATH, as the operator's shell finds it.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <sys/types.h>

struct snug_command_run {
	pid_t pid;
	int in, out, said; /* -1: closed. said: a memfd with its standard error */
	int pidfd;
	struct snug_buf text; /* its standard output so far */
	int status;	      /* of wait(2), once it has ended */
};
#define SNUG_COMMAND_NONE                                                                          \
	{                                                                                          \
		.in = -1, .out = -1, .said = -1, .pidfd = -1                                       \
	}

/* argv ends with NULL. SNUG_HOST: there is no such program. */
int snug_command_start(const char *const *argv, struct snug_command_run *ret,
		       struct snug_error *err) SNUG_CHECKED;
/* Reads until what it said ends with `mark`, or until it ends itself. SNUG_HOST: too late. */
int snug_command_await(struct snug_command_run *run, const char *mark,
		       struct snug_error *err) SNUG_CHECKED;
/* Closes its input, and waits for it. SNUG_HOST: it failed (with what it said last), or had to be
 * killed. */
int snug_command_end(struct snug_command_run *run, struct snug_error *err) SNUG_CHECKED;
/* All of that. *ret: its standard output, less the newline at the end; NULL: not wanted. */
int snug_command(const char *const *argv, struct snug_buf *ret,
		 struct snug_error *err) SNUG_CHECKED;
/* Kills what still runs. */
void snug_command_clear(struct snug_command_run *run);
