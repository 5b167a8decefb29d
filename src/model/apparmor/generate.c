/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/generate.h"

#include "base/cleanup.h"
#include "model/seen_json.h"

#include <string.h>

static const char *const how_names[SNUG_GENERALISE_MAX] = { "siblings", "typed", "none" };

const char *snug_generalise_name(enum snug_generalise how)
{
	return how_names[how];
}

bool snug_generalise_parse(const char *word, enum snug_generalise *ret)
{
	for (unsigned i = 0; i < SNUG_GENERALISE_MAX; i++) {
		if (strcmp(how_names[i], word) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

void snug_apparmor_unobserved(unsigned observed, struct snug_buf *ret)
{
	static const struct {
		unsigned bit;
		const char *name;
	} sources[] = {
		{ SNUG_OBSERVED_FILES, "files" },
		{ SNUG_OBSERVED_NETWORK, "network" },
		{ SNUG_OBSERVED_SIGNALS, "signals" },
		{ SNUG_OBSERVED_MOUNTS, "mounts" },
		{ SNUG_OBSERVED_CAPABILITIES, "capabilities" },
	};
	size_t before = ret->len;

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!(observed & sources[i].bit))
			snug_buf_addf(ret, "%s%s", ret->len > before ? ", " : "", sources[i].name);
}

/* What makes the policy one to complain by. (The rest of the profile is as whole as it was: this is
 * no gap of its.) */
static bool is_to_complain(const struct snug_recording *recording)
{
	return (recording->observed & SNUG_OBSERVED_APPARMOR) != SNUG_OBSERVED_APPARMOR ||
	       recording->observed & SNUG_OBSERVED_FILES_APPROXIMATE;
}

static int make(const struct snug_recording *recording, const struct snug_aa_options *options,
		struct snug_aa_made *made, struct snug_error *err)
{
	const struct snug_aa_group all = { NULL };

	if (options->children) {
		if (snug_aa_make_children(recording, options->generalise, made, err) < 0)
			return -1;
	} else if (snug_aa_make_files(recording, &all, options->generalise, &made->policy.rules,
				      made, err) < 0 ||
		   snug_aa_make_acts(recording, &all, options->generalise, &made->policy.rules,
				     made, err) < 0) {
		return -1;
	}
	snug_aa_rules_sort(&made->policy.rules);
	made->policy.complain_only = is_to_complain(recording);
	return 0;
}

int snug_apparmor_make(const struct snug_recording *recording,
		       const struct snug_aa_options *options, bool no_new_privs,
		       struct snug_aa_made *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_made_clear) struct snug_aa_made made = { 0 };

	if (!(recording->observed & SNUG_OBSERVED_FILES))
		return 0;
	if (options->children && no_new_privs) {
		snug_fail(err, SNUG_INPUT,
			  "children: no_new_privs is set, under which no exec changes to a "
			  "profile of its own");
		return snug_remedy(err, "generate without --children");
	}
	if (recording->files.count == 0) {
		if (snug_words_add(&made.missing,
				   "files were observed, and none was seen: nothing "
				   "is said to AppArmor",
				   err) < 0)
			return -1;
	} else {
		made.some = true;
		if (make(recording, options, &made, err) < 0)
			return -1;
	}
	*ret = made;
	made = (struct snug_aa_made){ 0 };
	return 0;
}

static void put_reason(struct snug_json_writer *w, const struct snug_aa_reason *reason)
{
	snug_json_put_key(w, reason->pattern);
	snug_json_open(w, '{');
	snug_json_pair_string(w, "why", reason->why);
	snug_json_pair_u64(w, "paths", reason->paths);
	if (reason->examples[0]) {
		snug_json_put_key(w, "examples");
		snug_json_open(w, '[');
		for (unsigned i = 0; i < SNUG_AA_EXAMPLES && reason->examples[i]; i++)
			snug_bytes_put(w, reason->examples[i]);
		snug_json_close(w);
	}
	snug_json_close(w);
}

void snug_apparmor_put_reasons(struct snug_json_writer *w, const struct snug_aa_made *made)
{
	snug_json_open(w, '{');
	if (made->any_signal)
		snug_json_pair_bool(w, "anySignal", true);
	snug_json_put_key(w, "files");
	snug_json_open(w, '{');
	for (size_t i = 0; i < made->reasons.count; i++)
		put_reason(w, &made->reasons.at[i]);
	snug_json_close(w);
	snug_json_close(w);
}
