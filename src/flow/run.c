/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/run.h"

#include "base/cleanup.h"
#include "flow/file_caps.h"
#include "flow/owner.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

int snug_run_begin(struct snug_run *run, const char *name, struct snug_error *err)
{
	run->exit = -1;
	run->owner.started = (uint64_t)time(NULL);
	snprintf(run->owner.name, sizeof(run->owner.name), "%s", name);
	if (getrandom(&run->owner.run, sizeof(run->owner.run), 0) !=
	    (ssize_t)sizeof(run->owner.run))
		return snug_fail_errno(err, errno, "no random numbers");
	return 0;
}

int snug_run_write(const struct snug_run *run, bool ended, struct snug_recording *ret,
		   char **ret_path, struct snug_error *err)
{
	const struct snug_rec_owner *owner = &run->owner;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_ending ending = { .ended = ended, .exit = ended ? run->exit : -1 };
	struct snug_progress progress;
	char started[SNUG_STARTED_SIZE];

	snug_recorder_progress(run->recorder, &progress);
	ending.gate = progress.gate;
	snug_owner_started(owner, started);
	if (snug_recorder_collect(run->recorder, owner->run, ret, err) < 0 ||
	    snug_file_caps_add(ret, owner->root, owner->run, err) < 0 ||
	    snug_owner_describe(owner, run->args, &ending, ret, err) < 0 ||
	    snug_recording_render(ret, &text, err) < 0)
		return -1;
	return snug_store_put_recording(run->store, owner->name, started, owner->run, &text,
					ret_path, err);
}

/* What was seen so far, as a recording that the run's end will replace. */
static int flush(const struct snug_run *run, struct snug_arm_answer *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (!ret->progress.executed)
		return 0;
	if (snug_run_write(run, false, &recording, &path, err) < 0)
		return -1;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	return 0;
}

int snug_run_answer(const struct snug_run *run, enum snug_arm_wish wish,
		    struct snug_arm_answer *ret, struct snug_error *err)
{
	ret->owner = run->owner;
	snug_recorder_progress(run->recorder, &ret->progress);
	return wish == SNUG_ARM_FLUSH ? flush(run, ret, err) : 0;
}
