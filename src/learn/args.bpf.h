/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Arguments of the calls that the table has (model/args.h): part of recorder.bpf.c, which declares
 * `tables` and the map `tuples`, and includes abi.bpf.h, ahead of it.
 */
#pragma once

/* A call of the arguments table. Not passed on as it is: global functions take few arguments. */
struct call {
	struct snug_rec_slot *slot;
	__u32 abi, nr, phase, row;
};

static __always_inline bool is_in_range(const struct call *call)
{
	return call->abi < SNUG_REC_ABIS && call->nr < SNUG_REC_CALLS;
}

/*
 * The row of an ABI and number that are in range. Masked after the comparison: Linux 6.1 does not
 * learn from it what a copy is that the compiler has put on the stack before.
 */
static __always_inline bool find_row(struct call *call)
{
	__u32 row = tables.row_of[call->abi][call->nr];

	if (row >= SNUG_REC_ROWS)
		return false;
	barrier_var(row);
	call->row = row & (SNUG_REC_ROWS - 1);
	return true;
}
_Static_assert((SNUG_REC_ROWS & (SNUG_REC_ROWS - 1)) == 0, "find_row masks with it");

/* Past the limit, and whatever cannot be stored, a call is recorded whole. */
static __always_inline void add_tuple(const struct call *call, struct snug_rec_tuple *tuple)
{
	__u32 *count = &call->slot->tuple_count[call->abi][call->row];
	__u8 there = 1;
	long failed;

	if (bpf_map_lookup_elem(&tuples, tuple))
		return;
	if (*count >= SNUG_TUPLES_MAX) {
		call->slot->any_args[call->abi][call->row] = 1;
		return;
	}
	failed = bpf_map_update_elem(&tuples, tuple, &there, BPF_NOEXIST);
	if (!failed)
		__sync_fetch_and_add(count, 1);
	else if (failed != -EEXIST)
		__sync_fetch_and_add(&call->slot->lost_calls, 1);
}

/* Marks a call of the arguments table as seen; it ends on the short path once any_args holds. */
static __always_inline void mark_tuple(const struct call *call)
{
	__u8 *state = &call->slot->calls[call->phase & 1][call->abi][call->nr];
	__u8 now = call->slot->any_args[call->abi][call->row] ? SNUG_CALL_DONE : SNUG_CALL_TUPLE;

	if (*state != now)
		*state = now;
}

/*
 * clone3 has its flags in memory. A profile answers it with ENOSYS, libc then takes clone, so what
 * counts is the clone that it stands for.
 */
static __always_inline void record_clone3(struct pt_regs *regs, struct call *call,
					  struct snug_rec_tuple *tuple)
{
	__u64 args[6], flags;

	call->slot->calls[call->phase & 1][call->abi][call->nr] = SNUG_CALL_TUPLE;
	call->nr = tables.clone_nr[call->abi];
	if (call->nr >= SNUG_REC_CALLS)
		return;
	if (!find_row(call))
		return;
	load_args(regs, call->abi, args);
	if (args[0] < EFAULT_BELOW)
		return; /* a probe for the call: it creates nothing */
	if (bpf_probe_read_user(&flags, sizeof(flags), (void *)args[0]) < 0) {
		__sync_fetch_and_add(&call->slot->lost_calls, 1);
		return;
	}
	tuple->nr = call->nr;
	tuple->value[0] = flags & tables.rows[call->row].mask[0];
	add_tuple(call, tuple);
	mark_tuple(call);
}

static __always_inline void record_needs(const struct call *call, __u64 entry, const __u64 args[6])
{
	if (call->nr == tables.capset_nr[call->abi])
		record_capset(call->slot, entry, args);
	else if (call->nr == tables.seccomp_nr[call->abi])
		record_seccomp(call->slot, entry, args);
	else if (call->nr == tables.prctl_nr[call->abi])
		record_prctl(call->slot, entry, args);
}

/* which: phase, ABI << 8, number << 16. */
static __noinline int record_args(struct pt_regs *regs, __u64 entry, __u32 which)
{
	__u32 abi = which >> 8 & 255, nr = which >> 16;

	/* Linux 6.1 does not conclude from a comparison of `which`, which the compiler would make
	 * of one of these, what they are. */
	barrier_var(abi);
	barrier_var(nr);
	struct call call = { .slot = slot_of(entry), .phase = which & 1, .abi = abi, .nr = nr };
	struct snug_rec_tuple tuple = { .slot = slot_index(entry), .abi = abi, .nr = nr };
	const volatile struct snug_rec_row *row;
	__u64 args[8] = { 0 };

	if (!call.slot || !is_in_range(&call))
		return 0;
	if (call.nr == tables.clone3_nr[call.abi]) {
		record_clone3(regs, &call, &tuple);
		return 0;
	}
	load_args(regs, call.abi, args);
	if (call.phase == SNUG_REC_WORKLOAD)
		record_needs(&call, entry, args);
	if (!find_row(&call) || !call.row) {
		call.slot->calls[call.phase & 1][call.abi][call.nr] = SNUG_CALL_TUPLE;
		return 0;
	}
	row = &tables.rows[call.row];
	/* Past count the masks are 0. No branches: the verifier would follow all their
	 * combinations. */
#pragma unroll
	for (__u32 i = 0; i < SNUG_TUPLE_ARGS; i++)
		tuple.value[i] = args[row->index[i] & 7] & row->mask[i];
	add_tuple(&call, &tuple);
	mark_tuple(&call);
	return 0;
}
