/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/explain.h"

#include "base/cleanup.h"
#include "model/apparmor/docker_default.h"
#include "model/apparmor/words.h"
#include "model/page.h"

#include <stdio.h>
#include <string.h>

#define CODE (SNUG_AA_EXECUTE | SNUG_AA_MAP)

/* ---- counting ---- */

/* A pattern counts once, whether its owner's rule stands beside it or not: they are neighbours. */
static unsigned perms_at(const struct snug_aa_rules *rules, size_t *index)
{
	const char *path = rules->files.at[*index].path;
	unsigned perms = 0;

	for (; *index < rules->files.count && strcmp(rules->files.at[*index].path, path) == 0;
	     (*index)++)
		perms |= rules->files.at[*index].perms;
	return perms;
}

static void count_rules(const struct snug_aa_rules *rules, struct snug_aa_counts *ret)
{
	for (size_t i = 0; i < rules->files.count;) {
		unsigned perms = perms_at(rules, &i);
		bool written = perms & (SNUG_AA_WRITE | SNUG_AA_APPEND);

		ret->read += (perms & SNUG_AA_READ) != 0;
		ret->written += written;
		ret->executed += (perms & SNUG_AA_EXECUTE) != 0;
		ret->both += written && perms & CODE;
	}
	ret->sockets += rules->network.count;
	ret->mounts += rules->mounts.count;
	ret->signals += rules->signals.count + rules->ptraces.count;
	ret->links += rules->links.count;
	ret->rules += rules->files.count + rules->network.count + rules->mounts.count +
		      rules->signals.count + rules->ptraces.count + rules->links.count;
}

void snug_apparmor_count(const struct snug_apparmor *policy, struct snug_aa_counts *ret)
{
	*ret = (struct snug_aa_counts){ .children = policy->rules.children.count };
	count_rules(&policy->rules, ret);
	for (size_t i = 0; i < policy->rules.children.count; i++)
		count_rules(&policy->rules.children.at[i].rules, ret);
}

static size_t docker_denies(unsigned perms)
{
	size_t count, denies = 0;
	const struct snug_docker_denial *denials = snug_docker_denials(&count);

	for (size_t i = 0; i < count; i++)
		denies += (denials[i].perms & perms) != 0;
	return denies;
}

static size_t docker_rules(void)
{
	size_t count;

	(void)snug_docker_denials(&count);
	return count + SNUG_DOCKER_ALLOWS + SNUG_DOCKER_OTHER_DENIALS;
}

/* ---- the table ---- */

static void put_row(const char *label, const char *here, const char *there, struct snug_buf *out)
{
	snug_buf_addf(out, "  %-28s %10s   %s\n", label, here, there);
}

static void put_count(const char *label, size_t here, const char *there, struct snug_buf *out)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", here);
	put_row(label, number, there, out);
}

static void put_table(const struct snug_profile *profile, const struct snug_aa_counts *counts,
		      struct snug_buf *out)
{
	char there[64];

	put_row("", "here", "docker-default", out);
	(void)snprintf(there, sizeof(there), "%zu", docker_rules());
	put_count("rules", counts->rules, there, out);
	(void)snprintf(there, sizeof(there), "all but %zu patterns", docker_denies(SNUG_AA_READ));
	put_count("files readable, patterns", counts->read, there, out);
	(void)snprintf(there, sizeof(there), "all but %zu patterns", docker_denies(SNUG_AA_WRITE));
	put_count("files writable, patterns", counts->written, there, out);
	(void)snprintf(there, sizeof(there), "all but %zu patterns",
		       docker_denies(SNUG_AA_EXECUTE));
	put_count("programs executable", counts->executed, there, out);
	put_count("kinds of sockets", counts->sockets, "all", out);
	put_count("mounts and unmounts", counts->mounts, "unmounts", out);
	if (profile->has_caps)
		put_count("capabilities",
			  (size_t)__builtin_popcountll((unsigned long long)profile->caps), "all",
			  out);
	else
		put_row("capabilities", "all", "all", out);
	if (counts->children)
		put_count("programs with a profile", counts->children, "0", out);
}

/* ---- lists ---- */

static void put_files(const struct snug_aa_rules *rules, unsigned perms, const char *heading,
		      struct snug_buf *out)
{
	bool any = false;

