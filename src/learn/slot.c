/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/slot.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"
#include "learn/slot_part.h"
#include "learn/tables.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PURGES_MAX 1000 /* looks at the table of tasks while one of its own forks away */

const char *const snug_map_names[SNUG_MAP_MAX] = {
	[SNUG_MAP_HEADS] = "heads",	    [SNUG_MAP_SLOTS] = "slots",
	[SNUG_MAP_TUPLES] = "tuples",	    [SNUG_MAP_CHECKS] = "checks",
	[SNUG_MAP_CGROUPS] = "cgroups",	    [SNUG_MAP_BEFORE] = "before",
	[SNUG_MAP_SEEDING] = "seeding",	    [SNUG_MAP_TASKS] = "tasks",
	[SNUG_MAP_OWNERS] = "owners",	    [SNUG_MAP_ASKERS] = "askers",
	[SNUG_MAP_FILES] = "files",	    [SNUG_MAP_ACTS] = "acts",
	[SNUG_MAP_PROGRAMS] = "programs",   [SNUG_MAP_TEXTS_SHORT] = "texts_short",
	[SNUG_MAP_TEXTS_MID] = "texts_mid", [SNUG_MAP_TEXTS_LONG] = "texts_long",
};

const char *const snug_prog_names[SNUG_PROG_MAX] = {
	[SNUG_PROG_SYS_ENTER] = "on_sys_enter",
	[SNUG_PROG_FORK] = "on_fork",
	[SNUG_PROG_EXEC] = "on_exec",
	[SNUG_PROG_EXIT] = "on_exit",
	[SNUG_PROG_CGROUP] = "on_attach",
	[SNUG_PROG_CAPS] = "on_cap_capable",
	[SNUG_PROG_SYS_EXIT] = "on_sys_exit",
	[SNUG_PROG_OPEN] = "on_file_open",
	[SNUG_PROG_FILE_RECEIVE] = "on_file_receive",
	[SNUG_PROG_FILE_LOCK] = "on_file_lock",
	[SNUG_PROG_MMAP] = "on_mmap_file",
	[SNUG_PROG_FILE_MPROTECT] = "on_file_mprotect",
	[SNUG_PROG_PATH_UNLINK] = "on_path_unlink",
	[SNUG_PROG_PATH_RMDIR] = "on_path_rmdir",
	[SNUG_PROG_PATH_MKDIR] = "on_path_mkdir",
	[SNUG_PROG_PATH_MKNOD] = "on_path_mknod",
	[SNUG_PROG_PATH_SYMLINK] = "on_path_symlink",
	[SNUG_PROG_PATH_CHMOD] = "on_path_chmod",
	[SNUG_PROG_PATH_CHOWN] = "on_path_chown",
	[SNUG_PROG_PATH_TRUNCATE] = "on_path_truncate",
	[SNUG_PROG_FILE_TRUNCATE] = "on_file_truncate",
	[SNUG_PROG_PATH_RENAME] = "on_path_rename",
	[SNUG_PROG_PATH_LINK] = "on_path_link",
	[SNUG_PROG_BPRM_CREDS_FOR_EXEC] = "on_bprm_creds_for_exec",
	[SNUG_PROG_EXEC_DONE] = "on_exec_done",
	[SNUG_PROG_SOCKET_CREATE] = "on_socket_create",
	[SNUG_PROG_UNIX_STREAM_CONNECT] = "on_unix_stream_connect",
	[SNUG_PROG_UNIX_MAY_SEND] = "on_unix_may_send",
	[SNUG_PROG_TASK_KILL] = "on_task_kill",
	[SNUG_PROG_PTRACE_ACCESS_CHECK] = "on_ptrace_access_check",
	[SNUG_PROG_PTRACE_TRACEME] = "on_ptrace_traceme",
	[SNUG_PROG_SB_MOUNT] = "on_sb_mount",
	[SNUG_PROG_MOVE_MOUNT] = "on_move_mount",
	[SNUG_PROG_SB_UMOUNT] = "on_sb_umount",
	[SNUG_PROG_SB_PIVOTROOT] = "on_sb_pivotroot",
	[SNUG_PROG_CAPABLE] = "on_capable",
	[SNUG_PROG_RETURNED] = "on_returned",
	[SNUG_PROG_SEED] = "seed",
	[SNUG_PROG_ADOPT] = "adopt",
};

