/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/process.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/*
 * The path of a process in a hierarchy of /proc/PID/cgroup: controller "" is version 2's, "pids"
 * version 1's of that controller. malloc'ed; NULL: it is in none.
 */
static char *cgroup_path(pid_t pid, const char *controller)
{
	SNUG_AUTO(snug_freep) char *line = NULL;
	char name[64], *ret = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	file = fopen(name, "re");
	while (file && !ret && getline(&line, &room, file) > 0) {
		char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		if (strcmp(list + 1, controller) == 0)
			ret = strdup(path);
	}
	if (file)
		(void)fclose(file);
	return ret;
}

static bool has_own(pid_t pid, const char *controller)
{
	SNUG_AUTO(snug_freep) char *ours = cgroup_path(getpid(), controller);
	SNUG_AUTO(snug_freep) char *its = cgroup_path(pid, controller);

	return ours && its && strcmp(ours, its) != 0;
}

static int namespace_of(pid_t pid, const char *kind, uint32_t *ret, struct snug_error *err)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	if (stat(path, &st) < 0)
		return snug_fail_errno(err, errno, "%s", path);
	*ret = (uint32_t)st.st_ino;
	return 0;
}

int snug_init_of(pid_t pid, struct snug_init *ret, struct snug_error *err)
{
	uint32_t our_pid_ns;

	ret->join = has_own(pid, "")	   ? SNUG_BY_CGROUP2
		    : has_own(pid, "pids") ? SNUG_BY_PIDS
					   : SNUG_BY_NONE;
	if (namespace_of(pid, "user", &ret->user_ns, err) < 0 ||
	    namespace_of(pid, "mnt", &ret->mnt_ns, err) < 0 ||
	    namespace_of(pid, "pid", &ret->pid_ns, err) < 0 ||
	    namespace_of(getpid(), "pid", &our_pid_ns, err) < 0)
		return -1;
	if (ret->pid_ns == our_pid_ns)
		ret->pid_ns = 0;
	return 0;
}
