/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Records what AppArmor's rules are about: files, programs, sockets, signals, ptrace, mounts; and
 * capabilities, exactly (the hook's options say which checks are probes). It shares the tables of
 * recorder.bpf.c, which says who is tracked and since when.
 *
 * Each program is on the LSM hook where AppArmor itself decides (security/apparmor/lsm.c): as an
 * LSM program where the kernel runs those, else behind the function that calls the hooks (fexit).
 * What was refused is not recorded. User space chooses between the two before the load; in both
 * the result so far is the last argument.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "learn/recorder.h"
#include "model/seen_bits.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define EEXIST		 17
#define PROT_READ	 1u
#define PROT_WRITE	 2u
#define PROT_EXEC	 4u
#define MAP_PRIVATE	 2u
#define VM_SHARED	 8u
#define CAP_OPT_NOAUDIT	 2u /* include/linux/security.h */
#define PTRACE_MODE_READ 1u /* include/linux/ptrace.h */
#define MS_MOVE		 8192u
#define RENAME_EXCHANGE	 2u /* include/uapi/linux/fs.h */
#define F_WRLCK		 1u /* include/uapi/asm-generic/fcntl.h */
#define SOCK_TYPE	 15u

/* Set by user space before the load. */
const volatile struct snug_rec_tables tables;

#include "learn/shared.bpf.h"
#include "learn/tasks.bpf.h"

#include "learn/abi.bpf.h"
#include "learn/checks.bpf.h"

#include "learn/files.bpf.h"

static __always_inline int note_path(__u64 entry, const struct path *path, __u32 what)
{
	struct path at = { 0 };

	bpf_core_read(&at, sizeof(at), path);
	return note_file(entry, (__u64)at.dentry, (__u64)at.mnt, what);
}

/* A name in a folder. */
static __always_inline int note_name_like(const struct path *folder, struct dentry *dentry,
					  __u32 what, struct dentry *like)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false), mnt = 0;

	if (!entry)
		return 0;
	bpf_core_read(&mnt, sizeof(mnt), &folder->mnt);
	return note_like(entry, as_number(dentry), mnt, what, as_number(like));
}

static __always_inline int note_name(const struct path *folder, struct dentry *dentry, __u32 what)
{
	return note_name_like(folder, dentry, what, dentry);
}

#define HOOK(name, ...)                                                                            \
	SEC("fexit/security_" #name)                                                               \
	int BPF_PROG(on_##name, __VA_ARGS__, int ret)

/* The kernel's own reading of what it is about to run is free of AppArmor's rules. */
HOOK(file_open, struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 entry = acting(task, false);

	if (!entry || ret || BPF_CORE_READ_BITFIELD(task, in_execve))
		return 0;
	return note_open(entry, file, access_of(file));
}

/* AppArmor wants an exclusive lock's holder to be one who may write. */
HOOK(file_lock, struct file *file, unsigned int cmd)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	if (!entry || ret)
		return 0;
	return note_open(entry, file, SNUG_ACCESS_LOCK | (cmd == F_WRLCK ? SNUG_ACCESS_WRITE : 0));
}

/* How a file is mapped matters where it is code. Else it was opened for that, but for a file that
 * the kernel made itself: huge pages, mapped by nobody's name. */
static __always_inline int note_map(struct file *file, unsigned long prot, unsigned long flags)
{
	__u32 access = 0;
	__u64 entry;

	if (!file)
		return 0;
	if (prot & PROT_EXEC)
		access = SNUG_ACCESS_MAP | SNUG_ACCESS_READ;
	if (file->f_path.mnt->mnt_flags & MNT_INTERNAL) {
		access |= prot & PROT_READ ? SNUG_ACCESS_READ : 0;
		access |= prot & PROT_WRITE && !(flags & MAP_PRIVATE) ? SNUG_ACCESS_WRITE : 0;
	}
	if (!access)
		return 0;
	entry = acting(bpf_get_current_task_btf(), true);
	return entry ? note_open(entry, file, access) : 0;
}

/* The one function whose arguments are not its hook's: without what READ_IMPLIES_EXEC adds. */
HOOK(mmap_file, struct file *file, unsigned long prot, unsigned long flags)
{
	return ret ? 0 : note_map(file, prot, flags);
}

SEC("lsm/mmap_file")
int BPF_PROG(lsm_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int ret)
{
	return ret ? 0 : note_map(file, prot, flags);
}

HOOK(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	return ret ? 0 : note_map(vma->vm_file, prot, vma->vm_flags & VM_SHARED ? 0 : MAP_PRIVATE);
}

HOOK(path_unlink, const struct path *dir, struct dentry *dentry)
{
	return ret ? 0 : note_name(dir, dentry, SNUG_ACCESS_DELETE);
}

HOOK(path_rmdir, const struct path *dir, struct dentry *dentry)
{
	return ret ? 0 : note_name(dir, dentry, SNUG_ACCESS_DELETE | WHAT_FOLDER);
}

HOOK(path_mkdir, const struct path *dir, struct dentry *dentry, umode_t mode)
{
	return ret ? 0 : note_name(dir, dentry, SNUG_ACCESS_CREATE | WHAT_FOLDER);
}

HOOK(path_mknod, const struct path *dir, struct dentry *dentry, umode_t mode, unsigned int dev)
{
	return ret ? 0 : note_name(dir, dentry, SNUG_ACCESS_CREATE);
}

HOOK(path_symlink, const struct path *dir, struct dentry *dentry, const char *old_name)
{
	return ret ? 0 : note_name(dir, dentry, SNUG_ACCESS_CREATE);
}

HOOK(path_chmod, const struct path *path, umode_t mode)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	return ret || !entry ? 0 : note_path(entry, path, SNUG_ACCESS_CHMOD);
}

