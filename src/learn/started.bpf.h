/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a program was started with: part of files.bpf.c and opened.bpf.h. */
#pragma once

/* A socket that came by a descriptor, and was made elsewhere: AppArmor asks what it is. */
#ifdef SNUG_LOCKED
static __always_inline bool note_socket(__u64 entry, const struct file *file)
{
	return false;
}
#else
#define SOCKET_MODE 0140000

__noinline int note_act(__u64 entry, __u32 kind, __u64 numbers, __u32 third);

static __always_inline bool note_socket(__u64 entry, const struct file *file)
{
	__u64 inode = 0, socket = 0, sk = 0;
	__u16 mode = 0, family = 0, type = 0, protocol = 0;

	GET(inode, file, file, f_inode);
	GET(mode, inode, inode, i_mode);
	if ((mode & FORMAT_MODE) != SOCKET_MODE)
		return false;
	GET(socket, file, file, private_data);
	if (socket)
		GET(sk, socket, socket, sk);
	if (!sk)
		return true; /* opened by O_PATH: its name alone */
	GET(family, sock, sk, __sk_common.skc_family);
	GET(type, sock, sk, sk_type);
	GET(protocol, sock, sk, sk_protocol);
	note_act(entry, SNUG_ACT_SOCKET, (__u64)family | (__u64)type << 32, protocol);
	return true;
}
#endif

struct inherited {
	__u64 entry;
	__u64 table; /* array of struct file * */
	__u32 count;
};

static long note_inherited(__u32 index, struct inherited *in)
{
	struct file *file = NULL;
	__u32 access;

	if (index >= in->count)
		return 1;
	GET(file, list_head, in->table + 8 * index, next); /* any pointer */
	if (!file)
		return 0;
	if (note_socket(in->entry, file))
		return 0;
	access = access_of(file);
	if (access)
		note_open(in->entry, file, access);
	return 0;
}

/*
 * What the program was started with (aa_inherit_files looks at it under the new label), what it is,
 * and by whom it is run. AppArmor looks at the program again when it is mapped.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec_done, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u32 what = SNUG_ACCESS_READ | SNUG_ACCESS_MAP;
	struct inherited in = { .entry = acting(task, false) };
	struct file *file = PLAIN(linux_binprm, bprm)->file;
	struct fdtable *fdt;

	if (!in.entry)
		return 0;
	if (BPF_CORE_READ_BITFIELD(bprm, secureexec))
		what |= SNUG_ACCESS_RAISE;
	if (PLAIN(linux_binprm, bprm)->interp != PLAIN(linux_binprm, bprm)->filename)
		what |= SNUG_ACCESS_INTERPRET;
	note_open(in.entry, file, what);
	fdt = PLAIN(task_struct, task)->files->fdt;
	in.table = (__u64)fdt->fd;
	in.count = fdt->max_fds;
	bpf_loop(INHERITED_MOST, note_inherited, &in, 0);
	if (in.count > INHERITED_MOST)
		lose(in.entry);
	return 0;
}
