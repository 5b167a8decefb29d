/* SPDX-License-Identifier: Apache-2.0 */
/* Which system call can fail how (fault.c). */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { EIO_, ENOSPC_, EMFILE_, ENOMEM_, EINTR_, SHORT, KILL, MODES };
static const struct {
	const char *name;
	int number;
} modes[MODES] = {
	[EIO_] = { "EIO", EIO },	  [ENOSPC_] = { "ENOSPC", ENOSPC },
	[EMFILE_] = { "EMFILE", EMFILE }, [ENOMEM_] = { "ENOMEM", ENOMEM },
	[EINTR_] = { "EINTR", EINTR },	  [SHORT] = { "SHORT", 0 },
	[KILL] = { "KILL", 0 },
};

/* ---- which call can fail how ---- */

#define NONE (-1)

/* Cannot fail but by a bug of the caller's, or not return at all. */
static const int never[] = {
	SYS_exit,
	SYS_exit_group,
	SYS_rt_sigreturn,
	SYS_getpid,
	SYS_gettid,
	SYS_getppid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_umask,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_sigaltstack,
	SYS_arch_prctl,
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_rseq,
	SYS_munmap,
	SYS_sched_yield,
	SYS_restart_syscall,
	SYS_getpgid,
	SYS_setsid,
	SYS_uname,
	SYS_prlimit64,
	SYS_clock_gettime,
	SYS_sched_getaffinity,
	SYS_madvise,
	SYS_futex,
	SYS_getpgrp,
	SYS_lseek,
	SYS_alarm,
	SYS_close_range,
	NONE,
};
/* For memory alone: in what the kernel says, EIO is none of them. */
static const int memory[] = {
	SYS_mmap,   SYS_brk,  SYS_mremap, SYS_mprotect, SYS_clone,
	SYS_clone3, SYS_fork, SYS_vfork,  NONE,
};
static const int memory_too[] = {
	SYS_execve, SYS_bpf,	      SYS_open,	      SYS_openat,     SYS_openat2,  SYS_socket,
	SYS_poll,   SYS_memfd_create, SYS_pidfd_open, SYS_getdents64, SYS_readlink, SYS_seccomp,
	SYS_flock,  SYS_pipe2,	      SYS_mkdirat,    NONE,
};
static const int writes[] = {
	SYS_write,    SYS_pwrite64,	   SYS_writev,		SYS_mkdir,     SYS_mkdirat,
	SYS_rename,   SYS_renameat,	   SYS_renameat2,	SYS_link,      SYS_linkat,
	SYS_symlink,  SYS_symlinkat,	   SYS_fsync,		SYS_ftruncate, SYS_bpf,
	SYS_sendfile, SYS_copy_file_range, SYS_perf_event_open, NONE,
};
static const int descriptors[] = {
	SYS_open,
	SYS_openat,
	SYS_openat2,
	SYS_socket,
	SYS_socketpair,
	SYS_pipe2,
	SYS_dup,
	SYS_dup2,
	SYS_dup3,
	SYS_memfd_create,
	SYS_eventfd2,
	SYS_signalfd4,
	SYS_bpf,
	SYS_pidfd_open,
	SYS_accept4,
	SYS_epoll_create1,
	SYS_timerfd_create,
	SYS_inotify_init1,
	SYS_accept,
	NONE,
};
static const int waits[] = {
	SYS_read,   SYS_write,	   SYS_pread64,		SYS_pwrite64, SYS_open,
	SYS_openat, SYS_openat2,   SYS_wait4,		SYS_waitid,   SYS_poll,
	SYS_ppoll,  SYS_flock,	   SYS_connect,		SYS_accept4,  SYS_accept,
	SYS_sendto, SYS_recvfrom,  SYS_sendmsg,		SYS_recvmsg,  SYS_getrandom,
	SYS_close,  SYS_nanosleep, SYS_clock_nanosleep, NONE,
};

static bool is_in(const int *list, int number)
{
	for (; *list != NONE; list++)
		if (*list == number)
			return true;
	return false;
}

static bool creates(int number, const uint64_t *args, pid_t tid)
{
	struct iovec local, remote;
	uint64_t flags = 0;

	if (number == SYS_open)
		return args[1] & O_CREAT;
	if (number == SYS_openat)
		return args[2] & O_CREAT;
	local = (struct iovec){ &flags, sizeof(flags) };
	remote = (struct iovec){ (void *)args[2], sizeof(flags) }; /* struct open_how */
	return number == SYS_openat2 &&
	       process_vm_readv(tid, &local, 1, &remote, 1, 0) == sizeof(flags) && flags & O_CREAT;
}

/* Files, pipes and sockets; what is read of an event is whole. */
static bool can_be_short(int number, const uint64_t *args, pid_t tid)
{
	char path[64], to[32] = "";

	if ((number != SYS_read && number != SYS_write && number != SYS_pread64 &&
	     number != SYS_pwrite64) ||
	    args[2] < 2)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, (int)args[0]);
	return readlink(path, to, sizeof(to) - 1) > 0 && strncmp(to, "anon_inode:", 11) != 0;
}

static bool meets(enum mode mode, int number, const uint64_t *args, pid_t tid)
{
	switch (mode) {
	case KILL:
		return number != SYS_rt_sigreturn && number != SYS_restart_syscall;
	case SHORT:
		return can_be_short(number, args, tid);
	case ENOMEM_:
		return is_in(memory, number) || is_in(memory_too, number);
	case ENOSPC_:
		return is_in(writes, number) || creates(number, args, tid);
	case EMFILE_:
		return is_in(descriptors, number) ||
		       (number == SYS_fcntl && (args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC));
	case EINTR_:
		return is_in(waits, number);
	case EIO_:
		return !is_in(never, number) && !is_in(memory, number);
	case MODES:
		break;
	}
	return false;
}
