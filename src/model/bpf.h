/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classic BPF as seccomp uses it (Documentation/userspace-api/seccomp_filter.rst; the instructions
 * that kernel/seccomp.c:seccomp_check_filter admits). One engine walks every path that a set of
 * calls can take: of one call it is an interpreter, of all it turns the filter into what it means.
 * So a compiled filter is proved equal to the model, not sampled.
 *
 * What the engine cannot reason about (arithmetic on arguments, the instruction pointer, a number
 * looked at after an argument) is refused with SNUG_INPUT, never guessed.
 */
#pragma once

#include "base/error.h"
#include "model/seccomp.h"

#include <stddef.h>
#include <stdint.h>

/* struct sock_filter's layout (linux/filter.h), so that filters are used without copying. */
struct snug_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct snug_program {
	const struct snug_insn *at;
	size_t count;
};

#define SNUG_PROGRAM_MAX       4096u	  /* BPF_MAXINSNS */
#define SNUG_PROGRAM_STEPS_MAX (1u << 22) /* instructions in one walk; past it: SNUG_INPUT */

/* What the program returns for this call. token is the AUDIT_ARCH_*. */
int snug_program_run(const struct snug_program *program, uint32_t token, uint32_t nr,
		     const uint64_t args[SNUG_ARGS], snug_action *ret,
		     struct snug_error *err) SNUG_CHECKED;

/* What the program does with one number of one ABI, for all arguments. ret is uninitialised before.
 */
int snug_program_split(const struct snug_program *program, uint32_t token, uint32_t nr,
		       struct snug_split *ret, struct snug_error *err) SNUG_CHECKED;

/*
 * Is the program, for every ABI (unknown tokens included: SNUG_UNLISTED), every number that is a
 * call's and every argument, the policy? On a difference: SNUG_INPUT that names the call and both
 * answers, and *witness is the call (its arch SNUG_ARCH_MAX for a token that is none of ours). A
 * program that the engine refuses is an error too: then witness->arch is SNUG_ARCH_MAX and nr 0.
 */
int snug_program_prove(const struct snug_program *program, const struct snug_seccomp *policy,
		       struct snug_call_data *witness, struct snug_error *err) SNUG_CHECKED;
/* Is it nowhere looser than the policy? As above, but for tokens that are none of ours, by which no
 * call can be made. */
int snug_program_within(const struct snug_program *program, const struct snug_seccomp *policy,
			struct snug_call_data *witness, struct snug_error *err) SNUG_CHECKED;
