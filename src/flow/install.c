/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/install_part.h"

#include "base/cleanup.h"
#include "model/install/containerd.h"
#include "model/install/docker.h"
#include "model/text_diff.h"
#include "store/bundle.h"
#include "store/install.h"

#include <stdio.h>
#include <string.h>

void snug_install_plan_clear(struct snug_install_plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		snug_freep(&plan->steps.at[i].path);
		snug_buf_clear(&plan->steps.at[i].now);
		snug_buf_clear(&plan->steps.at[i].wanted);
	}
	snug_vec_clear(&plan->steps);
	snug_installed_clear(&plan->installed);
	snug_freep(&plan->root);
	snug_freep(&plan->record);
}

bool snug_install_same(const struct snug_buf *a, const struct snug_buf *b)
{
	return a->len == b->len && memcmp(snug_buf_text(a), snug_buf_text(b), a->len) == 0;
}

int snug_install_read(const char *path, enum snug_installed_kind kind, bool *ret_there,
		      struct snug_buf *ret, struct snug_error *err)
{
	const struct snug_installed_at at = { .path = path,
					      .link = kind == SNUG_INSTALLED_LINK,
					      .max = SNUG_INSTALL_FILE_MAX };

	return snug_installed_read(&at, ret_there, ret, err);
}

static int fail_at(const char *path, struct snug_error *err, const char *what, const char *remedy)
{
	snug_fail(err, SNUG_INPUT, "%s", what);
	snprintf(err->file, sizeof(err->file), "%s", path);
	return snug_remedy(err, "%s", remedy);
}

/* ---- what is recorded ---- */

static int read_record(const char *path, bool *ret_there, struct snug_installed *ret,
		       struct snug_error *err)
{
	const struct snug_installed_at at = { .path = path, .max = SNUG_INSTALL_RECORD_MAX };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (snug_installed_read(&at, ret_there, &text, err) < 0)
		return -1;
	return *ret_there ? snug_installed_parse(&text, path, ret, err) : 0;
}

/* Root, the record's path, and what it says. */
static int begin_plan(const struct snug_store *store, enum snug_engine engine,
		      struct snug_install_plan *ret, bool *ret_there, struct snug_error *err)
{
	ret->engine = engine;
	if (snug_installed_root(store, &ret->root, err) < 0)
		return -1;
	ret->record = snug_installed_record(ret->root, snug_engine_name(engine));
	return ret->record ? read_record(ret->record, ret_there, &ret->installed, err)
			   : snug_fail_memory(err);
}

int snug_install_read_record(const struct snug_store *store, enum snug_engine engine,
			     bool *ret_there, struct snug_installed *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_install_plan_clear) struct snug_install_plan plan = { 0 };

	if (begin_plan(store, engine, &plan, ret_there, err) < 0)
		return -1;
	*ret = plan.installed;
	plan.installed = (struct snug_installed){ 0 };
	return 0;
}

/* ---- what a file becomes ---- */

int snug_install_take_out(const struct snug_installed_file *file, const struct snug_buf *now,
			  const char *program, struct snug_buf *ret, bool *ret_gone,
			  struct snug_error *err)
{
	const struct snug_buf *before = file->had ? &file->before : NULL;
	const struct snug_docker_entry docker = { .file = file->path,
						  .name = SNUG_INSTALL_RUNTIME,
						  .path = program };
	const struct snug_containerd_entry containerd = { .file = file->path,
							  .name = SNUG_INSTALL_RUNTIME,
							  .path = program };

	return file->kind == SNUG_INSTALLED_DOCKER
		       ? snug_docker_take_out(&docker, now, before, ret, ret_gone, err)
		       : snug_containerd_take_out(&containerd, now, before, ret, ret_gone, err);
}

/* A file that is snug's alone: in nobody's place, and over no change of somebody's. */
static int check_own(const struct snug_install_step *step, const struct snug_installed_file *record,
		     struct snug_error *err)
{
	char digest[SNUG_SHA256_SIZE];

	snug_digest(snug_buf_text(&step->now), step->now.len, digest);
	if (!step->there || snug_install_same(&step->now, &step->wanted) ||
	    (record && snug_installed_left(record, digest)))
		return 0;
	return record ? fail_at(step->path, err, "it was changed since snug wrote it",
				"move your changes elsewhere and remove it, then run this again")
		      : fail_at(step->path, err, "something is there that snug did not write",
				"move it away, or remove it if it is not wanted");
}

/* step->wanted, of what is there now. */
static int make_wanted(const struct snug_install_wish *wish,
		       const struct snug_installed_file *record, struct snug_install_step *step,
		       struct snug_error *err)
{
	const struct snug_buf *now = step->there ? &step->now : NULL;
	const struct snug_docker_entry docker = { wish->path, wish->runtime, wish->program,
						  wish->make_default, record != NULL };
	const struct snug_containerd_entry containerd = { wish->path, wish->runtime, wish->program,
							  record != NULL };

