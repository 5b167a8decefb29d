/* SPDX-License-Identifier: Apache-2.0 */
/* All about one engine: what was written into its configuration, and a container. */
#include "flow/doctor_part.h"

#include "base/cleanup.h"
#include "flow/command.h"
#include "flow/hook_place.h"
#include "flow/install_part.h"
#include "model/install/containerd.h"
#include "store/file.h"
#include "store/install.h"

#include <elf.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM_MAX ((size_t)64 << 20)

/* ---- the container's folder ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	(void)remove(path);
	return 0;
}

/* A trial, and the folders that were made for it. */
struct trial {
	struct snug_trial it;
	struct snug_paths made;
};

static void trial_clear(struct trial *trial)
{
	if (trial->it.folder[0])
		(void)nftw(trial->it.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	for (size_t i = trial->made.count; i-- > 0;)
		snug_installed_remove_folder(trial->made.at[i]);
	snug_paths_clear(&trial->made);
	snug_buf_clear(&trial->it.said);
	snug_buf_clear(&trial->it.config);
}

/* Does the program do without a library of the host's? */
static bool is_static(const struct snug_buf *program)
{
	const Elf64_Ehdr *head = (const void *)program->data;

	if (program->len < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0)
		return false;
	for (unsigned i = 0; i < head->e_phnum; i++) {
		Elf64_Phdr part;
		size_t at = head->e_phoff + (size_t)i * sizeof(part);

		if (at > program->len - sizeof(part))
			return false;
		memcpy(&part, program->data + at, sizeof(part));
		if (part.p_type == PT_INTERP)
			return false;
	}
	return true;
}

static int copy_program(const struct snug_store *store, const char *to, struct snug_error *err)
{
	const struct snug_installed_at at = { .path = to };
	SNUG_AUTO(snug_hook_place_clear) struct snug_hook_place place = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf program = { 0 };

	if (snug_hook_place_find(store, &place, err) < 0 ||
	    snug_file_read(place.hook, PROGRAM_MAX, &program, err) < 0)
		return -1;
	if (!is_static(&program))
		return snug_fail(err, SNUG_HOST, "%s is not static, so it runs in no container",
				 place.hook);
	if (snug_installed_write(&at, &program, err) < 0)
		return -1;
	return chmod(to, 0755) < 0 ? snug_fail_errno(err, errno, "%s", to) : 0;
}

/* crun makes none of these. */
static int make_places(const struct trial *trial, struct snug_error *err)
{
	static const char *const names[] = { "dev", "proc", "sys" };
	char path[sizeof(trial->it.folder) + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/rootfs/%s", trial->it.folder, names[i]);
		if (mkdir(path, 0755) < 0)
			return snug_fail_errno(err, errno, "%s", path);
	}
	return 0;
}

/* In /var/lib: /run and /tmp may be mounted noexec. */
static int make_folder(const struct snug_store *store, struct trial *trial, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *root = NULL;
	char to[sizeof(trial->it.folder) + 32];
	uint32_t number;

	if (snug_installed_root(store, &root, err) < 0)
		return -1;
	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return snug_fail_errno(err, errno, "no random numbers");
	snprintf(trial->it.id, sizeof(trial->it.id), "snug-doctor-%08x", number);
	if (snprintf(trial->it.folder, sizeof(trial->it.folder), "%s/var/lib/snug/%s", root,
		     trial->it.id) >= (int)sizeof(trial->it.folder)) {
		trial->it.folder[0] = '\0';
		return snug_fail(err, SNUG_INPUT, "%s: too long a path", root);
	}
	snprintf(to, sizeof(to), "%s/rootfs/snug-hook", trial->it.folder);
	if (snug_installed_missing(to, &trial->made, err) < 0 || copy_program(store, to, err) < 0)
		return -1;
	return make_places(trial, err);
}

/* ---- the trial ---- */

/* No container came of it: does one without snug? */
static int judge_refusal(struct snug_trial *trial, const struct snug_error *refused,
			 struct snug_checks *ret, struct snug_error *err)
{
	const char *name = snug_engine_name(trial->engine);
	struct snug_error why;

	trial->bare = true;
	if (snug_trial_run(trial, &why) < 0) {
		if (snug_doctor_add(ret, err, SNUG_CHECK_UNTRIED, name,
				    "it runs no container here, without snug either: %s",
				    why.what) < 0)
			return -1;
		snug_doctor_remedy(ret, "see what that is about, then ask again");
		return 0;
	}
	if (snug_doctor_add(ret, err, SNUG_CHECK_BROKEN, name,
			    "with snug it starts no container: %s", refused->what) < 0)
		return -1;
	snug_doctor_remedy(ret, "mend what the line names; snug policy check looks at the policy");
	return 0;
}

static int try_engine(const struct snug_store *store, struct trial *trial, struct snug_checks *ret,
		      struct snug_error *err)
{
	const char *name = snug_engine_name(trial->it.engine);
	struct snug_error why;

	if (snug_trial_possible(trial->it.engine, &why) < 0 || make_folder(store, trial, &why) < 0)
		return snug_doctor_add_error(ret, err, SNUG_CHECK_UNTRIED, name, &why);
	if (snug_trial_run(&trial->it, &why) == 0)
		return snug_doctor_judge(store, &trial->it, ret, err);
	return judge_refusal(&trial->it, &why, ret, err);
}

/* ---- configuration that is merged of many files ---- */

static int check_default(const struct snug_buf *dump, struct snug_checks *ret,
			 struct snug_error *err)
{
	char name[64];

	if (!snug_containerd_lacks_default(snug_buf_text(dump), name, sizeof(name)))
		return 0;
	if (snug_doctor_add(
		    ret, err, SNUG_CHECK_BROKEN, "containerd",
		    "its default runtime %s is in no table, so its CRI plugin does not load",
		    name) < 0)
		return -1;
	snug_doctor_remedy(ret, "run snug install containerd again, or add the table to the file");
	return 0;
}

/* containerd: imported files may have taken the place of the section. */
static int check_merged(const struct snug_trial *trial, struct snug_checks *ret,
			struct snug_error *err)
{
	const char *argv[] = { "containerd", "config", "dump", NULL };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_error why;

	if (trial->engine != SNUG_ENGINE_CONTAINERD || !trial->program)
		return 0;
	if (snug_command(argv, &text, &why) < 0)
		return snug_doctor_add_error(ret, err, SNUG_CHECK_UNTRIED, "containerd", &why);
	if (check_default(&text, ret, err) < 0)
		return -1;
	if (strstr(snug_buf_text(&text), trial->program))
		return snug_doctor_add(
			ret, err, SNUG_CHECK_OK, "containerd",
			"its whole configuration has the runtime " SNUG_INSTALL_RUNTIME);
	if (snug_doctor_add(
		    ret, err, SNUG_CHECK_BROKEN, "containerd",
		    "its whole configuration does not have the runtime " SNUG_INSTALL_RUNTIME) < 0)
		return -1;
	snug_doctor_remedy(ret, "see `containerd config dump`: a file that imports names may have "
				"taken its place");
	return 0;
}

static const char *program_of(const struct snug_installed *installed)
{
	for (size_t i = 0; i < installed->files.count; i++)
		if (installed->files.at[i].kind == SNUG_INSTALLED_LINK)
			return installed->files.at[i].path;
	return NULL;
}

/* Where snug's hooks are, if that is a folder of its own or one that --hooks-dir named; "": else.
 */
static int hooks_folder(const struct snug_store *store, const struct snug_installed *installed,
			char ret[PATH_MAX], struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *root = NULL;
	char usual[PATH_MAX];

	ret[0] = '\0';
	if (snug_installed_root(store, &root, err) < 0)
		return -1;
	snprintf(usual, sizeof(usual), "%s" SNUG_DOCTOR_HOOKS, root);
	for (size_t i = 0; i < installed->files.count; i++) {
		const char *path = installed->files.at[i].path, *slash = strrchr(path, '/');

		if (strcmp(slash, "/snug-poststop.json") == 0)
			snprintf(ret, PATH_MAX, "%.*s", (int)(slash - path), path);
	}
	if (strcmp(ret, usual) == 0)
		ret[0] = '\0';
	return 0;
}

static int check_hooks(const struct snug_store *store, const struct snug_installed *installed,
		       struct snug_checks *ret, struct snug_error *err)
{
	const struct snug_store host = { .root = "" };
	char folder[PATH_MAX];

	if (hooks_folder(store, installed, folder, err) < 0)
		return -1;
	return folder[0] ? snug_doctor_hooks(&host, folder, ret, err) : 0;
}

static bool wants_program(enum snug_engine engine)
{
	return engine != SNUG_ENGINE_PODMAN && engine != SNUG_ENGINE_CRIO;
}

int snug_doctor_engine(const struct snug_store *store, enum snug_engine engine, bool named,
		       bool *ret_installed, struct snug_checks *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_installed_clear) struct snug_installed installed = { 0 };
	SNUG_AUTO(trial_clear) struct trial trial = { .it = { .store = store, .engine = engine } };
	const char *name = snug_engine_name(engine);

	if (snug_install_read_record(store, engine, ret_installed, &installed, err) < 0)
		return -1;
	if (!*ret_installed && !named)
		return 0;
	if (!*ret_installed) {
		if (snug_doctor_add(ret, err, SNUG_CHECK_MISSING, name,
				    "snug is not installed there") < 0)
			return -1;
		snug_doctor_remedy(ret, "snug install %s", name);
	}
	if (snug_doctor_installed(engine, &installed, ret, err) < 0 ||
	    check_hooks(store, &installed, ret, err) < 0)
		return -1;
	trial.it.program = program_of(&installed);
	if (wants_program(engine) && !trial.it.program)
		return 0;
	return check_merged(&trial.it, ret, err) < 0 ? -1 : try_engine(store, &trial, ret, err);
}
