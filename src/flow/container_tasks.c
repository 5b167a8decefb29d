/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/container_tasks.h"

#include "apply/apparmor.h"
#include "base/cleanup.h"
#include "flow/process.h"
#include "store/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NS_LEVELS 33 /* of pid and user namespaces: include/linux/pid_namespace.h */

struct member {
	pid_t pid;
	uint32_t pid_ns, mnt_ns, user_ns;
	struct snug_cgroups cgroups;
};

struct snug_crowd {
	const struct snug_containers *containers;
	SNUG_VEC(struct member) inits; /* one a container; pid 0: it is gone */
	SNUG_VEC(struct member) all;
	struct member own, first; /* snug's, and process 1 */
};

void snug_crowd_freep(struct snug_crowd **crowd)
{
	if (!*crowd)
		return;
	snug_vec_clear(&(*crowd)->inits);
	snug_vec_clear(&(*crowd)->all);
	snug_freep(crowd);
}

/* It is gone, or not for us to see. */
static bool is_nobody(int number)
{
	return number == ENOENT || number == ESRCH || number == EACCES || number == EPERM;
}

/* 1; 0: nobody. */
static int look_at(pid_t pid, struct member *ret, struct snug_error *err)
{
	struct member member = { .pid = pid };

	*ret = (struct member){ .pid = pid };
	if (snug_process_namespace(pid, "pid", &member.pid_ns, err) < 0 ||
	    snug_process_namespace(pid, "mnt", &member.mnt_ns, err) < 0 ||
	    snug_process_namespace(pid, "user", &member.user_ns, err) < 0)
		return is_nobody(err->sys_errno) ? 0 : -1;
	snug_process_cgroups(pid, &member.cgroups);
	*ret = member;
	return 1;
}

static pid_t number_of(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	return *end || number <= 0 || number > 1 << 30 ? 0 : (pid_t)number;
}

static int look_at_all(struct snug_crowd *crowd, struct snug_error *err)
{
	DIR *dir = opendir("/proc");
	int result = 0;

	if (!dir)
		return snug_fail_errno(err, errno, "/proc");
	for (const struct dirent *entry; !result && (errno = 0, entry = readdir(dir));) {
		pid_t pid = number_of(entry->d_name);
		struct member member;
		int there = pid ? look_at(pid, &member, err) : 0;

		if (there < 0)
			result = -1;
		else if (there && snug_vec_push(&crowd->all, member) < 0)
			result = snug_fail_memory(err);
	}
	if (!result && errno)
		result = snug_fail_errno(err, errno, "/proc");
	closedir(dir);
	return result;
}

/* The user namespace that a process's pid namespace is of; 0: not for us to see. */
static uint32_t owner_of_pid_ns(pid_t pid)
{
	SNUG_AUTO_FD int fd = -1, owner = -1;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	owner = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
	return owner >= 0 && fstat(owner, &st) == 0 ? (uint32_t)st.st_ino : 0;
}

/* The first process may have gone into a user namespace of its own: its pid namespace, which it
 * cannot leave, tells the container's. One that is not the container's own tells nothing. */
static void find_user_ns(const struct snug_crowd *crowd, struct member *init)
{
	uint32_t owner = 0;

	if (init->pid_ns != crowd->own.pid_ns && init->pid_ns != crowd->first.pid_ns)
		owner = owner_of_pid_ns(init->pid);
	if (owner)
		init->user_ns = owner;
}

