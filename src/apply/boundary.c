/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/boundary_part.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define YAMA	   "/proc/sys/kernel/yama/ptrace_scope"
#define YAMA_NEVER 3

/* The first digit of a file; -1: there is none. */
static int read_digit(const char *path)
{
	SNUG_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char digit;

	return fd >= 0 && read(fd, &digit, 1) == 1 ? digit - '0' : -1;
}

int snug_boundary_check_host(struct snug_error *err)
{
	if (geteuid() != 0) {
		snug_fail(err, SNUG_HOST, "confining at the exec boundary needs root");
		return snug_remedy(err, "use a runtime that root runs");
	}
	if (read_digit(YAMA) == YAMA_NEVER) {
		snug_fail(err, SNUG_HOST, YAMA " is 3: nobody may trace on this host");
		return snug_remedy(err, "boot with 2 or less, or harden the container's "
					"config.json instead");
	}
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0) {
		snug_fail(err, SNUG_HOST,
			  "the hook itself is under a seccomp filter, which keeps "
			  "it from suspending and reading another's");
		return snug_remedy(err, "start the runtime outside of it");
	}
	return 0;
}

/* ---- in the tracer ---- */

struct report {
	bool armed;
	struct snug_error err;
};

#define PIDFD_AT  3
#define REPORT_AT 4

/* Not one descriptor of the runtime's: runc waits until nobody holds the hook's stdout. */
static int keep_two(int pidfd, int report, struct snug_error *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), high[2];

	high[0] = fcntl(pidfd, F_DUPFD_CLOEXEC, 10);
	high[1] = fcntl(report, F_DUPFD_CLOEXEC, 10);
	if (null < 0 || high[0] < 0 || high[1] < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || dup3(high[0], PIDFD_AT, O_CLOEXEC) < 0 ||
	    dup3(high[1], REPORT_AT, O_CLOEXEC) < 0 || close_range(REPORT_AT + 1, ~0u, 0) < 0)
		return snug_fail_errno(err, errno, "the tracer's descriptors");
	return 0;
}

/* Of its own session: a ^C at the runtime's terminal is the container's business. What else comes
 * is held off; SIGKILL ends it, and the container with it. */
static int stand_alone(struct snug_boundary_target *target, int report, struct snug_error *err)
{
	sigset_t all;

	/* Ignored, the kernel would tell of no end. */
	(void)signal(SIGCHLD, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, "snug-boundary", 0, 0, 0);
	if (chdir("/") < 0)
		return snug_fail_errno(err, errno, "/");
	if (keep_two(target->pidfd, report, err) < 0)
		return -1;
	target->pidfd = PIDFD_AT;
	return 0;
}

/* The pidfd was there before the threads were looked for: if it lives they are its. */
static int arm(const struct snug_boundary_target *target, struct snug_error *err)
{
	if (snug_seize_all(target->tgid, err) < 0)
		return -1;
	if (pidfd_send_signal(target->pidfd, 0, NULL, 0) < 0)
		return snug_fail_errno(err, errno, "the container's process");
	return 0;
}

/* 0: confined, or ended by itself. */
static int confine(const struct snug_boundary_target *target, struct snug_error *err)
{
	int result = snug_seize_await_exec(target, err);

	if (result <= 0)
		return result;
	if (snug_boundary_apply(target, err) < 0 ||
	    target->confined(target->data, target->pidfd, err) < 0)
		return -1;
	if (ptrace(PTRACE_DETACH, target->tgid, NULL, NULL) < 0)
		return snug_fail_errno(err, errno, "PTRACE_DETACH");
	return 0;
}

static void tell(const struct report *report)
{
	/* Less than PIPE_BUF: whole or not at all. */
	(void)!write(REPORT_AT, report, sizeof(*report));
	close(REPORT_AT);
}

/* Somebody else's doing, then, and no failure. */
static bool is_dead(int pidfd)
{
	struct pollfd poller = { .fd = pidfd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1;
}

__attribute__((noreturn)) static void trace(struct snug_boundary_target target, int report_fd)
{
	struct report report = { 0 };
	char line[1024];
	bool lived;

	if (stand_alone(&target, report_fd, &report.err) < 0)
		_exit(1);
	report.armed = arm(&target, &report.err) == 0;
	tell(&report);
	if (!report.armed)
		_exit(1); /* what was seized dies: the hook has failed, and so has the container */
	if (confine(&target, &report.err) == 0)
		_exit(0);
	lived = !is_dead(target.pidfd);
	(void)pidfd_send_signal(target.pidfd, SIGKILL, NULL, 0);
	if (lived) {
		snug_error_line(&report.err, line, sizeof(line));
		target.failed(target.data, line);
	}
	_exit(1);
}

/* ---- in the hook ---- */

static int await_report(int fd, struct report *ret, struct snug_error *err)
{
	ssize_t len;

	do
		len = read(fd, ret, sizeof(*ret));
	while (len < 0 && errno == EINTR);
	if (len != (ssize_t)sizeof(*ret))
		return snug_fail(err, SNUG_SYSTEM, "the tracer ended before it held the container");
	if (ret->armed)
		return 0;
	*err = ret->err;
	return -1;
}

int snug_boundary_arm(const struct snug_boundary_target *target, pid_t *ret_tracer,
		      struct snug_error *err)
{
	SNUG_AUTO_FD int read_end = -1;
	SNUG_AUTO_FD int write_end = -1;
	struct report report;
	int ends[2];
	pid_t tracer;

	_Static_assert(sizeof(struct report) <= 4096, "one write is whole");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return snug_fail_errno(err, errno, "pipe");
	read_end = ends[0];
	write_end = ends[1];
	tracer = fork();
	if (tracer < 0)
		return snug_fail_errno(err, errno, "fork for the tracer");
	if (tracer == 0)
		trace(*target, write_end);
	snug_close_fd(&write_end);
	write_end = -1;
	if (await_report(read_end, &report, err) == 0) {
		*ret_tracer = tracer;
		return 0;
	}
	kill(tracer, SIGKILL);
	(void)waitpid(tracer, NULL, 0);
	return -1;
}
