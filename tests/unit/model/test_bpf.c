/* SPDX-License-Identifier: Apache-2.0 */
#include "model/bpf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/cleanup.h"

#define PROGRAM(...)                                                                               \
	{                                                                                          \
		(const struct snug_insn[]){ __VA_ARGS__ },                                         \
			sizeof((const struct snug_insn[]){ __VA_ARGS__ }) /                        \
				sizeof(struct snug_insn)                                           \
	}
#define LOAD(offset)                                                                               \
	{                                                                                          \
		BPF_LD | BPF_W | BPF_ABS, 0, 0, (offset)                                           \
	}
#define LOAD_ARG(index) LOAD(16 + 8 * (index))
#define JUMP(op, k, jt, jf)                                                                        \
	{                                                                                          \
		BPF_JMP | (op) | BPF_K, jt, jf, k                                                  \
	}
#define ALU(op, k)                                                                                 \
	{                                                                                          \
		BPF_ALU | (op) | BPF_K, 0, 0, k                                                    \
	}
#define RETURN(action)                                                                             \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, action                                                      \
	}

static snug_action run(const struct snug_program *program, uint64_t arg)
{
	snug_action ret = 1;
	struct snug_error err;

	assert_int_equal(snug_program_run(program, snug_arch_token(SNUG_ARCH_X86_64), 41,
					  (uint64_t[6]){ arg }, &ret, &err),
			 0);
	return ret;
}

static void test_jumps_on_an_argument(void **state)
{
	static const struct {
		uint16_t op;
		uint32_t k;
		uint64_t yes, no;
	} rows[] = {
		{ BPF_JEQ, 38, 38, 0x100000027ull },
		{ BPF_JGT, 38, 39, 38 },
		{ BPF_JGE, 38, 38, 37 },
		{ BPF_JSET, 6, 4, 0x19 },
		{ BPF_JSET, 0x80000000, 0x80000000, 0x7fffffff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct snug_program program =
			PROGRAM(LOAD_ARG(0), JUMP(rows[i].op, rows[i].k, 0, 1), RETURN(SNUG_ALLOW),
				RETURN(SNUG_TRAP));

		assert_int_equal(run(&program, rows[i].yes), SNUG_ALLOW);
		assert_int_equal(run(&program, rows[i].no), SNUG_TRAP);
	}
}

/* (a0 & 0xff00) >> 8 | 0x10 */
static void test_wires_move(void **state)
{
	const struct snug_program program =
		PROGRAM(LOAD_ARG(0), ALU(BPF_AND, 0xff00), ALU(BPF_RSH, 8), ALU(BPF_OR, 0x10),
			JUMP(BPF_JEQ, 0x35, 0, 1), RETURN(SNUG_ALLOW), RETURN(SNUG_TRAP));
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };
	struct snug_error err;

	(void)state;
	assert_int_equal(run(&program, 0x123500), SNUG_ALLOW);
	assert_int_equal(run(&program, 0x122500), SNUG_ALLOW);
	assert_int_equal(run(&program, 0x123600), SNUG_TRAP);
	assert_int_equal(snug_program_split(&program, 0, 0, &split, &err), 0);
	assert_int_equal(snug_split_disjoint(&split, SNUG_TRAP, &list, &err), 0);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.at[0].action, SNUG_ALLOW);
	assert_int_equal(list.at[0].cube.mask[0], 0xef00);
	assert_int_equal(list.at[0].cube.value[0], 0x2500);
}

static void test_scratch_words_hold_constants(void **state)
{
	const struct snug_program program =
		PROGRAM(LOAD(0), { BPF_ST, 0, 0, 3 }, { BPF_LD | BPF_IMM, 0, 0, 7 },
			{ BPF_LDX | BPF_MEM, 0, 0, 3 }, { BPF_MISC | BPF_TXA, 0, 0, 0 },
			JUMP(BPF_JEQ, 41, 0, 1), RETURN(SNUG_ALLOW), RETURN(SNUG_TRAP));

	(void)state;
	assert_int_equal(run(&program, 0), SNUG_ALLOW);
}

/* Arithmetic on what the program itself says, in the 32 bits that the kernel has: run, and proved,
 * to the same value. */
