/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Sockets, signals, ptrace, mounts and links: part of files.bpf.c, which declares the map `acts`
 * and HOOK ahead of it.
 */
#pragma once

static __noinline int add_act(__u32 buffer, struct snug_rec_act *act)
{
	struct snug_rec_slot *slot;
	__u8 there = 1;
	__u32 index;
	long failed;

	if (!act)
		return -1;
	index = act->program.slot;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot || !is_room(slot) || keep_program(buffer, &act->program) < 0)
		return -1;
	failed = bpf_map_update_elem(&acts, act, &there, BPF_NOEXIST);
	return failed && failed != -EEXIST ? -1 : 0;
}

/* An act without texts. numbers: the first two. */
__noinline int note_act(__u64 entry, __u32 kind, __u64 numbers, __u32 third)
{
	struct snug_rec_act act = { .kind = kind };
	int buffer;

	act.number[0] = numbers;
	act.number[1] = numbers >> 32;
	act.number[2] = third;
	name_program(bpf_get_current_task_btf(), slot_index(entry), &act.program);
	if (bpf_map_lookup_elem(&acts, &act))
		return 0;
	buffer = take_buffer();
	if (buffer < 0 || add_act(buffer, &act) < 0)
		lose(entry);
	if (buffer >= 0)
		give_back(buffer);
	return 0;
}

#define NUMBERS(first, second) ((__u64)(__u32)(first) | (__u64)(__u32)(second) << 32)

HOOK(socket_create, int family, int type, int protocol, int kern)
{
	__u64 entry;

	if (ret || kern)
		return 0;
	entry = acting(bpf_get_current_task_btf(), false);
	return entry ? note_act(entry, SNUG_ACT_SOCKET, NUMBERS(family, type & SOCK_TYPE), protocol)
		     : 0;
}

/* A socket that has a path is a file for newer kernels' AppArmor, and for Ubuntu's. */
static __always_inline int note_peer(struct sock *peer)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false), dentry = 0, vfsmount = 0;

	if (!entry)
		return 0;
	GET(dentry, unix_sock, peer, path.dentry);
	GET(vfsmount, unix_sock, peer, path.mnt);
	return dentry ? note_file(entry, dentry, vfsmount, SNUG_ACCESS_READ | SNUG_ACCESS_WRITE)
		      : 0;
}

HOOK(unix_stream_connect, struct sock *sock, struct sock *other, struct sock *new)
{
	return ret ? 0 : note_peer(other);
}

HOOK(unix_may_send, struct socket *sock, struct socket *other)
{
	return ret ? 0 : note_peer(other->sk);
}

/* The dead are tracked no more, though they may be signalled: their parent, who waits for them, is,
 * and the container's pid namespace has them. */
static __always_inline bool is_company(__u64 entry, struct task_struct *task)
{
	__u64 theirs = entry_of(tag_of_task(task));
	struct snug_rec_slot *slot = slot_of(entry);
	struct pid *pid = task->thread_pid;
	__u32 inum = 0;

	if (!theirs)
		theirs = entry_of(tag_of_task(task->group_leader));
	if (theirs)
		return slot_index(theirs) == slot_index(entry);
	if (pid && slot && slot->pid_ns) {
		struct pid_namespace *ns = NULL;
		__u32 level = 0;

		GET(level, pid, as_number(pid), level);
		GET(ns, pid, as_number(pid) + level * sizeof(struct upid), numbers[0].ns);
		GET(inum, pid_namespace, ns, ns.inum);
		return inum == slot->pid_ns;
	}
	theirs = entry_of(tag_of_task(task->group_leader->real_parent));
	return theirs && slot_index(theirs) == slot_index(entry);
}

static __always_inline __u32 peer_of(__u64 entry, struct task_struct *task)
{
	return is_company(entry, task) ? SNUG_PEER_CONTAINER : SNUG_PEER_OUTSIDE;
}

HOOK(task_kill, struct task_struct *to, struct kernel_siginfo *info, int sig,
     const struct cred *cred)
{
	__u64 entry;

	if (ret)
		return 0;
	entry = acting(bpf_get_current_task_btf(), false);
	return entry ? note_act(entry, SNUG_ACT_SIGNAL, NUMBERS(sig, peer_of(entry, to)), 0) : 0;
}

HOOK(ptrace_access_check, struct task_struct *child, unsigned int mode)
{
	__u32 how = mode & PTRACE_MODE_READ ? SNUG_PTRACE_READ : SNUG_PTRACE_TRACE;
	__u64 entry;

	if (ret)
		return 0;
	entry = acting(bpf_get_current_task_btf(), false);
	return entry ? note_act(entry, SNUG_ACT_PTRACE, NUMBERS(how, peer_of(entry, child)), 0) : 0;
}

/* The parent is who traces; it is a rule for both of them. */
HOOK(ptrace_traceme, struct task_struct *parent)
{
	__u64 entry;

	if (ret)
		return 0;
	entry = acting(bpf_get_current_task_btf(), false);
	return entry ? note_act(entry, SNUG_ACT_PTRACE,
				NUMBERS(SNUG_PTRACE_TRACE, peer_of(entry, parent)), 0)
		     : 0;
}

/* ---- acts with texts ---- */

