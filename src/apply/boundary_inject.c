/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/boundary_part.h"

#include "base/cleanup.h"
#include "model/arch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define AT_SYSCALL_STOP (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define RED_ZONE	128u

void snug_inject_close(struct snug_inject *in)
{
	snug_close_fd(&in->mem);
	in->mem = -1;
}

static int died(struct snug_error *err)
{
	return snug_fail(err, SNUG_SYSTEM, "the process ended while it was confined");
}

/*
 * To its next stop at a call. All signals are blocked but for SIGSTOP, which is kept for later, and
 * SIGKILL; what a call of ours raises by a fault is nothing to go on from.
 */
static int to_call_stop(struct snug_inject *in, struct snug_error *err)
{
	int status, signal;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, in->tgid, NULL, NULL) < 0)
			return snug_fail_errno(err, errno, "PTRACE_SYSCALL");
		while (waitpid(in->tgid, &status, __WALL) < 0)
			if (errno != EINTR)
				return snug_fail_errno(err, errno, "waitpid");
		if (!WIFSTOPPED(status))
			return died(err);
		signal = WSTOPSIG(status);
		if (signal == AT_SYSCALL_STOP)
			return 0;
		if (status >> 16 == PTRACE_EVENT_STOP)
			continue;
		if (status >> 16 || signal != SIGSTOP)
			return snug_fail(err, SNUG_SYSTEM, "the process stopped by signal %d%s",
					 signal, status >> 16 ? " (an event)" : "");
		in->stopped = true;
	}
}

static int call_info(const struct snug_inject *in, struct ptrace_syscall_info *ret,
		     struct snug_error *err)
{
	if (ptrace(PTRACE_GET_SYSCALL_INFO, in->tgid, sizeof(*ret), ret) < 0)
		return snug_fail_errno(err, errno, "PTRACE_GET_SYSCALL_INFO");
	return 0;
}

/* On to the way out of the call that it is in; *ret is what that returns. */
static int to_way_out(struct snug_inject *in, int64_t *ret, struct snug_error *err)
{
	struct ptrace_syscall_info info;

	if (to_call_stop(in, err) < 0 || call_info(in, &info, err) < 0)
		return -1;
	if (info.op != PTRACE_SYSCALL_INFO_EXIT)
		return snug_fail(err, SNUG_SYSTEM, "the process is at no call's end (%u)", info.op);
	*ret = info.exit.rval;
	return 0;
}

/* Its words are read and written whole: what is poked may end at a page's end. */
static int poke(const struct snug_inject *in, const unsigned char bytes[SNUG_MACHINE_CALL],
		unsigned char *ret_old, struct snug_error *err)
{
	for (unsigned i = 0; i < SNUG_MACHINE_CALL; i++) {
		uint64_t at = snug_machine_at(&in->regs) + i, aligned = at & ~UINT64_C(7), word;
		unsigned shift = (unsigned)(at & 7) * 8;

		errno = 0;
		word = (uint64_t)ptrace(PTRACE_PEEKTEXT, in->tgid, aligned, NULL);
		if (errno)
			return snug_fail_errno(err, errno, "the program's first instruction");
		if (ret_old)
			ret_old[i] = (unsigned char)(word >> shift);
		word = (word & ~(UINT64_C(0xff) << shift)) | (uint64_t)bytes[i] << shift;
		if (ptrace(PTRACE_POKETEXT, in->tgid, aligned, word) < 0)
			return snug_fail_errno(err, errno, "the program's first instruction");
	}
	return 0;
}

static int block_signals(struct snug_inject *in, struct snug_error *err)
{
	const uint64_t all = ~UINT64_C(0);

	if (ptrace(PTRACE_GETSIGMASK, in->tgid, sizeof(in->mask), &in->mask) < 0 ||
	    ptrace(PTRACE_SETSIGMASK, in->tgid, sizeof(all), &all) < 0)
		return snug_fail_errno(err, errno, "the signal mask");
	return 0;
}

