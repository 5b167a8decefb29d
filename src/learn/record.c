/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/record.h"

#include "base/cleanup.h"
#include "learn/asker.h"
#include "learn/bpf_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Slow links are not above, or are let go by their owner: it has some sixty descriptors. */
#define FDS_MAX 255

struct snug_recorder {
	struct snug_maps maps;
	int link[SNUG_PROG_SEED]; /* of the programs that attach */
	bool watch;
	bool seeded;
	struct snug_rec_askers askers; /* read when first needed */
};

int snug_recorder_open(const struct snug_load *wanted, struct snug_recorder **ret,
		       struct snug_error *err)
{
	struct snug_load load = *wanted;
	SNUG_AUTO(snug_recorder_freep) struct snug_recorder *recorder = NULL;

	recorder = calloc(1, sizeof(*recorder));
	if (!recorder)
		return snug_fail_memory(err);
	load.slots = 1;
	recorder->watch = load.refusals;
	recorder->maps = (struct snug_maps)SNUG_MAPS_NONE;
	for (size_t i = 0; i < SNUG_PROG_SEED; i++)
		recorder->link[i] = -1;
	if (snug_recorder_load(&load, &recorder->maps, err) < 0)
		return -1;
	for (size_t i = 0; i < SNUG_PROG_SEED; i++) {
		if (recorder->maps.prog[i] < 0)
			continue;
		recorder->link[i] = snug_bpf_attach(recorder->maps.prog[i]);
		if (recorder->link[i] < 0)
			return snug_fail_errno(err, errno, "cannot attach the recorder");
	}
	*ret = SNUG_TAKE(recorder);
	return 0;
}

/* All that there is of it is open: nothing can fail. */
unsigned snug_recorder_observes(const struct snug_recorder *recorder)
{
	struct snug_error ignored;
	unsigned seen = 0;

	(void)!snug_maps_observe((struct snug_maps *)&recorder->maps, &seen, &ignored);
	return seen;
}

static int begin(struct snug_recorder *recorder, const struct snug_init *init,
		 int (*how)(struct snug_maps *maps, unsigned slot, const struct snug_init *init,
			    struct snug_error *err),
		 struct snug_error *err)
{
	struct snug_init watched = *init;
	unsigned slot;

	watched.watch = recorder->watch;
	if (snug_slot_claim(&recorder->maps, &watched, NULL, &slot, err) < 0 ||
	    how(&recorder->maps, slot, &watched, err) < 0)
		return -1;
	recorder->seeded = true;
	return 0;
}

int snug_recorder_seed(struct snug_recorder *recorder, const struct snug_init *init,
		       struct snug_error *err)
{
	return begin(recorder, init, snug_slot_seed, err);
}

int snug_recorder_adopt(struct snug_recorder *recorder, const struct snug_init *init,
			struct snug_error *err)
{
	return begin(recorder, init, snug_slot_adopt, err);
}

void snug_recorder_progress(struct snug_recorder *recorder, struct snug_progress *ret)
{
	struct snug_error ignored;

	if (!recorder->seeded || snug_slot_progress(&recorder->maps, 0, ret, &ignored) < 0)
		*ret = (struct snug_progress){ 0 };
}

/* ---- stop ---- */

/* LSM and fexit programs: those that hang on trampolines. */
static bool is_slow(size_t program)
{
	return program >= SNUG_PROG_FILES && program < SNUG_PROG_RETURNED;
}

static void close_links(struct snug_recorder *recorder, bool slow)
{
	for (size_t i = 0; i < SNUG_PROG_SEED; i++)
		if (is_slow(i) == slow) {
			snug_close_fd(&recorder->link[i]);
			recorder->link[i] = -1;
		}
}

static bool is_slow_link(const struct snug_recorder *recorder, int fd)
{
	for (size_t i = SNUG_PROG_FILES; i < SNUG_PROG_RETURNED; i++)
		if (recorder->link[i] == fd)
			return true;
	return false;
}

/* Has the slow links, and an end of a pipe whose other end their owner closes behind his own. */
static void __attribute__((noreturn)) hold(const struct snug_recorder *recorder, int gate)
{
	char none;

	/* Whoever reads what the owner writes is not to wait for this one. */
	for (int fd = 0; fd <= FDS_MAX; fd++)
		if (fd != gate && !is_slow_link(recorder, fd))
			close(fd);
	(void)close_range(FDS_MAX + 1, ~0U, 0);
	while (read(gate, &none, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

/*
 * To detach a program from a trampoline the kernel waits for two grace periods of RCU tasks, one
 * program after another: 0.13 s each on Linux 6.1, and there are some thirty. It does so for
 * whoever has the last descriptor: a process that only ends. Returns the end of a pipe on which
 * that waits; -1: there is none.
 */
static int start_holder(const struct snug_recorder *recorder)
{
	int gate[2], status;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		/* A child's child, so that nobody has to wait for it. */
		if (fork() != 0)
			_exit(0);
		hold(recorder, gate[0]);
	}
	close(gate[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return gate[1];
}

void snug_recorder_stop(struct snug_recorder *recorder)
{
	SNUG_AUTO_FD int gate = -1;

	close_links(recorder, false);
	if (recorder->link[SNUG_PROG_FILES] >= 0)
		gate = start_holder(recorder);
	close_links(recorder, true);
}

int snug_recorder_collect(struct snug_recorder *recorder, uint64_t run, struct snug_recording *ret,
			  struct snug_error *err)
{
	if (snug_recorder_observes(recorder) & SNUG_OBSERVED_CAPABILITIES_APPROXIMATE &&
	    !recorder->askers.count && snug_askers_read(&recorder->askers, err) < 0)
		return -1;
	return snug_slot_collect(&recorder->maps, 0, run, &recorder->askers, ret, err);
}

void snug_recorder_free(struct snug_recorder *recorder)
{
	int saved = errno;

	if (recorder) {
		snug_recorder_stop(recorder);
		snug_maps_close(&recorder->maps);
	}
	free(recorder);
	errno = saved;
}

void snug_recorder_freep(struct snug_recorder **recorder)
{
	snug_recorder_free(*recorder);
}