static int open_pinned(const struct snug_maps *maps, const char *name)
{
	char path[PATH_MAX];

	if (!maps->pins) {
		errno = ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s", maps->pins, name);
	return snug_bpf_get(path);
}

int snug_map_fd(struct snug_maps *maps, enum snug_rec_map which)
{
	if (maps->map[which] < 0)
		maps->map[which] = open_pinned(maps, snug_map_names[which]);
	return maps->map[which];
}

int snug_prog_fd(struct snug_maps *maps, enum snug_rec_prog which)
{
	if (maps->prog[which] < 0)
		maps->prog[which] = open_pinned(maps, snug_prog_names[which]);
	return maps->prog[which];
}

/* What cannot be opened is not missing: what it holds would be left out of a recording. */
static int is_there(int fd, const char *name, struct snug_error *err)
{
	if (fd >= 0)
		return 1;
	return errno == ENOENT ? 0 : snug_fail_errno(err, errno, "the recorder's %s", name);
}

int snug_map_is_there(struct snug_maps *maps, enum snug_rec_map which, struct snug_error *err)
{
	return is_there(snug_map_fd(maps, which), snug_map_names[which], err);
}

int snug_prog_is_there(struct snug_maps *maps, enum snug_rec_prog which, struct snug_error *err)
{
	return is_there(snug_prog_fd(maps, which), snug_prog_names[which], err);
}

int snug_maps_observe(struct snug_maps *maps, unsigned *ret, struct snug_error *err)
{
	static const struct {
		enum snug_rec_prog prog;
		unsigned seen;
	} ways[][2] = {
		{ { SNUG_PROG_CAPABLE, SNUG_OBSERVED_CAPABILITIES },
		  { SNUG_PROG_CAPS, SNUG_OBSERVED_CAPABILITIES_APPROXIMATE } },
		{ { SNUG_PROG_OPEN, SNUG_OBSERVED_FILES | SNUG_OBSERVED_NETWORK |
					    SNUG_OBSERVED_SIGNALS | SNUG_OBSERVED_MOUNTS },
		  { SNUG_PROG_RETURNED, SNUG_OBSERVED_FILES_APPROXIMATE } },
	};

	*ret = SNUG_OBSERVED_SYSCALLS;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int there = 0;

		for (size_t j = 0; !there && j < 2; j++) { /* the better way first */
			there = snug_prog_is_there(maps, ways[i][j].prog, err);
			*ret |= there > 0 ? ways[i][j].seen : 0;
		}
		if (there < 0)
			return -1;
	}
	return 0;
}

/* Of another size too: its first page is there, and says which layout it has. */
static int refuse_layout(const struct snug_maps *maps, int fd, struct snug_error *err)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	const struct snug_rec_head *head = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	if (head == MAP_FAILED)
		return snug_fail_errno(err, errno, "the recorder's heads");
	snug_fail(err, SNUG_HOST, "another version of snug is recording (layout %u, not %u)",
		  head->layout, SNUG_REC_LAYOUT);
	(void)munmap((void *)head, size);
	return snug_remedy(err,
			   "let its containers end, and flush them with that version; to end "
			   "these recordings instead, remove %s",
			   maps->pins ? maps->pins : "them");
}

static size_t heads_size(const struct snug_maps *maps)
{
	return maps->count * sizeof(*maps->heads);
}

int snug_maps_open(struct snug_maps *maps, struct snug_error *err)
{
	int fd = snug_map_fd(maps, SNUG_MAP_HEADS);
	void *heads;

	if (!maps->count)
		maps->count = SNUG_REC_SLOTS;
	heads = fd < 0 ? MAP_FAILED
		       : mmap(NULL, heads_size(maps), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (heads == MAP_FAILED)
		return fd < 0 ? snug_fail_errno(err, errno, "the recorder's heads")
			      : refuse_layout(maps, fd, err);
	maps->heads = heads;
	return maps->heads[0].layout == SNUG_REC_LAYOUT ? 0 : refuse_layout(maps, fd, err);
}

void snug_maps_close(struct snug_maps *maps)
{
	if (maps->heads)
		(void)munmap(maps->heads, heads_size(maps));
	maps->heads = NULL;
	for (size_t i = 0; i < SNUG_MAP_MAX; i++)
		snug_close_fd(&maps->map[i]);
	for (size_t i = 0; i < SNUG_PROG_MAX; i++)
		snug_close_fd(&maps->prog[i]);
	*maps = (struct snug_maps)SNUG_MAPS_NONE;
}

/* join: as the BPF side says it. */
static __u32 join_of(enum snug_join join)
{
	switch (join) {
	case SNUG_BY_CGROUP2:
		return SNUG_JOIN_V2;
	case SNUG_BY_PIDS:
		return SNUG_JOIN_PIDS;
	case SNUG_BY_NONE:
		break;
	}
	return SNUG_JOIN_NONE;
}

/* The one that has been free longest, or nearly: a program of the kernel's that stalled since it
 * looked a slot up writes into what is nobody's. */
static int find_free(const struct snug_maps *maps, unsigned *ret, struct snug_error *err)
{
	for (unsigned i = 1; i <= maps->count; i++) {
		*ret = (maps->heads[0].last + i) % maps->count;
		if (!maps->heads[*ret].taken)
			return 0;
	}
	snug_fail(err, SNUG_HOST, "%u containers are being recorded: there is no room for more",
		  maps->count);
	return snug_remedy(err, "let some end first");
}

struct dropping {
	struct snug_maps *maps;
	enum snug_rec_map which;
};

static int drop(void *context, const void *key, const void *value)
{
	const struct dropping *dropping = context;

	(void)value;
	return snug_bpf_delete(snug_map_fd(dropping->maps, dropping->which), key) < 0 &&
	       errno != ENOENT;
}

/* Takes out a slot's entries of the hashes that are kept by slot. */
static int drop_all(struct snug_maps *maps, unsigned slot, struct snug_error *err)
{
	static const enum snug_rec_map hashes[] = {
		SNUG_MAP_TUPLES,   SNUG_MAP_CHECKS,	 SNUG_MAP_FILES,     SNUG_MAP_ACTS,
		SNUG_MAP_PROGRAMS, SNUG_MAP_TEXTS_SHORT, SNUG_MAP_TEXTS_MID, SNUG_MAP_TEXTS_LONG,
	};

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct dropping dropping = { maps, hashes[i] };
		int there = snug_map_is_there(maps, hashes[i], err);

		if (there < 0 ||
		    (there && snug_slot_each(maps, hashes[i], slot, drop, &dropping, err) < 0))
			return -1;
	}
	return 0;
}

