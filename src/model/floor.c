/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measured with strace on the thread that loads the filter, runc 1.1.5 and crun 1.8.1, create and
 * start and exec, with and without no_new_privs, a terminal, another user, other groups, a umask.
 */
#include "model/floor.h"

#include <asm/ioctls.h>
#include <linux/prctl.h>

/* Who needs a call. _PRIV: only without no_new_privs. In the order in which `why` is chosen. */
enum {
	KERNEL = 1 << 0,
	RUNC = 1 << 1,
	RUNC_PRIV = 1 << 2,
	CRUN = 1 << 3,
	CRUN_PRIV = 1 << 4,
	RUNC_NEWER = 1 << 5, /* 1.2.8, 1.3.3 and later */
	CRUN_NEWER = 1 << 6, /* 1.9 and later */
};

/*
 * Go's scheduler on the locked main thread, seen now and then: futex, preemption by SIGURG
 * (rt_sigreturn; getpid and tgkill to send it), the garbage collector (mmap, madvise), waiting for
 * a lock (nanosleep, sched_yield), signal masks and stacks. New threads come from runc's other
 * threads, which have no filter: no clone.
 */
#define GO RUNC

#define CALL(name, who)                                                                            \
	{                                                                                          \
		name, who, false, 0, 0                                                             \
	}
#define WITH(name, who, index, value)                                                              \
	{                                                                                          \
		name, who, true, index, value                                                      \
	}

static const struct row {
	const char *name;
	unsigned who;
	bool has_arg;
	unsigned index;
	uint64_t value;
} rows[] = {
	CALL("capget", RUNC_PRIV),
	CALL("capset", RUNC_PRIV | CRUN),
	CALL("chdir", RUNC_PRIV),
	CALL("clock_getres", KERNEL),
	CALL("clock_getres_time64", KERNEL), /* i386's vDSO */
	CALL("clock_gettime", KERNEL),
	CALL("clock_gettime64", KERNEL),
	CALL("close", RUNC | CRUN),
	CALL("close_range", RUNC_NEWER | CRUN_NEWER),
	CALL("epoll_ctl", RUNC),
	CALL("execve", RUNC | CRUN),
	CALL("exit", KERNEL),
	CALL("exit_group", KERNEL),
	CALL("faccessat2", RUNC_PRIV),
	CALL("fchown", RUNC_PRIV | CRUN), /* stdio becomes the user's */
	CALL("fcntl", RUNC_PRIV),
	CALL("fstat", RUNC_PRIV),
	CALL("fstatfs", RUNC), /* "ensure /proc/self/fd is on procfs" */
	CALL("futex", RUNC),
	CALL("getcpu", KERNEL),
	CALL("getcwd", RUNC_PRIV),
	CALL("getdents64", RUNC),
	CALL("getpid", RUNC),
	CALL("getppid", RUNC_PRIV),
	CALL("gettimeofday", KERNEL),
	WITH("ioctl", CRUN, 1, TCGETS), /* exec asks whether stdio is a terminal */
	CALL("madvise", GO),
	CALL("mmap", GO),
	CALL("nanosleep", GO),
	CALL("newfstatat", RUNC_PRIV),
	CALL("openat", RUNC | CRUN),
	CALL("openat2", RUNC_NEWER),
	WITH("prctl", RUNC_PRIV | CRUN, 0, PR_SET_KEEPCAPS),
	WITH("prctl", RUNC_PRIV | CRUN, 0, PR_CAPBSET_DROP),
	WITH("prctl", RUNC_PRIV | CRUN, 0, PR_CAP_AMBIENT),
	CALL("pselect6", CRUN_PRIV), /* waits for start */
	CALL("read", RUNC_PRIV | CRUN),
	CALL("restart_syscall", KERNEL),
	CALL("rt_sigaction", CRUN_PRIV),
	CALL("rt_sigprocmask", GO | CRUN_PRIV),
	CALL("rt_sigreturn", KERNEL),
	CALL("sched_yield", GO),
	CALL("setgid", RUNC_PRIV),
	CALL("setgroups", RUNC_PRIV | CRUN),
	CALL("setresgid", CRUN),
	CALL("setresuid", CRUN),
	CALL("setuid", RUNC_PRIV),
	CALL("sigaltstack", GO),
	CALL("sigreturn", KERNEL), /* i386: handlers without SA_SIGINFO */
	CALL("statx", CRUN | RUNC_NEWER),
	CALL("tgkill", GO),
	CALL("time", KERNEL),
	CALL("umask", CRUN), /* exec, where process.user.umask is set */
	CALL("write", RUNC | CRUN),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static unsigned wanted(const struct snug_floor_query *query)
{
	static const unsigned always[SNUG_RUNTIME_MAX] = {
		[SNUG_RUNTIME_RUNC] = RUNC,
		[SNUG_RUNTIME_CRUN] = CRUN,
	};
	static const unsigned privileged[SNUG_RUNTIME_MAX] = {
		[SNUG_RUNTIME_RUNC] = RUNC_PRIV,
		[SNUG_RUNTIME_CRUN] = CRUN_PRIV,
	};
	unsigned who = KERNEL;

	for (unsigned runtime = 0; runtime < SNUG_RUNTIME_MAX; runtime++) {
		if (!query->all && runtime != query->only)
			continue;
		who |= always[runtime] | (query->no_new_privs ? 0 : privileged[runtime]);
	}
	return query->all ? who | RUNC_NEWER | CRUN_NEWER : who;
}

static const char *reason(unsigned who)
{
	if (who & KERNEL)
		return "kernel";
	if (who & (RUNC | RUNC_PRIV))
		return "floor:runc";
	if (who & (CRUN | CRUN_PRIV))
		return "floor:crun";
	return who & RUNC_NEWER ? "floor:runc-newer" : "floor:crun-newer";
}

bool snug_floor_next(const struct snug_floor_query *query, size_t *cursor,
		     struct snug_floor_call *ret)
{
	unsigned who = wanted(query);

	while (*cursor < ROWS) {
		const struct row *row = &rows[(*cursor)++];

		if ((row->who & who) == 0)
			continue;
		*ret = (struct snug_floor_call){
			.name = row->name,
			.why = reason(row->who & who),
			.every_abi = (row->who & KERNEL) != 0,
			.has_arg = row->has_arg,
			.index = row->index,
			.value = row->value,
		};
		return true;
	}
	return false;
}
