/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Texts, paths above all: built, hashed and kept once. Part of files.bpf.c.
 *
 * A path is built from its end to its start, as the kernel's d_path does, in a buffer of its CPU's.
 * Programs on fentry may be preempted by one another, so a buffer is taken, not just used.
 */
#pragma once

#define TEXT_END       SNUG_REC_TEXT_LONG /* a text ends here; what follows is 0, always */
#define NAME_MOST      255		  /* NAME_MAX: bytes of one name */
#define COMPONENTS_MAX 2048		  /* TEXT_END bytes of "/x" */
#define BUFFERS	       3		  /* of a CPU: who finds all taken counts a loss */
#define SB_NOUSER      (1u << 31)	  /* include/linux/fs.h: memfd, pipes, sockets: no path */
#define DIRECTORY_MODE 0040000
#define FORMAT_MODE    0170000

/*
 * How far a path is built. It lies in a map, for the verifier takes what is read there for any
 * number: on the stack it follows the values from step to step, 24,000 instructions long.
 */
struct walk {
	__u64 dentry, mount, mount_root;
	__u32 off;
	__u32 failed;
};

struct buffer {
	__u32 taken;
	__u32 off; /* where the text begins */
	char text[2 * TEXT_END + 8];
	char spare[TEXT_END];
	struct walk walk;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BUFFERS);
	__type(key, __u32);
	__type(value, struct buffer);
} buffers SEC(".maps");

#define TEXTS(map, size, entries)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_HASH);                                                   \
		__uint(max_entries, entries);                                                      \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                              \
		__type(key, struct snug_rec_text);                                                 \
		__type(value, char[size]);                                                         \
	} map SEC(".maps")
TEXTS(texts_short, SNUG_REC_TEXT_SHORT, SNUG_REC_SHORTS);
TEXTS(texts_mid, SNUG_REC_TEXT_MID, SNUG_REC_MIDS);
TEXTS(texts_long, SNUG_REC_TEXT_LONG, SNUG_REC_LONGS);

/* Differs with each load: nobody can look for texts that collide. */
const volatile __u64 hash_seed[2];

/* Eight bytes of the text, in one access: clang takes them for unaligned characters else. */
static __always_inline __u64 *word_at(struct buffer *buffer, __u32 off)
{
	__u64 *word = (void *)&buffer->text[off & (2 * TEXT_END - 1)];

	barrier_var(word);
	return word;
}

/*
 * A kernel object's member, by its address as a number, and a name's bytes. Where lockdown forbids
 * to read kernel memory, a pointer that is cast may still be followed (Linux 6.2, and it is what a
 * program on a tracepoint may do anyway).
 */
#ifdef SNUG_LOCKED
#define GET(ret, type, address, member) ({ (ret) = (typeof(ret))OBJECT(type, address)->member; })

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

/* What a global function takes is a number, not a pointer: what comes out of a map is one. A
 * tracepoint's programs do not preempt each other. */
static __always_inline __u64 as_number(const void *pointer)
{
	__u32 zero = 0;
	volatile __u64 *number = bpf_map_lookup_elem(&numbers, &zero);

	if (!number)
		return 0;
	*number = (__u64)pointer;
	return *number;
}

struct copying {
	struct buffer *buffer;
	__u64 name;
	__u32 off, len;
};

static long copy_word(__u32 index, struct copying *copying)
{
	__u32 at = 8 * index;

	if (at >= copying->len)
		return 1;
	*word_at(copying->buffer, copying->off + at) =
		(__u64)OBJECT(timespec64, copying->name + at)->tv_sec;
	return 0;
}

/* Word by word; what stands behind the name is put back. */
static __always_inline long copy_name(struct buffer *buffer, __u32 off, __u32 len, __u64 name)
{
	struct copying copying = { buffer, name, off, len };
	__u64 behind = *word_at(buffer, off + len);

	bpf_loop((NAME_MOST + 8) / 8, copy_word, &copying, 0);
	*word_at(buffer, off + len) = behind;
	return 0;
}
#else
/* (Of an address that is itself a member of ours, clang would make a relocation too.) */
#define GET(ret, type, address, member)                                                            \
	({                                                                                         \
		const struct type *object_ = (const struct type *)(address);                       \
		bpf_core_read(&(ret), sizeof(ret), &object_->member);                              \
	})

