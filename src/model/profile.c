/* SPDX-License-Identifier: Apache-2.0 */
#include "model/profile.h"

#include "base/cleanup.h"
#include "model/name.h"

#include <string.h>

static int read_version(const struct snug_json_node *node, struct snug_profile *profile,
			struct snug_error *err)
{
	uint64_t version;

	(void)profile;
	if (snug_json_u64(node, &version, err) < 0)
		return -1;
	if (version >= 1 && version <= SNUG_PROFILE_VERSION)
		return 0;
	snug_json_fail(node, err, "profile format %llu is not one that this snug reads (1 to %u)",
		       (unsigned long long)version, SNUG_PROFILE_VERSION);
	return snug_remedy(err, version ? "use a newer snug" : "write \"snugProfile\": 1");
}

static int read_name(const struct snug_json_node *node, struct snug_profile *profile,
		     struct snug_error *err)
{
	if (snug_json_string(node, &profile->name, err) < 0)
		return -1;
	if (snug_name_is_valid(profile->name))
		return 0;
	snug_json_fail(node, err, "not a valid name");
	return snug_remedy(err,
			   "use 1 to %u letters, digits, '.', '_' or '-', a letter or digit "
			   "first",
			   SNUG_NAME_MAX);
}

static int read_origin(const struct snug_json_node *node, struct snug_profile *profile,
		       struct snug_error *err)
{
	return snug_json_string(node, &profile->origin, err);
}

/* Two conditions on one argument: runtimes let either hold, and nobody who writes them, as the ends
 * of a range say, means that. In a config it means what runtimes make of it; a profile is refused.
 */
static int refuse_twice(const struct snug_oci_seccomp *seccomp, struct snug_error *err)
{
	for (size_t e = 0; e < seccomp->entries.count; e++) {
		const struct snug_oci_entry *entry = &seccomp->entries.at[e];
		unsigned seen = 0;

		for (size_t a = 0; a < entry->args.count; a++) {
			unsigned bit = 1u << entry->args.at[a].index;

			if (seen & bit) {
				snug_json_fail(entry->node, err,
					       "argument %u twice: runtimes take either condition "
					       "for enough",
					       entry->args.at[a].index);
				return snug_remedy(err,
						   "write an entry for each, or one MASKED_EQ");
			}
			seen |= bit;
		}
	}
	return 0;
}

static int read_seccomp(const struct snug_json_node *node, struct snug_profile *profile,
			struct snug_error *err)
{
	profile->seccomp_node = node;
	if (snug_oci_seccomp_read(node, &profile->seccomp, err) < 0)
		return -1;
	return refuse_twice(&profile->seccomp, err);
}

static int read_caps(const struct snug_json_node *node, struct snug_profile *profile,
		     struct snug_error *err)
{
	profile->has_caps = true;
	return snug_caps_read(node, &profile->caps, err);
}

static int read_nnp(const struct snug_json_node *node, struct snug_profile *profile,
		    struct snug_error *err)
{
	profile->has_no_new_privs = true;
	return snug_json_bool(node, &profile->no_new_privs, err);
}

static int read_non_root(const struct snug_json_node *node, struct snug_profile *profile,
			 struct snug_error *err)
{
	profile->has_non_root = true;
	return snug_json_bool(node, &profile->non_root, err);
}

static int read_masked(const struct snug_json_node *node, struct snug_profile *profile,
		       struct snug_error *err)
{
	profile->has_paths[SNUG_PATHS_MASKED] = true;
	return snug_path_list_read(node, &profile->paths[SNUG_PATHS_MASKED], err);
}

static int read_readonly(const struct snug_json_node *node, struct snug_profile *profile,
			 struct snug_error *err)
{
	profile->has_paths[SNUG_PATHS_READONLY] = true;
	return snug_path_list_read(node, &profile->paths[SNUG_PATHS_READONLY], err);
}

static int read_apparmor(const struct snug_json_node *node, struct snug_profile *profile,
			 struct snug_error *err)
{
	profile->has_apparmor = true;
	return snug_apparmor_read(node, &profile->apparmor, err);
}