static int look_at_inits(struct snug_crowd *crowd, struct snug_error *err)
{
	for (size_t i = 0; i < crowd->containers->count; i++) {
		const struct snug_container *one = &crowd->containers->at[i];
		struct member init;
		int there = look_at(one->pid, &init, err);

		if (there < 0)
			return -1;
		if (!there || !snug_process_lives(one->pid, one->start))
			init = (struct member){ 0 };
		find_user_ns(crowd, &init);
		if (snug_vec_push(&crowd->inits, init) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

int snug_crowd_look(const struct snug_containers *containers, struct snug_crowd **ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_crowd_freep) struct snug_crowd *crowd = calloc(1, sizeof(*crowd));

	if (!crowd)
		return snug_fail_memory(err);
	crowd->containers = containers;
	if (look_at(getpid(), &crowd->own, err) < 0 || look_at(1, &crowd->first, err) < 0 ||
	    look_at_inits(crowd, err) < 0 || look_at_all(crowd, err) < 0)
		return -1;
	*ret = SNUG_TAKE(crowd);
	return 0;
}

/* ---- who is in it? ---- */

/* Is the process's namespace below the one of that number? */
static bool is_below(pid_t pid, const char *kind, uint32_t number)
{
	SNUG_AUTO_FD int fd = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (int level = 0; fd >= 0 && level < NS_LEVELS; level++) {
		int parent = ioctl(fd, NS_GET_PARENT);
		struct stat st;

		snug_close_fd(&fd);
		fd = parent;
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == number)
			return true;
	}
	return false;
}

/* Is the pid namespace the container's alone? States that others wrote do not count. */
static bool owns_pid_ns(const struct snug_crowd *crowd, size_t index)
{
	uint32_t pid_ns = crowd->inits.at[index].pid_ns;

	if (pid_ns == crowd->own.pid_ns || pid_ns == crowd->first.pid_ns)
		return false;
	for (size_t i = 0; i < crowd->inits.count; i++)
		if (i != index && !crowd->containers->at[i].foreign &&
		    crowd->inits.at[i].pid_ns == pid_ns)
			return false;
	return true;
}

static bool is_hosts_mount(const struct snug_crowd *crowd, uint32_t mnt_ns)
{
	return mnt_ns == crowd->own.mnt_ns || mnt_ns == crowd->first.mnt_ns;
}

static bool is_path_in(const char *path, const char *cgroup)
{
	size_t len = strlen(cgroup);

	return len > 1 && strncmp(path, cgroup, len) == 0 && (!path[len] || path[len] == '/');
}

static bool is_in_cgroup(const struct snug_crowd *crowd, size_t index, const struct member *member)
{
	const struct snug_cgroups *own = &crowd->inits.at[index].cgroups;

	if (!crowd->containers->at[index].own_cgroup || is_hosts_mount(crowd, member->mnt_ns))
		return false;
	return is_path_in(member->cgroups.v2, own->v2) ||
	       is_path_in(member->cgroups.pids, own->pids);
}

static bool is_in(const struct snug_crowd *crowd, size_t index, bool by_pid_ns,
		  const struct member *member)
{
	const struct member *init = &crowd->inits.at[index];

	if (member->pid == init->pid || is_in_cgroup(crowd, index, member) ||
	    (member->mnt_ns == init->mnt_ns && !is_hosts_mount(crowd, init->mnt_ns)))
		return true;
	return by_pid_ns &&
	       (member->pid_ns == init->pid_ns || (member->pid_ns != crowd->own.pid_ns &&
						   is_below(member->pid, "pid", init->pid_ns)));
}

/* ---- who is its root? ---- */

/* A container's user namespace and who is root there, as we number users. */
struct home {
	uint32_t user_ns, uid;
	enum snug_is_root root; /* SNUG_IS_ROOT: uid is; SNUG_NOT_ROOT: nobody is */
};

/* false: it is gone, in another namespace by now, or not for us to see. */
static bool read_root(pid_t pid, struct home *ret)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf map = { 0 };
	struct snug_error ignored;
	uint32_t now = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (snug_file_read(path, SNUG_USER_MAP_BYTES_MAX, &map, &ignored) < 0 ||
	    snug_process_namespace(pid, "user", &now, &ignored) < 0 || now != ret->user_ns)
		return false;
	ret->root =
		snug_user_map_root(snug_buf_text(&map), &ret->uid) ? SNUG_IS_ROOT : SNUG_NOT_ROOT;
	return true;
}

/* The first process may have left that namespace for one below: then any other tells. */
static void find_home(const struct snug_crowd *crowd, const struct member *init, struct home *ret)
{
	*ret = (struct home){ .user_ns = init->user_ns, .root = SNUG_IS_ROOT };
	if (init->user_ns == crowd->own.user_ns)
		return;
	ret->root = SNUG_MAYBE_ROOT;
	for (size_t i = 0; i < crowd->all.count; i++)
		if (crowd->all.at[i].user_ns == init->user_ns &&
		    read_root(crowd->all.at[i].pid, ret))
			return;
}

