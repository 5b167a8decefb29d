/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Files where lockdown forbids files.bpf.c: what was opened, mapped executable or run, told by the
 * way out of the calls that do it. The paths are as good; what is done with a name alone (unlink,
 * rename, …), what failed and io_uring's opens are not seen, so it is an approximation.
 *
 * Part of recorder.bpf.c, and not an object of its own: each reads all of the kernel's BTF anew.
 *
 * The tracepoints of single calls (syscalls:sys_exit_openat) would cost others less. But the kernel
 * leaves out what is attached to them while somebody on that processor, preempted, is in the middle
 * of bpf(2).
 */
#pragma once

#define SNUG_LOCKED

#define PROT_EXEC     4u
#define MAP_ANONYMOUS 32u

#include "learn/files.bpf.h"

/* SNUG_REC_RETURNS_*, by ABI and number. */
const volatile __u8 returns[SNUG_REC_ABIS][SNUG_REC_CALLS];

/* The file of a descriptor; NULL: none. */
static __always_inline struct file *file_of(struct task_struct *task, __u64 fd)
{
	struct fdtable *fdt = PLAIN(task_struct, task)->files->fdt;
	__u64 table = (__u64)fdt->fd;
	struct file *file = NULL;

	if (fd >= fdt->max_fds)
		return NULL;
	GET(file, list_head, table + 8 * fd, next); /* any pointer */
	return file;
}

static __always_inline int note_returned(struct pt_regs *regs, __u64 entry, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 nr = number_of(regs), abi = abi_of(task, regs, &nr);
	__u64 args[6];
	struct file *file;
	__u8 what;

	if (nr >= SNUG_REC_CALLS || abi >= SNUG_REC_ABIS)
		return 0;
	what = returns[abi][masked(nr)];
	if (what == SNUG_REC_RETURNS_FILE) {
		file = file_of(task, ret);
		return file ? note_open(entry, file, access_of(file)) : 0;
	}
	if (what != SNUG_REC_RETURNS_MAP)
		return 0;
	load_args(regs, abi, args);
	if (!(args[2] & PROT_EXEC) || args[3] & MAP_ANONYMOUS)
		return 0;
	file = file_of(task, (__u32)args[4]);
	return file ? note_open(entry, file, SNUG_ACCESS_MAP | SNUG_ACCESS_READ) : 0;
}

/* What on_sys_exit sees, too: one program costs each call on the host less than two. */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_returned, struct pt_regs *regs, long ret)
{
	__u64 tag = tag_of(regs), entry = entry_in_line(tag);

	if (!entry)
		return 0;
	look_for_refusal(tag, entry, ret);
	if ((entry & SNUG_STATE) == SNUG_STATE_WORKLOAD && (ret >= 0 || ret < -4095))
		note_returned(regs, entry, ret);
	return 0;
}

#include "learn/started.bpf.h"
