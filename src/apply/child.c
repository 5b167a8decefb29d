/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/child.h"

#include "base/cleanup.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not yet reaped: its number, and its group's, cannot be another's. */
static void end(pid_t tgid)
{
	if (getpgid(tgid) == tgid)
		kill(-tgid, SIGKILL);
	kill(tgid, SIGKILL);
}

int snug_child_await(pid_t tgid, unsigned seconds, int *ret_status, struct snug_error *err)
{
	SNUG_AUTO_FD int pidfd = pidfd_open(tgid, 0);
	struct pollfd poller = { .fd = pidfd, .events = POLLIN };
	pid_t ended;
	int ready, saved;

	do
		ready = pidfd < 0 ? -1 : poll(&poller, 1, (int)seconds * 1000);
	while (ready < 0 && pidfd >= 0 && errno == EINTR);
	saved = errno;
	if (ready <= 0)
		end(tgid);
	while ((ended = waitpid(tgid, ret_status, 0)) < 0 && errno == EINTR)
		;
	if (ready < 0 || ended < 0) /* ECHILD: SIGCHLD is ignored, and nobody knows how it ended */
		return snug_fail_errno(err, ready < 0 ? saved : errno, "waiting for a child");
	return ready == 0;
}
