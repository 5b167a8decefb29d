/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which ABI a call came by. */
#pragma once

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit syscall */
#define X32_BIT	  0x40000000

/* Splits what the kernel takes for the number into ABI and number. */
static __always_inline __u32 abi_of(struct task_struct *task, __u32 *nr)
{
	if (task->thread_info.status & TS_COMPAT)
		return SNUG_REC_I386;
	if (!(*nr & X32_BIT))
		return SNUG_REC_X86_64;
	*nr &= ~X32_BIT;
	return SNUG_REC_X32;
}
