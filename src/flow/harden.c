/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/harden.h"

#include "base/cleanup.h"
#include "flow/proofs.h"
#include "store/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int copy(const char *text, char **ret, struct snug_error *err)
{
	*ret = strdup(text);
	return *ret ? 0 : snug_fail_memory(err);
}

/* ---- what goes in ---- */

int snug_flow_find_config(const char *bundle, char **ret, mode_t *ret_mode, struct snug_error *err)
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

int snug_flow_check_complete(const struct snug_profile *profile, const char *path, bool accept,
			     struct snug_error *err)
{
	if (!profile->incomplete.count || accept)
		return 0;
	snug_fail(err, SNUG_INPUT, "%s: profile %s is incomplete: %s", path, profile->name,
		  profile->incomplete.at[0]);
	return snug_remedy(err, "record it again, or add --accept-incomplete");
}

/* ---- all of it ---- */

static int write_out(const struct snug_harden_request *request, mode_t mode,
		     struct snug_harden_result *result, struct snug_error *err)
{
	const char *path = request->output ? request->output : result->config;

	if (request->how.dry_run || (request->output && strcmp(request->output, "-") == 0) ||
	    (!request->output && !result->changed))
		return 0;
	if (snug_file_write(path, mode, snug_buf_text(&result->text), result->text.len, err) < 0)
		return -1;
	return copy(path, &result->written, err);
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
	if (!name || snug_flow_profile(request->how.store, name, ret, &result->profile, err) < 0)
		return -1;
	return snug_flow_check_complete(ret, result->profile, request->how.accept_incomplete, err);
}

int snug_flow_harden(const struct snug_harden_request *request, struct snug_harden_result *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_harden_result_clear) struct snug_harden_result result = { 0 };
	SNUG_AUTO(snug_profile_clear) struct snug_profile profile = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf config = { 0 };
	mode_t mode = 0644;

	if (snug_flow_find_config(request->bundle, &result.config, &mode, err) < 0 ||
	    snug_file_read(result.config, SNUG_JSON_BYTES_MAX, &config, err) < 0 ||
	    choose_profile(request, &config, &profile, &result, err) < 0 ||
	    snug_flow_harden_text(&request->how, &profile, &config, result.config, &result, err) <
		    0 ||
	    write_out(request, mode, &result, err) < 0)
		return -1;
	snug_proof_keep(&request->how, &result.proof);
	*ret = result;
	result = (struct snug_harden_result){ 0 };
	return 0;
}
