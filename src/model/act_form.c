/* SPDX-License-Identifier: Apache-2.0 */
#include "model/act_form.h"

#include "model/escape.h"
#include "model/recording.h"

#include <signal.h>

#define S(name)                                                                                    \
	{                                                                                          \
		(uint32_t)(name), #name                                                            \
	}
#define END                                                                                        \
	{                                                                                          \
		0, NULL                                                                            \
	}

static const struct snug_named signals[] = {
	S(SIGHUP),  S(SIGINT),	  S(SIGQUIT), S(SIGILL),  S(SIGTRAP),	S(SIGABRT), S(SIGBUS),
	S(SIGFPE),  S(SIGKILL),	  S(SIGUSR1), S(SIGSEGV), S(SIGUSR2),	S(SIGPIPE), S(SIGALRM),
	S(SIGTERM), S(SIGSTKFLT), S(SIGCHLD), S(SIGCONT), S(SIGSTOP),	S(SIGTSTP), S(SIGTTIN),
	S(SIGTTOU), S(SIGURG),	  S(SIGXCPU), S(SIGXFSZ), S(SIGVTALRM), S(SIGPROF), S(SIGWINCH),
	S(SIGIO),   S(SIGPWR),	  S(SIGSYS),  END,
};

static const struct snug_named peers[] = {
	{ SNUG_PEER_CONTAINER, "container" },
	{ SNUG_PEER_OUTSIDE, "outside" },
	END,
};

static const struct snug_named ptraces[] = {
	{ SNUG_PTRACE_READ, "read" },
	{ SNUG_PTRACE_TRACE, "trace" },
	END,
};

/* include/uapi/linux/mount.h; libc has not all of them. */
static const struct snug_named mount_flags[] = {
	{ 1u << 0, "MS_RDONLY" },
	{ 1u << 1, "MS_NOSUID" },
	{ 1u << 2, "MS_NODEV" },
	{ 1u << 3, "MS_NOEXEC" },
	{ 1u << 4, "MS_SYNCHRONOUS" },
	{ 1u << 5, "MS_REMOUNT" },
	{ 1u << 6, "MS_MANDLOCK" },
	{ 1u << 7, "MS_DIRSYNC" },
	{ 1u << 8, "MS_NOSYMFOLLOW" },
	{ 1u << 10, "MS_NOATIME" },
	{ 1u << 11, "MS_NODIRATIME" },
	{ 1u << 12, "MS_BIND" },
	{ 1u << 13, "MS_MOVE" },
	{ 1u << 14, "MS_REC" },
	{ 1u << 15, "MS_SILENT" },
	{ 1u << 16, "MS_POSIXACL" },
	{ 1u << 17, "MS_UNBINDABLE" },
	{ 1u << 18, "MS_PRIVATE" },
	{ 1u << 19, "MS_SLAVE" },
	{ 1u << 20, "MS_SHARED" },
	{ 1u << 21, "MS_RELATIME" },
	{ 1u << 23, "MS_I_VERSION" },
	{ 1u << 24, "MS_STRICTATIME" },
	{ 1u << 25, "MS_LAZYTIME" },
	END,
};

static const struct snug_named umount_flags[] = {
	{ 1u << 0, "MNT_FORCE" },
	{ 1u << 1, "MNT_DETACH" },
	{ 1u << 2, "MNT_EXPIRE" },
	{ 1u << 3, "UMOUNT_NOFOLLOW" },
	END,
};

