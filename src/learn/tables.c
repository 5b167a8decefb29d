/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/tables.h"

#include "model/argspec.h"
#include "model/recording.h"
#include "model/syscalls.h"

#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__)
#define FIRST SNUG_ARCH_ARM64
_Static_assert(FIRST + SNUG_REC_ABIS <= SNUG_ARCH_MAX, "the recorder's ABIs are the model's");
#else
#define FIRST SNUG_ARCH_X86_64
_Static_assert(FIRST + SNUG_REC_I386 == SNUG_ARCH_I386 && FIRST + SNUG_REC_X32 == SNUG_ARCH_X32,
	       "the recorder's ABIs are the model's");
#endif
_Static_assert(SNUG_REC_CALLS == SNUG_SYSCALL_NR_MAX + 1, "one limit of call numbers");
_Static_assert(SNUG_REC_CAPS == SNUG_CAP_MAX, "the recorder's capabilities are the model's");
_Static_assert(SNUG_REC_GATE_LOAD == 1 << SNUG_GATE_FILTER_LOAD &&
		       SNUG_REC_GATE_EXEC == 1 << SNUG_GATE_EXECVE &&
		       SNUG_REC_GATE_ATTACH == 1 << SNUG_GATE_ATTACH,
	       "the recorder's gates are the model's");
_Static_assert(SNUG_PHASE_RUNTIME == 1 << SNUG_REC_RUNTIME &&
		       SNUG_PHASE_WORKLOAD == 1 << SNUG_REC_WORKLOAD,
	       "the recorder's phases are the model's");

static const char *const row_calls[] = {
#define NAME(call, index, mask) #call,
	SNUG_ARGS_TABLE(NAME)
#undef NAME
};

/* The number of a call in the BPF side's terms: x32's without its bit. */
static bool number(unsigned abi, const char *name, uint32_t *ret)
{
	const struct snug_syscall *call = snug_syscall_by_name(snug_rec_arch(abi), name);

	if (call)
		*ret = call->nr & ~SNUG_X32_BIT;
	return call && *ret < SNUG_REC_CALLS;
}

/* A row of the arguments table, and which call of each ABI has it. */
static void fill_row(struct snug_rec_tables *tables, unsigned row, const char *call)
{
	struct snug_argspec spec;
	uint32_t nr;

	if (!snug_argspec_of(call, &spec))
		abort();
	tables->rows[row].count = spec.count;
	for (unsigned i = 0; i < spec.count; i++) {
		tables->rows[row].index[i] = spec.index[i];
		tables->rows[row].mask[i] = spec.mask[i];
	}
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++)
		if (number(abi, call, &nr))
			tables->row_of[abi][nr] = (__u8)row;
}

static void fill(struct snug_rec_tables *tables)
{
	unsigned row = 0;
	uint32_t nr;

	for (size_t i = 0; i < sizeof(row_calls) / sizeof(row_calls[0]); i++)
		if (i == 0 || strcmp(row_calls[i], row_calls[i - 1]) != 0)
			fill_row(tables, ++row, row_calls[i]);
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++) {
		tables->clone_nr[abi] = (__u16)(number(abi, "clone", &nr) ? nr : SNUG_REC_CALLS);
		tables->clone3_nr[abi] = (__u16)(number(abi, "clone3", &nr) ? nr : SNUG_REC_CALLS);
		tables->capset_nr[abi] = (__u16)(number(abi, "capset", &nr) ? nr : SNUG_REC_CALLS);
		tables->prctl_nr[abi] = (__u16)(number(abi, "prctl", &nr) ? nr : SNUG_REC_CALLS);
		tables->seccomp_nr[abi] =
			(__u16)(number(abi, "seccomp", &nr) ? nr : SNUG_REC_CALLS);
	}
}

const struct snug_rec_tables *snug_rec_tables(void)
{
	static struct snug_rec_tables tables;

	if (!tables.rows[1].count)
		fill(&tables);
	return &tables;
}

void snug_rec_slot_init(struct snug_rec_slot *slot)
{
	const struct snug_rec_tables *tables = snug_rec_tables();

	memset(slot, 0, sizeof(*slot));
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++)
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++)
			if (tables->row_of[abi][nr] || nr == tables->clone3_nr[abi] ||
			    nr == tables->capset_nr[abi] || nr == tables->seccomp_nr[abi])
				for (unsigned phase = 0; phase < SNUG_REC_PHASES; phase++)
					slot->calls[phase][abi][nr] = SNUG_CALL_ARGS;
}

enum snug_arch snug_rec_arch(unsigned abi)
{
	return (enum snug_arch)(FIRST + abi);
}

uint32_t snug_rec_model_nr(unsigned abi, uint32_t nr)
{
	return snug_rec_arch(abi) == SNUG_ARCH_X32 ? nr | SNUG_X32_BIT : nr;
}
