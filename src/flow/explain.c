/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/explain.h"

#include "apply/filter.h"
#include "base/cleanup.h"
#include "model/explain.h"
#include "model/explain_recording.h"
#include "model/oci/docker.h"
#include "model/oci/spec.h"
#include "store/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Where Podman, Buildah and CRI-O look, in their order: what an administrator put, what the
 * distribution ships. Docker's own is within its binary. */
static const char *const engines_paths[] = {
	"/etc/containers/seccomp.json",
	"/usr/share/containers/seccomp.json",
};

/* A linux.seccomp section, and what it means. */
struct section {
	struct snug_json *doc; /* NULL: it is within another document */
	bool is_read, has_policy;
	struct snug_oci_seccomp seccomp;
	struct snug_seccomp policy;
};

/* All that an explanation points into. */
struct explaining {
	struct snug_explain explain;
	struct snug_docker_host host;
	struct snug_target target;
	struct snug_profile profile;
	struct snug_json *doc;
	struct section own, engines;
};

static void section_clear(struct section *section)
{
	if (section->has_policy)
		snug_seccomp_clear(&section->policy);
	if (section->is_read)
		snug_oci_seccomp_clear(&section->seccomp);
	snug_json_free(section->doc);
}

static void explaining_clear(struct explaining *all)
{
	section_clear(&all->own);
	section_clear(&all->engines);
	snug_profile_clear(&all->profile);
	snug_json_free(all->doc);
}

static int read_section(const struct explaining *all, const struct snug_json_node *node,
			struct section *ret, struct snug_error *err)
{
	if (snug_oci_seccomp_read(node, &ret->seccomp, err) < 0)
		return -1;
	ret->is_read = true;
	if (snug_oci_seccomp_mean(&ret->seccomp, &all->target, &ret->policy, err) < 0)
		return -1;
	ret->has_policy = true;
	return 0;
}

/* seccomp.json, as an engine would turn it into linux.seccomp on this host. */
static int read_docker(const struct explaining *all, const struct snug_buf *text, const char *file,
		       struct section *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf resolved = { 0 };

	if (snug_docker_resolve(snug_buf_text(text), text->len, file, &all->host, &resolved, err) <
		    0 ||
	    snug_json_parse(&ret->doc, resolved.data, resolved.len, file, err) < 0)
		return -1;
	return read_section(all, snug_json_root(ret->doc), ret, err);
}

static int use_section(struct explaining *all, const struct snug_oci_seccomp *seccomp,
		       struct snug_error *err)
{
	if (snug_oci_seccomp_mean(seccomp, &all->target, &all->own.policy, err) < 0)
		return -1;
	all->own.has_policy = true;
	all->explain.section = seccomp;
	all->explain.policy = &all->own.policy;
	return 0;
}

static int take_profile(struct explaining *all, const struct snug_buf *text, const char *file,
			struct snug_error *err)
{
	struct snug_explain *explain = &all->explain;

	if (snug_profile_parse(snug_buf_text(text), text->len, file, &all->profile, err) < 0)
		return -1;
	explain->profile = &all->profile;
	explain->title = all->profile.name;
	explain->has_caps = all->profile.has_caps;
	explain->caps = all->profile.caps;
	explain->has_no_new_privs = all->profile.has_no_new_privs;
	explain->no_new_privs = all->profile.no_new_privs;
	return all->profile.seccomp_node ? use_section(all, &all->profile.seccomp, err) : 0;
}

static int take_config(struct explaining *all, struct snug_error *err)
{
	struct snug_explain *explain = &all->explain;
	struct snug_spec spec;

	if (snug_spec_read(all->doc, &spec, err) < 0)
		return -1;
	explain->has_caps = true;
	if (spec.has_caps) {
		for (unsigned i = 0; i < SNUG_CAP_SET_MAX; i++)
			explain->caps |= spec.caps[i];
		all->host.bounding = spec.caps[SNUG_CAP_BOUNDING];
	}
	explain->has_no_new_privs = true;
	explain->no_new_privs = spec.has_no_new_privs && spec.no_new_privs;
	if (!spec.seccomp)
		return 0;
	if (snug_oci_seccomp_read(spec.seccomp, &all->own.seccomp, err) < 0)
		return -1;
	all->own.is_read = true;
	return use_section(all, &all->own.seccomp, err);
}

/* What engines alone understand: conditions on the host, and an entry's single name. */
static bool is_docker(const struct snug_json_node *root)
{
	static const char *const words[] = { "includes", "excludes", "name", "comment" };
	const struct snug_json_node *list = snug_json_member(root, "syscalls"), *entry;

	if (snug_json_member(root, "archMap"))
		return true;
	for (entry = list ? snug_json_first(list) : NULL; entry; entry = snug_json_next(entry))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (snug_json_member(entry, words[i]))
				return true;
	return false;
}

