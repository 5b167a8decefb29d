/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a container, without a libc: says it is there, then makes the calls that it is told, each
 * in a child of its own, and tells what came of them. It needs read, write, clone, wait4 and
 * exit_group. x86_64.
 */
#include "calls.h"

static int64_t sys(uint32_t nr, const uint64_t a[6])
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

static int64_t sys3(uint32_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	return sys(nr, (uint64_t[6]){ a, b, c });
}

static int64_t sys_i386(uint32_t nr, const uint64_t a[6])
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

enum { SYS_READ = 0, SYS_WRITE = 1, SYS_CLONE = 56, SYS_WAIT4 = 61, SYS_EXIT_GROUP = 231 };
enum { SIGCHLD_NUMBER = 17 };

static void leave(int status)
{
	for (;;)
		sys3(SYS_EXIT_GROUP, (uint64_t)status, 0, 0);
}

static void say(int64_t answer)
{
	if (sys3(SYS_WRITE, 1, (uint64_t)(uintptr_t)&answer, sizeof(answer)) != sizeof(answer))
		leave(3);
}

static int listen(struct told_call *ret)
{
	char *at = (char *)ret;
	uint64_t have = 0;

	while (have < sizeof(*ret)) {
		int64_t n =
			sys3(SYS_READ, 0, (uint64_t)(uintptr_t)(at + have), sizeof(*ret) - have);

		if (n <= 0)
			return 0;
		have += (uint64_t)n;
	}
	return 1;
}

static void obey(const struct told_call *told)
{
	int status = 0;
	int64_t tgid = sys3(SYS_CLONE, SIGCHLD_NUMBER, 0, 0);

	if (tgid < 0)
		leave(4);
	if (tgid == 0) {
		say(told->i386 ? sys_i386(told->nr, told->args) : sys(told->nr, told->args));
		leave(0);
	}
	if (sys3(SYS_WAIT4, (uint64_t)tgid, (uint64_t)(uintptr_t)&status, 0) != tgid)
		leave(5);
	if (status & 0x7f)
		say(CALL_DIED | (status & 0x7f));
}

__attribute__((noreturn, force_align_arg_pointer)) void _start(void);
void _start(void)
{
	struct told_call told;

	say(CALLS_READY);
	while (listen(&told))
		obey(&told);
	for (;;)
		leave(0);
}