/* A filter that the container has already would have its say in our calls. */
static int suspend_filters(pid_t tgid, struct snug_error *err)
{
	long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_SUSPEND_SECCOMP;

	if (ptrace(PTRACE_SETOPTIONS, tgid, NULL, options) == 0)
		return 0;
	snug_fail_errno(err, errno, "cannot suspend the filters that the container has");
	err->code = SNUG_HOST;
	return snug_remedy(err, "it takes a kernel with CONFIG_CHECKPOINT_RESTORE");
}

static int open_memory(struct snug_inject *in, struct snug_error *err)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)in->tgid);
	in->mem = open(path, O_RDWR | O_CLOEXEC);
	return in->mem < 0 ? snug_fail_errno(err, errno, "%s", path) : 0;
}

int snug_inject_begin(pid_t tgid, struct snug_inject *ret, struct snug_error *err)
{
	int64_t result;

	ret->tgid = tgid;
	if (block_signals(ret, err) < 0 || suspend_filters(tgid, err) < 0 ||
	    to_way_out(ret, &result, err) < 0)
		return -1;
	if (result != 0)
		return snug_fail(err, SNUG_SYSTEM, "its execve returned %lld", (long long)result);
	if (snug_machine_get(tgid, &ret->regs, err) < 0)
		return -1;
	ret->area = (snug_machine_stack(&ret->regs) - RED_ZONE - SNUG_INJECT_ROOM) & ~UINT64_C(15);
	if (open_memory(ret, err) < 0)
		return -1;
	return poke(ret, snug_machine_call, ret->text, err);
}

int snug_inject_put(struct snug_inject *in, size_t offset, const void *data, size_t len,
		    uint64_t *ret_address, struct snug_error *err)
{
	if (len > SNUG_INJECT_ROOM || offset > SNUG_INJECT_ROOM - len)
		return snug_fail(err, SNUG_SYSTEM, "no room for %zu bytes", len);
	if (pwrite(in->mem, data, len, (off_t)(in->area + offset)) != (ssize_t)len)
		return snug_fail_errno(err, errno, "the program's stack");
	if (in->used < offset + len)
		in->used = offset + len;
	*ret_address = in->area + offset;
	return 0;
}

static int to_way_in(struct snug_inject *in, const struct snug_inject_call *call,
		     struct snug_error *err)
{
	struct ptrace_syscall_info info;

	if (to_call_stop(in, err) < 0 || call_info(in, &info, err) < 0)
		return -1;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != call->nr ||
	    info.arch != snug_arch_token(snug_arch_native()))
		return snug_fail(err, SNUG_SYSTEM, "the process is not in the call for %s",
				 call->what);
	return 0;
}

int snug_inject_call(struct snug_inject *in, const struct snug_inject_call *call, uint64_t *ret,
		     struct snug_error *err)
{
	int64_t result;

	if (snug_machine_set_call(in->tgid, &in->regs, call, err) < 0 ||
	    to_way_in(in, call, err) < 0 || to_way_out(in, &result, err) < 0)
		return -1;
	if (result < 0 && result > -4096) {
		snug_fail_errno(err, (int)-result, "%s", call->what);
		err->code = SNUG_HOST;
		return -1;
	}
	*ret = (uint64_t)result;
	return 0;
}

static int clean_area(const struct snug_inject *in, struct snug_error *err)
{
	static const char zero[SNUG_INJECT_ROOM];

	if (pwrite(in->mem, zero, in->used, (off_t)in->area) != (ssize_t)in->used)
		return snug_fail_errno(err, errno, "the program's stack");
	return 0;
}

int snug_inject_end(struct snug_inject *in, struct snug_error *err)
{
	if (clean_area(in, err) < 0 || poke(in, in->text, NULL, err) < 0)
		return -1;
	if (snug_machine_set(in->tgid, &in->regs, err) < 0)
		return -1;
	if (ptrace(PTRACE_SETSIGMASK, in->tgid, sizeof(in->mask), &in->mask) < 0)
		return snug_fail_errno(err, errno, "the program's signal mask");
	if (in->stopped && kill(in->tgid, SIGSTOP) < 0)
		return snug_fail_errno(err, errno, "SIGSTOP");
	return 0;
}