int snug_slot_claim(struct snug_maps *maps, const struct snug_init *init,
		    const struct snug_rec_owner *owner, unsigned *ret, struct snug_error *err)
{
	struct snug_rec_slot slot;
	unsigned index;

	if (find_free(maps, &index, err) < 0)
		return -1;
	if (maps->heads[index].dirty && drop_all(maps, index, err) < 0)
		return -1;
	maps->heads[index].dirty = 0;
	snug_rec_slot_init(&slot);
	slot.join = join_of(init->join);
	slot.watching = init->watch;
	slot.user_ns = init->user_ns;
	slot.mnt_ns = init->mnt_ns;
	slot.pid_ns = init->pid_ns;
	memcpy(slot.outer_mnt_ns, init->outer_mnt_ns, sizeof(slot.outer_mnt_ns));
	slot.missed_calls = maps->heads[0].missed_calls;
	slot.missed_checks = maps->heads[0].missed_checks;
	slot.missed_files = maps->heads[0].missed_files;
	if (snug_bpf_update(snug_map_fd(maps, SNUG_MAP_SLOTS), &index, &slot) < 0)
		return snug_fail_errno(err, errno, "cannot take a slot");
	if (owner && snug_bpf_update(snug_map_fd(maps, SNUG_MAP_OWNERS), &index, owner) < 0)
		return snug_fail_errno(err, errno, "cannot note whose a slot is");
	maps->heads[0].last = index;
	maps->heads[index].pid = owner ? owner->pid : 0;
	maps->heads[index].alive = 0;
	maps->heads[index].closing = 0;
	__atomic_store_n(&maps->heads[index].taken, init->watch ? SNUG_TAKEN_WATCHING : SNUG_TAKEN,
			 __ATOMIC_SEQ_CST);
	*ret = index;
	return 0;
}

int snug_slot_read(struct snug_maps *maps, unsigned index, struct snug_rec_slot *ret,
		   struct snug_error *err)
{
	__u32 key = index;

	if (snug_bpf_lookup(snug_map_fd(maps, SNUG_MAP_SLOTS), &key, ret) < 0)
		return snug_fail_errno(err, errno, "cannot read slot %u", index);
	return 0;
}

/* Runs seed or adopt for a slot; tells how the slot is then. */
static int run(struct snug_maps *maps, enum snug_rec_prog prog, unsigned slot, int pidfd,
	       struct snug_rec_slot *ret, struct snug_error *err)
{
	__u32 zero = 0, index = slot;

	if (snug_bpf_update(snug_map_fd(maps, SNUG_MAP_SEEDING), &zero, &index) < 0 ||
	    snug_bpf_iterate(snug_prog_fd(maps, prog), pidfd) < 0)
		return snug_fail_errno(err, errno, "cannot point the recorder at the container");
	return snug_slot_read(maps, slot, ret, err);
}

int snug_slot_seed(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
		   struct snug_error *err)
{
	struct snug_rec_slot now;

	if (run(maps, SNUG_PROG_SEED, slot, init->pidfd, &now, err) < 0)
		return -1;
	return now.seeded ? 0
			  : snug_fail(err, SNUG_SYSTEM,
				      "the container's init was gone before snug saw it");
}

int snug_slot_adopt(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
		    struct snug_error *err)
{
	struct snug_rec_slot now;
	unsigned before;

