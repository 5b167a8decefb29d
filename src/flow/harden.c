/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden.h"

#include "apply/filter.h"
#include "base/cleanup.h"
#include "flow/harden_part.h"
#include "store/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TARGETS_MAX 2 /* runc and crun */

void snug_harden_result_clear(struct snug_harden_result *result)
{
	free(result->config);
	free(result->profile);
	free(result->name);
	free(result->written);
	free(result->apparmor);
	snug_buf_clear(&result->text);
	snug_hardened_clear(&result->hardened);
	*result = (struct snug_harden_result){ 0 };
}

static int copy(const char *text, char **ret, struct snug_error *err)
{
	*ret = strdup(text);
	return *ret ? 0 : snug_fail_memory(err);
}

/* ---- what goes in ---- */

static int find_config(const char *bundle, char **ret, mode_t *ret_mode, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
	struct stat st;
	int result = stat(bundle, &st);

	snug_buf_adds(&path, bundle);
	if (result == 0 && S_ISDIR(st.st_mode)) {
		snug_buf_adds(&path, bundle[strlen(bundle) - 1] == '/' ? "" : "/");
		snug_buf_adds(&path, "config.json");
		result = stat(snug_buf_text(&path), &st);
	}
	if (result < 0) {
		snug_fail(err, SNUG_INPUT, "%s: %s", snug_buf_text(&path), strerror(errno));
		return snug_remedy(err, "name a bundle's folder or its config.json");
	}
	*ret_mode = st.st_mode & 07777;
	*ret = snug_buf_take(&path);
	return *ret ? 0 : snug_fail_memory(err);
}

int snug_flow_profile(const struct snug_store *store, const char *name, struct snug_profile *ret,
		      char **ret_path, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (snug_name_is_path(name)) {
		if (copy(name, &path, err) < 0 ||
		    snug_file_read(name, SNUG_JSON_BYTES_MAX, &text, err) < 0)
			return -1;
	} else if (snug_store_read_profile(store, name, &text, &path, err) < 0) {
		return -1;
	}
	if (snug_profile_parse(snug_buf_text(&text), text.len, path, ret, err) < 0)
		return -1;
	*ret_path = SNUG_TAKE(path);
	return 0;
}

static int open_config(const char *path, const struct snug_buf *text, struct snug_json **ret,
		       struct snug_spec *ret_spec, struct snug_error *err)
{
	if (snug_json_parse(ret, snug_buf_text(text), text->len, path, err) < 0)
		return -1;
	return snug_spec_read(*ret, ret_spec, err);
}

/* The profile that the config itself asks for: a name only, since whoever starts a container
 * chooses it. Hardening only removes, so the choice cannot loosen anything. */
static const char *annotated(const struct snug_spec *spec, struct snug_error *err)
{
	const char *name = snug_spec_annotation(spec, SNUG_ANNOTATION_PROFILE);

	if (!name) {
		snug_fail(err, SNUG_USAGE, "no profile is named");
		snug_remedy(err, "add --profile NAME, or the annotation %s",
			    SNUG_ANNOTATION_PROFILE);
		return NULL;
	}
	if (!snug_name_is_valid(name)) {
		snug_json_fail(snug_json_member(spec->annotations, SNUG_ANNOTATION_PROFILE), err,
			       "not the name of a profile");
		snug_remedy(err, "name it, or give --profile");
		return NULL;
	}
	return name;
}

static int refuse_incomplete(const struct snug_profile *profile, const char *path,
			     struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "%s: profile %s is incomplete: %s", path, profile->name,
		  profile->incomplete.at[0]);
	return snug_remedy(err, "record it again, or add --accept-incomplete");
}

/* ---- the proof ---- */

static int prove_section(const struct snug_oci_seccomp *section,
			 const struct snug_harden_options *options, struct snug_error *err)
{
	struct snug_seccomp policies[TARGETS_MAX] = { 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < options->target_count; i++)
		result = snug_oci_seccomp_mean(section, &options->targets[i], &policies[i], err);
	if (result == 0)
		result = snug_filter_check_all(section, options->targets, policies,
					       options->target_count, err);
	for (size_t i = 0; i < options->target_count; i++)
		snug_seccomp_clear(&policies[i]);
	return result;
}

/* The section that now stands in the text, read anew, makes the filter that it should. */
static int prove(const struct snug_buf *text, const char *path,
		 const struct snug_harden_options *options, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_oci_seccomp_clear) struct snug_oci_seccomp section = { 0 };
	struct snug_spec spec;

	if (open_config(path, text, &doc, &spec, err) < 0 ||
	    (spec.seccomp && snug_oci_seccomp_read(spec.seccomp, &section, err) < 0))
		return -1;
	return spec.seccomp ? prove_section(&section, options, err) : 0;
}

