/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/process.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/task_state.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAT_BYTES 512
#define PARENT	   4 /* fields of /proc/PID/stat, proc(5) */
#define START	   22

/* A field of /proc/PID/stat behind the command's name, which may hold anything. 0: gone. */
static uint64_t stat_field(pid_t pid, unsigned field)
{
	SNUG_AUTO_FD int fd = -1;
	char path[64], text[STAT_BYTES];
	const char *at;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	at = strrchr(text, ')');
	for (unsigned i = 2; at && i < field; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

pid_t snug_process_parent(pid_t pid)
{
	return (pid_t)stat_field(pid, PARENT);
}

uint64_t snug_process_start(pid_t pid)
{
	return stat_field(pid, START);
}

pid_t snug_process_tracer(pid_t pid)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_task_state state;
	struct snug_error ignored;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return snug_file_read(path, SNUG_TASK_STATUS_BYTES_MAX, &text, &ignored) == 0 &&
			       snug_task_state_read(snug_buf_text(&text), &state, &ignored) == 0
		       ? state.tracer
		       : 0;
}

bool snug_process_lives(pid_t pid, uint64_t start)
{
	SNUG_AUTO_FD int fd = pidfd_open(pid, 0);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint64_t now;

	/* The pidfd first: what has that start now is what it is about. Readable: it has ended. */
	if (fd < 0 && errno == ESRCH)
		return false;
	now = snug_process_start(pid);
	if (now && now != start)
		return false;
	/* Whose start cannot be read lives until the kernel says otherwise. */
	return fd < 0 || poll(&poll_fd, 1, 0) != 1;
}

/* Whole lines: of a path that is long enough, which a container may make, a part could look like a
 * line of its own. */
void snug_cgroups_read(FILE *file, struct snug_cgroups *ret)
{
	SNUG_AUTO(snug_freep) char *line = NULL;
	size_t room = 0;

	*ret = (struct snug_cgroups){ 0 };
	while (getline(&line, &room, file) > 0) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (strcmp(list + 1, "") == 0)
			snprintf(ret->v2, sizeof(ret->v2), "%s", path);
		else if (strcmp(list + 1, "pids") == 0)
			snprintf(ret->pids, sizeof(ret->pids), "%s", path);
	}
}

void snug_process_cgroups(pid_t pid, struct snug_cgroups *ret)
{
	char name[64];
	FILE *file;

	*ret = (struct snug_cgroups){ 0 };
	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return;
	snug_cgroups_read(file, ret);
	(void)fclose(file);
}

static bool differ(const char *a, const char *b)
{
	return a[0] && b[0] && strcmp(a, b) != 0;
}

/* Of two processes, which of the second's cgroups the first is not in. */
static enum snug_join own_cgroup(pid_t ours, pid_t its)
{
	struct snug_cgroups a, b;

	snug_process_cgroups(ours, &a);
	snug_process_cgroups(its, &b);
	return differ(a.v2, b.v2)	? SNUG_BY_CGROUP2
	       : differ(a.pids, b.pids) ? SNUG_BY_PIDS
					: SNUG_BY_NONE;
}

int snug_process_namespace(pid_t pid, const char *kind, uint32_t *ret, struct snug_error *err)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	if (stat(path, &st) < 0)
		return snug_fail_errno(err, errno, "%s", path);
	*ret = (uint32_t)st.st_ino;
	return 0;
}

#define FIRST_PID_NS 0xEFFFFFFCu /* include/linux/proc_ns.h: PROC_PID_INIT_INO */

bool snug_process_sees_all(void)
{
	char self[32];
	ssize_t len = readlink("/proc/self", self, sizeof(self) - 1);
	struct stat st;

	if (len < 0 || stat("/proc/self/ns/pid", &st) < 0)
		return false;
	self[len] = '\0';
	return st.st_ino == FIRST_PID_NS && strtol(self, NULL, 10) == getpid();
}

int snug_init_of(pid_t pid, struct snug_init *ret, struct snug_error *err)
{
	struct snug_error ignored;
	uint32_t our_pid_ns;

	ret->join = own_cgroup(getpid(), pid);
	if (snug_process_namespace(pid, "user", &ret->user_ns, err) < 0 ||
	    snug_process_namespace(pid, "mnt", &ret->mnt_ns, err) < 0 ||
	    snug_process_namespace(pid, "pid", &ret->pid_ns, err) < 0 ||
	    snug_process_namespace(getpid(), "pid", &our_pid_ns, err) < 0 ||
	    snug_process_namespace(getpid(), "mnt", &ret->outer_mnt_ns[0], err) < 0)
		return -1;
	/* Who may not look at process 1 is in a container himself. */
	if (snug_process_namespace(1, "mnt", &ret->outer_mnt_ns[1], &ignored) < 0)
		ret->outer_mnt_ns[1] = ret->outer_mnt_ns[0];
	if (ret->pid_ns == our_pid_ns)
		ret->pid_ns = 0;
	return 0;
}
