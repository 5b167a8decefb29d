/* SPDX-License-Identifier: Apache-2.0 */
/* A profile in the words of other tools. */
#include "base/cleanup.h"
#include "model/apparmor/render.h"
#include "model/generate.h"
#include "model/oci/docker.h"
#include "model/profile.h"

#include <string.h>

const char snug_profile_formats[] = "native, oci, docker, capabilities, apparmor";

bool snug_profile_format_parse(const char *word, enum snug_profile_format *ret)
{
	static const char *const names[SNUG_PROFILE_FORMAT_MAX] = {
		[SNUG_PROFILE_NATIVE] = "native",     [SNUG_PROFILE_OCI] = "oci",
		[SNUG_PROFILE_DOCKER] = "docker",     [SNUG_PROFILE_CAPABILITIES] = "capabilities",
		[SNUG_PROFILE_APPARMOR] = "apparmor",
	};

	for (unsigned i = 0; i < SNUG_PROFILE_FORMAT_MAX; i++) {
		if (strcmp(names[i], word) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static int put_source(const struct snug_json_node *node, struct snug_buf *ret,
		      struct snug_error *err)
{
	size_t len;
	const char *text = snug_json_source(node, &len);

	return snug_json_pretty(text, len, ret, err);
}

static unsigned observed_of(const struct snug_profile *profile)
{
	const struct snug_json_node *list = snug_json_member(profile->provenance, "observed");
	unsigned observed = 0;

	for (const struct snug_json_node *n = list ? snug_json_first(list) : NULL; n;
	     n = snug_json_next(n)) {
		struct snug_error ignored;
		const char *word;

		if (snug_json_string(n, &word, &ignored) == 0)
			observed |= snug_observed_parse(word);
	}
	return observed;
}

/* Never a policy that is empty or open in silence: what was not observed is named. */
static int refuse_apparmor(const struct snug_profile *profile, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf missing = { 0 };

	snug_apparmor_unobserved(observed_of(profile), &missing);
	if (snug_buf_check(&missing, err) < 0)
		return -1;
	if (missing.len)
		snug_fail(err, SNUG_INPUT,
			  "the profile has no opinion of AppArmor: its recordings did not all "
			  "observe %s",
			  snug_buf_text(&missing));
	else
		snug_fail(err, SNUG_INPUT,
			  "the profile has no opinion of AppArmor: no file was "
			  "seen");
	return snug_remedy(err, "learn it on a kernel that lets snug see all of them");
}

static int put_apparmor(const struct snug_profile *profile, struct snug_buf *ret,
			struct snug_error *err)
{
	if (!profile->has_apparmor)
		return refuse_apparmor(profile, err);
	return snug_apparmor_render(profile, profile->name, profile->apparmor.complain_only, ret,
				    err);
}

int snug_profile_convert(const struct snug_buf *profile, enum snug_profile_format format,
			 struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile read = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf docker = { 0 };
	bool wants_caps = format == SNUG_PROFILE_CAPABILITIES;

	if (format == SNUG_PROFILE_NATIVE) {
		snug_buf_add(ret, profile->data, profile->len);
		return snug_buf_check(ret, err);
	}
	if (snug_profile_parse(profile->data, profile->len, NULL, &read, err) < 0)
		return -1;
	if (format == SNUG_PROFILE_APPARMOR)
		return put_apparmor(&read, ret, err);
	if (wants_caps ? !read.has_caps : !read.seccomp_node)
		return snug_fail(err, SNUG_INPUT, "the profile has no opinion of %s",
				 wants_caps ? "capabilities" : "syscalls");
	if (wants_caps)
		return put_source(snug_json_member(snug_json_root(read.doc), "capabilities"), ret,
				  err);
	if (format == SNUG_PROFILE_OCI)
		return put_source(read.seccomp_node, ret, err);
	if (snug_docker_render(read.seccomp_node, &docker, err) < 0)
		return -1;
	return snug_json_pretty(docker.data, docker.len, ret, err);
}
