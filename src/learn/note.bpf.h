/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Who acts, and the entry that says what was done with a path: part of files.bpf.c, which declares
 * the maps `slots`, `files` and `programs` ahead of it.
 */
#pragma once

/* ---- who ---- */

/* A joiner before its gate may turn out to be none (recorder.bpf.c, pass_gate). */
static __always_inline bool is_ours(struct task_struct *task, __u64 entry)
{
	struct snug_rec_slot *slot;

	if (entry & SNUG_ENTRY_INIT || (entry & SNUG_STATE) != SNUG_STATE_BEFORE)
		return true;
	slot = slot_of(entry);
	return slot && is_inside(task, slot);
}

/* The entry of who acts, 0 where it is none of ours or not at its own program yet. */
static __always_inline __u64 acting(struct task_struct *task, bool in_exec)
{
	__u64 entry = entry_of(tag_of_task(task));

	/* A worker of io_uring is born without sched_process_fork: see checks.bpf.h. */
	if (!entry && task->flags & PF_IO_WORKER)
		entry = entry_of(tag_of_task(task->group_leader));
	if (entry && is_for_another(task))
		return 0;
	if ((entry & SNUG_STATE) == SNUG_STATE_WORKLOAD)
		return entry;
	/* The container's own exec maps its program while the task is the runtime's still. */
	if (in_exec && entry & SNUG_ENTRY_BOSS && BPF_CORE_READ_BITFIELD(task, in_execve) &&
	    is_ours(task, entry))
		return entry;
	return 0;
}

static __always_inline void lose(__u64 entry)
{
	struct snug_rec_slot *slot = slot_of(entry);

	if (slot)
		__sync_fetch_and_add(&slot->lost_files, 1);
}

static __always_inline struct file *program_file(struct task_struct *task)
{
	struct mm_struct *mm = PLAIN(task_struct, task)->mm;

	return mm ? mm->exe_file : NULL;
}

static __always_inline void name_program(struct task_struct *task, __u32 slot,
					 struct snug_rec_program *ret)
{
	struct file *file = program_file(task);

	ret->slot = slot;
	if (!file)
		return;
	ret->dev = file->f_inode->i_sb->s_dev;
	ret->inode = file->f_inode->i_ino;
}

/* Keeps the program's path, once. The buffer's text is another afterwards. */
__noinline int keep_program(__u32 buffer, const struct snug_rec_program *program)
{
	struct file *file = program_file(bpf_get_current_task_btf());
	struct snug_rec_hash hash = { 0 };
	struct snug_rec_program key;
	__u64 dentry = 0, vfsmount = 0;

	if (!program || !file)
		return 0;
	key = *program; /* a key lies on the stack (Linux 6.1) */
	if (bpf_map_lookup_elem(&programs, &key))
		return 0;
	GET(dentry, file, file, f_path.dentry);
	GET(vfsmount, file, file, f_path.mnt);
	if (build_path(buffer, as_number((void *)dentry), as_number((void *)vfsmount), false) < 0 ||
	    hash_text(buffer, &hash) < 0 || keep_text(buffer, key.slot, &hash) < 0)
		return -1;
	return bpf_map_update_elem(&programs, &key, &hash, BPF_ANY) < 0 ? -1 : 0;
}

/* Room for one more entry of a container's? Counted before it is put in. */
static __always_inline bool is_room(struct snug_rec_slot *slot)
{
	if (slot->files >= SNUG_REC_FILES_ONE)
		return false;
	__sync_fetch_and_add(&slot->files, 1);
	return true;
}

/* ---- files ---- */

/* The texts first: an entry is whole when it can be seen. */
__noinline int add_file(__u32 buffer, struct snug_rec_file *key, __u32 access, __u32 others)
{
	struct snug_rec_done done = { access, others };
	struct snug_rec_slot *slot;
	struct snug_rec_file file;
	__u32 index;
	long failed;

	if (!key)
		return -1;
	file = *key;
	index = key->program.slot;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot || !is_room(slot) || keep_text(buffer, index, &key->path) < 0 ||
	    keep_program(buffer, &key->program) < 0)
		return -1;
	failed = bpf_map_update_elem(&files, &file, &done, BPF_NOEXIST);
	if (failed != -EEXIST)
		return failed ? -1 : 0;
	return 1; /* another processor was faster: its entry gets our bits */
}

static __always_inline bool add_bits(struct snug_rec_file *key, __u32 access, __u32 others)
{
	struct snug_rec_done *done = bpf_map_lookup_elem(&files, key);

	if (!done)
		return false;
	if (access & ~done->access)
		__sync_fetch_and_or(&done->access, access);
	if (others & ~done->others)
		__sync_fetch_and_or(&done->others, others);
	return true;
}

