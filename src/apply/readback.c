/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/readback.h"

#include "base/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

void snug_filters_clear(struct snug_filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		snug_filter_clear(&filters->at[i]);
	snug_vec_clear(filters);
}

static int refused(struct snug_error *err, int number, pid_t tid)
{
	snug_fail_errno(err, number, "reading the filters of %d", (int)tid);
	if (number == EPERM || number == EACCES) {
		err->code = SNUG_HOST;
		snug_remedy(err, "be root with CAP_SYS_ADMIN, under no seccomp filter, and let "
				 "nobody else trace it");
	}
	return -1;
}

/* Waits for the stop. *ret_signal: what the thread has to get when it is let go. */
static int await_stop(pid_t tid, int *ret_signal, struct snug_error *err)
{
	const struct timespec tick = { .tv_nsec = 1000000 };
	int status;

	for (unsigned ms = 0; ms < SNUG_STOP_MS_MAX; ms++) {
		pid_t got = waitpid(tid, &status, __WALL | WNOHANG);

		if (got < 0)
			return refused(err, errno, tid);
		if (got == tid && !WIFSTOPPED(status))
			return refused(err, ESRCH, tid);
		if (got == tid) {
			/* Any event is SIGTRAP or a group stop, and nothing to deliver. */
			*ret_signal = status >> 16 ? 0 : WSTOPSIG(status);
			return 0;
		}
		nanosleep(&tick, NULL);
	}
	return refused(err, ETIMEDOUT, tid);
}

/* 1: there was one; 0: no more. */
static int read_one(pid_t tid, unsigned long index, struct snug_filters *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_filter_clear) struct snug_filter filter = { 0 };
	long count = ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, NULL);

	/* ENOENT: past the last; EINVAL: not in filter mode at all. */
	if (count < 0 && (errno == ENOENT || (errno == EINVAL && index == 0)))
		return 0;
	if (count < 0)
		return refused(err, errno, tid);
	filter.insns = calloc((size_t)count, sizeof(*filter.insns));
	if (!filter.insns)
		return snug_fail_memory(err);
	if (ptrace(PTRACE_SECCOMP_GET_FILTER, tid, index, filter.insns) != count)
		return refused(err, errno, tid);
	filter.program = (struct snug_program){ filter.insns, (size_t)count };
	if (snug_vec_push(ret, filter) < 0)
		return snug_fail_memory(err);
	filter.insns = NULL;
	return 1;
}

int snug_filters_read(pid_t tid, struct snug_filters *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_filters_clear) struct snug_filters filters = { 0 };
	int signal_due = 0, more = -1;

	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0)
		return refused(err, errno, tid);
	if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		refused(err, errno, tid);
	else if (await_stop(tid, &signal_due, err) == 0)
		do
			more = read_one(tid, filters.count, &filters, err);
		while (more > 0 && filters.count < SNUG_FILTERS_MAX);
	/* Not stopped: the kernel detaches when this process ends. */
	ptrace(PTRACE_DETACH, tid, NULL, (void *)(long)signal_due);
	if (more < 0)
		return -1;
	if (more > 0)
		return snug_fail(err, SNUG_HOST, "%d is under more than %u filters", (int)tid,
				 SNUG_FILTERS_MAX);
	*ret = filters;
	filters = (struct snug_filters){ 0 };
	return 0;
}
