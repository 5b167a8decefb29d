/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	adopt PID [refusals]
 *
 * Records the running container whose init PID is, as the recorder does it: says "adopted N" (its
 * tasks) on stderr, waits for the end of standard input, prints the recording.
 */
#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/process.h"
#include "learn/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

static int record(pid_t pid, bool refusals, struct snug_error *err)
{
	SNUG_AUTO(snug_recorder_freep) struct snug_recorder *recorder = NULL;
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO_FD int fd = pidfd_open(pid, 0);
	const struct snug_load load = { .slots = 1, .refusals = refusals, .adopting = true };
	struct snug_init init = { .pidfd = fd };
	struct snug_progress progress;
	char none;

	if (snug_init_of(pid, &init, err) < 0 || snug_recorder_open(&load, &recorder, err) < 0 ||
	    snug_recorder_adopt(recorder, &init, err) < 0)
		return -1;
	snug_recorder_progress(recorder, &progress);
	fprintf(stderr, "adopted %u\n", progress.alive);
	while (read(STDIN_FILENO, &none, 1) > 0)
		;
	snug_recorder_stop(recorder);
	recording.name = strdup("x");
	if (!recording.name || snug_recording_set_run(&recording, 1) < 0)
		return snug_fail_memory(err);
	if (snug_recorder_collect(recorder, 1, &recording, err) < 0 ||
	    snug_recording_render(&recording, &text, err) < 0)
		return -1;
	puts(snug_buf_text(&text));
	return 0;
}

int main(int argc, char **argv)
{
	struct snug_error err = { 0 };
	char line[1024];

	if (argc >= 2 && record(atoi(argv[1]), argc > 2, &err) == 0)
		return 0;
	snug_error_line(&err, line, sizeof(line));
	fprintf(stderr, "%s\n", line);
	return 1;
}
