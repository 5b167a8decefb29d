/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What security-profiles-operator's recorder does at sys_enter, written anew for comparison: its
 * look-ups, updates and helper calls in its order. Taken from v1.0.0,
 * internal/pkg/daemon/bpfrecorder/bpf/recorder.bpf.c, sys_enter() and get_mntns(), as deployed in a
 * cluster (no program name to filter by):
 *
 *   flag "recording", range of the number
 *   current task; its mount namespace's inode number
 *   hash look-up: is that one excluded (the host's is)? Then done: all that the host's tasks pay.
 *   current pid; hash look-up: is it known? If not, an event to a ring buffer, and an update
 *   hash look-up: the namespace's array of bytes, one a call; if there is none, an update and a
 *   second look-up; the call's byte is set
 *
 * It records each namespace that is not excluded, so tasks of containers that nobody asked about
 * pay what recorded ones do.
 *
 * Cheaper here than there: the three bpf_probe_read_kernel() on the way to the inode number, which
 * locked-down kernels refuse, are BTF loads, and it hangs on tp_btf, where upstream uses the
 * tracepoint proper and attaches ten more programs.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define NAMESPACES 8192
#define CALLS	   1024

struct event {
	__u32 pid, mntns;
	__u8 type;
	__u64 flags;
	char data[4096];
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMESPACES);
	__type(key, __u32);
	__type(value, __u8);
} excluded SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMESPACES);
	__type(key, __u32);
	__type(value, bool);
} known SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMESPACES);
	__type(key, __u32);
	__type(value, __u8[CALLS]);
} recorded SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

static const __u8 none[CALLS];
volatile bool recording = true;

static __always_inline void announce(__u32 pid, __u32 mntns)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	bool yes = true;

	if (!event)
		return;
	event->pid = pid;
	event->mntns = mntns;
	event->type = 0;
	bpf_ringbuf_submit(event, 0);
	bpf_map_update_elem(&known, &pid, &yes, BPF_ANY);
}

SEC("tp_btf/sys_enter")
int peer_spo(__u64 *context)
{
	__u32 nr = context[1], mntns, pid;
	__u8 *calls;

	if (!recording || nr >= CALLS)
		return 0;
	mntns = bpf_get_current_task_btf()->nsproxy->mnt_ns->ns.inum;
	if (mntns == 0 || bpf_map_lookup_elem(&excluded, &mntns))
		return 0;
	pid = bpf_get_current_pid_tgid() >> 32;
	if (!bpf_map_lookup_elem(&known, &pid))
		announce(pid, mntns);
	calls = bpf_map_lookup_elem(&recorded, &mntns);
	if (!calls) {
		bpf_map_update_elem(&recorded, &mntns, &none, BPF_ANY);
		calls = bpf_map_lookup_elem(&recorded, &mntns);
	}
	if (calls)
		calls[nr] = 1;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
