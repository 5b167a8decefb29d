/* SPDX-License-Identifier: Apache-2.0 */
#include "model/profile_merge.h"

#include "base/cleanup.h"
#include "model/apparmor/union.h"

#include <stdlib.h>
#include <string.h>

/* ---- seccomp ---- */

static struct snug_target reader(void)
{
	struct snug_target target;

	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	return target;
}

static void keep(struct snug_buf *buf, const struct snug_json_node *node)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	snug_buf_clear(buf);
	snug_buf_add(buf, text, len);
}

static bool is_text_of(const struct snug_buf *buf, const struct snug_json_node *node)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	return buf->len == len && memcmp(buf->data, text, len) == 0;
}

/* An ABI that a section lists and snug has no table for: it cannot be united. */
static int refuse_foreign(const struct snug_json_node *section, struct snug_error *err)
{
	const struct snug_json_node *list = snug_json_member(section, "architectures");
	const struct snug_json_node *node = list ? snug_json_first(list) : NULL;

	for (; node; node = snug_json_next(node)) {
		enum snug_arch known;
		const char *name;

		if (snug_json_string(node, &name, err) < 0)
			return -1;
		if (snug_arch_parse(name, &known))
			continue;
		snug_json_fail(node, err, "snug has no table of %.40s's calls to unite", name);
		return snug_remedy(err, "take it out of the profile");
	}
	return 0;
}

/* Is each member of a that is no policy the same in b? If not, *ret is one that is not. */
static bool same_others(const struct snug_json_node *a, const struct snug_json_node *b,
			const char **ret)
{
	for (const struct snug_json_node *n = snug_json_first(a); n; n = snug_json_next(n)) {
		const struct snug_json_node *other = snug_json_member(b, snug_json_key(n));

		if (snug_oci_is_policy_member(snug_json_key(n)) ||
		    (other && snug_json_same(n, other)))
			continue;
		*ret = snug_json_key(n);
		return false;
	}
	return true;
}

/* What is no policy (flags, listenerPath, …) must be the same: whose would the union's be? */
static int check_section(const struct snug_profile_union *all, const struct snug_json_node *section,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *first = NULL;
	const char *key = "";

	if (snug_json_parse_own(&first, all->first.data, all->first.len, all->name, err) < 0 ||
	    refuse_foreign(snug_json_root(first), err) < 0 || refuse_foreign(section, err) < 0)
		return -1;
	if (same_others(snug_json_root(first), section, &key) &&
	    same_others(section, snug_json_root(first), &key))
		return 0;
	snug_json_fail(section, err, "the profiles differ in \"%.60s\", of which there is no union",
		       key);
	return snug_remedy(err, "make it the same in all of them");
}

/* One text stands for the union as long as some section means it: what was written by hand, or is
 * more than snug can write, stays what it is. */
static int join(struct snug_profile_union *all, const struct snug_profile *profile,
		const struct snug_seccomp *policy, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp both = { 0 };
	struct snug_seccomp before = all->policy;
	struct snug_call_data witness;

	if (snug_seccomp_join(&all->policy, policy, &both, err) < 0)
		return -1;
	if (!snug_seccomp_same(&both, &all->policy, &witness))
		snug_buf_clear(&all->section);
	if (all->section.len == 0 && snug_seccomp_same(&both, policy, &witness))
		keep(&all->section, profile->seccomp_node);
	all->policy = both;
	both = before;
	return snug_buf_check(&all->section, err);
}

static int add_section(struct snug_profile_union *all, const struct snug_profile *profile,
		       struct snug_error *err)
{
	const struct snug_target target = reader();
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp policy = { 0 };

	if (snug_oci_seccomp_mean(&profile->seccomp, &target, &policy, err) < 0)
		return -1;
	if (all->count > 0) {
		if (check_section(all, profile->seccomp_node, err) < 0)
			return -1;
		return join(all, profile, &policy, err);
	}
	keep(&all->first, profile->seccomp_node);
	keep(&all->section, profile->seccomp_node);
	all->policy = policy;
	policy = (struct snug_seccomp){ 0 };
	all->has_seccomp = true;
	return snug_buf_check(&all->first, err) < 0 ? -1 : snug_buf_check(&all->section, err);
}

static int add_seccomp(struct snug_profile_union *all, const struct snug_profile *profile,
		       struct snug_error *err)
{
	if (profile->seccomp_node && (all->count == 0 || all->has_seccomp)) {
		if (all->count > 0 && is_text_of(&all->section, profile->seccomp_node))
			return 0;
		return add_section(all, profile, err);
	}
	all->has_seccomp = false;
	snug_seccomp_clear(&all->policy);
	snug_buf_clear(&all->first);
	snug_buf_clear(&all->section);
	return 0;
}

/* ---- the rest ---- */

static int add_name(struct snug_profile_union *all, const char *name, struct snug_error *err)
{
	char *copy;

	if (all->name && strcmp(all->name, name) <= 0)
		return 0;
	copy = strdup(name);
	if (!copy)
		return snug_fail_memory(err);
	free(all->name);
	all->name = copy;
	return 0;
}

