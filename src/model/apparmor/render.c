/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/render.h"

#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/policy.h"
#include "model/apparmor/words.h"
#include "model/provenance.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX 12500u

struct renderer {
	const struct snug_profile *profile;
	const char *name; /* NULL: rules stand alone, without headings */
	bool complain;
	unsigned indent;
	struct snug_buf *out;
};

/* ---- patterns ---- */

/* What no part of the parser's lexer or of its patterns gives a meaning to. */
static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       strchr("/._-:~%+", c) != NULL;
}

static bool is_operator(char c)
{
	return strchr("*?[]{},^@", c) != NULL;
}

/* Is each byte of it plain, or a pattern's operator that no lexer takes for its own? */
static bool goes_bare(const char *text)
{
	for (; *text; text++)
		if (!is_plain(*text) && !strchr("*?[]@{}", *text))
			return false;
	return true;
}

/* The byte behind a backslash, and how long the escape is. */
static unsigned char escaped(const char *text, size_t *ret_len)
{
	unsigned byte = 0;

	if (*text != 'x') {
		*ret_len = 1;
		return (unsigned char)*text;
	}
	for (unsigned i = 1; i <= 2; i++) {
		char c = text[i];

		byte = byte * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	*ret_len = 3;
	return (unsigned char)byte;
}

/* A byte that stands for itself, within quotes. */
static void put_byte(unsigned char byte, struct snug_buf *out)
{
	if (is_plain((char)byte) || byte == ' ')
		snug_buf_addc(out, (char)byte);
	else
		snug_buf_addf(out, "\\x%02x", byte);
}

/* The same in three bytes at most. next: the text that follows. Control characters go as they are.
 */
static void put_short_byte(unsigned char byte, const char *next, struct snug_buf *out)
{
	size_t len;
	const unsigned char then = *next == '\\' ? escaped(next + 1, &len) : (unsigned char)*next;

	if (byte == '"' || (byte == '\\' && !*next))
		snug_buf_addf(out, then >= '0' && then <= '7' ? "\\%03o" : "\\%o", byte);
	else if (byte == '\\' || is_operator((char)byte))
		snug_buf_addf(out, "\\%c", byte);
	else
		snug_buf_addc(out, (char)byte);
}

static void put_body(const char *text, bool is_short, struct snug_buf *out)
{
	unsigned groups = 0;

	while (*text) {
		const char c = *text++;
		unsigned char byte = (unsigned char)c;
		size_t len = 0;

		if (c == '\\') {
			byte = escaped(text, &len);
			text += len;
		} else {
			groups += c == '{';
			groups -= c == '}' && groups;
			if (c == ',' ? groups > 0 : is_operator(c)) {
				snug_buf_addc(out, c);
				continue;
			}
		}
		if (is_short)
			put_short_byte(byte, text, out);
		else
			put_byte(byte, out);
	}
}

/*
 * Each byte that is not plain and stands for itself becomes \xHH: the parser's lexer takes `\"` for
 * a quote of the text or for its end, whichever makes the longer word, and so much of what follows
 * for the path. \xHH is read in one place, and gives the byte, quoted where patterns have a meaning
 * for it (parser_misc.c, processunquoted). A word of 16,384 bytes is too long for that lexer: such
 * a path is written shorter, and no backslash is its last byte.
 */
static void put_quoted(const char *text, struct snug_buf *out)
{
	const size_t start = out->len;

	snug_buf_addc(out, '"');
	put_body(text, false, out);
	if (!out->failed && out->len - start > WORD_MAX) {
		out->len = start + 1;
		put_body(text, true, out);
	}
	snug_buf_addc(out, '"');
}

static void put_pattern(const char *text, struct snug_buf *out)
{
	if (goes_bare(text))
		snug_buf_adds(out, text);
	else
		put_quoted(text, out);
}

/* ---- variables ---- */

static int add_variables(const char *text, struct snug_words *ret, struct snug_error *err)
{
	for (const char *at = strstr(text, "@{"); at; at = strstr(at + 2, "@{")) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf value = { 0 }, name = { 0 };
		const char *end = strchr(at, '}');

		if (!end || !snug_aare_variable(at + 2, (size_t)(end - at - 2), &value))
			continue;
		snug_buf_add(&name, at + 2, (size_t)(end - at - 2));
		if (snug_buf_check(&name, err) < 0 ||
		    snug_words_add(ret, snug_buf_text(&name), err) < 0)
			return -1;
	}
	return 0;
}

