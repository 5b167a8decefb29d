/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp filter, as it is read back of a process. What the engine says of a call is what a plain
 * interpreter does, for single calls and for what it makes of all of them; and what it cannot say
 * it refuses. A filter is within what it means.
 *
 * Input: a byte, and by its lowest bit bytes that choose a program, or instructions as they are.
 */
#include "fuzz/fuzz.h"

#include "support/programs.h"

#include "base/cleanup.h"
#include "random.h"

#define VECTORS	  12u
#define INSNS_MAX 64u
/* Programs that are longer have too many ways through them to follow all, in random ones. */
#define SPLIT_MAX  12u
#define WITHIN_MAX 5u

/* false: it is none that the kernel would take (kernel/seccomp.c, net/core/filter.c), as far as the
 * interpreter cares. */
static bool is_sound(const struct snug_program *program)
{
	for (size_t pc = 0; pc < program->count; pc++) {
		const struct snug_insn *i = &program->at[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k >= sizeof(struct seccomp_data))
				return false;
			break;
		case BPF_ALU | BPF_LSH | BPF_K:
		case BPF_ALU | BPF_RSH | BPF_K:
			if (i->k >= 32)
				return false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_ALU | BPF_OR | BPF_K:
		case BPF_RET | BPF_K:
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (pc + 1 + i->jt >= program->count || pc + 1 + i->jf >= program->count)
				return false;
			break;
		default:
			return false;
		}
	}
	return program->count && program->at[program->count - 1].code == (BPF_RET | BPF_K);
}

static void check_vectors(const struct snug_program *program, const struct snug_split *split,
			  struct seccomp_data *data)
{
	bool sound = is_sound(program);

	for (unsigned i = 0; i < VECTORS; i++) {
		uint64_t args[SNUG_ARGS];
		struct snug_error err = { 0 };
		snug_action got;

		fit(program, data);
		for (unsigned n = 0; n < SNUG_ARGS; n++)
			args[n] = data->args[n];
		if (snug_program_run(program, data->arch, (uint32_t)data->nr, args, &got, &err) <
		    0) {
			CHECK(err.code == SNUG_INPUT && err.what[0]);
			continue;
		}
		/* What a program loads of the instruction pointer is 0 in both. */
		if (sound)
			CHECK(got == interpret(program, data));
		if (split)
			CHECK(snug_split_decide(split, args) == got);
	}
}

static void check(const struct snug_program *program)
{
	struct seccomp_data data = { .nr = 41, .arch = random_below(8) ? 0xc000003e : 0x40000003 };
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp all = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };
	bool whole = snug_program_split(program, data.arch, (uint32_t)data.nr, &split, &err) == 0;

	CHECK(whole || err.code == SNUG_INPUT);
	check_vectors(program, whole ? &split : NULL, &data);
	/* Of all numbers, a short one: random programs have a great many ways through them. Nothing
	 * is looser than to allow everything. */
	if (program->count > WITHIN_MAX)
		return;
	if (snug_seccomp_init(&all, SNUG_ALLOW, &err) < 0)
		abort();
	if (snug_program_within(program, &all, &witness, &err) < 0)
		CHECK(err.code == SNUG_INPUT && !strstr(err.what, "not the policy"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snug_insn insns[INSNS_MAX];
	struct random_program random;
	struct snug_program program = { insns, 0 };

	if (!size)
		return 0;
	random_input(data + 1, size - 1);
	if (data[0] & 1) {
		random_program(&random);
		check(&random.program);
		return 0;
	}
	program.count = (size - 1) / sizeof(insns[0]);
	if (!program.count || program.count > INSNS_MAX)
		return 0;
	memcpy(insns, data + 1, program.count * sizeof(insns[0]));
	check(&program);
	return 0;
}
