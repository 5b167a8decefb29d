/* SPDX-License-Identifier: Apache-2.0 */
#include "model/action.h"

#include <stdio.h>
#include <string.h>

#define KIND_MASK 0xffff0000u /* SECCOMP_RET_ACTION_FULL */
#define DATA_MASK 0x0000ffffu

/* Strictest first. */
static const struct kind {
	snug_action action;
	const char *name;
	const char *words; /* NULL: the data says it */
	bool has_data;
} kinds[] = {
	{ SNUG_KILL_PROCESS, "SCMP_ACT_KILL_PROCESS", "kill process", false },
	{ SNUG_KILL_THREAD, "SCMP_ACT_KILL_THREAD", "kill thread", false },
	{ SNUG_TRAP, "SCMP_ACT_TRAP", "trap", false },
	{ SNUG_ERRNO(0), "SCMP_ACT_ERRNO", NULL, true },
	{ SNUG_USER_NOTIF, "SCMP_ACT_NOTIFY", "notify", false },
	{ SNUG_TRACE(0), "SCMP_ACT_TRACE", "trace", true },
	{ SNUG_LOG, "SCMP_ACT_LOG", "allow and log", false },
	{ SNUG_ALLOW, "SCMP_ACT_ALLOW", "allow", false },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find(snug_action action)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (kinds[i].action == snug_action_kind(action))
			return &kinds[i];
	}
	/* The kernel kills the process for an action it does not know (__seccomp_filter). */
	return &kinds[0];
}

snug_action snug_action_kind(snug_action action)
{
	return action & KIND_MASK;
}

bool snug_action_looser(snug_action a, snug_action b)
{
	return (int32_t)snug_action_kind(a) > (int32_t)snug_action_kind(b);
}

snug_action snug_action_meet(snug_action a, snug_action b)
{
	return snug_action_looser(a, b) ? b : a;
}

snug_action snug_action_join(snug_action a, snug_action b)
{
	return (int32_t)a > (int32_t)b ? a : b;
}

bool snug_action_permits(snug_action action)
{
	snug_action kind = snug_action_kind(action);

	return kind == SNUG_ALLOW || kind == SNUG_LOG;
}

const char *snug_action_name(snug_action action)
{
	return find(action)->name;
}

bool snug_action_parse(const char *name, snug_action *ret)
{
	/* The spec's old name, from before KILL_PROCESS (libseccomp 2.4) was. */
	if (strcmp(name, "SCMP_ACT_KILL") == 0)
		name = "SCMP_ACT_KILL_THREAD";
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			*ret = kinds[i].action;
			return true;
		}
	}
	return false;
}

bool snug_action_has_data(snug_action action)
{
	return find(action)->has_data;
}

void snug_action_words(snug_action action, char *ret, unsigned size)
{
	const struct kind *kind = find(action);
	unsigned data = action & DATA_MASK;

	if (kind->words != NULL && !(kind->has_data && data != 0))
		snprintf(ret, size, "%s", kind->words);
	else if (kind->words != NULL)
		snprintf(ret, size, "%s %u", kind->words, data);
	else if (snug_errno_name(data) != NULL)
		snprintf(ret, size, "%s", snug_errno_name(data));
	else
		snprintf(ret, size, "errno %u", data);
}

const char *snug_errno_name(unsigned number)
{
	/* glibc gives "0" for 0. */
	return number == 0 || number > DATA_MASK ? NULL : strerrorname_np((int)number);
}
