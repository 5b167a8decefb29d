/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recordings COUNT DIR: writes COUNT recordings of one run each, as of a web server: the calls that
 * every run makes, and rarer ones that some do. The same ones each time.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Of 100 runs, so many make the call; args: what each of them adds, or NULL. */
static const struct call {
	const char *name;
	unsigned share;
	const char *args;
} calls[] = {
	{ "read", 100, NULL },
	{ "write", 100, NULL },
	{ "open", 1, NULL },
	{ "close", 100, NULL },
	{ "stat", 2, NULL },
	{ "fstat", 100, NULL },
	{ "lstat", 3, NULL },
	{ "poll", 20, NULL },
	{ "lseek", 60, NULL },
	{ "mmap", 100, NULL },
	{ "mprotect", 100, NULL },
	{ "munmap", 100, NULL },
	{ "brk", 100, NULL },
	{ "rt_sigaction", 100, NULL },
	{ "rt_sigprocmask", 100, NULL },
	{ "rt_sigreturn", 40, NULL },
	{ "ioctl", 100, "{\"1\": 21537}, {\"1\": 21585}" },
	{ "pread64", 100, NULL },
	{ "readv", 30, NULL },
	{ "writev", 100, NULL },
	{ "access", 100, NULL },
	{ "sched_yield", 5, NULL },
	{ "madvise", 15, NULL },
	{ "dup", 10, NULL },
	{ "dup2", 90, NULL },
	{ "getpid", 100, NULL },
	{ "sendfile", 85, NULL },
	{ "socket", 100, "{\"0\": 1, \"1\": 1, \"2\": 0}, {\"0\": 2, \"1\": 1, \"2\": 0}" },
	{ "connect", 35, NULL },
	{ "sendto", 30, NULL },
	{ "recvfrom", 100, NULL },
	{ "sendmsg", 90, NULL },
	{ "recvmsg", 90, NULL },
	{ "shutdown", 12, NULL },
	{ "bind", 100, NULL },
	{ "listen", 100, NULL },
	{ "getsockname", 25, NULL },
	{ "socketpair", 90, NULL },
	{ "setsockopt", 100, "{\"1\": 1, \"2\": 2}, {\"1\": 6, \"2\": 1}" },
	{ "getsockopt", 20, NULL },
	{ "clone", 100, "{\"0\": 0}" },
	{ "execve", 100, NULL },
	{ "exit", 2, NULL },
	{ "wait4", 60, NULL },
	{ "kill", 8, NULL },
	{ "uname", 100, NULL },
	{ "fcntl", 100, NULL },
	{ "fsync", 1, NULL },
	{ "ftruncate", 3, NULL },
	{ "getcwd", 90, NULL },
	{ "rename", 6, NULL },
	{ "mkdir", 70, NULL },
	{ "unlink", 10, NULL },
	{ "chown", 70, NULL },
	{ "umask", 100, NULL },
	{ "gettimeofday", 2, NULL },
	{ "sysinfo", 100, NULL },
	{ "geteuid", 100, NULL },
	{ "getppid", 100, NULL },
	{ "setuid", 95, NULL },
	{ "setgid", 95, NULL },
	{ "setgroups", 95, NULL },
	{ "rt_sigsuspend", 100, NULL },
	{ "sigaltstack", 4, NULL },
	{ "prctl", 100, "{\"0\": 4}, {\"0\": 23}" },
	{ "arch_prctl", 100, NULL },
	{ "gettid", 50, NULL },
	{ "futex", 55, NULL },
	{ "getdents64", 100, NULL },
	{ "set_tid_address", 100, NULL },
	{ "epoll_wait", 100, NULL },
	{ "epoll_ctl", 100, NULL },
	{ "exit_group", 95, NULL },
	{ "openat", 100, NULL },
	{ "newfstatat", 100, NULL },
	{ "set_robust_list", 100, NULL },
	{ "utimensat", 2, NULL },
	{ "fallocate", 1, NULL },
	{ "accept4", 95, NULL },
	{ "eventfd2", 100, NULL },
	{ "epoll_create1", 100, NULL },
	{ "prlimit64", 100, NULL },
	{ "getrandom", 100, NULL },
	{ "statx", 3, NULL },
	{ "rseq", 100, NULL },
	{ "clone3", 2, NULL },
};

/* xorshift64: the same sequence everywhere. */
static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void write_call(FILE *file, const struct call *call, uint64_t run, bool is_first)
{
	fprintf(file,
		"%s\n      {\"name\": \"%s\", \"phase\": [\"workload\"], \"runs\": [\"%016jx\"]",
		is_first ? "" : ",", call->name, (uintmax_t)run);
	if (call->args)
		fprintf(file, ", \"args\": [%s]", call->args);
	(void)fputs("}", file);
}

static void write_recording(FILE *file, uint64_t *random)
{
	uint64_t run = next(random);

	fprintf(file,
		"{\n  \"snugRecording\": 1,\n  \"name\": \"bench\",\n"
		"  \"runs\": {\"count\": 1, \"ids\": [\"%016jx\"]},\n"
		"  \"sources\": [{\"run\": \"%016jx\", \"gate\": \"filter-load\", \"ended\": true, "
		"\"exit\": 0, \"kernel\": \"6.1.0\", \"runtime\": \"runc 1.1.5\", \"args\": "
		"[\"nginx\", \"-g\", \"daemon off;\"], \"started\": \"2026-01-01T00:00:00Z\"}],\n"
		"  \"gates\": [\"filter-load\"],\n"
		"  \"observed\": [\"syscalls\", \"capabilities\", \"joiners\"],\n"
		"  \"lost\": {\"syscalls\": 0, \"capabilities\": 0},\n"
		"  \"raisedCredentials\": false,\n"
		"  \"syscalls\": {\n    \"SCMP_ARCH_X86_64\": [",
		(uintmax_t)run, (uintmax_t)run);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (next(random) % 100 < calls[i].share)
			write_call(file, calls + i, run, i == 0);
	}
	fprintf(file,
		"\n    ]\n  },\n  \"capabilities\": [\n"
		"    {\"name\": \"CAP_CHOWN\", \"runs\": [\"%016jx\"]},\n"
		"    {\"name\": \"CAP_SETGID\", \"runs\": [\"%016jx\"]},\n"
		"    {\"name\": \"CAP_SETUID\", \"runs\": [\"%016jx\"]}\n  ]\n}\n",
		(uintmax_t)run, (uintmax_t)run, (uintmax_t)run);
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
	uint64_t random = 0x9e3779b97f4a7c15u;

	if (count <= 0 || chdir(argv[2]))
		return 2;
	for (long i = 0; i < count; i++) {
		char name[32];
		FILE *file;

		(void)snprintf(name, sizeof(name), "%06ld.json", i);
		file = fopen(name, "we");
		if (!file)
			return 1;
		write_recording(file, &random);
		if (fclose(file))
			return 1;
	}
	return 0;
}
