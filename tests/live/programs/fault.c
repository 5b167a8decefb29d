/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault SPEC COMMAND...: runs COMMAND, of which one system call fails, is cut short or is its last.
 *
 * SPEC is a file that says MODE N [CALL[:FIRST]]: the Nth call that MODE can meet (of that name,
 * and with that first argument: bpf's commands are numbers), of the command and all that it starts,
 * as long as it is a program of snug's. What happened is in SPEC.log: "MODE COUNT" for all modes,
 * and a line that begins with "hit" if there was an Nth. No SPEC: the command runs as it is.
 *
 *     EIO ENOSPC EMFILE ENOMEM EINTR   the call is not made and fails so (but close, which closes)
 *     SHORT                            read or write of half as much
 *     KILL                             SIGKILL instead of the call
 *
 * The command is this process, so who started it sees and waits for the command; the tracer stands
 * beside, and follows. Nothing is compiled into the programs: they are those that are installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/ptrace.h>

#include "fault_calls.h"

#define TASKS_MAX 256
#define LIKES_MAX 6
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC)

/* ---- the tracer ---- */

/* What is in a program's memory and makes calls that are not the program's: the dynamic loader,
 * whose come before the first of ours, and a sanitizer, which ends where one of its own fails. */
static const char *const others[] = { "/ld-", "/libasan.", "/libubsan." };
#define OTHERS (sizeof(others) / sizeof(others[0]))

struct range {
	uint64_t from, to;
};

struct task {
	pid_t tid;
	bool ours;    /* a program of snug's: its calls count */
	int result;   /* what its way out is to say; 0: what it says */
	bool changed; /* its registers, which are these again on the way out */
	struct user_regs_struct before;
	uint64_t like[2]; /* the last call and its first argument, and how often it came */
	unsigned long likes;
	struct range others[OTHERS]; /* where they lie */
	bool mapped;		     /* the libraries were there when it was last looked */
	bool known;
};

static struct task tasks[TASKS_MAX];
static enum mode mode = MODES;
static unsigned long wanted, counts[MODES];
static int only = NONE; /* calls of this number */
static long long only_first = -1;
static bool is_met; /* from then on nothing is counted, and calls are let run */
static FILE *log_file;

static void name_of(pid_t tid, char ret[256])
{
	char path[64], to[512];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", tid);
	len = readlink(path, to, sizeof(to) - 1);
	to[len > 0 ? len : 0] = '\0';
	snprintf(ret, 256, "%.255s", strrchr(to, '/') ? strrchr(to, '/') + 1 : to);
}

static bool is_ours(pid_t tid)
{
	char name[256];

	name_of(tid, name);
	return strncmp(name, "snug", 4) == 0;
}

static struct task *task_of(pid_t tid)
{
	struct task *empty = NULL;

	for (unsigned i = 0; i < TASKS_MAX; i++) {
		if (tasks[i].known && tasks[i].tid == tid)
			return &tasks[i];
		if (!tasks[i].known && !empty)
			empty = &tasks[i];
	}
	if (!empty)
		exit(3);
	*empty = (struct task){ .tid = tid, .known = true, .ours = is_ours(tid) };
	return empty;
}

/* The path among the arguments, for who reads the log. */
static void path_of(const struct task *task, int number, const uint64_t *args, char ret[200])
{
	bool at = number == SYS_openat || number == SYS_openat2 || number == SYS_mkdirat ||
		  number == SYS_renameat || number == SYS_unlinkat || number == SYS_newfstatat ||
		  number == SYS_faccessat || number == SYS_faccessat2;
	bool first = number == SYS_open || number == SYS_stat || number == SYS_lstat ||
		     number == SYS_readlink || number == SYS_mkdir || number == SYS_rename ||
		     number == SYS_unlink || number == SYS_rmdir || number == SYS_execve ||
		     number == SYS_access || number == SYS_statfs;
	struct iovec local = { ret, 199 };
	struct iovec remote = { (void *)args[at ? 1 : 0], 199 };

	memset(ret, 0, 200);
	if (!at && !first) {
		snprintf(ret, 200, "%lld %llx %lld", (long long)args[0],
			 (unsigned long long)args[1], (long long)args[2]);
		return;
	}
	while (local.iov_len && process_vm_readv(task->tid, &local, 1, &remote, 1, 0) < 0) {
		local.iov_len--;
		remote.iov_len--;
	}
}

