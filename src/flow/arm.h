/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the prestart hook and the waiting learner meet: a socket in the shadow bundle's folder. The
 * hook names the container's init, the learner answers when it tracks it, or why it does not.
 */
#pragma once

#include "base/error.h"

#include <sys/types.h>

#define SNUG_ARM_SOCKET	 "arm"
#define SNUG_ARM_SECONDS 30 /* a hook waits for its answer */

/* Listens in the folder. A descriptor, or negative with err. */
int snug_arm_listen(int folder_fd, struct snug_error *err) SNUG_CHECKED;
/*
 * Takes one request: its descriptor (answer and close it) and the pid of the container's init.
 * Refused (SNUG_SYSTEM): a peer that is not our user, a message that is none.
 */
int snug_arm_accept(int listen_fd, pid_t *ret_pid, struct snug_error *err) SNUG_CHECKED;
/* NULL refusal: armed, the container may start. */
void snug_arm_answer(int fd, const char *refusal);

/* The hook's side. 0: armed. */
int snug_arm_ask(const char *socket_path, pid_t pid, struct snug_error *err) SNUG_CHECKED;
