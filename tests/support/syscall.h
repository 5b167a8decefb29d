/* SPDX-License-Identifier: Apache-2.0 */
/* Syscalls by number, without a libc: what the kernel gives, negative errnos included. x86_64. */
#pragma once

#include <stdint.h>

static inline int64_t raw_syscall(uint32_t nr, const uint64_t a[6])
{
	register uint64_t r10 __asm__("r10"), r8 __asm__("r8"), r9 __asm__("r9");
	int64_t ret;

	r10 = a[3];
	r8 = a[4];
	r9 = a[5];
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"((uint64_t)nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* `nr` is i386's number; of the arguments the lower halves count. */
static inline int64_t raw_syscall_i386(uint32_t nr, const uint64_t a[6])
{
	register uint64_t last __asm__("r13");
	int64_t ret;

	last = a[5];
	/* int 0x80 from 64-bit code is a call of the i386 ABI; it keeps none of r8 to r11. */
	__asm__ volatile("mov %%rbp, %%r12; mov %%r13, %%rbp; int $0x80; mov %%r12, %%rbp"
			 : "=a"(ret)
			 : "a"((uint64_t)nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]),
			   "r"(last)
			 : "r8", "r9", "r10", "r11", "r12", "memory");
	return (int32_t)ret;
}