	for (size_t i = 0; i < rules->files.count;) {
		const struct snug_aa_file *file = &rules->files.at[i];
		unsigned all = perms_at(rules, &i);
		bool is_both = !perms && all & (SNUG_AA_WRITE | SNUG_AA_APPEND) && all & CODE;

		if (!(all & perms) && !is_both)
			continue;
		if (!any)
			snug_buf_addf(out, "\n%s\n", heading);
		any = true;
		snug_buf_addf(out, "  %s\n", file->path);
	}
}

static void put_sockets(const struct snug_aa_rules *rules, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };
	char word[64];

	if (!rules->network.count)
		return;
	snug_buf_adds(out, "\nSockets\n");
	for (size_t i = 0; i < rules->network.count; i++) {
		(void)snprintf(word, sizeof(word), "%s:%s",
			       snug_aa_family_name(rules->network.at[i].family),
			       snug_aa_type_name(rules->network.at[i].type));
		snug_page_word(&page, word);
	}
	snug_page_end(&page);
}

static void put_lists(const struct snug_aa_rules *rules, struct snug_buf *out)
{
	put_files(rules, SNUG_AA_WRITE | SNUG_AA_APPEND, "Files that may be written", out);
	put_files(rules, SNUG_AA_EXECUTE, "Programs that may be executed", out);
	put_files(rules, 0, "Files that may be written and then run: what writes to them runs code",
		  out);
	put_sockets(rules, out);
	for (size_t i = 0; i < rules->children.count; i++) {
		snug_buf_addf(out, "\nThe child profile %s\n", rules->children.at[i].name);
		put_lists(&rules->children.at[i].rules, out);
	}
}

/* ---- why ---- */

static const char *text_of(const struct snug_json_node *object, const char *key)
{
	const struct snug_json_node *node = snug_json_member(object, key);
	struct snug_error ignored;
	const char *text;

	return node && snug_json_string(node, &text, &ignored) == 0 ? text : "";
}

static unsigned long long number_of(const struct snug_json_node *object, const char *key)
{
	const struct snug_json_node *node = snug_json_member(object, key);
	struct snug_error ignored;
	uint64_t number;

	return node && snug_json_u64(node, &number, &ignored) == 0 ? number : 0;
}

/* Strings of the provenance are escaped where they came from a recording; a hand may have written
 * others. */
static void put_plain(const char *text, struct snug_buf *out)
{
	for (; *text; text++)
		snug_buf_addc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static void put_reason(const struct snug_json_node *reason, struct snug_buf *out)
{
	const struct snug_json_node *examples = snug_json_member(reason, "examples");
	const unsigned long long paths = number_of(reason, "paths");
	const char *sep = ": ";
	unsigned long long shown = 0;

	snug_buf_adds(out, "  ");
	put_plain(snug_json_key(reason), out);
	snug_buf_adds(out, "\n    ");
	put_plain(text_of(reason, "why"), out);
	snug_buf_addf(out, ", of %llu path%s", paths, paths == 1 ? "" : "s");
	for (const struct snug_json_node *n = examples ? snug_json_first(examples) : NULL; n;
	     n = snug_json_next(n), shown++) {
		struct snug_error ignored;
		const char *path;

		if (snug_json_string(n, &path, &ignored) < 0)
			continue;
		snug_buf_adds(out, sep);
		put_plain(path, out);
		sep = ", ";
	}
	snug_buf_adds(out, shown && shown < paths ? ", …\n" : "\n");
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const struct snug_json_node *reasons_of(const struct snug_profile *profile)
{
	const struct snug_json_node *files =
		snug_json_member(snug_json_member(profile->provenance, "apparmor"), "files");

	return files ? snug_json_first(files) : NULL;
}

/* A pattern that stands for a name, of which something was seen: not for what itself is. */
static bool is_named(const struct snug_json_node *reason)
{
	const char *why = text_of(reason, "why");

	return starts_with(why, "abstraction:") || starts_with(why, "floor:");
}

static void put_general(const struct snug_profile *profile, struct snug_buf *out)
{
	bool any = false;

	for (const struct snug_json_node *n = reasons_of(profile); n; n = snug_json_next(n)) {
		if (is_named(n))
			continue;
		if (!any)
			snug_buf_adds(out, "\nMore general than what was seen\n");
		any = true;
		put_reason(n, out);
	}
}

/* Is this the first reason of its name? */
static bool is_first(const struct snug_profile *profile, const struct snug_json_node *reason)
{
	const struct snug_json_node *n = reasons_of(profile);

	while (n != reason && strcmp(text_of(n, "why"), text_of(reason, "why")) != 0)
		n = snug_json_next(n);
	return n == reason;
}

static void put_key(const struct snug_json_node *reason, struct snug_page *page)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf word = { 0 };

	put_plain(snug_json_key(reason), &word);
	page->out->failed |= word.failed;
	snug_page_word(page, snug_buf_text(&word));
}

static void put_name(const struct snug_profile *profile, const char *why, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 4 };
	unsigned long long paths = 0;

	for (const struct snug_json_node *n = reasons_of(profile); n; n = snug_json_next(n))
		if (strcmp(text_of(n, "why"), why) == 0)
			paths += number_of(n, "paths");
	snug_buf_adds(out, "  ");
	put_plain(why, out);
	snug_buf_addf(out, ", of %llu path%s\n", paths, paths == 1 ? "" : "s");
	for (const struct snug_json_node *n = reasons_of(profile); n; n = snug_json_next(n))
		if (strcmp(text_of(n, "why"), why) == 0)
			put_key(n, &page);
	snug_page_end(&page);
}