static void test_constants(void **state)
{
	static const struct {
		struct snug_insn first, second, third;
		uint32_t value;
	} rows[] = {
		{ { BPF_LD | BPF_IMM, 0, 0, 40 }, ALU(BPF_ADD, 2), ALU(BPF_ADD, 0xffffffff), 41 },
		{ { BPF_LD | BPF_IMM, 0, 0, 1 }, ALU(BPF_SUB, 2), ALU(BPF_ADD, 0), 0xffffffff },
		{ { BPF_LD | BPF_IMM, 0, 0, 0x10001 },
		  ALU(BPF_MUL, 0x10000),
		  ALU(BPF_OR, 1),
		  0x10001 },
		{ { BPF_LD | BPF_IMM, 0, 0, 41 }, ALU(BPF_DIV, 2), ALU(BPF_AND, 0xfe), 20 },
		{ { BPF_LD | BPF_IMM, 0, 0, 0xff }, ALU(BPF_XOR, 0x0f), ALU(BPF_RSH, 4), 0xf },
		{ { BPF_LD | BPF_IMM, 0, 0, 1 },
		  { BPF_ALU | BPF_NEG, 0, 0, 0 },
		  ALU(BPF_LSH, 4),
		  0xfffffff0 },
		{ { BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 }, ALU(BPF_ADD, 0), ALU(BPF_ADD, 0), 64 },
		{ { BPF_LDX | BPF_IMM, 0, 0, 3 },
		  { BPF_LD | BPF_IMM, 0, 0, 4 },
		  { BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		  7 },
		{ { BPF_LDX | BPF_W | BPF_LEN, 0, 0, 0 },
		  { BPF_STX, 0, 0, 15 },
		  { BPF_LD | BPF_MEM, 0, 0, 15 },
		  64 },
		{ { BPF_LD | BPF_IMM, 0, 0, 9 },
		  { BPF_MISC | BPF_TAX, 0, 0, 0 },
		  { BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0 },
		  81 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct snug_program program = PROGRAM(
			rows[i].first, rows[i].second, rows[i].third,
			JUMP(BPF_JEQ, rows[i].value, 0, 1), RETURN(SNUG_ALLOW), RETURN(SNUG_TRAP));
		SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
		SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };
		struct snug_error err = { 0 };

		if (run(&program, 0) != SNUG_ALLOW)
			fail_msg("row %zu: another value than %u", i, rows[i].value);
		assert_int_equal(snug_program_split(&program, 0, 0, &split, &err), 0);
		assert_int_equal(snug_split_disjoint(&split, SNUG_ALLOW, &list, &err), 0);
		assert_int_equal(list.count, 0);
	}
}

static void assert_refused(const struct snug_program *program, const char *why)
{
	SNUG_AUTO(snug_split_clear) struct snug_split split = { 0 };
	struct snug_error err = { 0 };

	assert_int_equal(snug_program_split(program, 0, 0, &split, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	if (!strstr(err.what, why))
		fail_msg("%s: not \"%s\"", err.what, why);
}

static void test_refuses_what_it_cannot_prove(void **state)
{
	const struct snug_program sum = PROGRAM(LOAD_ARG(0), ALU(BPF_ADD, 1), RETURN(0));
	const struct snug_program ip = PROGRAM(LOAD(8), RETURN(0));
	const struct snug_program outside = PROGRAM(LOAD(64), RETURN(0));
	const struct snug_program odd = PROGRAM(LOAD(2), RETURN(0));
	const struct snug_program aside = PROGRAM(LOAD_ARG(0), { BPF_ST, 0, 0, 0 }, RETURN(0));
	const struct snug_program word = PROGRAM({ BPF_ST, 0, 0, 16 }, RETURN(0));
	const struct snug_program value = PROGRAM(LOAD_ARG(0), { BPF_RET | BPF_A, 0, 0, 0 });
	const struct snug_program past = PROGRAM(LOAD_ARG(0), JUMP(BPF_JEQ, 1, 1, 0), RETURN(0));
	const struct snug_program far = PROGRAM({ BPF_JMP | BPF_JA, 0, 0, 0xffffffff }, RETURN(0));
	const struct snug_program half = PROGRAM({ BPF_LD | BPF_H | BPF_ABS, 0, 0, 0 }, RETURN(0));
	const struct snug_program zero = PROGRAM(ALU(BPF_DIV, 0), RETURN(0));
	const struct snug_program wide = PROGRAM(ALU(BPF_LSH, 32), RETURN(0));
	const struct snug_program modulo =
		PROGRAM({ BPF_LD | BPF_IMM, 0, 0, 9 }, ALU(BPF_MOD, 2), RETURN(0));
	const struct snug_program jump =
		PROGRAM(LOAD(0), { BPF_JMP | 0x50 | BPF_K, 0, 0, 1 }, RETURN(0));
	const struct snug_program none = { NULL, 0 };

	(void)state;
	assert_refused(&sum, "arithmetic");
	assert_refused(&ip, "instruction pointer");
	assert_refused(&outside, "outside");
	assert_refused(&odd, "outside");
	assert_refused(&aside, "aside");
	assert_refused(&word, "scratch");
	assert_refused(&value, "no constant");
	assert_refused(&past, "past its end");
	assert_refused(&far, "past its end");
	assert_refused(&half, "not admit");
	assert_refused(&zero, "arithmetic");
	assert_refused(&wide, "shift");
	assert_refused(&modulo, "arithmetic");
	assert_refused(&jump, "not admit");
	assert_refused(&none, "instructions");
}

/* Each JSET of a fresh bit doubles the paths; one of the number's lowest bit cuts all numbers. */
static void test_too_many_paths_are_refused(void **state)
{
	struct snug_insn insns[3 * 30 + 1];
	struct snug_program program = { insns, sizeof(insns) / sizeof(insns[0]) };
	const struct snug_program numbers = PROGRAM(LOAD(0), JUMP(BPF_JSET, 1, 0, 0), RETURN(0));
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	struct snug_call_data witness;
	struct snug_error err;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		insns[3 * i] = (struct snug_insn)LOAD_ARG(0);
		insns[3 * i + 1] = (struct snug_insn)JUMP(BPF_JSET, 1u << i, 0, 1);
		insns[3 * i + 2] = (struct snug_insn){ BPF_JMP | BPF_JA, 0, 0, 0 };
	}
	insns[90] = (struct snug_insn)RETURN(0);
	assert_refused(&program, "pieces");
	assert_int_equal(snug_seccomp_init(&policy, SNUG_KILL_THREAD, &err), 0);
	assert_int_equal(snug_program_prove(&numbers, &policy, &witness, &err), -1);
	assert_non_null(strstr(err.what, "too many paths"));
}

#define TOKEN 0xc000003eu

static void assert_proof(const struct snug_program *program, const struct snug_seccomp *policy,
			 enum snug_arch arch, uint32_t nr)
{
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	assert_int_equal(snug_program_prove(program, policy, &witness, &err), -1);
	assert_int_equal(err.code, SNUG_INPUT);
	assert_non_null(strstr(err.what, "not the policy"));
	assert_int_equal(witness.arch, arch);
	assert_int_equal(witness.nr, nr);
}

static void test_proof_leaves_nothing_out(void **state)
{
	const struct snug_program all = PROGRAM(RETURN(SNUG_ALLOW));
	const struct snug_program none = PROGRAM(RETURN(SNUG_KILL_THREAD));
	const struct snug_program one =
		PROGRAM(LOAD(4), JUMP(BPF_JEQ, TOKEN, 0, 5), LOAD(0), JUMP(BPF_JEQ, 41, 0, 3),
			LOAD(20), JUMP(BPF_JEQ, 1, 0, 1), RETURN(SNUG_ALLOW), RETURN(0));
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	struct snug_split split = { 0 };
	struct snug_cube cube = { { 0xffffffff00000000ull }, { 1ull << 32 } };
	struct snug_call_data witness;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_seccomp_init(&policy, SNUG_ALLOW, &err), 0);
	assert_proof(&all, &policy, SNUG_ARCH_MAX, 0); /* tokens that nobody lists */
	assert_proof(&none, &policy, SNUG_ARCH_X86_64, 0);
	snug_seccomp_clear(&policy);
	assert_int_equal(snug_seccomp_init(&policy, SNUG_KILL_THREAD, &err), 0);
	assert_int_equal(snug_program_prove(&none, &policy, &witness, &err), 0);
	assert_proof(&one, &policy, SNUG_ARCH_X86_64, 41);
	assert_int_equal(snug_split_init(&split, SNUG_KILL_THREAD, &err), 0);
	assert_int_equal(snug_split_assign(&split, &cube, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_seccomp_put(&policy, SNUG_ARCH_X86_64, 41, &split, &err), 0);
	assert_int_equal(snug_program_prove(&one, &policy, &witness, &err), 0);
	assert_int_equal(
		snug_seccomp_fill(&policy, SNUG_ARCH_X32, 0x7fffffff, 0x7fffffff, SNUG_TRAP, &err),
		0);
	assert_proof(&one, &policy, SNUG_ARCH_X32, 0x7fffffff);
}

/* Stricter will do, whatever it answers; looser is told, with the call. */
static void test_within(void **state)
{
	const struct snug_program all = PROGRAM(RETURN(SNUG_ALLOW));
	const struct snug_program none = PROGRAM(RETURN(SNUG_KILL_THREAD));
	const struct snug_program one =
		PROGRAM(LOAD(4), JUMP(BPF_JEQ, TOKEN, 0, 3), LOAD(0), JUMP(BPF_JEQ, 41, 0, 1),
			RETURN(SNUG_ALLOW), RETURN(SNUG_KILL_THREAD));
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	struct snug_call_data witness;
	struct snug_error err = { 0 };

	(void)state;
	assert_int_equal(snug_seccomp_init(&policy, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_program_within(&all, &policy, &witness, &err), 0);
	assert_int_equal(snug_program_within(&one, &policy, &witness, &err), 0);
	snug_seccomp_clear(&policy);
	assert_int_equal(snug_seccomp_init(&policy, SNUG_KILL_THREAD, &err), 0);
	assert_int_equal(snug_program_within(&none, &policy, &witness, &err), 0);
	assert_int_equal(snug_program_within(&one, &policy, &witness, &err), -1);
	assert_int_equal(witness.arch, SNUG_ARCH_X86_64);
	assert_int_equal(witness.nr, 41);
	assert_non_null(strstr(err.what, "not within the policy"));
	assert_int_equal(snug_seccomp_fill(&policy, SNUG_ARCH_X86_64, 40, 42, SNUG_ALLOW, &err), 0);
	assert_int_equal(snug_program_within(&one, &policy, &witness, &err), 0);
	assert_int_equal(snug_program_within(&all, &policy, &witness, &err), -1);
}

/* runc's stub tells x32 from x86_64 by JSET on the number. */
static void test_bits_of_the_number(void **state)
{
	const struct snug_program program =
		PROGRAM(LOAD(4), JUMP(BPF_JEQ, TOKEN, 0, 3), LOAD(0), JUMP(BPF_JSET, 1 << 30, 1, 0),
			RETURN(SNUG_ALLOW), RETURN(0));
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };
	struct snug_call_data witness;
	struct snug_error err;

	(void)state;
	assert_int_equal(snug_seccomp_init(&policy, SNUG_KILL_THREAD, &err), 0);
	assert_int_equal(
		snug_seccomp_fill(&policy, SNUG_ARCH_X86_64, 0, SNUG_X32_BIT - 1, SNUG_ALLOW, &err),
		0);
	assert_int_equal(snug_program_prove(&program, &policy, &witness, &err), 0);
	assert_int_equal(snug_seccomp_fill(&policy, SNUG_ARCH_X86_64, 7, 9, SNUG_LOG, &err), 0);
	assert_proof(&program, &policy, SNUG_ARCH_X86_64, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jumps_on_an_argument),
		cmocka_unit_test(test_wires_move),
		cmocka_unit_test(test_scratch_words_hold_constants),
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_refuses_what_it_cannot_prove),
		cmocka_unit_test(test_too_many_paths_are_refused),
		cmocka_unit_test(test_proof_leaves_nothing_out),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_bits_of_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