	if (wish->kind == SNUG_INSTALLED_DOCKER)
		return snug_docker_add(&docker, now, &step->wanted, err);
	if (wish->kind == SNUG_INSTALLED_CONTAINERD)
		return snug_containerd_add(&containerd, now, &step->wanted, err);
	snug_buf_add(&step->wanted, snug_buf_text(&wish->text), wish->text.len);
	return snug_buf_check(&step->wanted, err) < 0 ? -1 : check_own(step, record, err);
}

/* What uninstall is to bring back: what was there before snug, with what others changed since. */
static int make_before(const struct snug_install_step *step, const struct snug_install_wish *wish,
		       const struct snug_installed_file *record, struct snug_installed_file *ret,
		       struct snug_error *err)
{
	char digest[SNUG_SHA256_SIZE];
	const struct snug_buf *from = &step->now;
	bool gone;

	snug_digest(snug_buf_text(&step->now), step->now.len, digest);
	ret->had = step->there;
	if (record && step->there && snug_installed_left(record, digest)) {
		ret->had = record->had;
		from = &record->before;
	} else if (record && step->there && step->kind != SNUG_INSTALLED_FILE &&
		   step->kind != SNUG_INSTALLED_LINK) {
		if (snug_install_take_out(record, &step->now, wish->program, &ret->before, &gone,
					  err) < 0)
			return -1;
		ret->had = !gone;
		return 0;
	}
	if (ret->had)
		snug_buf_add(&ret->before, snug_buf_text(from), from->len);
	return snug_buf_check(&ret->before, err);
}

/* Is there something of snug's already in what the step replaces? */
static bool has_ours(const struct snug_install_step *step, const struct snug_installed_file *file)
{
	return step->there && !(file->had && snug_install_same(&step->now, &file->before));
}

/* The record's entry of a step: a new one, or the old one's place. */
static int note_step(const struct snug_install_step *step, const struct snug_install_wish *wish,
		     struct snug_installed *installed, struct snug_error *err)
{
	struct snug_installed_file *record = snug_installed_find(installed, step->path);
	struct snug_installed_file file = { .kind = step->kind, .path = strdup(step->path) };

	if (!file.path)
		return snug_fail_memory(err);
	snug_digest(snug_buf_text(&step->wanted), step->wanted.len, file.wrote);
	if (make_before(step, wish, record, &file, err) == 0) {
		if (has_ours(step, &file))
			snug_digest(snug_buf_text(&step->now), step->now.len, file.replaced);
		if (record) {
			free(record->path);
			snug_buf_clear(&record->before);
			*record = file;
			return 0;
		}
		if (snug_vec_push(&installed->files, file) == 0)
			return 0;
		snug_fail_memory(err);
	}
	free(file.path);
	snug_buf_clear(&file.before);
	return -1;
}

static int push_step(struct snug_install_plan *plan, struct snug_install_step *step,
		     struct snug_error *err)
{
	if (snug_vec_push(&plan->steps, *step) < 0)
		return snug_fail_memory(err);
	*step = (struct snug_install_step){ 0 };
	return 0;
}

static void clear_step(struct snug_install_step *step)
{
	snug_freep(&step->path);
	snug_buf_clear(&step->now);
	snug_buf_clear(&step->wanted);
}

static int plan_wish(const struct snug_install_wish *wish, struct snug_install_plan *plan,
		     struct snug_error *err)
{
	SNUG_AUTO(clear_step) struct snug_install_step step = { .kind = wish->kind, .stays = true };

	step.path = strdup(wish->path);
	if (!step.path)
		return snug_fail_memory(err);
	if (snug_install_read(step.path, step.kind, &step.there, &step.now, err) < 0 ||
	    make_wanted(wish, snug_installed_find(&plan->installed, step.path), &step, err) < 0)
		return -1;
	if (step.there && snug_install_same(&step.now, &step.wanted))
		return 0;
	return note_step(&step, wish, &plan->installed, err) < 0 ? -1 : push_step(plan, &step, err);
}

/* Installed with other options: two sets of hooks would run. */
static int check_others(const struct snug_install_plan *plan,
			const struct snug_install_wishes *wishes, struct snug_error *err)
{
	for (size_t i = 0; i < plan->installed.files.count; i++) {
		const char *path = plan->installed.files.at[i].path;
		bool wanted = false;

		for (size_t j = 0; j < wishes->count; j++)
			wanted |= strcmp(wishes->at[j].path, path) == 0;
		if (!wanted)
			return fail_at(path, err, "installed already, with other options",
				       "run snug uninstall first");
	}
	return 0;
}