/* Each name with its patterns. */
static void put_named(const struct snug_profile *profile, struct snug_buf *out)
{
	bool any = false;

	for (const struct snug_json_node *n = reasons_of(profile); n; n = snug_json_next(n)) {
		if (!is_named(n) || !is_first(profile, n))
			continue;
		if (!any)
			snug_buf_adds(out, "\nFiles that go together: where some were seen; the "
					   "floor always\n");
		any = true;
		put_name(profile, text_of(n, "why"), out);
	}
}

int snug_apparmor_explain(const struct snug_profile *profile, struct snug_buf *ret,
			  struct snug_error *err)
{
	struct snug_aa_counts counts;

	if (!profile->has_apparmor) {
		snug_buf_adds(ret, "\nAppArmor: no opinion\n");
		return snug_buf_check(ret, err);
	}
	snug_apparmor_count(&profile->apparmor, &counts);
	snug_buf_addf(ret, "\nAppArmor%s\n",
		      profile->apparmor.complain_only
			      ? ", to complain by alone: not all was observed"
			      : "");
	put_table(profile, &counts, ret);
	put_lists(&profile->apparmor.rules, ret);
	put_general(profile, ret);
	put_named(profile, ret);
	return snug_buf_check(ret, err);
}

/* ---- JSON ---- */

static void put_pairs(struct snug_json_writer *w, const struct snug_aa_counts *counts)
{
	snug_json_pair_u64(w, "rules", counts->rules);
	snug_json_pair_u64(w, "readable", counts->read);
	snug_json_pair_u64(w, "writable", counts->written);
	snug_json_pair_u64(w, "executable", counts->executed);
	snug_json_pair_u64(w, "writableAndRun", counts->both);
	snug_json_pair_u64(w, "sockets", counts->sockets);
	snug_json_pair_u64(w, "mounts", counts->mounts);
	snug_json_pair_u64(w, "signals", counts->signals);
	snug_json_pair_u64(w, "links", counts->links);
	snug_json_pair_u64(w, "children", counts->children);
}

void snug_apparmor_explain_json(struct snug_json_writer *w, const struct snug_profile *profile)
{
	const struct snug_json_node *why = snug_json_member(profile->provenance, "apparmor");
	struct snug_aa_counts counts;
	const char *text;
	size_t len;

	if (!profile->has_apparmor) {
		snug_json_put_null(w);
		return;
	}
	snug_apparmor_count(&profile->apparmor, &counts);
	snug_json_open(w, '{');
	snug_json_pair_bool(w, "complainOnly", profile->apparmor.complain_only);
	put_pairs(w, &counts);
	snug_json_put_key(w, "dockerDefault");
	snug_json_open(w, '{');
	snug_json_pair_u64(w, "rules", docker_rules());
	snug_json_pair_u64(w, "unreadable", docker_denies(SNUG_AA_READ));
	snug_json_pair_u64(w, "unwritable", docker_denies(SNUG_AA_WRITE));
	snug_json_pair_u64(w, "unexecutable", docker_denies(SNUG_AA_EXECUTE));
	snug_json_close(w);
	snug_json_put_key(w, "policy");
	snug_apparmor_write(w, &profile->apparmor);
	if (why) {
		text = snug_json_source(why, &len);
		snug_json_put_key(w, "why");
		snug_json_put_raw(w, text, len);
	}
	snug_json_close(w);
}