/* NULL: any peer. */
static int add_variables_of_peer(const char *peer, struct snug_words *ret, struct snug_error *err)
{
	return peer ? add_variables(peer, ret, err) : 0;
}

static int add_variables_of(const struct snug_aa_rules *rules, struct snug_words *ret,
			    struct snug_error *err)
{
	int result = 0;

	for (size_t i = 0; i < rules->signals.count && result == 0; i++)
		result = add_variables_of_peer(rules->signals.at[i].peer, ret, err);
	for (size_t i = 0; i < rules->ptraces.count && result == 0; i++)
		result = add_variables_of_peer(rules->ptraces.at[i].peer, ret, err);

	for (size_t i = 0; i < rules->files.count && result == 0; i++)
		result = add_variables(rules->files.at[i].path, ret, err);
	for (size_t i = 0; i < rules->links.count && result == 0; i++) {
		result = add_variables(rules->links.at[i].name, ret, err);
		if (result == 0)
			result = add_variables(rules->links.at[i].target, ret, err);
	}
	for (size_t i = 0; i < rules->mounts.count && result == 0; i++) {
		result = add_variables(rules->mounts.at[i].target, ret, err);
		if (result == 0 && rules->mounts.at[i].source)
			result = add_variables(rules->mounts.at[i].source, ret, err);
	}
	for (size_t i = 0; i < rules->children.count && result == 0; i++)
		result = add_variables_of(&rules->children.at[i].rules, ret, err);
	return result;
}

/* Defined here, so that the text needs no tunables of the host. */
static int put_variables(struct renderer *r, struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words names = { 0 };

	if (add_variables_of(&r->profile->apparmor.rules, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf value = { 0 };

		(void)snug_aare_variable(names.at[i], strlen(names.at[i]), &value);
		if (snug_buf_check(&value, err) < 0)
			return -1;
		snug_buf_addf(r->out, "@{%s}=\"%s\"\n", names.at[i], snug_buf_text(&value));
	}
	return 0;
}

/* ---- rules ---- */

static void start(struct renderer *r)
{
	snug_buf_addf(r->out, "%*s", (int)r->indent, "");
}

static void heading(struct renderer *r, const char *text)
{
	if (!r->name)
		return;
	snug_buf_addc(r->out, '\n');
	start(r);
	snug_buf_addf(r->out, "# %s\n", text);
}

static void put_caps(struct renderer *r)
{
	heading(r, "capabilities");
	if (!r->profile->has_caps) {
		start(r);
		snug_buf_adds(r->out, "capability,\n");
		return;
	}
	for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++) {
		if (!(r->profile->caps >> cap & 1))
			continue;
		start(r);
		snug_buf_adds(r->out, "capability ");
		for (const char *c = snug_cap_name(cap) + strlen("CAP_"); *c; c++)
			snug_buf_addc(r->out, (char)tolower((unsigned char)*c));
		snug_buf_adds(r->out, ",\n");
	}
}

static void put_network(struct renderer *r, const struct snug_aa_rules *rules)
{
	if (rules->network.count)
		heading(r, "network");
	for (size_t i = 0; i < rules->network.count; i++) {
		start(r);
		snug_buf_addf(r->out, "network %s %s,\n",
			      snug_aa_family_name(rules->network.at[i].family),
			      snug_aa_type_name(rules->network.at[i].type));
	}
}

/* The label of a process is ours, ours and what is stacked on it, or (a child profile) ours and a
 * child. A label of a stack is matched as a whole, or each part for itself. */
static void put_peer(struct renderer *r, const char *peer)
{
	if (!peer)
		return;
	snug_buf_adds(r->out, " peer=");
	if (!r->name)
		snug_buf_adds(r->out, peer);
	else if (strcmp(peer, SNUG_AA_SELF) == 0)
		snug_buf_addf(r->out, "\"{**//&,}%s{//**,}\"", r->name);
	else
		put_quoted(peer, r->out);
}