static void say_hit(const struct task *task, int number, const uint64_t *args)
{
	char program[256], path[200];
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

	name_of(task->tid, program);
	path_of(task, number, args, path);
	fprintf(log_file, "hit %s %lu: %s(%s) of %s\n", modes[mode].name, wanted, name ? name : "?",
		path, program);
	fflush(log_file);
	free(name);
}

/* In place of the call one that does nothing, which every filter of a program of ours lets through.
 */
static void replace(struct task *task, int number)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, task->tid, NULL, &regs) < 0)
		return;
	task->before = regs;
	task->changed = true;
	if (mode == SHORT) {
		regs.rdx /= 2;
	} else if (number == SYS_brk) {
		regs.rdi = 0; /* it says where it is */
	} else {
		task->result = -modes[mode].number;
		if (number != SYS_close) {
			regs.orig_rax = SYS_close;
			regs.rdi = (unsigned long long)-1;
		}
	}
	(void)ptrace(PTRACE_SETREGS, task->tid, NULL, &regs);
}

/* A file that is read to its end in a thousand calls: of those that are like the one before, the
 * first few count and then one for each doubling. */
static bool is_one_of_many(struct task *task, int number, const uint64_t *args)
{
	if (task->like[0] != (uint64_t)number || task->like[1] != args[0])
		task->likes = 0;
	task->like[0] = (uint64_t)number;
	task->like[1] = args[0];
	task->likes++;
	return task->likes > LIKES_MAX && (task->likes & (task->likes - 1)) != 0;
}

static void meet(struct task *task, const struct ptrace_syscall_info *info)
{
	const uint64_t *args = (const uint64_t *)info->entry.args;
	int number = (int)info->entry.nr;

	if (is_one_of_many(task, number, args) || (only != NONE && number != only) ||
	    (only_first >= 0 && args[0] != (uint64_t)only_first))
		return;
	if (getenv("FAULT_TRACE"))
		fprintf(log_file, "call %d %lld\n", number, (long long)args[0]);
	for (enum mode m = 0; m < MODES; m++)
		if (meets(m, number, args, task->tid) && ++counts[m] == wanted && m == mode) {
			say_hit(task, number, args);
			is_met = true;
			if (mode == KILL)
				kill(task->tid, SIGKILL);
			else
				replace(task, number);
		}
}

static void answer(struct task *task)
{
	struct user_regs_struct regs;

	if (!task->changed || ptrace(PTRACE_GETREGS, task->tid, NULL, &regs) < 0)
		return;
	/* Who makes a call relies on all registers but rax, rcx and r11. */
	regs.rdi = task->before.rdi;
	regs.rdx = task->before.rdx;
	if (task->result)
		regs.rax = (unsigned long long)task->result;
	task->result = 0;
	task->changed = false;
	(void)ptrace(PTRACE_SETREGS, task->tid, NULL, &regs);
}

static void find_others(struct task *task)
{
	char path[64], line[512];
	FILE *maps;

	memset(task->others, 0, sizeof(task->others));
	snprintf(path, sizeof(path), "/proc/%d/maps", task->tid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long from, to;

		for (unsigned i = 0; i < OTHERS; i++) {
			struct range *range = &task->others[i];

			if (!strstr(line, others[i]) || sscanf(line, "%lx-%lx", &from, &to) != 2)
				continue;
			range->from = range->from ? range->from : from;
			range->to = to;
		}
	}
	if (maps)
		fclose(maps);
}

static bool is_from_others(const struct task *task, uint64_t at)
{
	for (unsigned i = 0; i < OTHERS; i++)
		if (at >= task->others[i].from && at < task->others[i].to)
			return true;
	return false;
}

/* At an exec the loader alone is there; the first call that is not its own comes when all are. */
static bool is_programs(struct task *task, uint64_t at)
{
	if (is_from_others(task, at))
		return false;
	if (task->mapped)
		return true;
	task->mapped = true;
	find_others(task);
	return !is_from_others(task, at);
}

static void at_syscall(struct task *task)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && is_programs(task, info.instruction_pointer))
		meet(task, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		answer(task);
}

