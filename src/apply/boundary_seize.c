/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/boundary_part.h"

#include "base/cleanup.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <linux/ptrace.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Threads that are made from now on are traced from the start. What forks is not followed: hooks of
 * the container's own, which are not the container's first process.
 */
#define OPTIONS                                                                                    \
	((long)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |                     \
		PTRACE_O_TRACESYSGOOD))

struct tids SNUG_VEC_BODY(pid_t);

static void tids_clear(struct tids *tids)
{
	snug_vec_clear(tids);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool holds(const struct tids *tids, pid_t tid)
{
	for (size_t i = 0; i < tids->count; i++)
		if (tids->at[i] == tid)
			return true;
	return false;
}

static bool is_thread(pid_t tgid, pid_t tid)
{
	return syscall(SYS_tgkill, tgid, tid, 0) == 0 || errno != ESRCH;
}

/* Born of a thread that was seized already? */
static bool is_ours(pid_t tid)
{
	/* Whoever else traces it would have to be told by PTRACE_INTERRUPT: ESRCH unless ours. */
	return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0;
}

static int seize(pid_t tgid, pid_t tid, struct snug_error *err)
{
	int number;

	if (ptrace(PTRACE_SEIZE, tid, NULL, OPTIONS) == 0)
		return 0;
	number = errno;
	if (!is_thread(tgid, tid) || (number == EPERM && is_ours(tid)))
		return 0;
	snug_fail_errno(err, number, "cannot trace thread %d of the container", (int)tid);
	err->code = SNUG_HOST;
	return snug_remedy(err, "let nobody else trace it, and run the hook as root, under no "
				"seccomp filter and no Landlock");
}

/* *ret_new: threads that were not known before. */
static int seize_new(pid_t tgid, struct tids *known, unsigned *ret_new, struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = NULL;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)tgid);
	dir = opendir(path);
	if (!dir)
		return snug_fail_errno(err, errno, "%s", path);
	*ret_new = 0;
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0 || holds(known, tid))
			continue;
		if (known->count == SNUG_BOUNDARY_THREADS_MAX)
			return snug_fail(err, SNUG_HOST, "%s: more than %u threads", path,
					 SNUG_BOUNDARY_THREADS_MAX);
		if (seize(tgid, tid, err) < 0)
			return -1;
		if (snug_vec_push(known, tid) < 0)
			return snug_fail_memory(err);
		++*ret_new;
	}
	return errno && errno != ENOENT ? snug_fail_errno(err, errno, "%s", path) : 0;
}

int snug_seize_all(pid_t tgid, struct snug_error *err)
{
	SNUG_AUTO(tids_clear) struct tids known = { 0 };
	unsigned found = 0, quiet = 0;

	while (quiet < 2) {
		if (seize_new(tgid, &known, &found, err) < 0)
			return -1;
		quiet = found ? 0 : quiet + 1;
	}
	return 0;
}

/* ---- from then on ---- */

static bool is_group_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* A process that is not the container's first (made by a clone that is no fork's) goes its way. One
 * that is gone meanwhile is told of by the next wait; of one that stays stopped no wait tells. */
static int let_go_on(pid_t tgid, pid_t tid, int status, struct snug_error *err)
{
	int signal = WSTOPSIG(status), event = status >> 16;
	long result;

	if (!is_thread(tgid, tid))
		result = ptrace(PTRACE_DETACH, tid, NULL, NULL);
	else if (event == PTRACE_EVENT_STOP && is_group_stop(signal))
		result = ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		result = ptrace(PTRACE_CONT, tid, NULL, event ? NULL : (void *)(long)signal);
	if (result == 0 || errno == ESRCH)
		return 0;
	return snug_fail_errno(err, errno, "cannot let thread %d of the container go on", (int)tid);
}

static int refuse_unseen(struct snug_error *err)
{
	return snug_fail(err, SNUG_SYSTEM,
			 "the container's process went on in a thread that was not traced");
}

/*
 * An execve that fails past the point of no return (too small a limit of the stack, say) leaves a
 * process without memory. Untraced it dies of its SIGSEGV; traced it comes back with the next one,
 * and the next, for ever. A runtime does not fault on purpose.
 */
static bool is_fault(pid_t tid, int status)
{
	int signal = WSTOPSIG(status);
	siginfo_t info;

	if (status >> 16 ||
	    (signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE))
		return false;
	return ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) == 0 && info.si_code > 0;
}

static int refuse_fault(int status, struct snug_error *err)
{
	snug_fail(err, SNUG_SYSTEM, "the container's process faulted in its execve (signal %d)",
		  WSTOPSIG(status));
	return snug_remedy(err, "look at the limits that its config.json sets (process.rlimits)");
}

/* A thread that nobody traced takes the leader's place by its execve: then the leader has ended,
 * and the process has not. */
static int ended(const struct snug_boundary_target *target, struct snug_error *err)
{
	struct pollfd poller = { .fd = target->pidfd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1 ? 0 : refuse_unseen(err);
}

int snug_seize_await_exec(const struct snug_boundary_target *target, struct snug_error *err)
{
	for (;;) {
		int status;
		pid_t tid = waitpid(-1, &status, __WALL);

		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return ended(target, err);
		if (!WIFSTOPPED(status) && tid == target->tgid)
			return ended(target, err);
		if (!WIFSTOPPED(status))
			continue;
		if (status >> 16 == PTRACE_EVENT_EXEC && tid == target->tgid)
			return 1;
		if (status >> 16 == PTRACE_EVENT_EXEC && is_thread(target->tgid, tid))
			return refuse_unseen(err);
		if (is_fault(tid, status) && is_thread(target->tgid, tid))
			return refuse_fault(status, err);
		if (let_go_on(target->tgid, tid, status, err) < 0)
			return -1;
	}
}
