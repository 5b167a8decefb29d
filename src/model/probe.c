/* SPDX-License-Identifier: Apache-2.0 */
#include "model/probe.h"

#include "model/apparmor/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const cap_lines[SNUG_CAP_SET_MAX] = {
	[SNUG_CAP_BOUNDING] = "CapBnd:",    [SNUG_CAP_EFFECTIVE] = "CapEff:",
	[SNUG_CAP_INHERITABLE] = "CapInh:", [SNUG_CAP_PERMITTED] = "CapPrm:",
	[SNUG_CAP_AMBIENT] = "CapAmb:",
};

/* What stands behind the name at the head of a line; NULL: there is no such line. */
static const char *line_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text && *text) {
		if (strncmp(text, name, len) == 0)
			return text + len;
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return NULL;
}

static bool read_number(const char *text, const char *name, int base, uint64_t *ret)
{
	const char *at = line_of(text, name);
	char *end;

	if (!at)
		return false;
	*ret = strtoull(at, &end, base);
	return end != at;
}

static void read_label(const char *text, struct snug_probe *ret)
{
	const char *at = line_of(text, SNUG_PROBE_LABEL);
	size_t len = at ? strcspn(at, "\n") : 0;

	snprintf(ret->label, sizeof(ret->label), "%.*s", (int)len, at ? at : "");
}

int snug_probe_parse(const struct snug_buf *text, struct snug_probe *ret, struct snug_error *err)
{
	const char *at = snug_buf_text(text);
	struct snug_probe probe = { 0 };
	uint64_t seccomp, nnp;

	if (!line_of(at, SNUG_PROBE_END) || !read_number(at, "Seccomp:", 10, &seccomp) ||
	    !read_number(at, "NoNewPrivs:", 10, &nnp))
		return snug_fail(err, SNUG_INPUT, "what the container says of itself is not whole");
	for (unsigned i = 0; i < SNUG_CAP_SET_MAX; i++)
		if (!read_number(at, cap_lines[i], 16, &probe.caps[i]))
			return snug_fail(err, SNUG_INPUT,
					 "what the container says of itself has no line %s",
					 cap_lines[i]);
	probe.seccomp = (unsigned)seccomp;
	probe.no_new_privs = nnp != 0;
	read_label(at, &probe);
	*ret = probe;
	return 0;
}

static void say(struct snug_buf *why, const char *text)
{
	snug_buf_addf(why, "%s%s", why->len ? ", " : "", text);
}

static void check_caps(const struct snug_probe *probe, const struct snug_profile *profile,
		       struct snug_buf *why)
{
	for (unsigned i = 0; i < SNUG_CAP_SET_MAX; i++) {
		snug_caps more = probe->caps[i] & ~profile->caps;
		unsigned first = 0;
		char text[128];

		if (!profile->has_caps || !more)
			continue;
		while (!(more & ((snug_caps)1 << first)))
			first++;
		snprintf(text, sizeof(text), "%s holds %s%s", cap_lines[i],
			 snug_cap_name(first) ? snug_cap_name(first)
					      : "a capability without a name",
			 more & (more - 1) ? " and more" : "");
		say(why, text);
	}
}

/* Is a label of the profile's name in the stack? */
static bool has_label(const struct snug_probe *probe, const char *name)
{
	char own[SNUG_LABEL_SIZE], of[SNUG_LABEL_SIZE], stack[sizeof(probe->label)];
	const char *cursor = stack;

	/* "snug-web-0123456789abcdef (enforce)" */
	snprintf(stack, sizeof(stack), "%s", probe->label);
	stack[strcspn(stack, " ")] = '\0';
	while (snug_label_next_ours(&cursor, own)) {
		snug_label_name(own, of);
		if (strcmp(of, name) == 0)
			return true;
	}
	return false;
}

bool snug_probe_is_within(const struct snug_probe *probe, const struct snug_profile *profile,
			  bool apparmor, struct snug_buf *why)
{
	size_t before = why->len;

	if (profile->seccomp_node && probe->seccomp != 2)
		say(why, "Seccomp: no filter");
	if (profile->has_no_new_privs && profile->no_new_privs && !probe->no_new_privs)
		say(why, "NoNewPrivs: 0");
	check_caps(probe, profile, why);
	if (apparmor && profile->has_apparmor && !profile->apparmor.complain_only &&
	    !has_label(probe, profile->name))
		say(why, probe->label[0] ? "AppArmor has another label" : "AppArmor has no label");
	return why->len == before;
}
