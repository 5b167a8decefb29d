/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/hooked.h"

#include "base/cleanup.h"
#include "flow/file_caps.h"
#include "flow/owner.h"
#include "flow/process.h"
#include "flow/run_folder.h"
#include "learn/asker.h"
#include "learn/bpf_call.h"
#include "learn/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define DYING_MS 2000 /* how long poststop waits for who was killed */

/* The pinned recorder of a root, locked. */
struct session {
	const struct snug_store *store;
	int lock; /* ROOT/run/snug */
	char pins[SNUG_PINS_PATH_MAX];
	struct snug_maps maps;
	bool there;
};

static void leave(struct session *s)
{
	if (s->there)
		snug_maps_close(&s->maps);
	snug_close_fd(&s->lock); /* and with it the lock */
}

static int take_lock(struct session *s, bool *ret_taken, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;

	snug_close_fd(&s->lock);
	s->lock = snug_run_folder(s->store->root, &folder, err);
	if (s->lock < 0)
		return -1;
	while (flock(s->lock, LOCK_EX) < 0)
		if (errno != EINTR)
			return snug_fail_errno(err, errno, "cannot lock %s", folder);
	return snug_run_folder_is(s->lock, folder, ret_taken, err);
}

static int enter(struct session *s, struct snug_error *err)
{
	bool taken = false;

	if (snug_pins_path(s->store->root, s->pins, err) < 0)
		return -1;
	while (!taken) /* who deleted the folder meanwhile took the lock along */
		if (take_lock(s, &taken, err) < 0)
			return -1;
	return snug_pins_open(s->pins, &s->maps, &s->there, err);
}

/* Nothing is learned by hooks, and nothing is left of it. Asks without the lock; false where that
 * cannot be told: who goes on is told why. */
static bool is_idle(const struct snug_store *store)
{
	char pins[SNUG_PINS_PATH_MAX];
	struct snug_error ignored;

	return snug_pins_path(store->root, pins, &ignored) == 0 && access(pins, F_OK) < 0 &&
	       (errno == ENOENT || errno == ENOTDIR);
}

static int read_owner(struct session *s, unsigned slot, struct snug_rec_owner *ret,
		      struct snug_error *err)
{
	__u32 key = slot;

	if (snug_bpf_lookup(snug_map_fd(&s->maps, SNUG_MAP_OWNERS), &key, ret) < 0)
		return snug_fail_errno(err, errno, "whose slot %u is", slot);
	return 0;
}

/* 1: the slot is taken, and this is whose it is. 0: nobody's, or half freed. */
static int owner_of(struct session *s, unsigned slot, struct snug_rec_owner *ret,
		    struct snug_error *err)
{
	if (!s->maps.heads[slot].taken)
		return 0;
	if (read_owner(s, slot, ret, err) == 0)
		return 1;
	return err->sys_errno == ENOENT ? 0 : -1;
}

/* Which kernel functions only probe: read once, for all. */
static int read_askers(struct session *s, struct snug_rec_askers *ret, struct snug_error *err)
{
	int map = snug_map_fd(&s->maps, SNUG_MAP_ASKERS);
	__u32 zero = 0;

	if (snug_bpf_lookup(map, &zero, ret) < 0)
		return snug_fail_errno(err, errno, "the recorder's askers");
	if (ret->count)
		return 0;
	if (snug_askers_read(ret, err) < 0)
		return -1;
	return snug_bpf_update(map, &zero, ret) < 0
		       ? snug_fail_errno(err, errno, "the recorder's askers")
		       : 0;
}

/* Writes one slot's recording. *ret_path stays NULL where the user's program has not run: such a
 * container was created and not started, or could not be. */
static int write_slot(struct session *s, unsigned slot, const struct snug_rec_owner *owner,
		      bool ended, char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_ending ending = { .ended = ended, .exit = -1 };
	struct snug_rec_askers askers;
	struct snug_progress progress;
	char started[SNUG_STARTED_SIZE];

	if (snug_slot_progress(&s->maps, slot, &progress, err) < 0)
		return -1;
	if (!progress.executed)
		return 0;
	ending.gate = progress.gate;
	snug_owner_started(owner, started);
	if (read_askers(s, &askers, err) < 0 ||
	    snug_slot_collect(&s->maps, slot, owner->run, &askers, &recording, err) < 0 ||
	    snug_file_caps_add(&recording, owner->root, owner->run, err) < 0 ||
	    snug_owner_describe(owner, NULL, &ending, &recording, err) < 0 ||
	    snug_recording_render(&recording, &text, err) < 0)
		return -1;
	return snug_store_put_recording(s->store, owner->name, started, owner->run, &text, ret_path,
					err);
}

