/* SPDX-License-Identifier: Apache-2.0 */
/* What each engine is to have. */
#include "flow/install_part.h"

#include "base/cleanup.h"
#include "flow/hook_place.h"
#include "model/install/hooksd.h"
#include "model/install/runtimes.h"
#include "store/install.h"
#include "store/program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WRAPPER	     "snug-runtime"
#define PODMAN_HOOKS "/etc/containers/oci/hooks.d"
#define CRIO_HOOKS   "/etc/crio/snug-hooks.d"

static const char *const engines[SNUG_ENGINE_MAX] = {
	[SNUG_ENGINE_PODMAN] = "podman",
	[SNUG_ENGINE_DOCKER] = "docker",
	[SNUG_ENGINE_CONTAINERD] = "containerd",
	[SNUG_ENGINE_CRIO] = "crio",
	[SNUG_ENGINE_RUNC] = "runc",
	[SNUG_ENGINE_CRUN] = "crun",
};

const char *snug_engine_name(enum snug_engine engine)
{
	return engines[engine];
}

bool snug_engine_parse(const char *word, enum snug_engine *ret)
{
	for (unsigned i = 0; i < SNUG_ENGINE_MAX; i++) {
		if (strcmp(engines[i], word) == 0) {
			*ret = (enum snug_engine)i;
			return true;
		}
	}
	return false;
}

void snug_install_wishes_clear(struct snug_install_wishes *wishes)
{
	for (size_t i = 0; i < wishes->count; i++) {
		snug_freep(&wishes->at[i].path);
		snug_freep(&wishes->at[i].program);
		snug_buf_clear(&wishes->at[i].text);
	}
	snug_vec_clear(wishes);
}

/* Adds one; path and program are taken over, also on failure. */
static int add(struct snug_install_wishes *ret, struct snug_install_wish wish,
	       struct snug_error *err)
{
	if (wish.path && snug_buf_check(&wish.text, err) == 0 && snug_vec_push(ret, wish) == 0)
		return 0;
	snug_freep(&wish.path);
	snug_freep(&wish.program);
	snug_buf_clear(&wish.text);
	return snug_fail_memory(err);
}

static char *path_of(const char *root, const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s%s/%s", root, folder, name) < 0 ? NULL : path;
}

/* ---- hooks ---- */

static int add_hook(const char *folder, const struct snug_hooksd *entry,
		    struct snug_install_wishes *ret, struct snug_error *err)
{
	struct snug_install_wish wish = { .kind = SNUG_INSTALLED_FILE };
	char name[64];

	snprintf(name, sizeof(name), "snug-%s.json", entry->stage);
	wish.path = path_of("", folder, name);
	if (snug_hooksd_render(entry, &wish.text, err) < 0) {
		snug_freep(&wish.path);
		snug_buf_clear(&wish.text);
		return -1;
	}
	return add(ret, wish, err);
}

