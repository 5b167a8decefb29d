/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings → profile: floors, widening, arguments, errnos. docs/design.md, "Generation". */
#pragma once

#include "base/error.h"
#include "model/apparmor/generate.h"
#include "model/recording.h"
#include "model/target.h"

struct snug_generate_options {
	bool exact;	       /* no widening */
	bool has_runtime_only; /* the floor of one runtime, not of all */
	enum snug_runtime runtime_only;
	bool filter_alone; /* nobody who takes the filter sets no_new_privs because of it */
	struct snug_aa_options apparmor;
	const char *generator;	    /* "snug 0.1": goes into the provenance */
	const char *const *digests; /* "sha256:…" of each recording, NULL-terminated */
};

/*
 * A profile as pretty JSON (model/profile.h reads it), of the recording's name, which is a valid
 * one (model/name.h). The same input gives the same bytes.
 */
int snug_generate(const struct snug_recording *recording,
		  const struct snug_generate_options *options, struct snug_buf *ret,
		  struct snug_error *err) SNUG_CHECKED;

enum snug_profile_format {
	SNUG_PROFILE_NATIVE,
	SNUG_PROFILE_OCI,	   /* the linux.seccomp object */
	SNUG_PROFILE_DOCKER,	   /* seccomp.json of Docker, Podman and Kubernetes */
	SNUG_PROFILE_CAPABILITIES, /* the list alone */
	SNUG_PROFILE_APPARMOR,	   /* text for apparmor_parser */
	SNUG_PROFILE_FORMAT_MAX,
};
bool snug_profile_format_parse(const char *word, enum snug_profile_format *ret);
/* "native, oci, docker, capabilities, apparmor" */
extern const char snug_profile_formats[];

/*
 * A profile (its text) in another format, as pretty JSON, or AppArmor's own (of the profile's name;
 * in complain mode where it may not enforce). SNUG_INPUT where the profile has no opinion of what
 * the format is for.
 */
int snug_profile_convert(const struct snug_buf *profile, enum snug_profile_format format,
			 struct snug_buf *ret, struct snug_error *err) SNUG_CHECKED;