static void add_privileges(struct snug_profile_union *all, const struct snug_profile *profile)
{
	bool is_first = all->count == 0;

	all->has_caps = profile->has_caps && (is_first || all->has_caps);
	all->caps = all->has_caps ? all->caps | profile->caps : 0;
	all->has_no_new_privs = profile->has_no_new_privs && (is_first || all->has_no_new_privs);
	all->no_new_privs =
		all->has_no_new_privs && profile->no_new_privs && (is_first || all->no_new_privs);
	all->has_non_root = profile->has_non_root && (is_first || all->has_non_root);
	all->non_root = all->has_non_root && profile->non_root && (is_first || all->non_root);
}

/* ---- paths ---- */

static bool cover(const struct snug_words *words, const char *path)
{
	for (size_t i = 0; i < words->count; i++)
		if (snug_path_is_within(path, words->at[i]))
			return true;
	return false;
}

/* By a profile's lists: is it out of sight, or at least not to be written? */
static bool is_kept(const struct snug_words of[SNUG_PATHS_MAX], enum snug_path_kind kind,
		    const char *path)
{
	return cover(&of[SNUG_PATHS_MASKED], path) ||
	       (kind == SNUG_PATHS_READONLY && cover(&of[SNUG_PATHS_READONLY], path));
}

static int add_if_kept(const struct snug_words *from, enum snug_path_kind kind,
		       const struct snug_words a[SNUG_PATHS_MAX],
		       const struct snug_words b[SNUG_PATHS_MAX], struct snug_words *ret,
		       struct snug_error *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (is_kept(a, kind, from->at[i]) && is_kept(b, kind, from->at[i]) &&
		    snug_words_add(ret, from->at[i], err) < 0)
			return -1;
	return 0;
}

/* Where both keep something, it is named by one of them, the deeper of the two. What is masked says
 * of read-only ones, too. */
static int meet_kind(const struct snug_words a[SNUG_PATHS_MAX],
		     const struct snug_words b[SNUG_PATHS_MAX], enum snug_path_kind kind,
		     struct snug_words *ret, struct snug_error *err)
{
	for (unsigned of = 0; of <= (unsigned)kind; of++)
		if (add_if_kept(&a[of], kind, a, b, ret, err) < 0 ||
		    add_if_kept(&b[of], kind, a, b, ret, err) < 0)
			return -1;
	return 0;
}

/* Takes out what others say already, of the same list or by masking: so the order of the profiles
 * does not matter. */
static void thin(struct snug_words paths[SNUG_PATHS_MAX], enum snug_path_kind kind)
{
	struct snug_words *list = &paths[kind];
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool said = kind == SNUG_PATHS_READONLY &&
			    cover(&paths[SNUG_PATHS_MASKED], list->at[i]);

		/* Sorted: what is above a path stands before it, and was kept or is within what
		 * was. */
		for (size_t j = 0; !said && j < kept; j++)
			said = snug_path_is_within(list->at[i], list->at[j]);
		if (said)
			free(list->at[i]);
		else
			list->at[kept++] = list->at[i];
	}
	list->count = kept;
}

static void clear_paths(struct snug_words paths[SNUG_PATHS_MAX])
{
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
		snug_words_clear(&paths[kind]);
}

static int meet_paths(struct snug_profile_union *all, const struct snug_words of[SNUG_PATHS_MAX],
		      struct snug_error *err)
{
	const struct snug_words *before = all->count > 0 ? all->paths : of;
	struct snug_words both[SNUG_PATHS_MAX] = { 0 };

	for (enum snug_path_kind kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		if (meet_kind(before, of, kind, &both[kind], err) < 0) {
			clear_paths(both);
			return -1;
		}
		thin(both, kind);
	}
	clear_paths(all->paths);
	memcpy(all->paths, both, sizeof(both));
	return 0;
}

/* A list that one of them lacks says nothing. */
static int add_paths(struct snug_profile_union *all, const struct snug_profile *profile,
		     struct snug_error *err)
{
	struct snug_words of[SNUG_PATHS_MAX] = { 0 };
	int result = 0;

	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		const struct snug_path_list *list = &profile->paths[kind];

		all->has_paths[kind] =
			profile->has_paths[kind] && (all->count == 0 || all->has_paths[kind]);
		for (size_t i = 0; result == 0 && i < list->count; i++)
			result = snug_words_add(&of[kind], list->at[i], err);
	}
	if (result == 0)
		result = meet_paths(all, of, err);
	clear_paths(of);
	return result;
}

/* ---- AppArmor ---- */

static int add_apparmor(struct snug_profile_union *all, const struct snug_profile *profile,
			struct snug_error *err)
{
	all->has_apparmor = profile->has_apparmor && (all->count == 0 || all->has_apparmor);
	if (!all->has_apparmor) {
		snug_apparmor_clear(&all->apparmor);
		return 0;
	}
	all->apparmor.complain_only |= profile->apparmor.complain_only;
	return snug_aa_union_add(&all->apparmor.rules, &profile->apparmor.rules, err);
}

