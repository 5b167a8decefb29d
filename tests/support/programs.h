/* SPDX-License-Identifier: Apache-2.0 */
/* Random cBPF programs as seccomp admits them, a plain interpreter, and vectors that they may tell
 * apart. */
#pragma once

#include "model/bpf.h"
#include "property/model/cases.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#define PROGRAM_LENGTH 24u

struct random_program {
	struct snug_insn insns[PROGRAM_LENGTH];
	struct snug_program program;
};

static inline uint32_t random_word(void)
{
	uint64_t value = random_value();

	return (uint32_t)(random_below(2) ? value : value >> 32);
}

static inline struct snug_insn random_insn(unsigned left)
{
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	static const uint16_t alus[] = { BPF_AND, BPF_AND, BPF_OR, BPF_RSH, BPF_LSH };
	struct snug_insn insn = { .code = BPF_LD | BPF_W | BPF_ABS };
	unsigned ahead = left < 6 ? left : 6;

	switch (random_below(10)) {
	case 0:
		insn.code = BPF_RET | BPF_K;
		insn.k = random_action();
		break;
	case 1:
		insn.code = (uint16_t)(BPF_ALU | BPF_K | alus[random_below(5)]);
		insn.k = BPF_OP(insn.code) == BPF_AND || BPF_OP(insn.code) == BPF_OR
				 ? (uint32_t)random_mask()
				 : random_below(32);
		break;
	case 2:
	case 3:
	case 4:
		insn.k = 16 + 4 * random_below(4);
		break;
	default:
		insn.code = (uint16_t)(BPF_JMP | BPF_K | jumps[random_below(4)]);
		insn.k = random_word();
		insn.jt = (uint8_t)random_below(ahead);
		insn.jf = (uint8_t)random_below(ahead);
	}
	return insn;
}

static inline void random_program(struct random_program *ret)
{
	unsigned n = 2 + random_below(PROGRAM_LENGTH - 2);

	for (unsigned i = 0; i + 1 < n; i++)
		ret->insns[i] = random_insn(n - 1 - i);
	ret->insns[0] = (struct snug_insn){ BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 * random_below(2) };
	ret->insns[n - 1] = (struct snug_insn){ BPF_RET | BPF_K, 0, 0, random_action() };
	ret->program = (struct snug_program){ ret->insns, n };
}

static inline snug_action interpret(const struct snug_program *program,
				    const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0;; pc++) {
		const struct snug_insn *i = &program->at[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = ((const uint32_t *)data)[i->k / 4];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_ALU | BPF_OR | BPF_K:
			a |= i->k;
			break;
		case BPF_ALU | BPF_LSH | BPF_K:
			a <<= i->k;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			a >>= i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		default:
			return i->k;
		}
	}
}

/* A vector that is likely to pass some of the comparisons. */
static inline void fit(const struct snug_program *program, struct seccomp_data *data)
{
	uint64_t args[SNUG_ARGS];

	random_args(args, NULL);
	for (unsigned i = 0; i < SNUG_ARGS; i++) {
		uint32_t k = program->at[random_below((unsigned)program->count)].k;

		data->args[i] = args[i];
		if (random_below(2))
			data->args[i] =
				k + (uint64_t)random_below(3) - 1 + ((uint64_t)random_word() << 32);
	}
}