/* To disk first, then away with it: who dies in between leaves a slot that is written again. */
static int finish_slot(struct session *s, unsigned slot, const struct snug_rec_owner *owner,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (write_slot(s, slot, owner, true, &path, err) < 0)
		return snug_context(err, "container %s, learned as %s", owner->id, owner->name);
	return snug_slot_free(&s->maps, slot, err);
}

/* Or somebody began to free it and died: what lives of it is not followed any more. */
static bool is_dead(const struct session *s, unsigned slot)
{
	const struct snug_rec_head *head = &s->maps.heads[slot];

	return head->taken && (head->closing || !__atomic_load_n(&head->alive, __ATOMIC_SEQ_CST));
}

/*
 * Finishes the dead. One that cannot be written does not keep the others: the first error is told
 * at the end.
 */
static int reap(struct session *s, struct snug_error *err)
{
	struct snug_error first = { 0 };

	for (unsigned i = 0; s->there && i < s->maps.count; i++) {
		struct snug_rec_owner owner;
		struct snug_error now;
		int known;

		if (!is_dead(s, i))
			continue;
		known = owner_of(s, i, &owner, &now);
		/* Half freed: nobody's any more. */
		if ((known > 0 && finish_slot(s, i, &owner, &now) == 0) ||
		    (known == 0 && snug_slot_free(&s->maps, i, &now) == 0))
			continue;
		if (!first.code)
			first = now;
	}
	if (!first.code)
		return 0;
	*err = first;
	return -1;
}

static int settle(struct session *s, struct snug_error *err)
{
	return s->there ? snug_pins_settle(s->pins, &s->maps, err) : 0;
}

/* Is this very process being recorded? The other stage's doing. */
static int is_begun(struct session *s, const struct snug_rec_owner *wanted, struct snug_error *err)
{
	for (unsigned i = 0; s->there && i < s->maps.count; i++) {
		struct snug_rec_owner owner;
		int known;

		if (s->maps.heads[i].pid != wanted->pid)
			continue;
		known = owner_of(s, i, &owner, err);
		if (known < 0 || (known && owner.init_start == wanted->init_start))
			return known;
	}
	return 0;
}

/* A recorder, loaded if there is none yet. */
static int need_recorder(const struct snug_hooked *context, struct session *s,
			 struct snug_error *err)
{
	if (s->there)
		return 0;
	if (context->load(context, s->lock, err) < 0 ||
	    snug_pins_open(s->pins, &s->maps, &s->there, err) < 0)
		return -1;
	return s->there ? 0 : snug_fail(err, SNUG_SYSTEM, "the recorder is gone again");
}

int snug_hooked_load(const struct snug_hooked *context, int given, struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = context->store, .lock = -1 };
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int fd = snug_run_folder(context->store->root, &folder, err);
	bool ours = false;

	if (fd < 0 || snug_run_lock_is_ours(given, fd, folder, &ours, err) < 0)
		return -1;
	if (ours)
		return context->load(context, given, err);
	if (enter(&s, err) < 0 || need_recorder(context, &s, err) < 0)
		return -1;
	return settle(&s, err);
}

static int arm(struct session *s, const struct snug_init *init, const struct snug_rec_owner *owner,
	       struct snug_error *err)
{
	struct snug_error ignored;
	unsigned slot;

	if (snug_slot_claim(&s->maps, init, owner, &slot, err) < 0)
		return -1;
	if (settle(s, err) == 0 && snug_slot_seed(&s->maps, slot, init, err) == 0)
		return 0;
	if (snug_slot_free(&s->maps, slot, &ignored) == 0)
		(void)settle(s, &ignored);
	return -1;
}

int snug_hooked_begin(const struct snug_hooked *context, const struct snug_state *state,
		      struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = context->store, .lock = -1 };
	SNUG_AUTO_FD int fd = -1;
	struct snug_rec_owner owner;
	struct snug_error ignored;
	struct snug_init init = { 0 };
	int wanted = snug_owner_read(context, state, &owner, &init.watch, err);

	if (wanted <= 0)
		return wanted;
	fd = pidfd_open(state->pid, 0);
	init.pidfd = fd;
	owner.init_start = snug_process_start(state->pid);
	/* What is read by number is true of the pidfd's process if that lives afterwards. */
	if (fd < 0 || !owner.init_start || snug_init_of(state->pid, &init, err) < 0 ||
	    pidfd_send_signal(fd, 0, NULL, 0) < 0)
		return snug_fail(err, SNUG_INPUT, "the state's pid %d is no process", state->pid);
	if (enter(&s, err) < 0)
		return -1;
	/* What cannot be written now is no reason to learn nothing else. */
	(void)reap(&s, &ignored);
	wanted = is_begun(&s, &owner, err);
	if (wanted)
		return wanted < 0 ? -1 : 0;
	if (need_recorder(context, &s, err) < 0)
		return -1;
	return arm(&s, &init, &owner, err);
}

