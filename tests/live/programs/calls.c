/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in a container, without a libc: says it is there, then makes the calls that it is told, each
 * in a child of its own, and tells what came of them. It needs read, write, clone, wait4 and
 * exit_group. x86_64.
 */
#include "calls.h"

#include "support/syscall.h"

static int64_t sys3(uint32_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	return raw_syscall(nr, (uint64_t[6]){ a, b, c });
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
		say(told->i386 ? raw_syscall_i386(told->nr, told->args)
			       : raw_syscall(told->nr, told->args));
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