	if (run(maps, SNUG_PROG_ADOPT, slot, init->pidfd, &now, err) < 0)
		return -1;
	if (!now.seeded)
		return snug_fail(err, SNUG_SYSTEM, "the container is gone");
	/* Those that were found, not those that live: one may die for each that is found. */
	do {
		before = now.seeded;
		if (run(maps, SNUG_PROG_ADOPT, slot, -1, &now, err) < 0)
			return -1;
	} while (now.seeded != before);
	return 0;
}

bool snug_rec_is_seen(uint8_t state)
{
	return state == SNUG_CALL_DONE || state == SNUG_CALL_TUPLE;
}

int snug_slot_progress(struct snug_maps *maps, unsigned index, struct snug_progress *ret,
		       struct snug_error *err)
{
	struct snug_rec_slot slot;

	if (snug_slot_read(maps, index, &slot, err) < 0)
		return -1;
	*ret = (struct snug_progress){ .gate_passed = slot.gate != 0,
				       .executed = slot.executed != 0,
				       .lost = slot.lost_calls + slot.lost_checks + slot.lost_files,
				       .alive = maps->heads[index].alive };
	while (slot.gate > 1u << ret->gate)
		ret->gate++;
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++)
		for (unsigned nr = 0; nr < SNUG_REC_CALLS; nr++)
			ret->calls += snug_rec_is_seen(slot.calls[SNUG_REC_RUNTIME][abi][nr]) ||
				      snug_rec_is_seen(slot.calls[SNUG_REC_WORKLOAD][abi][nr]);
	return 0;
}

/* One look at the table of tasks: takes out those of the slot. */
static void purge(struct snug_maps *maps, unsigned slot, uint64_t *tasks)
{
	for (size_t i = 0; i < SNUG_TASKS; i++) {
		uint64_t entry = __atomic_load_n(&tasks[i], __ATOMIC_SEQ_CST);
		uint64_t tag = entry & ~SNUG_ENTRY_BITS;

		if (!entry || (entry & SNUG_ENTRY_SLOT) >> SNUG_SLOT_SHIFT != slot)
			continue;
		if (!__atomic_compare_exchange_n(&tasks[i], &entry, 0, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			continue; /* it goes by itself, or changed its flags: the next look */
		__atomic_fetch_sub(&maps->heads[slot].alive, 1, __ATOMIC_SEQ_CST);
		(void)snug_bpf_delete(snug_map_fd(maps, SNUG_MAP_BEFORE), &tag);
	}
}

/* No task is tracked for the slot any more, and none will be. */
static int stop_tracking(struct snug_maps *maps, unsigned slot, struct snug_error *err)
{
	struct snug_rec_head *head = &maps->heads[slot];
	size_t size = SNUG_TASKS * sizeof(uint64_t);
	void *tasks;

	__atomic_store_n(&head->closing, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&head->alive, __ATOMIC_SEQ_CST) == 0)
		return 0;
	head->dirty = 1;
	tasks = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     snug_map_fd(maps, SNUG_MAP_TASKS), 0);
	if (tasks == MAP_FAILED)
		return snug_fail_errno(err, errno, "the recorder's table of tasks");
	for (int i = 0; i < PURGES_MAX && __atomic_load_n(&head->alive, __ATOMIC_SEQ_CST); i++)
		purge(maps, slot, tasks);
	(void)munmap(tasks, size);
	return head->alive ? snug_fail(err, SNUG_SYSTEM, "slot %u does not come to rest", slot) : 0;
}

int snug_slot_free(struct snug_maps *maps, unsigned index, struct snug_error *err)
{
	struct snug_rec_cgroup cgroup;
	struct snug_rec_slot slot;
	__u32 key = index;
	int owned;

	if (!maps->heads[index].taken)
		return 0;
	if (stop_tracking(maps, index, err) < 0 || snug_slot_read(maps, index, &slot, err) < 0)
		return -1;
	/* Ahead of what it was seen doing: a slot with an owner is whole, and is written again if
	 * this process dies here. */
	owned = snug_map_is_there(maps, SNUG_MAP_OWNERS, err);
	if (owned < 0)
		return -1;
	if (owned && snug_bpf_delete(snug_map_fd(maps, SNUG_MAP_OWNERS), &key) < 0 &&
	    errno != ENOENT)
		return snug_fail_errno(err, errno, "whose slot %u was", index);
	cgroup = (struct snug_rec_cgroup){ .id = slot.cgroup, .hierarchy = slot.hierarchy };
	if (slot.cgroup)
		(void)snug_bpf_delete(snug_map_fd(maps, SNUG_MAP_CGROUPS), &cgroup);
	if (drop_all(maps, index, err) < 0)
		return -1;
	__atomic_store_n(&maps->heads[index].taken, 0, __ATOMIC_SEQ_CST);
	return 0;
}