/* A string of the kernel's. -1: too long for us, or not to be read. "" where it is NULL. */
__noinline int build_string(__u32 which, __u64 string)
{
	struct buffer *buffer = buffer_at(which);
	long size;

	if (!buffer)
		return -1;
	buffer->off = TEXT_END;
	if (!string)
		return 0;
	size = bpf_probe_read_kernel_str(buffer->spare, sizeof(buffer->spare), (void *)string);
	if (size <= 0 || size >= TEXT_END)
		return -1;
	size--;
	buffer->off = TEXT_END - (size & (TEXT_END - 1));
	return bpf_probe_read_kernel(&buffer->text[buffer->off & (TEXT_END - 1)],
				     size & (TEXT_END - 1), buffer->spare) < 0
		       ? -1
		       : 0;
}

/* What is written into an act's texts: a path where there is a dentry, else a string. */
struct source {
	struct path path;
	__u64 string;
	__u32 wanted;
};

struct telling {
	__u64 entry;
	__u32 kind, number;
	struct source text[SNUG_REC_TEXTS];
};

static __noinline int take_text(__u32 buffer, const struct source *from, __u32 slot,
				struct snug_rec_hash *ret)
{
	__u64 dentry = (__u64)from->path.dentry, inode = 0;
	__u16 mode = 0;
	int failed;

	if (dentry) {
		GET(inode, dentry, dentry, d_inode);
		if (inode)
			GET(mode, inode, inode, i_mode);
		failed = build_path(buffer, dentry, (__u64)from->path.mnt,
				    (mode & FORMAT_MODE) == DIRECTORY_MODE);
	} else {
		failed = build_string(buffer, from->string);
	}
	if (failed < 0 || hash_text(buffer, ret) < 0)
		return -1;
	return keep_text(buffer, slot, ret);
}

static __always_inline int tell_in(__u32 buffer, const struct telling *telling)
{
	struct snug_rec_act act = { .kind = telling->kind };

	act.number[0] = telling->number;
	name_program(bpf_get_current_task_btf(), slot_index(telling->entry), &act.program);
#pragma unroll
	for (__u32 i = 0; i < SNUG_REC_TEXTS; i++)
		if (telling->text[i].wanted &&
		    take_text(buffer, &telling->text[i], act.program.slot, &act.text[i]) < 0)
			return -1;
	return bpf_map_lookup_elem(&acts, &act) ? 0 : add_act(buffer, &act);
}

static __noinline int tell(const struct telling *telling)
{
	int buffer = take_buffer();

	if (buffer < 0 || tell_in(buffer, telling) < 0)
		lose(telling->entry);
	if (buffer >= 0)
		give_back(buffer);
	return 0;
}

static __always_inline void say_path(struct source *ret, const struct path *path)
{
	bpf_core_read(&ret->path, sizeof(ret->path), path);
	ret->wanted = 1;
}

static __always_inline void say_string(struct source *ret, const char *string)
{
	ret->string = as_number(string);
	ret->wanted = 1;
}

HOOK(sb_mount, const char *dev_name, const struct path *path, const char *type, unsigned long flags,
     void *data)
{
	struct telling telling = { .kind = SNUG_ACT_MOUNT, .number = flags };

	telling.entry = acting(bpf_get_current_task_btf(), false);
	if (ret || !telling.entry)
		return 0;
	say_string(&telling.text[0], dev_name);
	say_path(&telling.text[1], path);
	say_string(&telling.text[2], type);
	return tell(&telling);
}

HOOK(move_mount, const struct path *from, const struct path *to)
{
	struct telling telling = { .kind = SNUG_ACT_MOUNT, .number = MS_MOVE };

	telling.entry = acting(bpf_get_current_task_btf(), false);
	if (ret || !telling.entry)
		return 0;
	say_path(&telling.text[0], from);
	say_path(&telling.text[1], to);
	return tell(&telling);
}

HOOK(sb_umount, struct vfsmount *mnt, int flags)
{
	struct telling telling = { .kind = SNUG_ACT_UMOUNT, .number = flags };

	telling.entry = acting(bpf_get_current_task_btf(), false);
	if (ret || !telling.entry)
		return 0;
	telling.text[1].path.dentry = (struct dentry *)as_number(mnt->mnt_root);
	telling.text[1].path.mnt = (struct vfsmount *)as_number(mnt);
	telling.text[1].wanted = 1;
	return tell(&telling);
}

HOOK(sb_pivotroot, const struct path *put_old, const struct path *new_root)
{
	struct telling telling = { .kind = SNUG_ACT_PIVOT };

	telling.entry = acting(bpf_get_current_task_btf(), false);
	if (ret || !telling.entry)
		return 0;
	say_path(&telling.text[0], new_root);
	say_path(&telling.text[1], put_old);
	return tell(&telling);
}

/* AppArmor's rule is about both names. The old one's mount is the new one's: links cross none. */
HOOK(path_link, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry)
{
	struct telling telling = { .kind = SNUG_ACT_LINK };
	struct path in = { 0 };

	telling.entry = acting(bpf_get_current_task_btf(), false);
	if (ret || !telling.entry)
		return 0;
	bpf_core_read(&in, sizeof(in), new_dir);
	for (int i = 0; i < 2; i++) {
		telling.text[i].path.mnt = in.mnt;
		telling.text[i].wanted = 1;
	}
	telling.text[0].path.dentry = (struct dentry *)as_number(old_dentry);
	telling.text[1].path.dentry = (struct dentry *)as_number(new_dentry);
	tell(&telling);
	return note_name(new_dir, new_dentry, SNUG_ACCESS_LINK);
}
