/* SPDX-License-Identifier: Apache-2.0 */
#include "model/harden.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "model/harden_part.h"

#include <stdio.h>
#include <string.h>

int snug_harden_note(struct snug_changes *ret, struct snug_error *err, const char *path,
		     const char *fmt, ...)
{
	struct snug_change change;
	va_list args;

	snprintf(change.path, sizeof(change.path), "%s", path);
	va_start(args, fmt);
	vsnprintf(change.text, sizeof(change.text), fmt, args);
	va_end(args);
	return snug_vec_push(ret, change) < 0 ? snug_fail_memory(err) : 0;
}

void snug_changes_clear(struct snug_changes *changes)
{
	snug_vec_clear(changes);
}

void snug_hardened_clear(struct snug_hardened *hardened)
{
	snug_vec_clear(&hardened->changes);
	snug_vec_clear(&hardened->losses);
	snug_vec_clear(&hardened->would);
}

/* ---- capabilities ---- */

/* Takes the elements out that are not in `keep`: the others stay as they are spelt and laid out.
 * audit: only says which. */
static int thin_set(struct snug_spec *spec, const struct snug_json_node *list, snug_caps keep,
		    bool audit, struct snug_buf *removed, struct snug_error *err)
{
	const struct snug_json_node *element = snug_json_first(list);

	for (; element; element = snug_json_next(element)) {
		const char *name;
		unsigned cap;

		if (snug_json_string(element, &name, err) < 0)
			return -1;
		if (snug_cap_parse(name, &cap) && (keep >> cap & 1))
			continue;
		snug_buf_addf(removed, " %s", name);
		if (!audit && snug_json_remove(spec->doc, element, err) < 0)
			return -1;
	}
	return snug_buf_check(removed, err);
}

static int harden_set(struct snug_spec *spec, enum snug_cap_set set, snug_caps keep, bool audit,
		      struct snug_changes *ret, struct snug_error *err)
{
	const char *name = snug_cap_set_name(set);
	SNUG_AUTO(snug_buf_clear) struct snug_buf removed = { 0 };
	char path[64];

	if ((spec->caps[set] & ~keep) == 0)
		return 0;
	snprintf(path, sizeof(path), "$.process.capabilities.%s", name);
	if (thin_set(spec, snug_json_member(spec->capabilities, name), keep, audit, &removed, err) <
	    0)
		return -1;
	return snug_harden_note(ret, err, path, "removed%s", snug_buf_text(&removed));
}

static int harden_caps(struct snug_spec *spec, const struct snug_profile *profile, bool audit,
		       struct snug_changes *ret, struct snug_error *err)
{
	/* The kernel's own rule (capabilities(7)): raising an ambient capability that is not both
	 * permitted and inheritable fails. */
	snug_caps ambient =
		profile->caps & spec->caps[SNUG_CAP_PERMITTED] & spec->caps[SNUG_CAP_INHERITABLE];

	if (!profile->has_caps || !spec->has_caps)
		return 0;
	for (enum snug_cap_set set = 0; set < SNUG_CAP_SET_MAX; set++)
		if (harden_set(spec, set, set == SNUG_CAP_AMBIENT ? ambient : profile->caps, audit,
			       ret, err) < 0)
			return -1;
	return 0;
}

/* ---- no_new_privs ---- */

static int harden_no_new_privs(struct snug_spec *spec, const struct snug_profile *profile,
			       bool audit, struct snug_changes *ret, struct snug_error *err)
{
	if (!profile->has_no_new_privs || !profile->no_new_privs || spec->no_new_privs)
		return 0;
	if (!audit && snug_json_set(spec->doc, spec->process, "noNewPrivileges", "true", err) < 0)
		return -1;
	return snug_harden_note(ret, err, "$.process.noNewPrivileges", "set");
}

/* ---- the user ---- */

/* Whom a container is started as is not snug's to choose: files belong to somebody. */
static int refuse_root(const struct snug_spec *spec, const struct snug_profile *profile, bool audit,
		       struct snug_changes *ret, struct snug_error *err)
{
	if (!profile->has_non_root || !profile->non_root || spec->uid != 0)
		return 0;
	if (audit)
		return snug_harden_note(ret, err, "$.process.user", "refused: it is root");
	snug_json_fail(spec->user ? spec->user : spec->process, err,
		       "the container is started as root, which profile %s does not allow",
		       profile->name);
	return snug_remedy(err, "set process.user.uid to another user's number, or use another "
				"profile");
}

/* ---- annotations ---- */

static int refuse_handler(const struct snug_spec *spec, bool audit, struct snug_changes *ret,
			  struct snug_error *err)
{
	const struct snug_json_node *handler =
		snug_json_member(spec->annotations, "run.oci.handler");

	if (!handler)
		return 0;
	if (audit)
		return snug_harden_note(ret, err, "$.annotations[\"run.oci.handler\"]",
					"refused: it can run the workload without an execve");
	snug_json_fail(handler, err,
		       "this handler can run the workload without an execve, where no profile "
		       "holds");
	return snug_remedy(err, "take the annotation out, or run this container without a profile");
}

static int drop_bpf_data(struct snug_spec *spec, const struct snug_profile *profile, bool audit,
			 struct snug_changes *ret, struct snug_error *err)
{
	const struct snug_json_node *data =
		snug_json_member(spec->annotations, "run.oci.seccomp_bpf_data");

	/* Without a seccomp opinion that filter is none of the profile's business: taking it out
	 * would loosen the container. */
	if (!data || !profile->seccomp_node)
		return 0;
	if (!audit && snug_json_remove(spec->doc, data, err) < 0)
		return -1;
	return snug_harden_note(ret, err, "$.annotations[\"run.oci.seccomp_bpf_data\"]",
				"removed: crun would load it in place of linux.seccomp");
}

int snug_harden(struct snug_spec *spec, const struct snug_profile *profile,
		const struct snug_harden_options *options, struct snug_hardened *ret,
		struct snug_error *err)
{
	SNUG_AUTO(snug_hardened_clear) struct snug_hardened hardened = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf fresh = { 0 };
	const bool audit = options->audit;
	struct snug_changes *rest = audit ? &hardened.would : &hardened.changes;

	if (refuse_handler(spec, audit, rest, err) < 0 ||
	    refuse_root(spec, profile, audit, rest, err) < 0 ||
	    snug_harden_paths(spec, profile, audit ? NULL : &fresh, rest, err) < 0 ||
	    snug_harden_seccomp(spec, profile, options, &hardened, err) < 0 ||
	    harden_caps(spec, profile, audit, rest, err) < 0 ||
	    harden_no_new_privs(spec, profile, audit, rest, err) < 0 ||
	    snug_harden_apparmor(spec, profile, options, &hardened, err) < 0 ||
	    drop_bpf_data(spec, profile, audit, rest, err) < 0) {
		spec->fresh = NULL;
		return -1;
	}
	spec->fresh = NULL;
	*ret = hardened;
	hardened = (struct snug_hardened){ 0 };
	return 0;
}