/* The folders that carrying it out makes go into the record. */
static int note_folders(struct snug_install_plan *plan, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths missing = { 0 };
	struct snug_strings *folders = &plan->installed.folders;

	if (plan->steps.count && snug_installed_missing(plan->record, &missing, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->steps.count; i++)
		if (snug_installed_missing(plan->steps.at[i].path, &missing, err) < 0)
			return -1;
	for (size_t i = 0; i < missing.count; i++) {
		bool known = false;

		for (size_t j = 0; j < folders->count; j++)
			known |= strcmp(folders->at[j], missing.at[i]) == 0;
		if (known)
			continue;
		if (snug_vec_push(folders, missing.at[i]) < 0)
			return snug_fail_memory(err);
		missing.at[i] = NULL;
	}
	return 0;
}

int snug_install_plan(const struct snug_install_request *request, struct snug_install_plan *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_install_wishes_clear) struct snug_install_wishes wishes = { 0 };
	bool there;

	if (begin_plan(request->store, request->engine, ret, &there, err) < 0 ||
	    snug_install_wish(request, ret->root, &wishes, err) < 0 ||
	    check_others(ret, &wishes, err) < 0)
		return -1;
	for (size_t i = 0; i < wishes.count; i++)
		if (plan_wish(&wishes.at[i], ret, err) < 0)
			return -1;
	return note_folders(ret, err);
}

/* ---- uninstall ---- */

/* The program that the engine's configuration names: the link's path. */
static const char *program_of(const struct snug_installed *installed)
{
	for (size_t i = 0; i < installed->files.count; i++)
		if (installed->files.at[i].kind == SNUG_INSTALLED_LINK)
			return installed->files.at[i].path;
	return "";
}

/* What was there, where the file is as snug left it; else without snug's part, where that can be
 * told. */
static int make_restored(const struct snug_installed_file *file, const char *program,
			 struct snug_install_step *step, struct snug_error *err)
{
	char digest[SNUG_SHA256_SIZE];
	bool gone = false;

	snug_digest(snug_buf_text(&step->now), step->now.len, digest);
	step->stays = file->had;
	if (snug_installed_left(file, digest) ||
	    (file->had && snug_install_same(&step->now, &file->before))) {
		snug_buf_add(&step->wanted, snug_buf_text(&file->before), file->before.len);
		return snug_buf_check(&step->wanted, err);
	}
	if (file->kind == SNUG_INSTALLED_FILE || file->kind == SNUG_INSTALLED_LINK)
		return fail_at(step->path, err, "it was changed since snug wrote it",
			       "move your changes elsewhere and remove it, then run this again");
	if (snug_install_take_out(file, &step->now, program, &step->wanted, &gone, err) < 0)
		return -1;
	step->stays = !gone;
	return snug_buf_check(&step->wanted, err);
}

static int plan_restore(const struct snug_installed_file *file, struct snug_install_plan *plan,
			struct snug_error *err)
{
	SNUG_AUTO(clear_step) struct snug_install_step step = { .kind = file->kind };

	step.path = strdup(file->path);
	if (!step.path)
		return snug_fail_memory(err);
	if (snug_install_read(step.path, step.kind, &step.there, &step.now, err) < 0)
		return -1;
	if (!step.there) /* somebody took it away before */
		return 0;
	if (make_restored(file, program_of(&plan->installed), &step, err) < 0)
		return -1;
	if (step.stays && snug_install_same(&step.now, &step.wanted))
		return 0;
	return push_step(plan, &step, err);
}

int snug_uninstall_plan(const struct snug_store *store, enum snug_engine engine,
			struct snug_install_plan *ret, struct snug_error *err)
{
	bool there;

	ret->uninstall = true;
	if (begin_plan(store, engine, ret, &there, err) < 0)
		return -1;
	if (!there) {
		snug_fail(err, SNUG_NO, "%s: snug is not installed there (no %s)",
			  snug_engine_name(engine), ret->record);
		return snug_remedy(err, "nothing is to be done");
	}
	for (size_t i = ret->installed.files.count; i-- > 0;)
		if (plan_restore(&ret->installed.files.at[i], ret, err) < 0)
			return -1;
	return 0;
}

/* ---- for people ---- */

static void show_link(const struct snug_install_step *step, struct snug_buf *ret)
{
	if (step->there)
		snug_buf_addf(ret, "- %s -> %s\n", step->path, snug_buf_text(&step->now));
	if (step->stays)
		snug_buf_addf(ret, "+ %s -> %s\n", step->path, snug_buf_text(&step->wanted));
}

void snug_install_plan_diff(const struct snug_install_plan *plan, struct snug_buf *ret)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		const struct snug_install_step *step = &plan->steps.at[i];

		if (step->kind == SNUG_INSTALLED_LINK)
			show_link(step, ret);
		else
			snug_text_diff(step->path, step->there ? &step->now : NULL,
				       step->stays ? &step->wanted : NULL, ret);
	}
}
