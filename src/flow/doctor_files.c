/* SPDX-License-Identifier: Apache-2.0 */
/* The policy, and what is written into engines' folders. */
#include "flow/doctor_part.h"

#include "base/cleanup.h"
#include "flow/install_part.h"
#include "flow/policy_check.h"
#include "model/install/hooksd.h"
#include "store/file.h"
#include "store/bundle.h"
#include "store/install.h"
#include "store/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the policy ---- */

int snug_doctor_policy(const struct snug_store *store, struct snug_checks *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_findings_clear) struct snug_findings findings = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;
	bool there = false;

	if (snug_flow_policy_check(store, NULL, &findings, &path, &there, err) < 0)
		return -1;
	for (size_t i = 0; i < findings.count; i++)
		if (snug_doctor_add_error(ret, err, SNUG_CHECK_BROKEN, "policy", &findings.at[i]) <
		    0)
			return -1;
	if (findings.count)
		return 0;
	if (there)
		return snug_doctor_add(ret, err, SNUG_CHECK_OK, "policy", "%s", path);
	if (snug_doctor_add(ret, err, SNUG_CHECK_MISSING, "policy",
			    "%s: there is none, so containers are left alone", path) < 0)
		return -1;
	snug_doctor_remedy(ret, "write one: snug-policy(1)");
	return 0;
}

/* ---- hooks ---- */

/* Podman skips a hook whose program is not there without a word, and the container runs. */
static int check_hook(const char *path, const struct snug_hooksd_file *hook,
		      struct snug_checks *ret, struct snug_error *err)
{
	if (access(hook->path, X_OK) == 0)
		return 0;
	if (snug_doctor_add(ret, err, hook->is_ours ? SNUG_CHECK_BROKEN : SNUG_CHECK_MISSING,
			    "hooks", "%s: %s: %s; Podman starts containers without it", path,
			    hook->path, strerror(errno)) < 0)
		return -1;
	snug_doctor_remedy(ret, hook->is_ours ? "install snug where it was, or snug uninstall and "
						"snug install"
					      : "install that program, or take the file away");
	return 0;
}

static int check_hook_file(const char *path, struct snug_checks *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_hooksd_file hook = { 0 };
	struct snug_error why;
	int result;

	if (snug_file_read(path, SNUG_INSTALL_FILE_MAX, &text, &why) < 0 ||
	    snug_hooksd_read(&text, path, &hook, &why) < 0) {
		if (snug_doctor_add_error(ret, err, SNUG_CHECK_MISSING, "hooks", &why) < 0)
			return -1;
		snug_doctor_remedy(ret, "engines that read it refuse every container: mend it");
		return 0;
	}
	result = check_hook(path, &hook, ret, err);
	free(hook.path);
	return result;
}

int snug_doctor_hooks(const struct snug_store *store, const char *folder, struct snug_checks *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths names = { 0 };
	SNUG_AUTO(snug_freep) char *root = NULL;
	SNUG_AUTO(snug_freep) char *place = NULL;

	if (snug_installed_root(store, &root, err) < 0)
		return -1;
	if (asprintf(&place, "%s%s", root, folder) < 0) {
		place = NULL;
		return snug_fail_memory(err);
	}
	if (snug_installed_list(place, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const char *dot = strrchr(names.at[i], '.');
		SNUG_AUTO(snug_freep) char *path = NULL;

		if (!dot || strcmp(dot, ".json") != 0)
			continue;
		if (asprintf(&path, "%s/%s", place, names.at[i]) < 0) {
			path = NULL;
			return snug_fail_memory(err);
		}
		if (check_hook_file(path, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- what snug install wrote ---- */

/* Of a file that is the engine's too: is snug's part still in it? */
static int still_has_part(const struct snug_installed_file *file, const struct snug_buf *now,
			  const struct snug_installed *installed, bool *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf without = { 0 };
	const char *program = "";
	bool gone;

	for (size_t i = 0; i < installed->files.count; i++)
		if (installed->files.at[i].kind == SNUG_INSTALLED_LINK)
			program = installed->files.at[i].path;
	if (snug_install_take_out(file, now, program, &without, &gone, err) < 0)
		return -1;
	*ret = !snug_install_same(now, &without);
	return 0;
}

/* 1: it is as it was written, or has what was; 0: it is not. */
static int still_stands(const struct snug_installed_file *file,
			const struct snug_installed *installed, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 };
	char digest[SNUG_SHA256_SIZE];
	bool there, has = false;

	if (snug_install_read(file->path, file->kind, &there, &now, err) < 0)
		return -1;
	if (!there)
		return 0;
	snug_digest(snug_buf_text(&now), now.len, digest);
	if (strcmp(digest, file->wrote) == 0)
		return 1;
	if (file->kind == SNUG_INSTALLED_FILE || file->kind == SNUG_INSTALLED_LINK)
		return 0;
	return still_has_part(file, &now, installed, &has, err) < 0 ? -1 : has;
}

static int check_installed(enum snug_engine engine, const struct snug_installed_file *file,
			   const struct snug_installed *installed, struct snug_checks *ret,
			   struct snug_error *err)
{
	const char *name = snug_engine_name(engine);
	struct snug_error why;
	int stands = still_stands(file, installed, &why);

	if (stands < 0)
		return snug_doctor_add_error(ret, err, SNUG_CHECK_BROKEN, name, &why);
	if (!stands) {
		if (snug_doctor_add(ret, err, SNUG_CHECK_BROKEN, name,
				    "%s: not any more what snug install wrote", file->path) < 0)
			return -1;
		snug_doctor_remedy(ret, "snug uninstall %s, and snug install %s", name, name);
		return 0;
	}
	if (file->kind == SNUG_INSTALLED_LINK && snug_store_check_program(file->path, &why) < 0)
		return snug_doctor_add_error(ret, err, SNUG_CHECK_BROKEN, name, &why);
	return snug_doctor_add(ret, err, SNUG_CHECK_OK, name, "%s", file->path);
}

int snug_doctor_installed(enum snug_engine engine, const struct snug_installed *installed,
			  struct snug_checks *ret, struct snug_error *err)
{
	for (size_t i = 0; i < installed->files.count; i++)
		if (check_installed(engine, &installed->files.at[i], installed, ret, err) < 0)
			return -1;
	return 0;
}
