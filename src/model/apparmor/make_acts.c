/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of sockets, signals, ptrace and mounts. */
#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/abstractions.h"
#include "model/apparmor/generate.h"
#include "model/apparmor/words.h"

#include <linux/mount.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- what has no word ---- */

static int SNUG_PRINTF(3, 4)
	leave_out(struct snug_aa_made *made, struct snug_error *err, const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return snug_words_add(&made->missing, text, err);
}

/* ---- sockets ---- */

static int add_socket(const struct snug_seen_act *act, struct snug_aa_rules *rules,
		      struct snug_aa_made *made, struct snug_error *err)
{
	const struct snug_aa_network network = { .family = act->number[0], .type = act->number[1] };
	const char *family = snug_aa_family_name(network.family);

	if (!family)
		return leave_out(made, err, "AppArmor has no word for sockets of family %u",
				 network.family);
	if (!snug_aa_type_name(network.type))
		return leave_out(made, err, "AppArmor has no word for sockets of type %u (%s)",
				 network.type, family);
	return snug_aa_add_network(rules, &network) < 0 ? snug_fail_memory(err) : 0;
}

/* ---- signals and ptrace ---- */

static char self[] = SNUG_AA_SELF;

/* Among its own processes, unless nothing is to be made of what was seen, any signal: which of them
 * are sent hangs on the load, and none gives a power that another does not. Both ends are asked.
 * Whom else it was sent to has a label that nobody knows. */
static int add_signal(const struct snug_seen_act *act, enum snug_generalise how,
		      struct snug_aa_rules *rules, struct snug_aa_made *made,
		      struct snug_error *err)
{
	const bool inside = act->number[1] == SNUG_PEER_CONTAINER;
	const bool any = inside && how != SNUG_GENERALISE_NONE;
	struct snug_aa_signal signal = { .access = SNUG_AA_SEND | (inside ? SNUG_AA_RECEIVE : 0),
					 .peer = inside ? self : NULL };

	if (act->number[0] > SNUG_AA_SIGNAL_MAX)
		return leave_out(made, err, "AppArmor has no word for signal %u", act->number[0]);
	if (!any)
		signal.set[act->number[0] / 64] = UINT64_C(1) << (act->number[0] % 64);
	made->any_signal |= any;
	return snug_aa_add_signal(rules, &signal) < 0 ? snug_fail_memory(err) : 0;
}

/* Exact sets of one peer are one set. */
static void unite_sets(struct snug_aa_rules *rules)
{
	for (size_t i = 0; i < rules->signals.count; i++) {
		struct snug_aa_signal *into = &rules->signals.at[i];

		for (size_t j = 0; j < rules->signals.count; j++) {
			const struct snug_aa_signal *one = &rules->signals.at[j];

			if (i == j || !into->peer != !one->peer ||
			    (into->peer && strcmp(into->peer, one->peer) != 0) ||
			    into->access != one->access || !(into->set[0] | into->set[1]) ||
			    !(one->set[0] | one->set[1]))
				continue;
			into->set[0] |= one->set[0];
			into->set[1] |= one->set[1];
		}
	}
}

static int add_ptrace(const struct snug_seen_act *act, struct snug_aa_rules *rules,
		      struct snug_error *err)
{
	const bool inside = act->number[1] == SNUG_PEER_CONTAINER;
	const bool trace = act->number[0] == SNUG_PTRACE_TRACE;
	struct snug_aa_ptrace ptrace = { .access =
						 trace ? SNUG_AA_PTRACE_TRACE : SNUG_AA_PTRACE_READ,
					 .peer = inside ? self : NULL };

	if (inside)
		ptrace.access |= trace ? SNUG_AA_PTRACE_TRACEDBY : SNUG_AA_PTRACE_READBY;
	return snug_aa_add_ptrace(rules, &ptrace) < 0 ? snug_fail_memory(err) : 0;
}