static int take_seccomp(struct explaining *all, const struct snug_buf *text, const char *file,
			struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(all->doc);

	if (is_docker(root) ? read_docker(all, text, file, &all->own, err) < 0
			    : read_section(all, root, &all->own, err) < 0)
		return -1;
	all->explain.section = &all->own.seccomp;
	all->explain.policy = &all->own.policy;
	return 0;
}

static bool is_recording(const struct explaining *all)
{
	return snug_json_member(snug_json_root(all->doc), "snugRecording") != NULL;
}

static int explain_recording(const struct explaining *all, const char *title, bool json,
			     struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording recording = { 0 };

	if (snug_recording_read(snug_json_root(all->doc), &recording, err) < 0)
		return -1;
	return json ? snug_recording_json(&recording, title, ret, err)
		    : snug_recording_text(&recording, title, ret, err);
}

static int take(struct explaining *all, const struct snug_buf *text, const char *file,
		struct snug_error *err)
{
	const struct snug_json_node *root = snug_json_root(all->doc);

	if (snug_json_member(root, "snugProfile"))
		return take_profile(all, text, file, err);
	if (snug_json_member(root, "ociVersion"))
		return take_config(all, err);
	if (snug_json_member(root, "defaultAction"))
		return take_seccomp(all, text, file, err);
	snug_json_fail(root, err,
		       "neither a profile, a recording, a config.json nor a seccomp section");
	return snug_remedy(err, "a profile has \"snugProfile\", a recording \"snugRecording\", a "
				"config.json \"ociVersion\", a seccomp section \"defaultAction\"");
}

static int read_what(const struct snug_explain_request *request, struct snug_buf *ret, char **path,
		     struct snug_error *err)
{
	struct stat st;

	if (!snug_name_is_path(request->what))
		return snug_store_read_profile(request->store, request->what, ret, path, err);
	if (stat(request->what, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (asprintf(path, "%s/config.json", request->what) < 0)
			*path = NULL;
	} else {
		*path = strdup(request->what);
	}
	if (!*path)
		return snug_fail_memory(err);
	return snug_file_read(*path, SNUG_JSON_BYTES_MAX, ret, err);
}

static int read_engines(struct explaining *all, const char *path, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	for (size_t i = 0; !path && i < sizeof(engines_paths) / sizeof(engines_paths[0]); i++)
		if (access(engines_paths[i], F_OK) == 0)
			path = engines_paths[i];
	if (!path)
		return 0;
	if (snug_file_read(path, SNUG_JSON_BYTES_MAX, &text, err) < 0 ||
	    read_docker(all, &text, path, &all->engines, err) < 0)
		return -1;
	all->explain.engines = &all->engines.policy;
	all->explain.engines_origin = path;
	return 0;
}

/* "6.1.0-18-amd64" */
static bool read_version(const char *release, unsigned *ret_major, unsigned *ret_minor)
{
	char *dot, *end;

	*ret_major = (unsigned)strtoul(release, &dot, 10);
	if (dot == release || *dot != '.')
		return false;
	*ret_minor = (unsigned)strtoul(dot + 1, &end, 10);
	return end != dot + 1;
}

static int read_host(struct explaining *all, struct snug_error *err)
{
	struct utsname host;

	if (uname(&host) < 0 ||
	    !read_version(host.release, &all->explain.major, &all->explain.minor))
		return snug_fail(err, SNUG_HOST, "the kernel's version cannot be read");
	all->host = (struct snug_docker_host){ .native = snug_arch_native(),
					       .major = all->explain.major,
					       .minor = all->explain.minor,
					       .bounding = SNUG_DOCKER_CAPS };
	snug_target_of_host(SNUG_RUNTIME_RUNC, &all->target);
	all->explain.target = &all->target;
	return 0;
}

int snug_flow_explain(const struct snug_explain_request *request, struct snug_buf *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(explaining_clear) struct explaining all = { 0 };
	SNUG_AUTO(snug_explained_clear) struct snug_explained explained = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (read_host(&all, err) < 0 || read_what(request, &text, &path, err) < 0)
		return -1;
	all.explain.title = path;
	if (snug_json_parse(&all.doc, snug_buf_text(&text), text.len, path, err) < 0)
		return -1;
	if (is_recording(&all))
		return explain_recording(&all, path, request->json, ret, err);
	if (take(&all, &text, path, err) < 0 || read_engines(&all, request->engines, err) < 0 ||
	    snug_explain_make(&all.explain, &explained, err) < 0)
		return -1;
	return request->json ? snug_explain_json(&explained, ret, err)
			     : snug_explain_text(&explained, ret, err);
}
