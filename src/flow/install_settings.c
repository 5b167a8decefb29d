/* SPDX-License-Identifier: Apache-2.0 */
/* What Podman's and CRI-O's own settings say, but for snug's own file. */
#include "flow/install_part.h"

#include "base/cleanup.h"
#include "model/install/runtimes.h"
#include "store/install.h"

#include <stdio.h>
#include <string.h>

#define DROPIN "99-snug.conf"

/* Where an engine reads them from, in this order: then what is in the last folder, by name. */
static const struct {
	const char *files[2];
	const char *dropins;
} settings[] = {
	[SNUG_HOOKS_PODMAN] = { { "/usr/share/containers/containers.conf",
				  "/etc/containers/containers.conf" },
				"/etc/containers/containers.conf.d" },
	[SNUG_HOOKS_CRIO] = { { "/etc/crio/crio.conf", NULL }, "/etc/crio/crio.conf.d" },
};

static char *join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

char *snug_install_dropin(enum snug_hooks_reader reader, const char *root)
{
	char *path;

	return asprintf(&path, "%s%s/" DROPIN, root, settings[reader].dropins) < 0 ? NULL : path;
}

/* ---- one file after the other ---- */

/* What to do with a file's text. later: it is read after snug's own. */
struct visit {
	enum snug_hooks_reader reader;
	int (*see)(struct visit *visit, const struct snug_buf *text, const char *path, bool later,
		   struct snug_error *err);
	struct snug_hook_folders *folders; /* see_folders() */
	const char *runtime;		   /* see_runtime() */
};

/* A file that is not there says nothing. */
static int see_file(struct visit *visit, const char *path, bool later, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	bool there;

	if (snug_install_read(path, SNUG_INSTALLED_FILE, &there, &text, err) < 0)
		return -1;
	return there ? visit->see(visit, &text, path, later, err) : 0;
}

/* Podman reads *.conf alone, with a dot in front too. CRI-O reads whatever lies there: of that, a
 * hidden file is some editor's. */
static bool is_dropin(enum snug_hooks_reader reader, const char *name)
{
	size_t len = strlen(name), tail = strlen(".conf");

	return reader == SNUG_HOOKS_PODMAN ? len >= tail && strcmp(name + len - tail, ".conf") == 0
					   : name[0] != '.';
}

static int see_dropins(struct visit *visit, const char *folder, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths names = { 0 };

	if (snug_installed_list(folder, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		SNUG_AUTO(snug_freep) char *path = join(folder, names.at[i]);
		int order = strcmp(names.at[i], DROPIN);

		if (!path)
			return snug_fail_memory(err);
		if (order != 0 && is_dropin(visit->reader, names.at[i]) &&
		    see_file(visit, path, order > 0, err) < 0)
			return -1;
	}
	return 0;
}

static int see_all(struct visit *visit, const char *root, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *dropins = join(root, settings[visit->reader].dropins + 1);

	for (size_t i = 0; i < 2 && settings[visit->reader].files[i]; i++) {
		SNUG_AUTO(snug_freep) char *path = join(root, settings[visit->reader].files[i] + 1);

		if (!path)
			return snug_fail_memory(err);
		if (see_file(visit, path, false, err) < 0)
			return -1;
	}
	return dropins ? see_dropins(visit, dropins, err) : snug_fail_memory(err);
}

/* ---- hooks_dir ---- */

static int refuse_later(const char *path, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "it sets hooks_dir after " DROPIN " would");
	snprintf(err->file, sizeof(err->file), "%s", path);
	return snug_remedy(err, "give it a name that sorts before that one");
}

static int see_folders(struct visit *visit, const struct snug_buf *text, const char *path,
		       bool later, struct snug_error *err)
{
	bool set = false;

	if (snug_hook_folders_read(visit->reader, text, path, visit->folders, &set, err) < 0)
		return -1;
	return later && set ? refuse_later(path, err) : 0;
}

int snug_install_hook_folders(enum snug_hooks_reader reader, const char *root,
			      struct snug_hook_folders *ret, struct snug_error *err)
{
	struct visit visit = { .reader = reader, .see = see_folders, .folders = ret };

	return snug_hook_folders_default(ret, err) < 0 ? -1 : see_all(&visit, root, err);
}

/* ---- engine.runtimes ---- */

/* snug-runtime would stand in for another program than the one that is meant there. */
static int see_runtime(struct visit *visit, const struct snug_buf *text, const char *path,
		       bool later, struct snug_error *err)
{
	bool set = false;

	(void)later;
	if (snug_runtimes_read(text, path, visit->runtime, &set, err) < 0)
		return -1;
	if (!set)
		return 0;
	snug_fail(err, SNUG_INPUT, "it says where the runtime %s is, as snug would",
		  visit->runtime);
	snprintf(err->file, sizeof(err->file), "%s", path);
	return snug_remedy(err, "leave Podman's runtimes alone, with --hooks-only, or take that "
				"out: the policy's \"runtimes\" can name it");
}

int snug_install_refuse_runtime(const char *root, const char *runtime, struct snug_error *err)
{
	struct visit visit = { .reader = SNUG_HOOKS_PODMAN,
			       .see = see_runtime,
			       .runtime = runtime };

	return see_all(&visit, root, err);
}