static int add_keepers(struct snug_aa_rules *rules, struct snug_error *err)
{
	size_t count;
	const char *const *keepers = snug_aa_keepers(&count);

	for (size_t i = 0; i < count; i++) {
		const struct snug_aa_signal signal = { .access = SNUG_AA_RECEIVE,
						       .peer = (char *)keepers[i] };

		if (snug_aa_add_signal(rules, &signal) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* ---- mounts ---- */

#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)
#define MS_IGNORED     (MS_KERNMOUNT | MS_NOSEC | MS_ACTIVE | MS_BORN) /* AA_MS_IGNORE_MASK */

/* What AppArmor compares (apparmor_sb_mount, aa_bind_mount, …), and whether it looks at source and
 * type. */
static uint32_t flags_of(uint32_t flags, bool *ret_source, bool *ret_fs)
{
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(uint32_t)MS_MGC_MSK;
	flags &= ~(uint32_t)MS_IGNORED;
	*ret_source = *ret_fs = false;
	if (flags & MS_REMOUNT)
		return flags;
	if (flags & MS_BIND) {
		*ret_source = true;
		return flags & (MS_BIND | MS_REC);
	}
	if (flags & MS_PROPAGATION)
		return flags & (MS_REC | MS_SILENT | MS_PROPAGATION);
	if (flags & MS_MOVE) {
		*ret_source = true;
		return MS_MOVE;
	}
	*ret_source = *ret_fs = true;
	return flags;
}

static bool has_words(uint32_t flags)
{
	size_t count;
	const struct snug_aa_mount_flag *table = snug_aa_mount_flags(&count);

	for (size_t i = 0; i < count; i++)
		if ((flags & table[i].flags) == table[i].flags)
			flags &= ~table[i].flags;
	return flags == 0;
}

/* A type of file system as its driver has it; what is none is left to be any. */
static char *fs_of(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	return len && len <= SNUG_AA_TYPE_MAX && strspn(name, letters) == len ? (char *)name : NULL;
}

/* Is it an absolute path of names alone? The parser makes one slash of two. */
static bool is_plain_path(const char *path)
{
	if (*path != '/')
		return false;
	while (*path++ == '/') {
		const size_t len = strcspn(path, "/");

		if ((len == 0 && *path) || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len;
	}
	return true;
}

/* Of a bind or a move AppArmor looks up the source, and what was recorded is mount(2)'s argument:
 * a folder where the target is one, without its slash. Where that says too little, it is any. */
static void put_source(const struct snug_seen_act *act, bool looked_up, struct snug_buf *ret)
{
	const char *source = act->text[0], *target = act->text[1];
	size_t len = strlen(source);

	if (!looked_up) {
		if (len && !strstr(source, "//"))
			snug_aare_quote(source, ret);
		return;
	}
	if (!is_plain_path(source))
		return;
	snug_aare_quote(source, ret);
	if (target[0] && target[strlen(target) - 1] == '/' && source[len - 1] != '/')
		snug_buf_addc(ret, '/');
}

static int add_mount(const struct snug_seen_act *act, struct snug_aa_rules *rules,
		     struct snug_aa_made *made, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf source = { 0 }, target = { 0 };
	struct snug_aa_mount mount = { .kind = SNUG_AA_MOUNT };
	bool has_source, has_fs;

	mount.flags = flags_of(act->number[0], &has_source, &has_fs);
	snug_aa_quote_path(act->text[1], &target);
	if (has_source)
		put_source(act, !has_fs, &source);
	if (snug_buf_check(&source, err) < 0 || snug_buf_check(&target, err) < 0)
		return -1;
	if (!has_words(mount.flags))
		return leave_out(made, err, "AppArmor has no words for a mount with flags %#x",
				 mount.flags);
	mount.source = source.len ? source.data : NULL;
	mount.fs = has_fs ? fs_of(act->text[2]) : NULL;
	mount.target = target.data;
	return snug_aa_add_mount(rules, &mount) < 0 ? snug_fail_memory(err) : 0;
}

static int add_other_mount(const struct snug_seen_act *act, struct snug_aa_rules *rules,
			   struct snug_error *err)
{
	const bool pivot = act->kind == SNUG_ACT_PIVOT;
	SNUG_AUTO(snug_buf_clear) struct snug_buf target = { 0 }, old = { 0 };
	struct snug_aa_mount mount = { .kind = pivot ? SNUG_AA_PIVOT : SNUG_AA_UMOUNT };

	snug_aa_quote_path(act->text[pivot ? 0 : 1], &target);
	snug_aa_quote_path(act->text[1], &old);
	if (snug_buf_check(&target, err) < 0 || snug_buf_check(&old, err) < 0)
		return -1;
	mount.target = target.data;
	mount.source = pivot ? old.data : NULL;
	return snug_aa_add_mount(rules, &mount) < 0 ? snug_fail_memory(err) : 0;
}

/* ---- all ---- */

static int add_act(const struct snug_seen_act *act, enum snug_generalise how,
		   struct snug_aa_rules *rules, struct snug_aa_made *made, struct snug_error *err)
{
	switch (act->kind) {
	case SNUG_ACT_SOCKET:
		return add_socket(act, rules, made, err);
	case SNUG_ACT_SIGNAL:
		return add_signal(act, how, rules, made, err);
	case SNUG_ACT_PTRACE:
		return add_ptrace(act, rules, err);
	case SNUG_ACT_MOUNT:
		return add_mount(act, rules, made, err);
	case SNUG_ACT_UMOUNT:
	case SNUG_ACT_PIVOT:
		return add_other_mount(act, rules, err);
	case SNUG_ACT_LINK: /* with the files, whose patterns it takes */
	case SNUG_ACT_MAX:
		break;
	}
	return 0;
}

int snug_aa_make_acts(const struct snug_recording *recording, const struct snug_aa_group *group,
		      enum snug_generalise how, struct snug_aa_rules *rules,
		      struct snug_aa_made *made, struct snug_error *err)
{
	if (add_keepers(rules, err) < 0)
		return -1;
	for (size_t i = 0; i < recording->acts.count; i++)
		if (snug_aa_in_group(group, recording->acts.at[i].program) &&
		    add_act(&recording->acts.at[i], how, rules, made, err) < 0)
			return -1;
	unite_sets(rules);
	return 0;
}
