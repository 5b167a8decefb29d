/* SPDX-License-Identifier: Apache-2.0 */
/* From the recording to the file that the annotation names. */
#include "flow/trace.h"

#include "base/cleanup.h"
#include "base/version.h"
#include "flow/generate.h"
#include "model/oci/docker.h"
#include "model/profile_merge.h"
#include "model/trace.h"
#include "store/named.h"

#include <stdio.h>
#include <sys/utsname.h>

#define GENERATOR "snug " SNUG_VERSION

/* The recordings of a name, as a profile. */
static int generate(const struct snug_store *store, const char *name, struct snug_buf *ret,
		    struct snug_error *err)
{
	const struct snug_generate_request request = {
		.store = store,
		.name = name,
		.options = { .generator = GENERATOR, .filter_alone = true },
	};

	return snug_generate_from(&request, ret, err);
}

/* A seccomp.json as a profile that says nothing else. */
static int read_base(const char *path, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 }, section = { 0 };
	struct snug_docker_host host = { .native = snug_arch_native(),
					 .bounding = SNUG_DOCKER_CAPS };
	struct utsname name;
	bool there;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &host.major, &host.minor) != 2)
		return snug_fail(err, SNUG_HOST, "cannot tell the kernel's version");
	if (snug_named_read(path, SNUG_JSON_BYTES_MAX, &there, &text, err) < 0)
		return -1;
	if (!there)
		return snug_fail(err, SNUG_INPUT, "%.200s is gone", path);
	if (snug_docker_resolve(snug_buf_text(&text), text.len, path, &host, &section, err) < 0)
		return -1;
	snug_buf_addf(ret, "{\"snugProfile\":1,\"name\":\"base\",\"seccomp\":%s}",
		      snug_buf_text(&section));
	return snug_buf_check(ret, err);
}

static int add(const struct snug_buf *text, const char *path, struct snug_profile_union *to,
	       struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };

	if (snug_profile_parse(snug_buf_text(text), text->len, path, &profile, err) < 0)
		return -1;
	return snug_profile_union_add(to, &profile, err);
}

static int unite(const char *path, struct snug_buf *profile, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_union_clear) struct snug_profile_union all = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf base = { 0 };

	if (read_base(path, &base, err) < 0 || add(profile, NULL, &all, err) < 0 ||
	    add(&base, path, &all, err) < 0)
		return -1;
	snug_buf_clear(profile);
	return snug_profile_union_render(&all, GENERATOR, profile, err);
}

/* As a seccomp.json; it has no place but the comment to say that it is not whole. */
static int convert(const struct snug_buf *text, struct snug_buf *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf docker = { 0 };

	if (snug_profile_parse(snug_buf_text(text), text->len, NULL, &profile, err) < 0 ||
	    snug_profile_convert(text, SNUG_PROFILE_DOCKER, &docker, err) < 0)
		return -1;
	return snug_trace_mark(&docker, GENERATOR,
			       profile.incomplete.count ? profile.incomplete.at[0] : NULL, ret,
			       err);
}

int snug_trace_write(const struct snug_hooked *context, const struct snug_traced *traced,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths old = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf profile = { 0 }, text = { 0 };
	char name[SNUG_TRACED_NAME_SIZE];
	struct snug_trace trace;

	if (snug_trace_parse(traced->annotation, traced->folder, &trace, err) < 0)
		return -1;
	snug_trace_name(traced->id, trace.output, name);
	if (snug_store_old_recordings(context->store, name, &old, err) < 0)
		return -1;
	if (!old.count)
		return 0;
	if (snug_trace_check(trace.output, err) < 0 ||
	    generate(context->store, name, &profile, err) < 0 ||
	    (trace.base[0] && unite(trace.base, &profile, err) < 0) ||
	    convert(&profile, &text, err) < 0 || snug_named_write(trace.output, &text, err) < 0)
		return -1;
	return snug_store_drop_recordings(context->store, name, &old, err);
}
