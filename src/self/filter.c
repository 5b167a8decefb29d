/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that is not listed is ENOSYS, and not death: another libc may try one that this one does
 * not, and goes on without it. A program of another ABI is none of ours, and dies.
 */
#include "self/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "which architecture is this, for seccomp?"
#endif

#define LOAD(offset)	 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define LOAD_CALL	 LOAD(offsetof(struct seccomp_data, nr))
#define LOW(index)	 (offsetof(struct seccomp_data, args) + (size_t)8 * (index)) /* little-endian */
#define ANSWER(action)	 BPF_STMT(BPF_RET | BPF_K, (action))
#define UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (n))

/* A call that is allowed whatever its arguments are. */
#define ALLOW(number) UNLESS(number, 1), ANSWER(SECCOMP_RET_ALLOW)
/* One whose argument, as far as the kernel reads it and the mask says, is the value. */
#define ALLOW_IF(number, index, mask, value)                                                       \
	UNLESS(number, 5), LOAD(LOW(index)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (mask)),          \
		UNLESS(value, 1), ANSWER(SECCOMP_RET_ALLOW), LOAD_CALL

#define BEGIN                                                                                      \
	LOAD(offsetof(struct seccomp_data, arch)),                                                 \
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), ANSWER(SECCOMP_RET_KILL_PROCESS), \
		LOAD_CALL
#ifdef SNUG_SELF_STRICT /* for tests: a call that is missing in a list shows */
#define END ANSWER(SECCOMP_RET_KILL_PROCESS)
#else
#define END ANSWER(SECCOMP_RET_ERRNO | ENOSYS)
#endif

/* Memory, and the end. */
static const struct sock_filter guest[] = {
	BEGIN,
	ALLOW(__NR_exit_group),
	ALLOW(__NR_brk),
	ALLOW(__NR_munmap),
	ALLOW(__NR_mremap),
	ALLOW_IF(__NR_mmap, 2u, 4 /* PROT_EXEC */, 0),
	END,
};

/* Where a call of another generation has no number here, nothing stands for it. */
#ifndef __NR_unlink
#define __NR_unlink __NR_unlinkat
#endif
#ifndef __NR_open
#define __NR_open  (~0u)
#define __NR_creat (~0u)
#endif
/* libc's alarm. */
#ifdef __NR_alarm
#define ALARM __NR_alarm
#else
#define ALARM __NR_setitimer
#endif

#define ALLOW_FCNTL(number) ALLOW_IF(__NR_fcntl, 1u, 0xffffffffu, (number))

static const struct sock_filter command[] = {
	BEGIN,
#include "self_calls.inc"
	/* Landlock knows nothing of modes, and lets any folder be opened: nothing becomes another's
	 * to write, and no program set-id. */
	ALLOW_IF(__NR_fchmod, 1u, 07022u, 0u),
	ALLOW_IF(__NR_openat, 3u, 07000u, 0u),
	ALLOW_IF(__NR_open, 2u, 07000u, 0u),
	ALLOW_IF(__NR_creat, 1u, 07000u, 0u),
	/* Not F_SETOWN, F_NOTIFY and the like, which have others signalled. */
	ALLOW_FCNTL(F_DUPFD),
	ALLOW_FCNTL(F_GETFD),
	ALLOW_FCNTL(F_SETFD),
	ALLOW_FCNTL(F_GETFL),
	ALLOW_FCNTL(F_SETFL),
	ALLOW_FCNTL(F_DUPFD_CLOEXEC),
	ALLOW_FCNTL(F_ADD_SEALS),
	ALLOW_FCNTL(F_GET_SEALS),
	/* Its own limits alone. */
	ALLOW_IF(__NR_prlimit64, 0u, 0xffffffffu, 0u),
	/* To the clerk, on a host with AppArmor (apply/apparmor_clerk.h). */
	ALLOW(__NR_sendmsg),
	ALLOW(__NR_recvmsg),
	/* What no recording need reach: large documents, what failed, and a terminal. */
	ALLOW(__NR_mremap),
	ALLOW(__NR_madvise),
	ALLOW(__NR_lseek),
	ALLOW(__NR_unlink),
	ALLOW(__NR_unlinkat),
	ALLOW(__NR_ftruncate),
	ALLOW(__NR_futex),
	/* A child that takes too long: it has an alarm of its own (apply/compile.c). */
	ALLOW(ALARM),
	ALLOW(__NR_getpgid),
	UNLESS(__NR_kill, 1),
	ANSWER(SECCOMP_RET_ERRNO | EPERM),
	ALLOW(__NR_getpid),
	ALLOW(__NR_gettid),
	ALLOW(__NR_getuid),
	ALLOW(__NR_sched_getaffinity),
	ALLOW(__NR_sysinfo), /* qsort asks how much memory there is */
	ALLOW(__NR_clock_nanosleep),
	ALLOW_IF(__NR_ioctl, 1u, 0xffffffffu, 0x5401 /* TCGETS */),
	END,
};

int snug_self_filter_load(enum snug_self_filter which, struct snug_error *err)
{
	static const struct sock_fprog filters[] = {
		[SNUG_SELF_GUEST] = { sizeof(guest) / sizeof(guest[0]),
				      (struct sock_filter *)guest },
		[SNUG_SELF_COMMAND] = { sizeof(command) / sizeof(command[0]),
					(struct sock_filter *)command },
	};

	if (SNUG_SELF_INSTRUMENTED)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return snug_fail_errno(err, errno, "no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filters[which]) < 0)
		return snug_fail_errno(err, errno, "a filter for snug itself");
	return 0;
}
