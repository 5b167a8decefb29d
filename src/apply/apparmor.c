/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/apparmor.h"

#include "base/cleanup.h"
#include "model/apparmor/label.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <unistd.h>

static void close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	errno = saved;
}

/* ---- is it on ---- */

/* aa_is_enabled(2) says in errno why it is not. What could not be looked at is no host without. */
static int fail_off(int number, struct snug_error *err)
{
	switch (number) {
	case ENOSYS:
		snug_fail(err, SNUG_HOST, "this kernel has no AppArmor");
		return snug_remedy(err, "use a kernel that has, or leave it out: "
					"snug harden --without-apparmor");
	case ECANCELED:
		snug_fail(err, SNUG_HOST, "AppArmor is off");
		return snug_remedy(err, "boot with apparmor=1 security=apparmor, or leave it out: "
					"snug harden --without-apparmor");
	case ENOENT:
		snug_fail(err, SNUG_HOST, "AppArmor is on, but securityfs is not mounted");
		return snug_remedy(err, "mount -t securityfs securityfs /sys/kernel/security");
	default:
		snug_fail_errno(err, number, "cannot tell whether AppArmor is on");
		return snug_remedy(err, "run snug as root, on the host");
	}
}

bool snug_aa_kernel_is_absent(const struct snug_error *err)
{
	return err->code == SNUG_HOST && (err->sys_errno == ENOSYS || err->sys_errno == ECANCELED);
}

int snug_aa_kernel_open(struct snug_aa_kernel *ret, struct snug_error *err)
{
	if (!aa_is_enabled() || aa_find_mountpoint(&ret->fs) < 0) {
		int number = errno;

		ret->fs = NULL;
		fail_off(number, err);
		err->sys_errno = number;
		return -1;
	}
	return 0;
}

void snug_aa_kernel_close(struct snug_aa_kernel *kernel)
{
	snug_freep(&kernel->fs);
	kernel->fs = NULL;
}

/* ---- what is loaded ---- */

/* "NAME.N" */
static bool is_of(const char *entry, const char *label)
{
	size_t len = strlen(label);
	const char *number = entry + len + 1;

	return strncmp(entry, label, len) == 0 && entry[len] == '.' && *number &&
	       strspn(number, "0123456789") == strlen(number);
}

/* A folder's name is the profile's, but for what a path cannot hold; snug's labels hold nothing of
 * that. */
int snug_aa_kernel_find(const struct snug_aa_kernel *kernel, const char *label, char ret[PATH_MAX],
			struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = NULL;
	char path[PATH_MAX];
	struct dirent *entry;

	snprintf(path, sizeof(path), "%s/policy/profiles", kernel->fs);
	dir = opendir(path);
	ret[0] = '\0';
	if (!dir)
		return snug_fail_errno(err, errno, "%s", path);
	while ((errno = 0, entry = readdir(dir))) {
		if (!is_of(entry->d_name, label))
			continue;
		if (snprintf(ret, PATH_MAX, "%s/%s", path, entry->d_name) >= PATH_MAX)
			return snug_fail_errno(err, ENAMETOOLONG, "%s", path);
		return 0;
	}
	return errno ? snug_fail_errno(err, errno, "%s", path) : 0;
}

static void unref(aa_kernel_interface **interface)
{
	int saved = errno;

	if (*interface)
		aa_kernel_interface_unref(*interface);
	errno = saved;
}

static int open_interface(const struct snug_aa_kernel *kernel, aa_kernel_interface **ret,
			  struct snug_error *err)
{
	if (aa_kernel_interface_new(ret, NULL, kernel->fs) == 0)
		return 0;
	*ret = NULL;
	return snug_fail_errno(err, errno, "%s", kernel->fs);
}

static int fail_change(struct snug_error *err, int number, const char *what)
{
	snug_fail_errno(err, number, "%s", what);
	if (number == EACCES || number == EPERM)
		return snug_remedy(err, "run as root on the host, with CAP_MAC_ADMIN");
	return -1;
}

int snug_aa_kernel_load(const struct snug_aa_kernel *kernel, const struct snug_buf *policy,
			bool *ret_exists, struct snug_error *err)
{
	SNUG_AUTO(unref) aa_kernel_interface *interface = NULL;

	*ret_exists = false;
	if (open_interface(kernel, &interface, err) < 0)
		return -1;
	/* Not replace: this one fails where the name is taken. */
	if (aa_kernel_interface_load_policy(interface, policy->data, policy->len) == 0)
		return 0;
	*ret_exists = errno == EEXIST;
	return fail_change(err, errno, "the kernel does not take the profile");
}

int snug_aa_kernel_remove(const struct snug_aa_kernel *kernel, const char *label,
			  struct snug_error *err)
{
	SNUG_AUTO(unref) aa_kernel_interface *interface = NULL;

	if (open_interface(kernel, &interface, err) < 0)
		return -1;
	if (aa_kernel_interface_remove_policy(interface, label) == 0 || errno == ENOENT)
		return 0;
	return fail_change(err, errno, "the kernel does not let go of the profile");
}

/* ---- who is confined ---- */

static bool is_gone(int number)
{
	return number == 0 || number == ENOENT || number == ESRCH;
}

/* false: it is gone, or has none. */
static bool is_confined(pid_t tid, const char *attribute, const char *label, int *ret_errno)
{
	char *stack, *mode;
	bool holds;

	*ret_errno = 0;
	if (aa_getprocattr(tid, attribute, &stack, &mode) < 0) {
		if (errno != ENOENT && errno != ESRCH && errno != EINVAL)
			*ret_errno = errno;
		return false;
	}
	holds = snug_label_holds(stack, label, true);
	free(stack);
	return holds;
}

/* Threads can differ. Between the runtime's request and the execve that grants it, "exec" says so.
 */
static int ask_tasks(pid_t pid, const char *label, bool *ret, struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = NULL;
	struct dirent *entry;
	char path[64];
	int number;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	*ret = false;
	if (!dir)
		return is_gone(errno) ? 0 : snug_fail_errno(err, errno, "%s", path);
	while ((errno = 0, entry = readdir(dir))) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (tid <= 0)
			continue;
		*ret = is_confined(tid, "current", label, &number);
		if (!*ret && !number)
			*ret = is_confined(tid, "exec", label, &number);
		if (number)
			return snug_fail_errno(err, number, "what confines process %d", pid);
		if (*ret)
			return 0;
	}
	return is_gone(errno) ? 0 : snug_fail_errno(err, errno, "%s", path);
}

/* Whoever is not found would be unconfined afterwards: what cannot be looked at is an error. */
int snug_aa_kernel_user(const char *label, pid_t *ret, struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = opendir("/proc");
	struct dirent *entry;

	*ret = 0;
	if (!dir)
		return snug_fail_errno(err, errno, "/proc");
	while ((errno = 0, entry = readdir(dir))) {
		bool found;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (ask_tasks((pid_t)strtol(entry->d_name, NULL, 10), label, &found, err) < 0)
			return -1;
		if (found) {
			*ret = (pid_t)strtol(entry->d_name, NULL, 10);
			return 0;
		}
	}
	return errno ? snug_fail_errno(err, errno, "/proc") : 0;
}

void snug_aa_kernel_of(pid_t pid, struct snug_buf *ret_label, char ret_mode[16])
{
	char *stack, *mode;

	ret_mode[0] = '\0';
	if (aa_gettaskcon(pid, &stack, &mode) < 0)
		return;
	snug_buf_adds(ret_label, stack);
	snprintf(ret_mode, 16, "%s", mode ? mode : "");
	free(stack);
}