static const struct snug_act_form forms[SNUG_ACT_MAX] = {
	[SNUG_ACT_SOCKET] = { "network",
			      NULL,
			      "socket",
			      SNUG_OBSERVED_NETWORK,
			      { { "family", SNUG_MEMBER_NAMED, 0, snug_families, 0, NULL },
				{ "type", SNUG_MEMBER_NAMED, 1, snug_socket_types, 0, NULL },
				{ "protocol", SNUG_MEMBER_NUMBER, 2, NULL, 0, "protocol" } } },
	[SNUG_ACT_SIGNAL] = { "signals",
			      NULL,
			      "signal",
			      SNUG_OBSERVED_SIGNALS,
			      { { "signal", SNUG_MEMBER_NAMED, 0, signals, SNUG_SIGNAL_MAX, NULL },
				{ "to", SNUG_MEMBER_WORD, 1, peers, 0, "to" } } },
	[SNUG_ACT_PTRACE] = { "ptrace",
			      NULL,
			      "ptrace",
			      SNUG_OBSERVED_SIGNALS,
			      { { "access", SNUG_MEMBER_WORD, 0, ptraces, 0, NULL },
				{ "of", SNUG_MEMBER_WORD, 1, peers, 0, "of" } } },
	[SNUG_ACT_MOUNT] = { "mounts",
			     "mount",
			     "mount",
			     SNUG_OBSERVED_MOUNTS,
			     { { "source", SNUG_MEMBER_TEXT, 0, NULL, 0, NULL },
			       { "target", SNUG_MEMBER_PATH, 1, NULL, 0, "on" },
			       { "type", SNUG_MEMBER_TEXT, 2, NULL, 0, "type" },
			       { "flags", SNUG_MEMBER_FLAGS, 0, mount_flags, 0, NULL } } },
	[SNUG_ACT_UMOUNT] = { "mounts",
			      "umount",
			      "umount",
			      SNUG_OBSERVED_MOUNTS,
			      { { "target", SNUG_MEMBER_PATH, 1, NULL, 0, NULL },
				{ "flags", SNUG_MEMBER_FLAGS, 0, umount_flags, 0, NULL } } },
	[SNUG_ACT_PIVOT] = { "mounts",
			     "pivotRoot",
			     "pivot_root",
			     SNUG_OBSERVED_MOUNTS,
			     { { "newRoot", SNUG_MEMBER_PATH, 0, NULL, 0, "to" },
			       { "putOld", SNUG_MEMBER_PATH, 1, NULL, 0, "old root" } } },
	[SNUG_ACT_LINK] = { "links",
			    NULL,
			    "link",
			    SNUG_OBSERVED_FILES,
			    { { "from", SNUG_MEMBER_PATH, 0, NULL, 0, NULL },
			      { "to", SNUG_MEMBER_PATH, 1, NULL, 0, "as" } } },
};

const struct snug_act_form *snug_act_form(enum snug_act_kind kind)
{
	return &forms[kind];
}

static void put_flags(const struct snug_named *names, uint32_t flags, struct snug_buf *out)
{
	const char *between = "";

	for (; names->name; names++) {
		if (!(flags & names->value))
			continue;
		flags &= ~(uint32_t)names->value;
		snug_buf_addf(out, "%s%s", between, names->name);
		between = "|";
	}
	if (flags)
		snug_buf_addf(out, "%s0x%x", between, flags);
}

static void put_member(const struct snug_seen_act *act, const struct snug_act_member *member,
		       struct snug_buf *out)
{
	bool is_text = snug_member_is_text(member);
	uint32_t number = is_text ? 0 : act->number[member->slot];
	const char *name;

	if (is_text ? !act->text[member->slot][0]
		    : !number && (member->type == SNUG_MEMBER_FLAGS ||
				  member->type == SNUG_MEMBER_NUMBER))
		return;
	snug_buf_addf(out, " %s%s", member->before ? member->before : "",
		      member->before ? " " : "");
	if (is_text) {
		snug_escape_put(out, act->text[member->slot]);
		return;
	}
	if (member->type == SNUG_MEMBER_FLAGS) {
		put_flags(member->names, number, out);
		return;
	}
	name = snug_named_name(member->names, number);
	if (name)
		snug_buf_adds(out, name);
	else
		snug_buf_addf(out, "%u", number);
}

void snug_act_words(const struct snug_seen_act *act, struct snug_buf *out)
{
	const struct snug_act_form *form = snug_act_form(act->kind);

	snug_buf_adds(out, form->word);
	for (unsigned i = 0; i < SNUG_ACT_MEMBERS_MAX && form->members[i].key; i++)
		put_member(act, &form->members[i], out);
}

void snug_access_words(unsigned access, struct snug_buf *out)
{
	const char *between = "";

	for (unsigned i = 0; i < SNUG_ACCESS_MAX; i++) {
		if (!(access & 1u << i))
			continue;
		snug_buf_addf(out, "%s%s", between, snug_access_name(i));
		between = ", ";
	}
}
