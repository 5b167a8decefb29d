/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What Inspektor Gadget's advise_seccomp does at sys_enter, written anew for comparison: its
 * look-ups, updates and helper calls in its order. Taken from v0.55.1,
 * gadgets/advise_seccomp/program.bpf.c, ig_seccomp_e(), with include/gadget/mntns.h and maps.bpf.h:
 *
 *   current task; is this a 32-bit call? Then done
 *   a copy of all registers; range of the number
 *   the task's comm; does it begin with "runc"?
 *   current task again; its mount namespace's inode number
 *   hash look-up: the namespace's array of bytes, one a call; if there is none, an update and a
 *   second look-up
 *   of runc: only from prctl(PR_GET_PDEATHSIG) on, less what loads the filter
 *   the call's byte is set
 *
 * It records every mount namespace, the host's too, and picks the container's afterwards: so a
 * bystander pays what a recorded task does.
 *
 * Cheaper here than there: the five bpf_probe_read() (status, registers, three on the way to the
 * inode number), which locked-down kernels refuse, are BTF loads, and of the registers only those
 * that are looked at.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define NAMESPACES 1024
#define CALLS	   500
#define STARTED	   CALLS /* one more byte: runc came past its prctl */
#define TS_COMPAT  2

#ifdef __TARGET_ARCH_x86
#define NR_PRCTL       157
#define NR_SECCOMP     317
#define IS_32BIT(task) ((task)->thread_info.status & TS_COMPAT)
#else
#define NR_PRCTL       167
#define NR_SECCOMP     277
#define IS_32BIT(task) false
#endif
#define PR_GET_PDEATHSIG    2
#define PR_SET_NO_NEW_PRIVS 38

struct calls {
	__u8 seen[CALLS + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMESPACES);
	__type(key, __u64);
	__type(value, struct calls);
} recorded SEC(".maps");

static const struct calls none;

static __always_inline struct calls *calls_of(__u64 mntns)
{
	struct calls *calls = bpf_map_lookup_elem(&recorded, &mntns);
	long error;

	if (calls)
		return calls;
	error = bpf_map_update_elem(&recorded, &mntns, &none, BPF_NOEXIST);
	if (error && error != -17 /* EEXIST */)
		return NULL;
	return bpf_map_lookup_elem(&recorded, &mntns);
}

/* Is this call of runc's to be recorded? */
static __always_inline bool counts(struct calls *calls, __u64 nr, struct pt_regs *regs)
{
	__u64 first = PT_REGS_PARM1(regs);

	if (calls->seen[STARTED])
		return !(nr == NR_PRCTL && first == PR_SET_NO_NEW_PRIVS) && nr != NR_SECCOMP;
	if (nr == NR_PRCTL && first == PR_GET_PDEATHSIG)
		calls->seen[STARTED] = 1;
	return false;
}

SEC("tp_btf/sys_enter")
int peer_gadget(__u64 *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 nr = context[1];
	struct calls *calls;
	char comm[16];
	bool is_runc;

	if (IS_32BIT(task) || nr >= CALLS)
		return 0;
	bpf_get_current_comm(comm, sizeof(comm));
	is_runc = comm[0] == 'r' && comm[1] == 'u' && comm[2] == 'n' && comm[3] == 'c';
	calls = calls_of(bpf_get_current_task_btf()->nsproxy->mnt_ns->ns.inum);
	if (!calls || (is_runc && !counts(calls, nr, (struct pt_regs *)context[0])))
		return 0;
	calls->seen[nr] = 1;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