static void put_access(struct renderer *r, const char *rule, const char *const *words,
		       unsigned bits)
{
	const char *comma = "";

	start(r);
	snug_buf_addf(r->out, "%s (", rule);
	for (unsigned i = 0; words[i]; i++) {
		if (!(bits & 1u << i))
			continue;
		snug_buf_addf(r->out, "%s%s", comma, words[i]);
		comma = ", ";
	}
	snug_buf_addc(r->out, ')');
}

static void put_set(struct renderer *r, const struct snug_aa_signal *signal)
{
	char name[SNUG_AA_SIGNAL_NAME_MAX];
	const char *comma = "";

	if (!signal->set[0] && !signal->set[1])
		return;
	snug_buf_adds(r->out, " set=(");
	for (unsigned i = 0; i <= SNUG_AA_SIGNAL_MAX; i++) {
		if (!(signal->set[i / 64] >> (i % 64) & 1) || !snug_aa_signal_name(i, name))
			continue;
		snug_buf_addf(r->out, "%s%s", comma, name);
		comma = ", ";
	}
	snug_buf_addc(r->out, ')');
}

static void put_processes(struct renderer *r, const struct snug_aa_rules *rules)
{
	static const char *const sends[] = { "send", "receive", NULL };
	static const char *const traces[] = { "read", "trace", "readby", "tracedby", NULL };

	if (rules->signals.count || rules->ptraces.count)
		heading(r, "signals and other processes");
	for (size_t i = 0; i < rules->signals.count; i++) {
		put_access(r, "signal", sends, rules->signals.at[i].access);
		put_set(r, &rules->signals.at[i]);
		put_peer(r, rules->signals.at[i].peer);
		snug_buf_adds(r->out, ",\n");
	}
	for (size_t i = 0; i < rules->ptraces.count; i++) {
		put_access(r, "ptrace", traces, rules->ptraces.at[i].access);
		put_peer(r, rules->ptraces.at[i].peer);
		snug_buf_adds(r->out, ",\n");
	}
}

/* What changes a mount that is there says no "rw": the parser would make it a rule for new mounts
 * too (mount.cc, gen_policy_re: whatever is no command of its own). */
#define MS_RDONLY      1u
#define MOUNT_COMMANDS (1u << 5 | 1u << 12 | 1u << 13 | 0xfu << 17)

static void put_options(struct renderer *r, uint32_t flags)
{
	size_t count;
	const struct snug_aa_mount_flag *table = snug_aa_mount_flags(&count);
	const char *comma = "";

	snug_buf_adds(r->out, " options=(");
	if (!(flags & (MS_RDONLY | MOUNT_COMMANDS))) {
		snug_buf_adds(r->out, "rw");
		comma = ", ";
	}
	for (size_t i = 0; i < count; i++) {
		if ((flags & table[i].flags) != table[i].flags)
			continue;
		snug_buf_addf(r->out, "%s%s", comma, table[i].name);
		flags &= ~table[i].flags;
		comma = ", ";
	}
	snug_buf_addc(r->out, ')');
}

static void put_mount(struct renderer *r, const struct snug_aa_mount *mount)
{
	start(r);
	if (mount->kind == SNUG_AA_UMOUNT) {
		snug_buf_adds(r->out, "umount ");
		put_quoted(mount->target, r->out);
	} else if (mount->kind == SNUG_AA_PIVOT) {
		snug_buf_adds(r->out, "pivot_root oldroot=");
		put_quoted(mount->source, r->out);
		snug_buf_addc(r->out, ' ');
		put_quoted(mount->target, r->out);
	} else {
		snug_buf_adds(r->out, "mount");
		if (mount->fs)
			snug_buf_addf(r->out, " fstype=%s", mount->fs);
		put_options(r, mount->flags);
		if (mount->source) {
			snug_buf_addc(r->out, ' ');
			put_quoted(mount->source, r->out);
		}
		snug_buf_adds(r->out, " -> ");
		put_quoted(mount->target, r->out);
	}
	snug_buf_adds(r->out, ",\n");
}

