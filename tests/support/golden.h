/* SPDX-License-Identifier: Apache-2.0 */
/* What the allocation walks read: the golden files, and of them the engines' section. */
#pragma once

#include "model/oci/docker.h"
#include "model/oci/seccomp.h"
#include "model/profile.h"
#include "model/target.h"
#include "support/golden_file.h"

static struct snug_buf web, files, engines, web_profile, files_profile;
static struct snug_target targets[2];

static inline int parse_profile(const struct snug_buf *text, struct snug_profile *ret,
				struct snug_error *err)
{
	return snug_profile_parse(text->data, text->len, "p.json", ret, err);
}

/* Owned whole. */
struct section {
	struct snug_buf text;
	struct snug_json *doc;
	struct snug_oci_seccomp seccomp;
	struct snug_seccomp policy;
};

static inline void section_clear(struct section *section)
{
	snug_seccomp_clear(&section->policy);
	snug_oci_seccomp_clear(&section->seccomp);
	snug_json_free(section->doc);
	snug_buf_clear(&section->text);
}

static inline int read_engines(struct section *ret, struct snug_error *err)
{
	static const struct snug_docker_host host = {
		.native = SNUG_ARCH_X86_64, .major = 6, .minor = 1, .bounding = SNUG_DOCKER_CAPS
	};

	if (snug_docker_resolve(engines.data, engines.len, "e.json", &host, &ret->text, err) < 0 ||
	    snug_json_parse(&ret->doc, snug_buf_text(&ret->text), ret->text.len, "e.json", err) < 0)
		return -1;
	return snug_oci_seccomp_read(snug_json_root(ret->doc), &ret->seccomp, err) < 0
		       ? -1
		       : snug_oci_seccomp_mean(&ret->seccomp, &targets[0], &ret->policy, err);
}

static inline int read_texts(void **state)
{
	(void)state;
	read_file("web.recording.json", &web);
	read_file("files.recording.json", &files);
	read_file("engines.seccomp.json", &engines);
	read_file("web.profile.json", &web_profile);
	read_file("files.profile.json", &files_profile);
	snug_target_init(&targets[0], SNUG_RUNTIME_RUNC, 5, 15);
	snug_target_init(&targets[1], SNUG_RUNTIME_CRUN, 5, 15);
	return 0;
}

static inline int drop_texts(void **state)
{
	(void)state;
	snug_buf_clear(&web);
	snug_buf_clear(&files);
	snug_buf_clear(&engines);
	snug_buf_clear(&web_profile);
	snug_buf_clear(&files_profile);
	return 0;
}
