/* SPDX-License-Identifier: Apache-2.0 */
/* A plan, carried out. */
#include "flow/install_part.h"

#include "base/cleanup.h"
#include "store/install.h"

#include <stdlib.h>
#include <string.h>

static int fail_moved(const char *path, struct snug_error *err)
{
	snug_fail(err, SNUG_SYSTEM, "%s: somebody changed it meanwhile", path);
	return snug_remedy(err, "run it again");
}

/* Is a file still what it was when it was planned? */
static int check_step(const struct snug_install_step *step, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf now = { 0 };
	bool there;

	if (snug_install_read(step->path, step->kind, &there, &now, err) < 0)
		return -1;
	return there == step->there && snug_install_same(&now, &step->now)
		       ? 0
		       : fail_moved(step->path, err);
}

static int take_step(const struct snug_install_step *step, struct snug_error *err)
{
	const struct snug_installed_at at = { .path = step->path,
					      .link = step->kind == SNUG_INSTALLED_LINK };

	return step->stays ? snug_installed_write(&at, &step->wanted, err)
			   : snug_installed_remove(step->path, err);
}

static int write_record(const char *path, const struct snug_installed *installed,
			enum snug_engine engine, struct snug_error *err)
{
	const struct snug_installed_at at = { .path = path };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if (snug_installed_render(installed, snug_engine_name(engine), &text, err) < 0)
		return -1;
	return snug_installed_write(&at, &text, err);
}

static bool is_within(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* Does what is recorded there need the folder? */
static bool uses(const struct snug_installed *installed, const char *record, const char *folder)
{
	for (size_t i = 0; i < installed->files.count; i++)
		if (is_within(installed->files.at[i].path, folder))
			return true;
	return is_within(record, folder);
}

/* Adds to another engine's record the folders that we made and that it needs. */
static int hand_to(const struct snug_install_plan *plan, struct snug_installed *other,
		   const char *record, bool *ret_changed, struct snug_error *err)
{
	for (size_t i = 0; i < plan->installed.folders.count; i++) {
		const char *folder = plan->installed.folders.at[i];
		char *copy;

		if (!uses(other, record, folder))
			continue;
		copy = strdup(folder);
		if (!copy || snug_vec_push(&other->folders, copy) < 0) {
			free(copy);
			return snug_fail_memory(err);
		}
		*ret_changed = true;
	}
	return 0;
}

/* Whoever is uninstalled last removes the folders that the first one made. */
static int hand_over(const struct snug_install_plan *plan, struct snug_error *err)
{
	for (unsigned i = 0; i < SNUG_ENGINE_MAX; i++) {
		SNUG_AUTO(snug_installed_clear) struct snug_installed other = { 0 };
		SNUG_AUTO(snug_freep) char *record = NULL;
		const struct snug_store store = { .root = plan->root };
		enum snug_engine engine = (enum snug_engine)i;
		bool there, changed = false;

		record = snug_installed_record(plan->root, snug_engine_name(engine));
		if (!record)
			return snug_fail_memory(err);
		if (engine == plan->engine)
			continue;
		if (snug_install_read_record(&store, engine, &there, &other, err) < 0)
			return -1;
		if (there && hand_to(plan, &other, record, &changed, err) < 0)
			return -1;
		if (changed && write_record(record, &other, engine, err) < 0)
			return -1;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folders that snug made, the inner ones first; one that is used stays. */
static void remove_folders(struct snug_install_plan *plan)
{
	if (plan->installed.folders.count)
		qsort(plan->installed.folders.at, plan->installed.folders.count,
		      sizeof(plan->installed.folders.at[0]), compare);
	for (size_t i = plan->installed.folders.count; i-- > 0;)
		snug_installed_remove_folder(plan->installed.folders.at[i]);
}

int snug_install_carry_out(struct snug_install_plan *plan, struct snug_error *err)
{
	SNUG_AUTO_FD int lock = -1;

	if (snug_installed_lock(plan->root, &lock, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->installed.files.count; i++)
		snug_installed_tidy(plan->installed.files.at[i].path);
	for (size_t i = 0; i < plan->steps.count; i++)
		if (check_step(&plan->steps.at[i], err) < 0)
			return -1;
	if (!plan->uninstall && write_record(plan->record, &plan->installed, plan->engine, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->steps.count; i++)
		if (take_step(&plan->steps.at[i], err) < 0)
			return -1;
	if (!plan->uninstall)
		return 0;
	if (hand_over(plan, err) < 0)
		return -1;
	/* The record goes after what it tells of, but for the folders that it lies in itself. */
	remove_folders(plan);
	if (snug_installed_remove(plan->record, err) < 0)
		return -1;
	remove_folders(plan);
	return 0;
}