static void put_mounts(struct renderer *r, const struct snug_aa_rules *rules)
{
	if (rules->mounts.count)
		heading(r, "mounts");
	for (size_t i = 0; i < rules->mounts.count; i++)
		put_mount(r, &rules->mounts.at[i]);
}

/* w has a in it, and the parser wants one of both. */
static void put_file(struct renderer *r, const struct snug_aa_file *file)
{
	const bool is_child = file->child != NULL;

	start(r);
	if (file->owner)
		snug_buf_adds(r->out, "owner ");
	put_pattern(file->path, r->out);
	snug_buf_addc(r->out, ' ');
	for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++) {
		const unsigned perm = 1u << bit;

		if (!(file->perms & perm) || perm == SNUG_AA_EXECUTE ||
		    (perm == SNUG_AA_APPEND && file->perms & SNUG_AA_WRITE))
			continue;
		snug_buf_addc(r->out, snug_aa_perm_letters[bit]);
	}
	if (file->perms & SNUG_AA_EXECUTE)
		snug_buf_adds(r->out, is_child ? "cx" : "ix");
	if (is_child)
		snug_buf_addf(r->out, " -> %s", file->child);
	snug_buf_adds(r->out, ",\n");
}

static void put_files(struct renderer *r, const struct snug_aa_rules *rules)
{
	heading(r, "files");
	for (size_t i = 0; i < rules->files.count; i++)
		put_file(r, &rules->files.at[i]);
}

static void put_links(struct renderer *r, const struct snug_aa_rules *rules)
{
	if (rules->links.count)
		heading(r, "hard links: the new name, what it is a name of");
	for (size_t i = 0; i < rules->links.count; i++) {
		start(r);
		snug_buf_adds(r->out, "link ");
		put_quoted(rules->links.at[i].name, r->out);
		snug_buf_adds(r->out, " -> ");
		put_quoted(rules->links.at[i].target, r->out);
		snug_buf_adds(r->out, ",\n");
	}
}

/* Containers' files are in mounts of their own, and may be deleted while they are open: such paths
 * count from the mount's root, and as they were. */
static void put_profile(struct renderer *r, const char *name, const struct snug_aa_rules *rules)
{
	start(r);
	snug_buf_addf(r->out, "profile %s flags=(attach_disconnected,mediate_deleted%s) {", name,
		      r->complain ? ",complain" : "");
	r->indent += 2;
	put_caps(r);
	put_network(r, rules);
	put_processes(r, rules);
	put_mounts(r, rules);
	put_files(r, rules);
	put_links(r, rules);
	for (size_t i = 0; i < rules->children.count; i++) {
		snug_buf_addc(r->out, '\n');
		put_profile(r, rules->children.at[i].name, &rules->children.at[i].rules);
	}
	r->indent -= 2;
	start(r);
	snug_buf_adds(r->out, "}\n");
}

int snug_apparmor_render(const struct snug_profile *profile, const char *name, bool complain,
			 struct snug_buf *ret, struct snug_error *err)
{
	struct renderer r = { .profile = profile, .name = name, .complain = complain, .out = ret };

	if (!profile->has_apparmor) {
		snug_fail(err, SNUG_INPUT, "the profile has no opinion of AppArmor");
		return snug_remedy(err, "generate it from a recording that saw files, network, "
					"signals, mounts and capabilities");
	}
	if (profile->apparmor.complain_only && !complain) {
		snug_fail(err, SNUG_INPUT,
			  "the profile rests on files that were not seen whole: "
			  "it is not to be enforced");
		return snug_remedy(err, "use it in complain mode, or learn on a kernel that lets "
					"snug see all of them");
	}
	snug_buf_adds(ret, "abi <abi/3.0>,\n\n");
	if (put_variables(&r, err) < 0)
		return -1;
	put_profile(&r, name, &profile->apparmor.rules);
	return snug_buf_check(ret, err);
}

void snug_apparmor_render_others(const struct snug_aa_rules *rules, struct snug_buf *ret)
{
	struct renderer r = { .out = ret };

	put_network(&r, rules);
	put_processes(&r, rules);
	put_mounts(&r, rules);
	put_links(&r, rules);
}