/* What it has become: snug's own, or a program that it started, which is let go. A runtime is
 * followed with FAULT_FOLLOW, for the hooks that it starts. */
static bool at_exec(struct task *task)
{
	char name[256];

	name_of(task->tid, name);
	task->ours = is_ours(task->tid);
	task->mapped = false;
	find_others(task);
	if (task->ours || (getenv("FAULT_FOLLOW") && strstr(name, "runc")))
		return true;
	(void)ptrace(PTRACE_DETACH, task->tid, NULL, NULL);
	task->known = false;
	return false;
}

/* A thread's exec: all others are gone, and it has the leader's number. */
static void serve(pid_t tid, int status)
{
	struct task *task = task_of(tid);
	int event = status >> 16, sig = WSTOPSIG(status), pass = 0;

	if (WIFEXITED(status) || WIFSIGNALED(status)) {
		task->known = false;
		return;
	}
	if (sig == (SIGTRAP | 0x80)) {
		if (task->ours)
			at_syscall(task);
	} else if (event == PTRACE_EVENT_EXEC) {
		if (!at_exec(task))
			return;
	} else if (event == PTRACE_EVENT_STOP) {
		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
			(void)ptrace(PTRACE_LISTEN, tid, NULL, NULL);
			return;
		}
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		   event == PTRACE_EVENT_CLONE) {
		unsigned long child = 0;

		if (ptrace(PTRACE_GETEVENTMSG, tid, NULL, &child) == 0) {
			struct task *new = task_of((pid_t)child);

			memcpy(new->others, task->others, sizeof(new->others));
			new->mapped = task->mapped;
		}
	} else {
		pass = sig;
	}
	(void)ptrace(task->ours && (!is_met || task->changed) ? PTRACE_SYSCALL : PTRACE_CONT, tid,
		     NULL, pass);
}

static bool any(void)
{
	for (unsigned i = 0; i < TASKS_MAX; i++)
		if (tasks[i].known)
			return true;
	return false;
}

static void say_counts(void)
{
	for (enum mode m = 0; m < MODES; m++)
		fprintf(log_file, "%s %lu\n", modes[m].name, counts[m]);
	fprintf(log_file, "done\n");
	fflush(log_file);
}

static void trace(pid_t command, int ready)
{
	int status;
	pid_t tid;

	setsid();
	if (ptrace(PTRACE_SEIZE, command, NULL, OPTIONS) < 0)
		_exit(3);
	task_of(command)->ours = false; /* until its exec */
	(void)!write(ready, "", 1);
	for (int fd = 0; fd < 1024; fd++)
		if (fd != fileno(log_file))
			close(fd);
	while (any() && (tid = waitpid(-1, &status, __WALL)) > 0)
		serve(tid, status);
	say_counts();
	_exit(0);
}

static int read_spec(const char *path)
{
	FILE *file = fopen(path, "re");
	char name[16], call[32];
	int got =
		file ? fscanf(file, "%15s %lu %31[a-z0-9_]:%lld", name, &wanted, call, &only_first)
		     : -1;

	if (file)
		fclose(file);
	if (got < 2)
		return -1;
	if (got >= 3)
		only = seccomp_syscall_resolve_name(call);
	for (enum mode m = 0; m < MODES; m++)
		if (strcmp(name, modes[m].name) == 0)
			mode = m;
	return 0;
}

int main(int argc, char **argv)
{
	char path[4096], go;
	int ready[2];
	pid_t self = getpid(), middle;

	if (argc < 3)
		return 2;
	if (read_spec(argv[1]) == 0) {
		snprintf(path, sizeof(path), "%s.log", argv[1]);
		log_file = fopen(path, "we");
		if (!log_file || pipe2(ready, O_CLOEXEC) < 0)
			return 3;
		middle = fork();
		if (middle == 0) {
			if (fork() == 0)
				trace(self, ready[1]);
			_exit(0);
		}
		close(ready[1]);
		if (waitpid(middle, NULL, 0) != middle || read(ready[0], &go, 1) != 1)
			return 3;
		close(ready[0]);
		fclose(log_file);
	}
	execv(argv[2], argv + 2);
	return 127;
}