static int read_incomplete(const struct snug_json_node *node, struct snug_profile *profile,
			   struct snug_error *err)
{
	if (snug_json_expect(node, SNUG_JSON_ARRAY, err) < 0)
		return -1;
	for (const struct snug_json_node *n = snug_json_first(node); n; n = snug_json_next(n)) {
		const char *why;

		if (snug_json_string(n, &why, err) < 0)
			return -1;
		if (snug_vec_push(&profile->incomplete, why) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

static int read_provenance(const struct snug_json_node *node, struct snug_profile *profile,
			   struct snug_error *err)
{
	profile->provenance = node;
	return snug_json_expect(node, SNUG_JSON_OBJECT, err);
}

static const struct member {
	const char *name;
	bool needed;
	int (*read)(const struct snug_json_node *node, struct snug_profile *profile,
		    struct snug_error *err);
} members[] = {
	{ "snugProfile", true, read_version },	   { "name", true, read_name },
	{ "origin", false, read_origin },	   { "seccomp", false, read_seccomp },
	{ "capabilities", false, read_caps },	   { "noNewPrivileges", false, read_nnp },
	{ "runAsNonRoot", false, read_non_root },  { "maskedPaths", false, read_masked },
	{ "readonlyPaths", false, read_readonly }, { "apparmor", false, read_apparmor },
	{ "incomplete", false, read_incomplete },  { "provenance", false, read_provenance },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* A misspelt member would leave a part without an opinion, so it is refused. After the version:
 * a newer format may know it. */
static int refuse_unknown(const struct snug_json_node *top, struct snug_error *err)
{
	for (const struct snug_json_node *n = snug_json_first(top); n; n = snug_json_next(n)) {
		size_t i = 0;

		while (i < MEMBERS && strcmp(members[i].name, snug_json_key(n)) != 0)
			i++;
		if (i < MEMBERS)
			continue;
		snug_json_fail(n, err, "a profile has no member of this name");
		return snug_remedy(err, "correct its spelling or take it out");
	}
	return 0;
}

static int read_members(const struct snug_json_node *top, struct snug_profile *profile,
			struct snug_error *err)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct snug_json_node *node = snug_json_member(top, members[i].name);

		if (node && members[i].read(node, profile, err) < 0)
			return -1;
		if (!node && members[i].needed) {
			snug_json_fail(top, err, "not a snug profile: %s is missing",
				       members[i].name);
			return snug_remedy(err, "make one with `snug generate`");
		}
		if (i == 0 && refuse_unknown(top, err) < 0)
			return -1;
	}
	return 0;
}

int snug_profile_read(struct snug_json *doc, struct snug_profile *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { .doc = doc };

	if (snug_json_expect(snug_json_root(doc), SNUG_JSON_OBJECT, err) < 0 ||
	    read_members(snug_json_root(doc), &profile, err) < 0)
		return -1;
	*ret = profile;
	profile = (struct snug_profile){ 0 };
	return 0;
}

int snug_profile_parse(const char *text, size_t len, const char *file, struct snug_profile *ret,
		       struct snug_error *err)
{
	struct snug_json *doc;

	if (snug_json_parse(&doc, text, len, file, err) < 0)
		return -1;
	return snug_profile_read(doc, ret, err);
}

int snug_profile_parse_own(const char *text, size_t len, const char *file, struct snug_profile *ret,
			   struct snug_error *err)
{
	struct snug_json *doc;

	if (snug_json_parse_own(&doc, text, len, file, err) < 0)
		return -1;
	return snug_profile_read(doc, ret, err);
}

void snug_profile_clear(struct snug_profile *profile)
{
	snug_oci_seccomp_clear(&profile->seccomp);
	snug_apparmor_clear(&profile->apparmor);
	snug_vec_clear(&profile->incomplete);
	for (unsigned i = 0; i < SNUG_PATHS_MAX; i++)
		snug_vec_clear(&profile->paths[i]);
	snug_json_free(profile->doc);
	*profile = (struct snug_profile){ 0 };
}

bool snug_profile_is_default(const struct snug_profile *profile)
{
	return profile->origin && strcmp(profile->origin, SNUG_ORIGIN_DEFAULT) == 0;
}

const char *snug_profile_why(const struct snug_profile *profile, const char *call)
{
	const struct snug_json_node *calls = snug_json_member(profile->provenance, "syscalls");
	const struct snug_json_node *why = snug_json_member(snug_json_member(calls, call), "why");
	struct snug_error ignored;
	const char *text;

	return why && snug_json_string(why, &text, &ignored) == 0 ? text : NULL;
}

int snug_profile_needs(const struct snug_profile *profile, unsigned cap, struct snug_cap_needs *ret,
		       struct snug_error *err)
{
	const struct snug_json_node *caps = snug_json_member(profile->provenance, "capabilities");
	const struct snug_json_node *why = snug_json_member(caps, snug_cap_name(cap));
	struct snug_error read = { 0 };

	if (!why || snug_cap_needs_read(why, ret, &read) == 0)
		return 0;
	snug_vec_clear(ret);
	if (read.code == SNUG_INPUT)
		return 0;
	*err = read;
	return -1;
}
