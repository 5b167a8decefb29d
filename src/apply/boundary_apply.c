/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/boundary_part.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct snug_insn) == sizeof(struct sock_filter) &&
		       offsetof(struct snug_insn, k) == offsetof(struct sock_filter, k),
	       "snug_insn is the kernel's sock_filter");

#define LABEL_BYTES_MAX 4096

/* ---- what /proc says ---- */

static int read_proc(pid_t tgid, const char *name, char *ret, size_t size, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = -1;
	char path[64];
	size_t len = 0;
	ssize_t more;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tgid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	do {
		more = fd < 0 ? -1 : read(fd, ret + len, size - 1 - len);
		len += more > 0 ? (size_t)more : 0;
	} while (more > 0 && len < size - 1);
	if (more < 0)
		return snug_fail_errno(err, errno, "%s", path);
	ret[len] = '\0';
	return 0;
}

static int read_state(pid_t tgid, struct snug_task_state *ret, struct snug_error *err)
{
	char text[SNUG_TASK_STATUS_BYTES_MAX];

	if (read_proc(tgid, "status", text, sizeof(text), err) < 0)
		return -1;
	return snug_task_state_read(text, ret, err);
}

/* Of "A//&B (enforce)" the label; "unconfined" has no mode behind it. */
static int read_label(pid_t tgid, char ret[LABEL_BYTES_MAX], struct snug_error *err)
{
	char *mode;

	if (read_proc(tgid, "attr/current", ret, LABEL_BYTES_MAX, err) < 0)
		return snug_context(err, "no AppArmor label");
	ret[strcspn(ret, "\n")] = '\0';
	mode = strrchr(ret, ' ');
	if (mode)
		*mode = '\0';
	return 0;
}

/* ---- the calls ---- */

static void set_args(struct snug_inject_call *call, uint64_t a, uint64_t b, uint64_t c)
{
	call->args[0] = a;
	call->args[1] = b;
	call->args[2] = c;
}

/* Onto what confines the container already, or in place of none. */
static int enter_label(struct snug_inject *in, const char *label, struct snug_error *err)
{
	static const char file[] = "/proc/self/attr/current";
	struct snug_inject_call open = { "opening its AppArmor attribute", SYS_openat, { 0 } };
	struct snug_inject_call write = { "entering its AppArmor profile", SYS_write, { 0 } };
	struct snug_inject_call close = { "closing its AppArmor attribute", SYS_close, { 0 } };
	char now[LABEL_BYTES_MAX], text[SNUG_LABEL_SIZE + 16];
	uint64_t path, words, fd, ignored;
	size_t len;

	if (read_label(in->tgid, now, err) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s %s", snug_label_is_none(now) ? "changeprofile" : "stack",
		 label);
	len = strlen(text);
	if (snug_inject_put(in, 0, file, sizeof(file), &path, err) < 0 ||
	    snug_inject_put(in, sizeof(file), text, len, &words, err) < 0)
		return -1;
	set_args(&open, (uint64_t)AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
	if (snug_inject_call(in, &open, &fd, err) < 0)
		return -1;
	set_args(&write, fd, words, len);
	if (snug_inject_call(in, &write, &ignored, err) < 0)
		return snug_remedy(err, "let nothing else confine the container, or a profile that "
					"permits `change_profile`");
	set_args(&close, fd, 0, 0);
	return snug_inject_call(in, &close, &ignored, err);
}

static int drop_bounding(struct snug_inject *in, const struct snug_task_state *now,
			 const struct snug_task_state *wanted, struct snug_error *err)
{
	struct snug_inject_call drop = { "a smaller bounding set", SYS_prctl, { 0 } };
	snug_caps less = now->caps[SNUG_CAP_BOUNDING] & ~wanted->caps[SNUG_CAP_BOUNDING];
	uint64_t ignored;

	for (unsigned cap = 0; cap < 64; cap++) {
		set_args(&drop, PR_CAPBSET_DROP, cap, 0);
		if (less >> cap & 1 && snug_inject_call(in, &drop, &ignored, err) < 0)
			return -1;
	}
	return 0;
}

static int set_caps(struct snug_inject *in, const struct snug_task_state *now,
		    const struct snug_task_state *wanted, struct snug_error *err)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct snug_inject_call set = { "fewer capabilities", SYS_capset, { 0 } };
	struct __user_cap_data_struct data[2];
	const snug_caps *caps = wanted->caps;
	uint64_t head_at, data_at, ignored;

	if (memcmp(now->caps, wanted->caps, sizeof(now->caps)) == 0)
		return 0;
	for (unsigned half = 0; half < 2; half++)
		data[half] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(caps[SNUG_CAP_EFFECTIVE] >> 32 * half),
			.permitted = (uint32_t)(caps[SNUG_CAP_PERMITTED] >> 32 * half),
			.inheritable = (uint32_t)(caps[SNUG_CAP_INHERITABLE] >> 32 * half),
		};
	if (snug_inject_put(in, 0, &head, sizeof(head), &head_at, err) < 0 ||
	    snug_inject_put(in, sizeof(head), data, sizeof(data), &data_at, err) < 0)
		return -1;
	set_args(&set, head_at, data_at, 0);
	return snug_inject_call(in, &set, &ignored, err);
}

static int load_filter(struct snug_inject *in, const struct snug_program *filter,
		       struct snug_error *err)
{
	struct snug_inject_call load = { "loading its filter", SYS_seccomp, { 0 } };
	struct sock_fprog head = { .len = (unsigned short)filter->count };
	uint64_t at, head_at, ignored;

