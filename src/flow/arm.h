/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a learner (`snug learn`, `snug record`) is spoken to: through a socket in its folder. The
 * prestart hook names the container's init, and the learner answers when it tracks it, or why it
 * does not; `snug status` asks how it stands, `snug flush` to write what there is. Both ends are
 * of one version: they are started from the same program.
 */
#pragma once

#include "base/error.h"
#include "learn/slot.h"

#include <limits.h>
#include <sys/types.h>

#define SNUG_ARM_SOCKET	 "arm"
#define SNUG_ARM_SECONDS 30 /* an asker waits for its answer */

enum snug_arm_wish {
	SNUG_ARM_BEGIN,	 /* track the container's init */
	SNUG_ARM_STATUS, /* tell owner and progress */
	SNUG_ARM_FLUSH,	 /* write what there is, and tell where */
};

struct snug_arm_request {
	enum snug_arm_wish wish;
	pid_t pid; /* of the init; BEGIN alone */
};

struct snug_arm_answer {
	char refusal[252];	     /* "": done */
	struct snug_rec_owner owner; /* STATUS and FLUSH */
	struct snug_progress progress;
	char path[PATH_MAX]; /* FLUSH: the recording, "" where nothing was seen yet */
};

/* Listens in the folder. A descriptor, or negative with err. */
int snug_arm_listen(int folder_fd, struct snug_error *err) SNUG_CHECKED;
/*
 * Takes one request; returns its descriptor (answer and close it). Refused (SNUG_SYSTEM): a peer
 * that is not our user, a message that is none.
 */
int snug_arm_accept(int listen_fd, struct snug_arm_request *ret,
		    struct snug_error *err) SNUG_CHECKED;
void snug_arm_answer(int fd, const struct snug_arm_answer *answer);

/* The asker's side: 0, or the refusal as an error. */
int snug_arm_ask(const char *socket_path, const struct snug_arm_request *request,
		 struct snug_arm_answer *ret, struct snug_error *err) SNUG_CHECKED;
