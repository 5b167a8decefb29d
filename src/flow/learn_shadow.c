/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/learn_part.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/arm.h"
#include "flow/run_folder.h"
#include "json/json.h"
#include "store/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOK_SECONDS 60 /* the runtime's limit; the hook's own is SNUG_ARM_SECONDS */

static DIR *list(int fd)
{
	int listing = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = listing < 0 ? NULL : fdopendir(listing);

	if (!dir)
		snug_close_fd(&listing);
	return dir;
}

/* All files in it are ours, also a temporary one that was never renamed. */
static void empty_and_remove(int parent_fd, int fd, const char *name)
{
	DIR *dir = list(fd);

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		(void)unlinkat(fd, entry->d_name, 0); /* not "." and ".." */
	if (dir)
		closedir(dir);
	(void)unlinkat(parent_fd, name, AT_REMOVEDIR);
}

/* A shadow whose lock is free belongs to a snug that was killed. */
static void remove_stale(int parent_fd)
{
	DIR *dir = list(parent_fd);

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		SNUG_AUTO_FD int fd = -1;

		if (strncmp(entry->d_name, "learn-", strlen("learn-")) != 0 &&
		    strncmp(entry->d_name, "record-", strlen("record-")) != 0)
			continue;
		fd = openat(parent_fd, entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			empty_and_remove(parent_fd, fd, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void snug_learn_clear_away(const struct snug_store *store)
{
	SNUG_AUTO(snug_freep) char *run = NULL;
	SNUG_AUTO(snug_freep) char *made = NULL;
	SNUG_AUTO_FD int fd = -1;
	struct snug_error ignored;

	if (asprintf(&run, "%s/run/snug", store->root) < 0) {
		run = NULL;
		return;
	}
	if (access(run, F_OK) < 0)
		return;
	fd = snug_run_folder(store->root, &made, &ignored);
	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		remove_stale(fd);
}

/* The hook's JSON. Hooks get no environment and no working folder worth having: absolute paths. */
static int write_hook(const struct snug_shadow *shadow, struct snug_buf *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *self = realpath("/proc/self/exe", NULL);
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
	struct snug_json_writer w = { .out = ret };

	if (!self)
		return snug_fail_errno(err, errno, "cannot tell where this program lies");
	snug_buf_addf(&path, "%s/%s", shadow->path, SNUG_ARM_SOCKET);
	snug_json_open(&w, '{');
	snug_json_pair_string(&w, "path", self);
	snug_json_put_key(&w, "args");
	snug_json_open(&w, '[');
	snug_json_put_string(&w, "snug");
	snug_json_put_string(&w, "hook");
	snug_json_put_string(&w, "arm");
	snug_json_put_string(&w, snug_buf_text(&path));
	snug_json_close(&w);
	snug_json_pair_u64(&w, "timeout", HOOK_SECONDS);
	snug_json_close(&w);
	return snug_buf_check(&path, err) < 0 ? -1 : snug_buf_check(ret, err);
}

static int write_config(const struct snug_learn *request, struct snug_shadow *shadow,
			struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf hook = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = NULL;

	if (write_hook(shadow, &hook, err) < 0 ||
	    snug_shadow_config(request->bundle, snug_buf_text(&hook), shadow, &text, err) < 0)
		return -1;
	if (asprintf(&path, "%s/config.json", shadow->path) < 0) {
		path = NULL;
		return snug_fail_memory(err);
	}
	return snug_file_write(path, 0600, text.data, text.len, err);
}

/* Makes the folder of this container and locks it. */
static int make_folder(const char *run, const char *how, const char *id, struct snug_shadow *shadow,
		       struct snug_error *err)
{
	const char *name;

	if (asprintf(&shadow->path, "%s/%s-%s", run, how, id) < 0) {
		shadow->path = NULL;
		return snug_fail_memory(err);
	}
	name = strrchr(shadow->path, '/') + 1;
	if (mkdirat(shadow->parent_fd, name, 0700) < 0) {
		if (errno != EEXIST)
			return snug_fail_errno(err, errno, "cannot make %s", shadow->path);
		snug_fail(err, SNUG_INPUT, "%s exists: container %s is being learned", shadow->path,
			  id);
		return snug_remedy(err, "wait for it, or take another --id");
	}
	shadow->fd =
		openat(shadow->parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (shadow->fd < 0 || flock(shadow->fd, LOCK_EX | LOCK_NB) < 0)
		return snug_fail_errno(err, errno, "%s", shadow->path);
	return 0;
}

int snug_shadow_folder(const char *root, const char *how, const char *id, struct snug_shadow *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *run = NULL;
	int made;

	ret->parent_fd = snug_run_folder(root, &run, err);
	if (ret->parent_fd < 0)
		return -1;
	/* One at a time: a folder just made and not yet locked looks like a dead one. */
	if (flock(ret->parent_fd, LOCK_EX) < 0)
		return snug_fail_errno(err, errno, "cannot lock %s", run);
	remove_stale(ret->parent_fd);
	made = make_folder(run, how, id, ret, err);
	(void)flock(ret->parent_fd, LOCK_UN);
	return made;
}

int snug_shadow_make(const struct snug_learn *request, const char *id, struct snug_shadow *ret,
		     struct snug_error *err)
{
	if (snug_shadow_folder(request->store->root, "learn", id, ret, err) < 0)
		return -1;
	return write_config(request, ret, err);
}

void snug_shadow_remove(struct snug_shadow *shadow)
{
	int saved = errno;

	if (shadow->fd >= 0)
		empty_and_remove(shadow->parent_fd, shadow->fd, strrchr(shadow->path, '/') + 1);
	snug_close_fd(&shadow->fd);
	snug_close_fd(&shadow->parent_fd);
	snug_paths_clear(&shadow->args);
	free(shadow->path);
	free(shadow->image);
	free(shadow->root);
	*shadow = (struct snug_shadow)SNUG_SHADOW_NONE;
	errno = saved;
}