	if (!filter->count)
		return 0;
	if (snug_inject_put(in, sizeof(head), filter->at, filter->count * sizeof(*filter->at), &at,
			    err) < 0)
		return -1;
	head.filter = (struct sock_filter *)(uintptr_t)at;
	if (snug_inject_put(in, 0, &head, sizeof(head), &head_at, err) < 0)
		return -1;
	set_args(&load, SECCOMP_SET_MODE_FILTER, 0, head_at);
	return snug_inject_call(in, &load, &ignored, err);
}

static int set_no_new_privs(struct snug_inject *in, struct snug_error *err)
{
	struct snug_inject_call set = { "no_new_privs", SYS_prctl, { 0 } };
	uint64_t ignored;

	set_args(&set, PR_SET_NO_NEW_PRIVS, 1, 0);
	return snug_inject_call(in, &set, &ignored, err);
}

/*
 * First what takes capabilities: the bounding set CAP_SETPCAP, a filter without no_new_privs
 * CAP_SYS_ADMIN, and an AppArmor profile may permit neither. Filters are suspended for our calls,
 * so the new one does not hinder those behind it.
 */
static int make_calls(struct snug_inject *in, const struct snug_boundary_plan *plan,
		      const struct snug_task_state *now, const struct snug_task_state *wanted,
		      struct snug_error *err)
{
	bool fixed = wanted->no_new_privs;

	if (drop_bounding(in, now, wanted, err) < 0 ||
	    (!fixed && load_filter(in, &plan->filter, err) < 0) ||
	    (plan->label[0] && enter_label(in, plan->label, err) < 0) ||
	    (fixed && !now->no_new_privs && set_no_new_privs(in, err) < 0) ||
	    set_caps(in, now, wanted, err) < 0)
		return -1;
	return fixed ? load_filter(in, &plan->filter, err) : 0;
}

/* ---- did they? ---- */

static int check_filter(pid_t tgid, const struct snug_program *filter, unsigned index,
			struct snug_error *err)
{
	SNUG_AUTO(snug_freep) struct snug_insn *insns = NULL;
	unsigned long nth = index;
	long count;

	if (!filter->count)
		return 0;
	count = ptrace(PTRACE_SECCOMP_GET_FILTER, tgid, nth, NULL);
	if (count < 0)
		return snug_fail_errno(err, errno, "reading its filter back");
	insns = calloc((size_t)count, sizeof(*insns));
	if (!insns)
		return snug_fail_memory(err);
	if ((size_t)count != filter->count ||
	    ptrace(PTRACE_SECCOMP_GET_FILTER, tgid, nth, insns) != count ||
	    memcmp(insns, filter->at, filter->count * sizeof(*insns)) != 0)
		return snug_fail(err, SNUG_SYSTEM, "its filter is not the one that was loaded");
	return 0;
}

static int check_label(pid_t tgid, const char *label, struct snug_error *err)
{
	char now[LABEL_BYTES_MAX];

	if (!label[0])
		return 0;
	if (read_label(tgid, now, err) < 0)
		return -1;
	if (!snug_label_holds(now, label, false))
		return snug_fail(err, SNUG_HOST, "AppArmor confines it by '%.100s', not by %s", now,
				 label);
	return 0;
}

static int check(const struct snug_inject *in, const struct snug_boundary_plan *plan,
		 const struct snug_task_state *wanted, struct snug_error *err)
{
	struct snug_task_state is;

	if (read_state(in->tgid, &is, err) < 0 || snug_task_state_same(wanted, &is, err) < 0 ||
	    check_filter(in->tgid, &plan->filter, wanted->filters - 1, err) < 0)
		return -1;
	return check_label(in->tgid, plan->label, err);
}

/* ---- who it is ---- */

/* Whom to start was the runtime's to choose. */
static int check_user(pid_t tgid, const struct snug_boundary_plan *plan, struct snug_error *err)
{
	char status[SNUG_TASK_STATUS_BYTES_MAX], map[SNUG_USER_MAP_BYTES_MAX];
	uint32_t root;

	if (!plan->non_root)
		return 0;
	if (read_proc(tgid, "status", status, sizeof(status), err) < 0 ||
	    read_proc(tgid, "uid_map", map, sizeof(map), err) < 0)
		return -1;
	if (!snug_user_map_root(map, &root) || !snug_task_has_uid(status, root))
		return 0;
	snug_fail(err, SNUG_NO, "it runs as root, which runAsNonRoot forbids");
	return snug_remedy(err, "start it as another user (process.user.uid)");
}

/* ---- all of it ---- */

static int wish(pid_t tgid, const struct snug_boundary_plan *plan, struct snug_task_state *ret_now,
		struct snug_task_state *ret_wanted, struct snug_error *err)
{
	const struct snug_task_limits limits = { .has_caps = plan->has_caps,
						 .caps = plan->caps,
						 .no_new_privs = plan->no_new_privs,
						 .filter = plan->filter.count != 0 };

	if (read_state(tgid, ret_now, err) < 0)
		return -1;
	if (ret_now->threads != 1)
		return snug_fail(err, SNUG_SYSTEM, "%u threads behind an execve", ret_now->threads);
	return snug_task_limit(ret_now, &limits, ret_wanted, err);
}

int snug_boundary_apply(const struct snug_boundary_target *target, struct snug_error *err)
{
	SNUG_AUTO(snug_inject_close) struct snug_inject in = SNUG_INJECT_NONE;
	struct snug_task_state now, wanted;

	if (check_user(target->tgid, target->plan, err) < 0 ||
	    wish(target->tgid, target->plan, &now, &wanted, err) < 0 ||
	    snug_inject_begin(target->tgid, &in, err) < 0 ||
	    make_calls(&in, target->plan, &now, &wanted, err) < 0 || snug_inject_end(&in, err) < 0)
		return -1;
	return check(&in, target->plan, &wanted, err);
}
