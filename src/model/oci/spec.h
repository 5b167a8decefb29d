/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json of the runtime-spec (1.0 to 1.2): the parts that snug reads, as a view on a
 * document that stays lossless.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "model/oci/caps.h"
#include "model/paths.h"

#include <stdbool.h>

struct snug_spec {
	struct snug_json *doc;						/* not owned */
	const struct snug_json_node *root, *process, *linux_, *seccomp; /* NULL: absent (or null) */
	const struct snug_json_node *capabilities, *annotations, *hooks;
	const char *version;   /* ociVersion */
	const char *root_path; /* root.path */
	const char *apparmor;  /* process.apparmorProfile, NULL: absent */
	bool has_no_new_privs, no_new_privs;
	bool has_caps; /* process.capabilities is there */
	snug_caps caps[SNUG_CAP_SET_MAX];
	const struct snug_json_node *user; /* process.user; NULL: absent */
	uint64_t uid;			   /* process.user.uid; absent: 0 */
	const struct snug_json_node
		*paths[SNUG_PATHS_MAX]; /* of linux: lists of strings, or NULL */
	const char *fresh; /* members that a linux which is made anew begins with; NULL: none */
};

/*
 * SNUG_INPUT with the JSON path for: ociVersion missing or not 1.x; no root.path; no process or no
 * process.args; wrong types; unknown capability; members that differ from one that snug reads in
 * case alone.
 */
int snug_spec_read(struct snug_json *doc, struct snug_spec *ret,
		   struct snug_error *err) SNUG_CHECKED;
/* Makes text (JSON) the spec's linux.seccomp, and linux where there is none. */
int snug_spec_set_seccomp(struct snug_spec *spec, const char *text,
			  struct snug_error *err) SNUG_CHECKED;
/* Makes text annotations[key]. */
int snug_spec_set_annotation(struct snug_spec *spec, const char *key, const char *text,
			     struct snug_error *err) SNUG_CHECKED;
/* annotations[key], NULL if absent. */
const char *snug_spec_annotation(const struct snug_spec *spec, const char *key);
/* The image's name, as containerd's CRI, CRI-O or the image-spec put it into annotations; NULL:
 * none did. */
const char *snug_spec_image(const struct snug_spec *spec);