int snug_profile_union_add(struct snug_profile_union *into, const struct snug_profile *profile,
			   struct snug_error *err)
{
	if (add_seccomp(into, profile, err) < 0 || add_name(into, profile->name, err) < 0)
		return -1;
	if (add_apparmor(into, profile, err) < 0)
		return -1;
	add_privileges(into, profile);
	if (add_paths(into, profile, err) < 0)
		return -1;
	for (size_t i = 0; i < profile->incomplete.count; i++)
		if (snug_words_add(&into->incomplete, profile->incomplete.at[i], err) < 0)
			return -1;
	into->count++;
	return snug_provenance_add(&into->provenance, profile, err);
}

/* ---- writing ---- */

static int write_section(const struct snug_profile_union *all, struct snug_buf *ret,
			 struct snug_error *err)
{
	const struct snug_target target = reader();
	SNUG_AUTO(snug_json_freep) struct snug_json *first = NULL;
	struct snug_losses losses = { 0 };
	int result;

	if (snug_json_parse_own(&first, all->first.data, all->first.len, NULL, err) < 0)
		return -1;
	result = snug_oci_seccomp_write(&all->policy, &target, snug_json_root(first), ret, &losses,
					err);
	if (result == 0 && losses.count) {
		snug_fail(err, SNUG_INPUT, "linux.seccomp cannot say the union: %s",
			  losses.at[0].text);
		result = snug_remedy(err, "merge the recordings instead, or keep both profiles");
	}
	snug_vec_clear(&losses);
	return result;
}

static int put_section(struct snug_json_writer *w, const struct snug_profile_union *all,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (!all->has_seccomp)
		return 0;
	snug_json_put_key(w, "seccomp");
	if (all->section.len) {
		snug_json_put_raw(w, all->section.data, all->section.len);
		return 0;
	}
	if (write_section(all, &text, err) < 0)
		return -1;
	snug_json_put_raw(w, text.data, text.len);
	return 0;
}

static int put_apparmor(struct snug_json_writer *w, const struct snug_profile_union *all,
			struct snug_error *err)
{
	SNUG_AUTO(snug_apparmor_clear)
	struct snug_apparmor named = { .complain_only = all->apparmor.complain_only };

	if (!all->has_apparmor)
		return 0;
	if (snug_aa_union_name(&all->apparmor.rules, &named.rules, err) < 0)
		return -1;
	snug_json_put_key(w, "apparmor");
	snug_apparmor_write(w, &named);
	return 0;
}

/* What each of them has room for, together they may not have. */
static int check_profile(const struct snug_buf *text, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };

	if (snug_profile_parse(snug_buf_text(text), text->len, "the union", &profile, err) == 0)
		return 0;
	return snug_remedy(err, "merge the recordings instead, or keep the profiles apart");
}

int snug_profile_union_render(const struct snug_profile_union *all, const char *generator,
			      struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_json_writer w = { .out = &text };

	snug_json_open(&w, '{');
	snug_json_pair_u64(&w, "snugProfile", SNUG_PROFILE_VERSION);
	snug_json_pair_string(&w, "name", all->name);
	snug_json_pair_string(&w, "origin", "merged");
	if (put_section(&w, all, err) < 0)
		return -1;
	if (all->has_caps) {
		snug_json_put_key(&w, "capabilities");
		snug_caps_write(&w, all->caps);
	}
	if (all->has_no_new_privs)
		snug_json_pair_bool(&w, "noNewPrivileges", all->no_new_privs);
	if (all->has_non_root)
		snug_json_pair_bool(&w, "runAsNonRoot", all->non_root);
	for (enum snug_path_kind kind = 0; kind < SNUG_PATHS_MAX; kind++)
		if (all->has_paths[kind] || all->paths[kind].count)
			snug_words_put(&w, snug_path_kind_name(kind), &all->paths[kind]);
	if (put_apparmor(&w, all, err) < 0)
		return -1;
	snug_words_put(&w, "incomplete", &all->incomplete);
	snug_json_put_key(&w, "provenance");
	snug_provenance_put(&w, &all->provenance, generator,
			    all->has_seccomp ? &all->policy : NULL);
	snug_json_close(&w);
	if (snug_buf_check(&text, err) < 0 || check_profile(&text, err) < 0)
		return -1;
	return snug_json_pretty(text.data, text.len, ret, err);
}

void snug_profile_union_clear(struct snug_profile_union *all)
{
	int saved = errno;

	free(all->name);
	snug_seccomp_clear(&all->policy);
	snug_buf_clear(&all->first);
	snug_buf_clear(&all->section);
	snug_apparmor_clear(&all->apparmor);
	snug_words_clear(&all->incomplete);
	for (unsigned i = 0; i < SNUG_PATHS_MAX; i++)
		snug_words_clear(&all->paths[i]);
	snug_provenance_clear(&all->provenance);
	*all = (struct snug_profile_union){ 0 };
	errno = saved;
}
