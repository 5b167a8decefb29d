/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What differs from machine to machine: by which ABI a call came, its number, its arguments. Read
 * by direct loads, and so not by libbpf's PT_REGS_*.
 */
#pragma once

#if defined(__TARGET_ARCH_x86)

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit syscall */
#define X32_BIT	  0x40000000

static __always_inline __u64 number_of(const struct pt_regs *regs)
{
	return regs->orig_ax;
}

/* Splits what the kernel takes for the number into ABI and number. */
static __always_inline __u32 abi_of(struct task_struct *task, const struct pt_regs *regs, __u32 *nr)
{
	if (task->thread_info.status & TS_COMPAT)
		return SNUG_REC_I386;
	if (!(*nr & X32_BIT))
		return SNUG_REC_NATIVE;
	*nr &= ~X32_BIT;
	return SNUG_REC_X32;
}

static __always_inline void load_args(const struct pt_regs *regs, __u32 abi, __u64 args[6])
{
	if (abi == SNUG_REC_I386) {
		args[0] = (__u32)regs->bx;
		args[1] = (__u32)regs->cx;
		args[2] = (__u32)regs->dx;
		args[3] = (__u32)regs->si;
		args[4] = (__u32)regs->di;
		args[5] = (__u32)regs->bp;
	} else {
		args[0] = regs->di;
		args[1] = regs->si;
		args[2] = regs->dx;
		args[3] = regs->r10;
		args[4] = regs->r8;
		args[5] = regs->r9;
	}
}

/* A tracer makes the calls in its place (PTRACE_SYSEMU). */
static __always_inline bool is_emulated(const struct task_struct *task)
{
	return task->thread_info.syscall_work & 1ul << SYSCALL_WORK_BIT_SYSCALL_EMU;
}

#elif defined(__TARGET_ARCH_arm64)

#define AARCH32		0x10ul /* of pstate, which is the processor's: M[4] */
#define TIF_SYSCALL_EMU 12     /* arch/arm64/include/asm/thread_info.h */

static __always_inline __u64 number_of(const struct pt_regs *regs)
{
	return regs->syscallno;
}

/* SNUG_REC_ABIS: a 32-bit program's, of whose calls snug knows no names. */
static __always_inline __u32 abi_of(struct task_struct *task, const struct pt_regs *regs, __u32 *nr)
{
	return regs->pstate & AARCH32 ? SNUG_REC_ABIS : SNUG_REC_NATIVE;
}

/* On the way out the first is what the call returned. */
static __always_inline void load_args(const struct pt_regs *regs, __u32 abi, __u64 args[6])
{
#pragma unroll
	for (int i = 0; i < 6; i++)
		args[i] = regs->regs[i];
}

static __always_inline bool is_emulated(const struct task_struct *task)
{
	return task->thread_info.flags & 1ul << TIF_SYSCALL_EMU;
}

#else
#error "where does this machine keep the arguments of a call?"
#endif