static enum snug_is_root is_root(const struct home *home, const char *status)
{
	return home->root == SNUG_IS_ROOT && !snug_task_has_uid(status, home->uid) ? SNUG_NOT_ROOT
										   : home->root;
}

/* ---- how is it confined? ---- */

/* 1; 0: it is gone. */
static int read_status(pid_t tgid, pid_t tid, char *text, size_t size, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;
	size_t len = 0;
	char path[64];
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", tgid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : 1;
	while (got > 0 && len < size - 1 && (got = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)got;
	if (got < 0)
		return is_nobody(errno) ? 0 : snug_fail_errno(err, errno, "%s", path);
	text[len] = '\0';
	return len > 0 && !snug_task_is_dead(text);
}

/* 1; 0: it is gone. */
static int view_task(const struct home *home, const struct member *member, pid_t tid,
		     struct snug_task_view *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf label = { 0 };
	char text[SNUG_TASK_STATUS_BYTES_MAX];
	struct snug_task_view view = { .tgid = member->pid, .tid = tid };

	int there = read_status(member->pid, tid, text, sizeof(text), err);

	if (there <= 0)
		return there;
	if (snug_task_state_read(text, &view.state, err) < 0)
		return snug_context(err, "process %d", tid);
	snug_task_comm(text, view.comm);
	view.root = is_root(home, text);
	view.own_user_ns =
		member->user_ns != home->user_ns && is_below(member->pid, "user", home->user_ns);
	snug_aa_kernel_of(tid, &label, view.mode);
	view.label = strdup(snug_buf_text(&label));
	if (!view.label || label.failed) {
		free(view.label);
		return snug_fail_memory(err);
	}
	*ret = view;
	return 1;
}

/* The view of a thread is kept where the leader's does not say the same. */
static int add_task(const struct home *home, const struct member *member, pid_t tid,
		    const size_t *leader, struct snug_task_views *ret, struct snug_error *err)
{
	struct snug_task_view view;
	int there = view_task(home, member, tid, &view, err);

	if (there <= 0)
		return there;
	if (leader && snug_task_is_alike(&ret->at[*leader], &view)) {
		free(view.label);
		return 0;
	}
	if (snug_vec_push(ret, view) == 0)
		return 0;
	free(view.label);
	return snug_fail_memory(err);
}

static int add_process(const struct home *home, const struct member *member,
		       struct snug_task_views *ret, struct snug_error *err)
{
	size_t leader = ret->count;
	char path[64];
	DIR *dir;
	int result = add_task(home, member, member->pid, NULL, ret, err);

	snprintf(path, sizeof(path), "/proc/%d/task", member->pid);
	if (result < 0)
		return -1;
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT || errno == ESRCH ? 0
							 : snug_fail_errno(err, errno, "%s", path);
	for (const struct dirent *entry; !result && (errno = 0, entry = readdir(dir));) {
		pid_t tid = number_of(entry->d_name);

		if (tid && tid != member->pid)
			result = add_task(home, member, tid, ret->count > leader ? &leader : NULL,
					  ret, err);
	}
	if (!result && errno && errno != ENOENT && errno != ESRCH) /* it may have ended meanwhile */
		result = snug_fail_errno(err, errno, "%s", path);
	closedir(dir);
	return result;
}

int snug_crowd_tasks(const struct snug_crowd *crowd, size_t index, struct snug_task_views *ret,
		     struct snug_error *err)
{
	const struct member *init = &crowd->inits.at[index];
	bool by_pid_ns = init->pid && owns_pid_ns(crowd, index);
	struct home home;

	find_home(crowd, init, &home);
	for (size_t i = 0; init->pid && i < crowd->all.count; i++)
		if (is_in(crowd, index, by_pid_ns, &crowd->all.at[i]) &&
		    add_process(&home, &crowd->all.at[i], ret, err) < 0)
			return -1;
	return 0;
}
