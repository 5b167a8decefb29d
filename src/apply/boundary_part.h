/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the exec boundary share. Not for others. */
#pragma once

#include "apply/boundary.h"
#include "model/task_state.h"

#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>

/* ---- boundary_seize.c ---- */

/* Seizes each thread, until two looks find no new one. */
int snug_seize_all(pid_t tgid, struct snug_error *err) SNUG_CHECKED;
/*
 * Lets all run until the process execs. 1: it has, and is stopped, its program loaded; 0: it has
 * ended before. An error: it must be killed.
 */
int snug_seize_await_exec(const struct snug_boundary_target *target,
			  struct snug_error *err) SNUG_CHECKED;

/* ---- boundary_machine.c: registers, and what a program says to make a call ---- */

#if defined(__x86_64__)
#define SNUG_MACHINE_CALL 2 /* bytes of that instruction */
#else
#define SNUG_MACHINE_CALL 4
#endif

struct snug_inject_call {
	const char *what; /* for the message of one that fails */
	uint64_t nr;
	uint64_t args[6];
};

extern const unsigned char snug_machine_call[SNUG_MACHINE_CALL];
/* Where a process is, and where its stack ends. */
uint64_t snug_machine_at(const struct user_regs_struct *regs);
uint64_t snug_machine_stack(const struct user_regs_struct *regs);
int snug_machine_get(pid_t tgid, struct user_regs_struct *ret, struct snug_error *err) SNUG_CHECKED;
int snug_machine_set(pid_t tgid, const struct user_regs_struct *regs,
		     struct snug_error *err) SNUG_CHECKED;
/* As before, but that the next thing it does is the call. */
int snug_machine_set_call(pid_t tgid, const struct user_regs_struct *before,
			  const struct snug_inject_call *call, struct snug_error *err) SNUG_CHECKED;

/* ---- boundary_inject.c ---- */

/*
 * Calls made in a stopped process, in place of its first instruction. What they point at lies in
 * the process's stack, where nothing of its own is: an area of SNUG_INJECT_ROOM bytes.
 */
#define SNUG_INJECT_ROOM (64u + SNUG_PROGRAM_MAX * sizeof(struct snug_insn))

struct snug_inject {
	pid_t tgid;
	int mem; /* its memory */
	uint64_t mask;
	bool stopped;  /* a SIGSTOP came, and is to come again */
	uint64_t area; /* address of what calls point at */
	size_t used;
	struct user_regs_struct regs;
	unsigned char text[SNUG_MACHINE_CALL]; /* what was at its first instruction */
};
#define SNUG_INJECT_NONE                                                                           \
	{                                                                                          \
		.mem = -1                                                                          \
	}

/* From PTRACE_EVENT_EXEC to the way out of its execve. The caller closes ret, failed or not. */
int snug_inject_begin(pid_t tgid, struct snug_inject *ret, struct snug_error *err) SNUG_CHECKED;
/* Copies into the area at offset; *ret_address is where it is in the process. */
int snug_inject_put(struct snug_inject *in, size_t offset, const void *data, size_t len,
		    uint64_t *ret_address, struct snug_error *err) SNUG_CHECKED;
/* *ret is what it returned, 0 or more; an errno of the call's is an error. */
int snug_inject_call(struct snug_inject *in, const struct snug_inject_call *call, uint64_t *ret,
		     struct snug_error *err) SNUG_CHECKED;
/* All as it was. Afterwards it is to be detached. */
int snug_inject_end(struct snug_inject *in, struct snug_error *err) SNUG_CHECKED;
void snug_inject_close(struct snug_inject *in);

/* ---- boundary_apply.c ---- */

/* Of the stopped process: makes the plan's calls, and looks whether they did what they should. */
int snug_boundary_apply(const struct snug_boundary_target *target,
			struct snug_error *err) SNUG_CHECKED;