static int add_hooks(const struct snug_install_request *request, const char *folder,
		     const char *const *stages, struct snug_install_wishes *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_hook_place_clear) struct snug_hook_place place = { 0 };

	if (snug_hook_place_find(request->store, &place, err) < 0 ||
	    snug_store_check_program(place.hook, err) < 0)
		return -1;
	for (size_t i = 0; stages[i]; i++) {
		bool learns = strcmp(stages[i], "precreate") != 0;
		const struct snug_hooksd entry = { .hook = place.hook,
						   .root = place.root,
						   .traces = learns ? request->traces : NULL,
						   .stage = stages[i] };

		if (add_hook(folder, &entry, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* --hooks-dir as it is, else the engine's own below the root; malloc'ed. */
static int hooks_folder(const struct snug_install_request *request, const char *root,
			const char *usual, char **ret, struct snug_error *err)
{
	const char *given = request->hooks_dir;
	size_t len;

	if (asprintf(ret, "%s%s", given ? "" : root, given ? given : usual) < 0) {
		*ret = NULL;
		return snug_fail_memory(err);
	}
	for (len = strlen(*ret); len > 1 && (*ret)[len - 1] == '/'; len--)
		(*ret)[len - 1] = '\0';
	return 0;
}

/* ---- the wrapper ---- */

/* snug-runtime, beside this program; malloc'ed. */
static int find_wrapper(char **ret, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *self = realpath("/proc/self/exe", NULL);

	if (!self)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	*strrchr(self, '/') = '\0';
	*ret = path_of("", self, WRAPPER);
	if (!*ret)
		return snug_fail_memory(err);
	if (access(*ret, X_OK) == 0)
		return snug_store_check_program(*ret, err);
	snug_fail(err, SNUG_HOST, "%s, which stands in for the runtime: %s", *ret, strerror(errno));
	return snug_remedy(err, "install it beside snug");
}

/* The wrapper knows by the name of the file under which it is called for whom it stands in. */
static int add_link(const char *root, const char *folder, const char *name,
		    struct snug_install_wishes *ret, struct snug_error *err)
{
	struct snug_install_wish wish = { .kind = SNUG_INSTALLED_LINK };
	SNUG_AUTO(snug_freep) char *wrapper = NULL;

	if (find_wrapper(&wrapper, err) < 0)
		return -1;
	wish.path = path_of(root, folder, name);
	snug_buf_adds(&wish.text, wrapper);
	return add(ret, wish, err);
}

/* ---- podman, crio ---- */

/* snug's own settings file, where it is to say anything: hooks_dir, where the engine does not read
 * ours by itself; and what stands in for runtimes. */
static int add_dropin(enum snug_hooks_reader reader, const char *root, const char *ours,
		      const struct snug_runtimes *runtimes, struct snug_install_wishes *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_hook_folders_clear) struct snug_hook_folders folders = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_install_wish dropin = { .kind = SNUG_INSTALLED_FILE };
	bool read;

	if (snug_install_hook_folders(reader, root, &folders, err) < 0)
		return -1;
	read = snug_hook_folders_has(&folders, ours);
	if (read && !runtimes->count)
		return 0;
	snug_hook_dropin_title(reader, &text);
	if ((!read && snug_hook_folders_render(reader, &folders, ours, &text, err) < 0) ||
	    snug_runtimes_render(runtimes, &text, err) < 0)
		return -1;
	dropin.path = snug_install_dropin(reader, root);
	dropin.text = text;
	text = (struct snug_buf){ 0 };
	return add(ret, dropin, err);
}

/* CRI-O reads the same folder, and refuses every container where a file has precreate. */
static int refuse_shared(const char *root, const char *folder, struct snug_error *err)
{
	SNUG_AUTO(snug_hook_folders_clear) struct snug_hook_folders folders = { 0 };
	SNUG_AUTO(snug_freep) char *crio = path_of(root, "/etc", "crio");

	if (!crio)
		return snug_fail_memory(err);
	if (access(crio, F_OK) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : snug_fail_errno(err, errno, "%s", crio);
	if (snug_install_hook_folders(SNUG_HOOKS_CRIO, root, &folders, err) < 0)
		return -1;
	if (!snug_hook_folders_has(&folders, folder))
		return 0;
	snug_fail(err, SNUG_INPUT,
		  "%s: CRI-O reads this folder too, and would refuse all containers over Podman's "
		  "stage precreate",
		  folder);
	return snug_remedy(err, "use --hooks-dir with a folder of Podman's own");
}

/*
 * What hooks never see is a process that joins: Podman makes it from its own database. So the
 * runtimes that are there are called through snug-runtime, which lets a container alone that
 * precreate has hardened.
 */
static int stand_in(const char *root, struct snug_runtimes *runtimes,
		    struct snug_install_wishes *ret, struct snug_error *err)
{
	static const char *const names[SNUG_RUNTIMES_MAX][2] = { { "crun", "snug-crun" },
								 { "runc", "snug-runc" } };

	for (unsigned i = 0; i < SNUG_RUNTIMES_MAX; i++) {
		char path[PATH_MAX];

		if (!snug_store_find_runtime(root, names[i][0], path))
			continue;
		if (snug_install_refuse_runtime(root, names[i][0], err) < 0 ||
		    add_link(root, "/usr/local/lib/snug/podman", names[i][1], ret, err) < 0)
			return -1;
		runtimes->at[runtimes->count].name = names[i][0];
		runtimes->at[runtimes->count++].program = ret->at[ret->count - 1].path;
	}
	return 0;
}

static int wish_podman(const struct snug_install_request *request, const char *root,
		       struct snug_install_wishes *ret, struct snug_error *err)
{
	static const char *const stages[] = { "precreate", "createRuntime", "poststop", NULL };
	SNUG_AUTO(snug_freep) char *folder = NULL;
	struct snug_runtimes runtimes = { .count = 0 };

	if (hooks_folder(request, root, PODMAN_HOOKS, &folder, err) < 0 ||
	    refuse_shared(root, folder, err) < 0 ||
	    add_hooks(request, folder, stages, ret, err) < 0)
		return -1;
	if (!request->hooks_only && stand_in(root, &runtimes, ret, err) < 0)
		return -1;
	return add_dropin(SNUG_HOOKS_PODMAN, root, folder, &runtimes, ret, err);
}

static int wish_crio(const struct snug_install_request *request, const char *root,
		     struct snug_install_wishes *ret, struct snug_error *err)
{
	static const char *const stages[] = { "createRuntime", "poststop", NULL };
	static const struct snug_runtimes none;
	SNUG_AUTO(snug_freep) char *folder = NULL;

	if (hooks_folder(request, root, CRIO_HOOKS, &folder, err) < 0 ||
	    add_hooks(request, folder, stages, ret, err) < 0)
		return -1;
	return add_dropin(SNUG_HOOKS_CRIO, root, folder, &none, ret, err);
}

/* ---- docker, containerd, runc, crun ---- */

/* A link of the engine's own, so that no other engine's uninstall takes it away, and the entry. */
static int wish_runtime(const struct snug_install_request *request, const char *root,
			struct snug_install_wishes *ret, struct snug_error *err)
{
	bool docker = request->engine == SNUG_ENGINE_DOCKER;
	const char *folder =
		docker ? "/usr/local/lib/snug/docker" : "/usr/local/lib/snug/containerd";
	struct snug_install_wish wish = {
		.kind = docker ? SNUG_INSTALLED_DOCKER : SNUG_INSTALLED_CONTAINERD,
		.runtime = SNUG_INSTALL_RUNTIME,
		.make_default = request->make_default,
	};

	if (add_link(root, folder, SNUG_INSTALL_RUNTIME, ret, err) < 0)
		return -1;
	wish.program = strdup(ret->at[ret->count - 1].path);
	wish.path = path_of(root, docker ? "/etc/docker" : "/etc/containerd",
			    docker ? "daemon.json" : "config.toml");
	if (!wish.program) {
		snug_freep(&wish.path);
		return snug_fail_memory(err);
	}
	return add(ret, wish, err);
}

static int wish_link(const struct snug_install_request *request, const char *root,
		     struct snug_install_wishes *ret, struct snug_error *err)
{
	char name[32];

	snprintf(name, sizeof(name), "snug-%s", snug_engine_name(request->engine));
	return add_link(root, "/usr/local/bin", name, ret, err);
}

int snug_install_wish(const struct snug_install_request *request, const char *root,
		      struct snug_install_wishes *ret, struct snug_error *err)
{
	static int (*const wish[SNUG_ENGINE_MAX])(const struct snug_install_request *, const char *,
						  struct snug_install_wishes *,
						  struct snug_error *) = {
		[SNUG_ENGINE_PODMAN] = wish_podman,	 [SNUG_ENGINE_DOCKER] = wish_runtime,
		[SNUG_ENGINE_CONTAINERD] = wish_runtime, [SNUG_ENGINE_CRIO] = wish_crio,
		[SNUG_ENGINE_RUNC] = wish_link,		 [SNUG_ENGINE_CRUN] = wish_link,
	};

	return wish[request->engine](request, root, ret, err);
}