static bool has_ended(int init, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = init, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1;
}

/* The pidfd of the init while it lives; -1: it is over, however many it left behind. */
static int living_init(const struct session *s, unsigned slot, const struct snug_rec_owner *owner)
{
	SNUG_AUTO_FD int fd = -1;
	int living = -1;

	if (is_dead(s, slot))
		return -1;
	fd = pidfd_open((pid_t)owner->pid, 0);
	if (fd >= 0 && snug_process_lives((pid_t)owner->pid, owner->init_start) &&
	    !has_ended(fd, 0)) {
		living = fd;
		fd = -1;
	}
	return living;
}

/* Finishes what is over of that id. *ret_living: the pidfd of one that is not, else as it was. */
static int end_now(struct session *s, const char *id, int *ret_living, struct snug_error *err)
{
	struct snug_error later;
	int failed = 0;

	for (unsigned i = 0; s->there && i < s->maps.count && !failed; i++) {
		struct snug_rec_owner owner;
		int living, known = owner_of(s, i, &owner, err);

		if (known < 0)
			failed = -1;
		if (known <= 0 || strcmp(owner.id, id) != 0)
			continue;
		living = living_init(s, i, &owner);
		if (living < 0) {
			failed = finish_slot(s, i, &owner, err);
			continue;
		}
		snug_close_fd(ret_living);
		*ret_living = living;
	}
	if (reap(s, &later) < 0 && !failed) {
		*err = later;
		failed = -1;
	}
	if (settle(s, &later) < 0 && !failed) {
		*err = later;
		failed = -1;
	}
	return failed;
}

static int end_locked(const struct snug_store *store, const char *id, int *ret_living,
		      struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = store, .lock = -1 };

	return enter(&s, err) < 0 ? -1 : end_now(&s, id, ret_living, err);
}

/* Two looks, since crun kills by force, and calls poststop before the init is dead. One that lives
 * on may be another runtime's, of the same id. */
int snug_hooked_end(const struct snug_hooked *context, const struct snug_state *state,
		    struct snug_error *err)
{
	SNUG_AUTO_FD int living = -1;
	int failed;

	if (is_idle(context->store))
		return 0;
	failed = end_locked(context->store, state->id, &living, err);
	if (living >= 0 && has_ended(living, DYING_MS))
		failed = end_locked(context->store, state->id, &living, err);
	return failed;
}

int snug_hooked_reap(const struct snug_store *store, struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = store, .lock = -1 };
	struct snug_error later;
	int failed;

	if (is_idle(store))
		return 0;
	if (enter(&s, err) < 0)
		return -1;
	failed = reap(&s, err);
	if (settle(&s, &later) < 0 && !failed) {
		*err = later;
		failed = -1;
	}
	return failed;
}

int snug_hooked_flush(const struct snug_store *store, const char *name, struct snug_paths *ret,
		      unsigned *count, struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = store, .lock = -1 };

	if (is_idle(store))
		return 0;
	if (enter(&s, err) < 0)
		return -1;
	for (unsigned i = 0; s.there && i < s.maps.count; i++) {
		SNUG_AUTO(snug_freep) char *path = NULL;
		struct snug_rec_owner owner;
		int known = owner_of(&s, i, &owner, err);

		if (known < 0)
			return -1;
		if (!known || (name && strcmp(owner.name, name) != 0))
			continue;
		++*count;
		if (write_slot(&s, i, &owner, is_dead(&s, i), &path, err) < 0)
			return -1;
		if (!path)
			continue; /* it has not begun yet */
		if (snug_vec_push(ret, path) < 0)
			return snug_fail_memory(err);
		path = NULL;
	}
	return 0;
}

int snug_hooked_list(const struct snug_store *store, struct snug_hooked_list *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(leave) struct session s = { .store = store, .lock = -1 };

	if (is_idle(store))
		return 0;
	if (enter(&s, err) < 0)
		return -1;
	for (unsigned i = 0; s.there && i < s.maps.count; i++) {
		struct snug_hooked_one one;
		int known = owner_of(&s, i, &one.owner, err);

		if (known < 0)
			return -1;
		if (!known)
			continue;
		if (snug_slot_progress(&s.maps, i, &one.progress, err) < 0)
			return -1;
		if (snug_vec_push(ret, one) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}
