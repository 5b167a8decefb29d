/* SPDX-License-Identifier: Apache-2.0 */
#include "self/confine.h"

#include "self/caps.h"
#include "self/filter.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define TO_READ SNUG_SELF_CAP(CAP_DAC_READ_SEARCH)
#define TO_WRITE                                                                                   \
	(TO_READ | SNUG_SELF_CAP(CAP_DAC_OVERRIDE) | SNUG_SELF_CAP(CAP_FOWNER) |                   \
	 SNUG_SELF_CAP(CAP_FSETID))
/* A file that is replaced keeps its owner. */
#define TO_GIVE (TO_WRITE | SNUG_SELF_CAP(CAP_CHOWN))

/* bpf(2) and what it reads (/proc/kallsyms), tracing, the filter and bounding set of what is
 * traced, signals. */
#define AT_MOST                                                                                    \
	(TO_GIVE | SNUG_SELF_CAP(CAP_KILL) | SNUG_SELF_CAP(CAP_SETPCAP) |                          \
	 SNUG_SELF_CAP(CAP_SYS_PTRACE) | SNUG_SELF_CAP(CAP_SYS_ADMIN) |                            \
	 SNUG_SELF_CAP(CAP_SYS_RESOURCE) | SNUG_SELF_CAP(CAP_MAC_ADMIN) |                          \
	 SNUG_SELF_CAP(CAP_SYSLOG) | SNUG_SELF_CAP(CAP_PERFMON) | SNUG_SELF_CAP(CAP_BPF))

void snug_self_clear(struct snug_self *self)
{
	for (size_t i = 0; i < self->rules.count; i++)
		free((char *)self->rules.at[i].path);
	snug_vec_clear(&self->rules);
}

static int add(struct snug_self *self, const char *path, bool write, struct snug_error *err)
{
	struct snug_landlock_rule rule = { strdup(path), write };

	if (!rule.path)
		return snug_fail_memory(err);
	if (snug_vec_push(&self->rules, rule) == 0)
		return 0;
	free((char *)rule.path);
	return snug_fail_memory(err);
}

int snug_self_read(struct snug_self *self, const char *path, struct snug_error *err)
{
	return add(self, path, false, err);
}

int snug_self_write(struct snug_self *self, const char *path, struct snug_error *err)
{
	self->writes = true;
	return add(self, path, true, err);
}

int snug_self_confine(const struct snug_self *self, struct snug_error *err)
{
#ifdef SNUG_SELF_LENIENT
	(void)self;
	(void)err;
	return 0;
#endif
	(void)umask(0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return snug_fail_errno(err, errno, "no_new_privs");
	if (snug_landlock(self->rules.at, self->rules.count, err) < 0 ||
	    snug_self_caps_keep(self->gives    ? TO_GIVE
				: self->writes ? TO_WRITE
					       : TO_READ,
				err) < 0)
		return snug_context(err, "snug cannot confine itself");
	return snug_self_filter_load(SNUG_SELF_COMMAND, err);
}

int snug_self_shed(struct snug_error *err)
{
	if (snug_self_caps_keep(AT_MOST, err) < 0)
		return snug_context(err, "snug cannot confine itself");
	return 0;
}