HOOK(path_chown, const struct path *path, __u64 uid, __u64 gid)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	return ret || !entry ? 0 : note_path(entry, path, SNUG_ACCESS_CHOWN);
}

HOOK(path_truncate, const struct path *path)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	return ret || !entry ? 0 : note_path(entry, path, SNUG_ACCESS_TRUNCATE);
}

/* From Linux 6.2 on, for an open file. */
HOOK(file_truncate, struct file *file)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	return ret || !entry ? 0 : note_open(entry, file, SNUG_ACCESS_TRUNCATE);
}

/* What is renamed says whose both names are, and whether a folder's. An exchange is two renames. */
HOOK(path_rename, const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir,
     struct dentry *new_dentry, unsigned int flags)
{
	if (ret)
		return 0;
	note_name(old_dir, old_dentry, SNUG_ACCESS_RENAME);
	note_name_like(new_dir, new_dentry, SNUG_ACCESS_REPLACE, old_dentry);
	if (!(flags & RENAME_EXCHANGE))
		return 0;
	note_name(new_dir, new_dentry, SNUG_ACCESS_RENAME);
	return note_name_like(old_dir, old_dentry, SNUG_ACCESS_REPLACE, new_dentry);
}

/* ---- programs ---- */

/* A script counts as itself here; what runs it in the end is told by on_exec_done. */
HOOK(bprm_creds_for_exec, struct linux_binprm *bprm)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);
	struct file *file = bprm->file;

	return ret || !entry ? 0 : note_open(entry, file, SNUG_ACCESS_EXECUTE);
}

#include "learn/started.bpf.h"

/* Passed by another process. */
HOOK(file_receive, struct file *file)
{
	__u64 entry = acting(bpf_get_current_task_btf(), false);

	if (!entry || ret || note_socket(entry, file))
		return 0;
	return note_open(entry, file, access_of(file));
}

#include "learn/acts.bpf.h"

/* ---- capabilities ---- */

/* Two words in Linux 6.1, one later: the same bytes. */
static __always_inline bool is_effective(const struct cred *cred, int cap)
{
	__u64 caps = 0;

	bpf_core_read(&caps, sizeof(caps), &cred->cap_effective);
	return caps >> cap & 1;
}

/* As on_cap_capable of checks.bpf.h, but for who asked: the hook says what is a probe. */
HOOK(capable, const struct cred *cred, struct user_namespace *target, int cap, unsigned int opts)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct snug_rec_check check = { .cap = cap };
	__u64 entry = acting(task, false);
	struct snug_rec_slot *slot;

	if (ret || opts & CAP_OPT_NOAUDIT || !entry)
		return 0;
	slot = slot_of(entry);
	if (!slot || cred->user_ns->ns.inum != slot->user_ns || cap < 0 || cap > 63 ||
	    !is_effective(cred, cap) || is_in_passing(task, cap))
		return 0;
	check.slot = slot_index(entry);
	add_check(slot, task, &check);
	return 0;
}