/* For errors that no place in a document is behind. */
static int name_file(const char *path, struct snug_error *err)
{
	if (!err->file[0] && err->code != SNUG_SYSTEM)
		snprintf(err->file, sizeof(err->file), "%s", path);
	return -1;
}

static int attempt(const struct snug_buf *from, const char *path,
		   const struct snug_profile *profile, const struct snug_harden_options *options,
		   struct snug_harden_result *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	struct snug_spec spec;

	snug_hardened_clear(&ret->hardened);
	snug_buf_clear(&ret->text);
	if (open_config(path, from, &doc, &spec, err) < 0 ||
	    snug_harden(&spec, profile, options, &ret->hardened, err) < 0)
		return name_file(path, err);
	return snug_json_render(doc, &ret->text, err);
}

/*
 * As little as possible is written: a section that is within the profile stays, and a profile's
 * own text goes in as it is. Where libseccomp makes something else of that text (it does, of
 * operators other than EQ and MASKED_EQ), the section is written anew.
 */
static int harden(const struct snug_buf *from, const char *path, const struct snug_profile *profile,
		  struct snug_harden_options *options, struct snug_harden_result *ret,
		  struct snug_error *err)
{
	for (;;) {
		if (attempt(from, path, profile, options, ret, err) < 0)
			return -1;
		if (!profile->seccomp_node || prove(&ret->text, path, options, err) == 0)
			return 0;
		if (options->rewrite_seccomp)
			return name_file(path, err);
		options->rewrite_seccomp = true;
	}
}

/* ---- all of it ---- */

static int write_out(const struct snug_harden_request *request, mode_t mode,
		     struct snug_harden_result *result, struct snug_error *err)
{
	const char *path = request->output ? request->output : result->config;

	if (request->dry_run || (request->output && strcmp(request->output, "-") == 0) ||
	    (!request->output && !result->changed))
		return 0;
	if (snug_file_write(path, mode, snug_buf_text(&result->text), result->text.len, err) < 0)
		return -1;
	return copy(path, &result->written, err);
}

static size_t choose_targets(const struct snug_harden_request *request,
			     struct snug_target targets[TARGETS_MAX])
{
	snug_target_of_host(request->has_runtime ? request->runtime : SNUG_RUNTIME_RUNC,
			    &targets[0]);
	if (request->has_runtime)
		return 1;
	targets[1] = targets[0];
	targets[1].runtime = SNUG_RUNTIME_CRUN;
	return 2;
}

static int choose_profile(const struct snug_harden_request *request, const struct snug_buf *config,
			  struct snug_profile *ret, struct snug_harden_result *result,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	const char *name = request->profile;
	struct snug_spec spec;

	if (open_config(result->config, config, &doc, &spec, err) < 0)
		return -1;
	if (!name)
		name = annotated(&spec, err);
	if (!name || snug_flow_profile(request->store, name, ret, &result->profile, err) < 0)
		return -1;
	if (ret->incomplete.count && !request->accept_incomplete)
		return refuse_incomplete(ret, result->profile, err);
	return copy(ret->name, &result->name, err);
}

int snug_flow_harden(const struct snug_harden_request *request, struct snug_harden_result *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_harden_apparmor_clear) struct snug_harden_apparmor apparmor = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };
	struct snug_target targets[TARGETS_MAX];
	struct snug_harden_options options = {
		.targets = targets,
		.target_count = choose_targets(request, targets),
		.accept_incomplete = request->accept_incomplete,
	};
	mode_t mode = 0644;

	if (find_config(request->bundle, &result.config, &mode, err) < 0 ||
	    snug_file_read(result.config, SNUG_JSON_BYTES_MAX, &config, err) < 0 ||
	    choose_profile(request, &config, &profile, &result, err) < 0 ||
	    snug_harden_apparmor_prepare(request, &profile, &apparmor, &options, err) < 0 ||
	    harden(&config, result.config, &profile, &options, &result, err) < 0)
		return -1;
	result.changed =
		config.len != result.text.len ||
		memcmp(snug_buf_text(&config), snug_buf_text(&result.text), config.len) != 0;
	if (snug_harden_apparmor_apply(request, &apparmor, &result, err) < 0 ||
	    write_out(request, mode, &result, err) < 0)
		return -1;
	*ret = result;
	result = (struct snug_harden_result){ 0 };
	return 0;
}