/*
 * What nobody can name is none of AppArmor's either: memfd, pipes, sockets, and the layers below
 * an overlay, which are private mounts of its own (their namespace is an error pointer). What the
 * kernel mounted for itself (huge pages, message queues) has names from its own root. What is
 * executed has a name in any case: a memfd's is that root's.
 */
static __always_inline bool has_name(__u64 dentry, __u64 vfsmount, __u32 what)
{
	unsigned long flags = 0, ns = 0;
	struct super_block *sb = NULL;
	int internal = 0;

	GET(sb, dentry, dentry, d_sb);
	GET(flags, super_block, sb, s_flags);
	GET(internal, vfsmount, vfsmount, mnt_flags);
	GET(ns, mount, vfsmount - bpf_core_field_offset(struct mount, mnt), mnt_ns);
	if (what & SNUG_ACCESS_EXECUTE)
		return true;
	return !(flags & SB_NOUSER) && (ns < ERR_MIN || internal & MNT_INTERNAL);
}

struct place {
	__u64 inode;
	bool folder;
	bool others; /* owned by somebody else than who acts */
};

/* What is about to be made is who makes it's. */
static __always_inline void look_at(__u64 dentry, struct task_struct *task, struct place *ret)
{
	__u32 uid = 0;
	__u16 mode = 0;

	GET(ret->inode, dentry, dentry, d_inode);
	if (!ret->inode)
		return;
	GET(mode, inode, ret->inode, i_mode);
	GET(uid, inode, ret->inode, i_uid.val);
	ret->folder = (mode & FORMAT_MODE) == DIRECTORY_MODE;
	ret->others = uid != PLAIN(task_struct, task)->cred->fsuid.val;
}

/* What was done with a name; all numbers, for a global function takes no pointers into the kernel.
 */
struct noted {
	__u64 dentry, vfsmount;
	__u64 like; /* the dentry whose owner and kind count */
	__u32 what; /* SNUG_ACCESS_* and WHAT_* */
};

static __always_inline int note_in(__u32 buffer, __u64 entry, const struct noted *noted)
{
	const __u32 what = noted->what;
	struct task_struct *task = bpf_get_current_task_btf();
	struct snug_rec_file key = { 0 };
	__u32 access = what & SNUG_ACCESS_ALL, others;
	struct place place = { 0 };
	int failed;

	look_at(noted->like, task, &place);
	others = place.others ? access : 0;
	if (build_path(buffer, noted->dentry, noted->vfsmount, place.folder || what & WHAT_FOLDER) <
		    0 ||
	    hash_text(buffer, &key.path) < 0)
		return -1;
	name_program(task, slot_index(entry), &key.program);
	if (add_bits(&key, access, others))
		return 0;
	failed = add_file(buffer, &key, access, others);
	if (failed > 0)
		add_bits(&key, access, others);
	return failed;
}

/* Each hook ends here. Global, and so looked at once. */
__noinline int note_like(__u64 entry, __u64 dentry, __u64 vfsmount, __u32 what, __u64 like)
{
	const struct noted noted = { dentry, vfsmount, like, what };
	int buffer;

	if (!has_name(dentry, vfsmount, what))
		return 0;
	buffer = take_buffer();
	if (buffer < 0) {
		lose(entry);
		return 0;
	}
	if (note_in(buffer, entry, &noted) < 0)
		lose(entry);
	give_back(buffer);
	return 0;
}

static __always_inline int note_file(__u64 entry, __u64 dentry, __u64 vfsmount, __u32 what)
{
	return note_like(entry, dentry, vfsmount, what, dentry);
}

/* what may be none: a descriptor that neither reads nor writes. */
static __always_inline int note_open(__u64 entry, const struct file *file, __u32 what)
{
	__u64 dentry = 0, vfsmount = 0;

	if (!what)
		return 0;
	GET(dentry, file, file, f_path.dentry);
	GET(vfsmount, file, file, f_path.mnt);
	return note_file(entry, as_number((void *)dentry), as_number((void *)vfsmount), what);
}

/* aa_map_file_to_perms: of an open file, what it may be used for. */
static __always_inline __u32 access_of(const struct file *file)
{
	__u32 mode = 0, flags = 0, access = 0;

	GET(mode, file, file, f_mode);
	GET(flags, file, file, f_flags);

	if (mode & FMODE_READ)
		access |= SNUG_ACCESS_READ;
	if (mode & FMODE_WRITE)
		access |= flags & O_APPEND ? SNUG_ACCESS_APPEND : SNUG_ACCESS_WRITE;
	if (flags & O_TRUNC)
		access |= SNUG_ACCESS_TRUNCATE;
	if (flags & O_CREAT)
		access |= SNUG_ACCESS_CREATE;
	return access;
}
