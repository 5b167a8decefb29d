/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/boundary_part.h"

#include <elf.h>
#include <errno.h>
#include <sys/uio.h>

#if defined(__x86_64__)

/* arch/x86/include/asm/segment.h */
#define USER_CS 0x33
#define USER_DS 0x2b
#define TRAP	0x100u /* of eflags */

const unsigned char snug_machine_call[SNUG_MACHINE_CALL] = { 0x0f, 0x05 }; /* syscall */

uint64_t snug_machine_at(const struct user_regs_struct *regs)
{
	return regs->rip;
}

uint64_t snug_machine_stack(const struct user_regs_struct *regs)
{
	return regs->rsp;
}

int snug_machine_get(pid_t tgid, struct user_regs_struct *ret, struct snug_error *err)
{
	if (ptrace(PTRACE_GETREGS, tgid, NULL, ret) < 0)
		return snug_fail_errno(err, errno, "PTRACE_GETREGS");
	return 0;
}

int snug_machine_set(pid_t tgid, const struct user_regs_struct *regs, struct snug_error *err)
{
	if (ptrace(PTRACE_SETREGS, tgid, NULL, regs) < 0)
		return snug_fail_errno(err, errno, "PTRACE_SETREGS");
	return 0;
}

/* Also where the program is an i386 one: `syscall` is what it says in a 64-bit code segment. */
int snug_machine_set_call(pid_t tgid, const struct user_regs_struct *before,
			  const struct snug_inject_call *call, struct snug_error *err)
{
	struct user_regs_struct regs = *before;

	regs.cs = USER_CS;
	regs.ss = USER_DS;
	regs.eflags &= ~(unsigned long long)TRAP;
	regs.orig_rax = ~0ull; /* no call to be restarted */
	regs.rax = call->nr;
	regs.rdi = call->args[0];
	regs.rsi = call->args[1];
	regs.rdx = call->args[2];
	regs.r10 = call->args[3];
	regs.r8 = call->args[4];
	regs.r9 = call->args[5];
	return snug_machine_set(tgid, &regs, err);
}

#elif defined(__aarch64__)

const unsigned char snug_machine_call[SNUG_MACHINE_CALL] = { 0x01, 0x00, 0x00, 0xd4 }; /* svc #0 */

uint64_t snug_machine_at(const struct user_regs_struct *regs)
{
	return regs->pc;
}

uint64_t snug_machine_stack(const struct user_regs_struct *regs)
{
	return regs->sp;
}

/* A 32-bit program has fewer and smaller ones, and makes no call but its own ABI's. */
int snug_machine_get(pid_t tgid, struct user_regs_struct *ret, struct snug_error *err)
{
	struct iovec io = { ret, sizeof(*ret) };

	if (ptrace(PTRACE_GETREGSET, tgid, NT_PRSTATUS, &io) < 0)
		return snug_fail_errno(err, errno, "PTRACE_GETREGSET");
	if (io.iov_len == sizeof(*ret))
		return 0;
	snug_fail(err, SNUG_HOST, "a 32-bit program cannot be confined at its execve");
	return snug_remedy(err, "harden the container's config.json instead");
}

int snug_machine_set(pid_t tgid, const struct user_regs_struct *regs, struct snug_error *err)
{
	struct iovec io = { (void *)regs, sizeof(*regs) };

	if (ptrace(PTRACE_SETREGSET, tgid, NT_PRSTATUS, &io) < 0)
		return snug_fail_errno(err, errno, "PTRACE_SETREGSET");
	return 0;
}

int snug_machine_set_call(pid_t tgid, const struct user_regs_struct *before,
			  const struct snug_inject_call *call, struct snug_error *err)
{
	struct user_regs_struct regs = *before;
	int none = -1; /* no call to be restarted */
	struct iovec io = { &none, sizeof(none) };

	regs.regs[8] = call->nr;
	for (unsigned i = 0; i < 6; i++)
		regs.regs[i] = call->args[i];
	if (snug_machine_set(tgid, &regs, err) < 0)
		return -1;
	if (ptrace(PTRACE_SETREGSET, tgid, NT_ARM_SYSTEM_CALL, &io) < 0)
		return snug_fail_errno(err, errno, "PTRACE_SETREGSET");
	return 0;
}

#else
#error "how does this machine make a call?"
#endif
