/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The recorder's maps that files.bpf.c has too: user space has it use the recorder's. */
#pragma once

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SNUG_REC_SLOTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct snug_rec_head);
} heads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SNUG_REC_SLOTS);
	__type(key, __u32);
	__type(value, struct snug_rec_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_CHECKS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct snug_rec_check);
	__type(value, struct snug_rec_asked);
} checks SEC(".maps");

/* Number of filters a thread had when it was seeded, by entry; there while it is before its gate.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4 * SNUG_REC_SLOTS);
	__type(key, __u64);
	__type(value, __s32);
} before SEC(".maps");