/* What a global function takes is a number, not a pointer. */
static __always_inline __u64 as_number(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

static __always_inline long copy_name(struct buffer *buffer, __u32 off, __u32 len, __u64 name)
{
	return bpf_probe_read_kernel(&buffer->text[off & (TEXT_END - 1)], len & NAME_MOST,
				     (void *)name);
}
#endif

/*
 * A buffer is passed on by its number: what global functions get by pointer, Linux 6.1 lets nobody
 * put into a map. Programs stay on their processor.
 */
static __always_inline struct buffer *buffer_at(__u32 which)
{
	return bpf_map_lookup_elem(&buffers, &which);
}

/* -1: all are taken. */
static __always_inline int take_buffer(void)
{
	for (__u32 i = 0; i < BUFFERS; i++) {
		struct buffer *buffer = buffer_at(i);

		if (buffer && __sync_val_compare_and_swap(&buffer->taken, 0, 1) == 0)
			return i;
	}
	return -1;
}

static __always_inline void give_back(__u32 which)
{
	struct buffer *buffer = buffer_at(which);

	if (buffer)
		__sync_lock_test_and_set(&buffer->taken, 0);
}

/* ---- building ---- */

struct walking {
	struct buffer *buffer;
};

/* One step towards the root: over a mount point, or one name put before the rest. */
static long step(__u32 index, struct walking *walking)
{
	struct buffer *buffer = walking->buffer;
	struct walk *walk = &buffer->walk;
	__u64 parent = 0, name = 0;
	__u32 off = walk->off, len = 0;

	if (walk->dentry == walk->mount_root) {
		GET(parent, mount, walk->mount, mnt_parent);
		if (!parent || parent == walk->mount)
			return 1;
		GET(walk->dentry, mount, walk->mount, mnt_mountpoint);
		walk->mount = parent;
		GET(walk->mount_root, mount, parent, mnt.mnt_root);
		return 0;
	}
	GET(parent, dentry, walk->dentry, d_parent);
	if (parent == walk->dentry)
		return 1; /* of a file system that is not mounted in full: as far as it goes */
	GET(len, dentry, walk->dentry, d_name.len);
	GET(name, dentry, walk->dentry, d_name.name);
	if (len > NAME_MOST || off > TEXT_END || off < len + 1) {
		walk->failed = 1;
		return 1;
	}
	off -= len;
	if (copy_name(buffer, off, len, name) < 0)
		walk->failed = 1;
	off--;
	buffer->text[off & (TEXT_END - 1)] = '/';
	walk->off = off;
	walk->dentry = parent;
	return 0;
}

/*
 * The path as AppArmor has it (security/apparmor/path.c, d_namespace_path): from the root of the
 * mount's namespace, nothing said of a file that is deleted, '/' after a folder's. -1: too long.
 */
__noinline int build_path(__u32 which, __u64 dentry, __u64 vfsmount, bool folder)
{
	struct buffer *buffer = buffer_at(which);
	struct walking walking = { buffer };
	struct walk *walk;
	__u64 ns = 0;

	if (!buffer)
		return -1;
	walk = &buffer->walk;
	walk->dentry = dentry;
	walk->mount = vfsmount - bpf_core_field_offset(struct mount, mnt);
	GET(walk->mount_root, mount, walk->mount, mnt.mnt_root);
	walk->off = folder ? TEXT_END - 1 : TEXT_END;
	walk->failed = 0;
	if (folder)
		buffer->text[TEXT_END - 1] = '/';
	bpf_loop(COMPONENTS_MAX, step, &walking, 0);
	GET(ns, mount, walk->mount, mnt_ns);
	if (!ns) { /* a mount that is in no namespace any more: as far as its file system goes */
		walk->dentry = dentry;
		walk->mount_root = 0;
		walk->off = folder ? TEXT_END - 1 : TEXT_END;
		bpf_loop(COMPONENTS_MAX, step, &walking, 0);
	}
	if (walk->off == TEXT_END) { /* the root, of what is no folder */
		walk->off--;
		buffer->text[TEXT_END - 1] = '/';
	}
	buffer->off = walk->off;
	return walk->failed ? -1 : 0;
}

/* ---- keeping ---- */

struct hashing {
	struct buffer *buffer;
	struct snug_rec_hash hash;
};

static long mix(__u32 index, struct hashing *hashing)
{
	__u32 at = hashing->buffer->off + 8 * index;
	__u64 word;

	if (at >= TEXT_END)
		return 1;
	word = *word_at(hashing->buffer, at);
	hashing->hash.word[0] = (hashing->hash.word[0] ^ word) * 0x9e3779b97f4a7c15ull;
	hashing->hash.word[0] ^= hashing->hash.word[0] >> 32;
	hashing->hash.word[1] = (hashing->hash.word[1] + word) * 0xc2b2ae3d27d4eb4full;
	hashing->hash.word[1] ^= hashing->hash.word[1] >> 29;
	return 0;
}

/* What follows a text is 0, so its length is part of it. */
__noinline int hash_text(__u32 which, struct snug_rec_hash *ret)
{
	struct buffer *buffer = buffer_at(which);
	struct hashing hashing = { .buffer = buffer };

	if (!buffer || !ret)
		return -1;
	hashing.hash.word[0] = hash_seed[0];
	hashing.hash.word[1] = hash_seed[1] ^ buffer->off;
	bpf_loop(TEXT_END / 8, mix, &hashing, 0);
	*ret = hashing.hash;
	return 0;
}

/* Keeps the text that stands in the buffer, unless it is kept already. -1: no room. */
__noinline int keep_text(__u32 which, __u32 slot, const struct snug_rec_hash *hash)
{
	struct buffer *buffer = buffer_at(which);
	struct snug_rec_text key = { .slot = slot };
	__u32 off, len;
	long failed;
	void *map;

	if (!buffer || !hash)
		return -1;
	off = buffer->off;
	if (off > TEXT_END)
		return -1;
	key.hash = *hash;
	len = TEXT_END - off;
	if (len <= SNUG_REC_TEXT_SHORT)
		map = &texts_short;
	else if (len <= SNUG_REC_TEXT_MID)
		map = &texts_mid;
	else
		map = &texts_long;
	if (bpf_map_lookup_elem(map, &key))
		return 0;
	failed = bpf_map_update_elem(map, &key, &buffer->text[off], BPF_NOEXIST);
	return failed && failed != -EEXIST ? -1 : 0;
}
