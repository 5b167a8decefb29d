/* SPDX-License-Identifier: Apache-2.0 */
#include "model/task_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* linux/capability.h */
#define CAP_SETPCAP   8
#define CAP_SYS_ADMIN 21

/* What is behind "\nNAME" in the text; "": no such line. */
static const char *line_of(const char *text, const char *name)
{
	const char *line = text;
	size_t len = strlen(name);

	for (; line; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (strncmp(line, name, len) == 0)
			return line + len;
	}
	return "";
}

/* The number behind "\nNAME:\t"; false: no such line. */
static bool number(const char *text, const char *name, int base, uint64_t *ret)
{
	char key[32], *end;

	(void)snprintf(key, sizeof(key), "%s:\t", name);
	text = line_of(text, key);
	*ret = strtoull(text, &end, base);
	return end != text && *end == '\n';
}

static int missing(const char *name, struct snug_error *err)
{
	snug_fail(err, SNUG_HOST, "/proc/PID/status has no line %s", name);
	return snug_remedy(err, "use Linux 5.9 or newer");
}

static const char *const set_line[SNUG_CAP_SET_MAX] = {
	[SNUG_CAP_BOUNDING] = "CapBnd",	   [SNUG_CAP_EFFECTIVE] = "CapEff",
	[SNUG_CAP_INHERITABLE] = "CapInh", [SNUG_CAP_PERMITTED] = "CapPrm",
	[SNUG_CAP_AMBIENT] = "CapAmb",
};

int snug_task_state_read(const char *text, struct snug_task_state *ret, struct snug_error *err)
{
	static const char *const names[] = { "Threads", "TracerPid", "NoNewPrivs",
					     "Seccomp_filters", "Seccomp" };
	struct snug_task_state state;
	uint64_t value[5];

	for (size_t i = 0; i < 5; i++)
		if (!number(text, names[i], 10, &value[i]))
			return missing(names[i], err);
	state = (struct snug_task_state){ .threads = (unsigned)value[0],
					  .tracer = (pid_t)value[1],
					  .no_new_privs = value[2] != 0,
					  .filters = (unsigned)value[3],
					  .seccomp = (unsigned)value[4] };
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		if (!number(text, set_line[set], 16, &state.caps[set]))
			return missing(set_line[set], err);
	*ret = state;
	return 0;
}

static bool has(snug_caps set, unsigned cap)
{
	return set >> cap & 1;
}

static int refuse(const char *what, const char *cap, struct snug_error *err)
{
	snug_fail(err, SNUG_HOST,
		  "the container has neither no_new_privs nor %s, which %s takes without that", cap,
		  what);
	return snug_remedy(err, "let the profile say \"noNewPrivileges\": true, or harden the "
				"container's config.json");
}

int snug_task_limit(const struct snug_task_state *now, const struct snug_task_limits *limits,
		    struct snug_task_state *ret, struct snug_error *err)
{
	snug_caps most = limits->has_caps ? limits->caps : ~UINT64_C(0);
	snug_caps effective = now->caps[SNUG_CAP_EFFECTIVE];
	struct snug_task_state state = *now;

	state.no_new_privs |= limits->no_new_privs;
	state.filters += limits->filter;
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		state.caps[set] &= most;
	/* The kernel keeps ambient within both, and so do we: it was before. */
	if (state.caps[SNUG_CAP_BOUNDING] != now->caps[SNUG_CAP_BOUNDING] &&
	    !has(effective, CAP_SETPCAP)) {
		if (!state.no_new_privs)
			return refuse("a smaller bounding set", "CAP_SETPCAP", err);
		state.caps[SNUG_CAP_BOUNDING] = now->caps[SNUG_CAP_BOUNDING];
	}
	if (limits->filter && !state.no_new_privs && !has(effective, CAP_SYS_ADMIN))
		return refuse("a filter", "CAP_SYS_ADMIN", err);
	*ret = state;
	return 0;
}

int snug_task_state_same(const struct snug_task_state *wanted, const struct snug_task_state *is,
			 struct snug_error *err)
{
	if (is->no_new_privs != wanted->no_new_privs)
		return snug_fail(err, SNUG_HOST, "no_new_privs is %d, not %d", is->no_new_privs,
				 wanted->no_new_privs);
	if (is->filters != wanted->filters)
		return snug_fail(err, SNUG_HOST, "it is under %u filters, not %u", is->filters,
				 wanted->filters);
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		if (is->caps[set] != wanted->caps[set])
			return snug_fail(err, SNUG_HOST,
					 "its %s capabilities are %" PRIx64 ", not %" PRIx64,
					 snug_cap_set_name(set), is->caps[set], wanted->caps[set]);
	return 0;
}

/* ---- who it is ---- */

void snug_task_comm(const char *text, char ret[64])
{
	const char *name = line_of(text, "Name:\t");
	size_t len = strcspn(name, "\n");

	/* The kernel escapes line ends in it. */
	len = len < 64 ? len : 63;
	memcpy(ret, name, len);
	ret[len] = '\0';
}

bool snug_task_is_dead(const char *text)
{
	const char *state = line_of(text, "State:\t");

	return state[0] == 'Z' || state[0] == 'X';
}

/* Real, effective, saved, of the file system. */
bool snug_task_has_uid(const char *text, uint32_t uid)
{
	const char *at = line_of(text, "Uid:");

	while (*at == '\t') {
		char *end;
		unsigned long one = strtoul(at, &end, 10);

		if (end == at)
			return false;
		if (one == uid)
			return true;
		at = end;
	}
	return false;
}

/* "         0     100000      65536": inside, outside, how many. */
bool snug_user_map_root(const char *text, uint32_t *ret)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		char *behind, *end;
		unsigned long outside;

		line += line[0] == '\n';
		if (strtoul(line, &behind, 10) != 0 || behind == line)
			continue;
		outside = strtoul(behind, &end, 10);
		if (end == behind)
			continue;
		*ret = (uint32_t)outside;
		return true;
	}
	return false;
}
