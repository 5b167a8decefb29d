/* SPDX-License-Identifier: Apache-2.0 */
#include "model/widen.h"

#include "model/args.h"

#include <stddef.h>
#include <string.h>

#define END                                                                                        \
	{                                                                                          \
		NULL, false, 0, 0, 0                                                               \
	}
#define C(name)                                                                                    \
	{                                                                                          \
#name, false, 0, 0, 0                                                              \
	}

/*
 * A row is a group, END behind it; a call is in one group at most. What only i386 has (the *32,
 * *64 and *_time64 calls) is beside what it replaced: a 32-bit libc moved from one to the other.
 */
/* clang-format off */
static const struct snug_widened members[] = {
	/* Files by name. */
	C(creat), C(open), C(openat), C(openat2), END,
	C(fstat), C(fstat64), C(fstatat64), C(lstat), C(lstat64), C(newfstatat), C(stat), C(stat64),
	C(statx), END,
	C(access), C(faccessat), C(faccessat2), END,
	C(chmod), C(fchmodat), C(fchmodat2), END,
	C(chown), C(chown32), C(fchownat), C(lchown), C(lchown32), END,
	C(rename), C(renameat), C(renameat2), END,
	C(rmdir), C(unlink), C(unlinkat), END,
	C(mkdir), C(mkdirat), END,
	C(readlink), C(readlinkat), END,
	C(link), C(linkat), END,
	C(symlink), C(symlinkat), END,
	C(futimesat), C(utime), C(utimensat), C(utimensat_time64), C(utimes), END,
	C(getdents), C(getdents64), END,
	C(statfs), C(statfs64), END,
	C(truncate), C(truncate64), END,
	/* Descriptors. */
	C(dup), C(dup2), C(dup3), END,
	C(pipe), C(pipe2), END,
	C(eventfd), C(eventfd2), END,
	C(signalfd), C(signalfd4), END,
	C(inotify_init), C(inotify_init1), END,
	C(poll), C(ppoll), C(ppoll_time64), END,
	C(_newselect), C(pselect6), C(pselect6_time64), C(select), END,
	C(epoll_create), C(epoll_create1), END,
	C(epoll_pwait), C(epoll_pwait2), C(epoll_wait), END,
	C(preadv), C(preadv2), C(pread64), C(read), C(readv), END,
	C(pwrite64), C(pwritev), C(pwritev2), C(write), C(writev), END,
	C(copy_file_range), C(sendfile), C(sendfile64), END,
	C(fcntl), C(fcntl64), END,
	C(fchown), C(fchown32), END,
	C(fstatfs), C(fstatfs64), END,
	C(ftruncate), C(ftruncate64), END,
	C(_llseek), C(lseek), END,
	/* Sockets. */
	C(accept), C(accept4), END,
	C(sendmmsg), C(sendmsg), C(sendto), END,
	C(recvfrom), C(recvmmsg), C(recvmmsg_time64), C(recvmsg), END,
	/* Processes and memory. clone3 has no place: it is answered ENOSYS, libc then takes clone. */
	{ "clone", true, 0, SNUG_CLONE_NS_FLAGS, 0 }, C(fork), C(vfork), END,
	C(wait4), C(waitid), C(waitpid), END,
	C(tgkill), C(tkill), END,
	C(futex), C(futex_requeue), C(futex_time64), C(futex_wait), C(futex_waitv), C(futex_wake), END,
	/* Reading alone: prlimit64's new limit is NULL. */
	C(getrlimit), { "prlimit64", true, 2, UINT64_MAX, 0 }, C(ugetrlimit), END,
	C(mmap), C(mmap2), END,
	C(rt_sigaction), C(sigaction), C(signal), END,
	C(rt_sigprocmask), C(sigprocmask), END,
	C(rt_sigpending), C(sigpending), END,
	C(rt_sigsuspend), C(sigsuspend), END,
	C(rt_sigtimedwait), C(rt_sigtimedwait_time64), END,
	/* Time. */
	C(clock_gettime), C(clock_gettime64), C(gettimeofday), C(time), END,
	C(clock_getres), C(clock_getres_time64), END,
	C(clock_nanosleep), C(clock_nanosleep_time64), C(nanosleep), END,
	C(timer_gettime), C(timer_gettime64), END,
	C(timer_settime), C(timer_settime64), END,
	C(timerfd_gettime), C(timerfd_gettime64), END,
	C(timerfd_settime), C(timerfd_settime64), END,
	/* i386's identities of 16 and 32 bits. */
	C(getuid), C(getuid32), END,
	C(getgid), C(getgid32), END,
	C(geteuid), C(geteuid32), END,
	C(getegid), C(getegid32), END,
	C(getresuid), C(getresuid32), END,
	C(getresgid), C(getresgid32), END,
	C(getgroups), C(getgroups32), END,
	C(setuid), C(setuid32), END,
	C(setgid), C(setgid32), END,
	C(setreuid), C(setreuid32), END,
	C(setregid), C(setregid32), END,
	C(setresuid), C(setresuid32), END,
	C(setresgid), C(setresgid32), END,
	C(setfsuid), C(setfsuid32), END,
	C(setfsgid), C(setfsgid32), END,
	C(setgroups), C(setgroups32), END,
};
/* clang-format on */
#define MEMBERS (sizeof(members) / sizeof(members[0]))

const struct snug_widened *snug_widen_group(const char *call)
{
	size_t start = 0;

	for (size_t i = 0; i < MEMBERS; i++) {
		if (members[i].name == NULL)
			start = i + 1;
		else if (strcmp(members[i].name, call) == 0)
			return &members[start];
	}
	return NULL;
}
