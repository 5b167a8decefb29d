/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/containers.h"

#include "base/cleanup.h"
#include "flow/process.h"
#include "model/oci/runtime_state.h"
#include "store/file.h"
#include "store/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where who keeps what. Podman and CRI-O use the runtimes' own; rootless ones are in /run/user. */
static const struct place {
	const char *pattern, *engine;
} places[] = {
	{ "/run/runc", NULL },
	{ "/run/crun", NULL },
	{ "/run/docker/runtime-*/*", "docker" },
	{ "/run/containerd/runc/*", "containerd" },
	{ "/run/user/*/runc", NULL },
	{ "/run/user/*/crun", NULL },
};

static void container_clear(struct snug_container *one)
{
	free(one->id);
	free(one->bundle);
	free(one->root);
}

void snug_containers_clear(struct snug_containers *containers)
{
	for (size_t i = 0; i < containers->count; i++)
		container_clear(&containers->at[i]);
	snug_vec_clear(containers);
}

struct search {
	struct snug_containers *found;
	struct snug_buf *problems;
};

static void note_problem(const struct search *search, const struct snug_error *err)
{
	char line[1024];

	snug_error_line(err, line, sizeof(line));
	snug_buf_addf(search->problems, "%s\n", line);
}

/* ---- one container ---- */

struct entry {
	const char *root, *id, *engine;
	int folder; /* ROOT/ID */
};

/* The owner's alone, or root's, or ours? */
static bool is_ours(const struct stat *st)
{
	return snug_trusts_owner(st->st_uid) && !(st->st_mode & 022);
}

/*
 * The state file's text. A hostile owner can put anything there: a pipe, a symlink, something huge.
 * *ret_there: there is one.
 */
static int read_state(const struct entry *entry, enum snug_runtime runtime, const char *path,
		      bool *ret_there, struct snug_buf *ret, struct snug_container *one,
		      struct snug_error *err)
{
	const char *name = snug_runtime_state_file(runtime);
	SNUG_AUTO_FD int fd =
		openat(entry->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st, above;
	char link[64];

	*ret_there = fd >= 0 || errno != ENOENT;
	if (!*ret_there)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0 || fstat(entry->folder, &above) < 0)
		return snug_fail_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return snug_fail(err, SNUG_INPUT, "%s: no regular file", path);
	one->foreign = !is_ours(&st) || !is_ours(&above);
	one->owner = is_ours(&above) ? st.st_uid : above.st_uid;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (snug_file_read(link, SNUG_RUNTIME_STATE_BYTES_MAX, ret, err) == 0)
		return 0;
	return snug_fail(err, SNUG_INPUT, "%s: larger than %zu bytes, or not to be read", path,
			 SNUG_RUNTIME_STATE_BYTES_MAX);
}

static int set_strings(const struct entry *entry, const char *bundle, struct snug_container *one,
		       struct snug_error *err)
{
	one->id = strdup(entry->id);
	one->root = strdup(entry->root);
	one->bundle = strdup(bundle);
	return one->id && one->root && one->bundle ? 0 : snug_fail_memory(err);
}

/* 1: a running container; 0: none. */
static int read_container(const struct entry *entry, enum snug_runtime runtime, bool *ret_there,
			  struct snug_container *one, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct snug_runtime_state state;
	char path[PATH_MAX + 512];

	snprintf(path, sizeof(path), "%s/%s/%s", entry->root, entry->id,
		 snug_runtime_state_file(runtime));
	if (read_state(entry, runtime, path, ret_there, &text, one, err) < 0)
		return -1;
	if (!*ret_there)
		return 0;
	if (snug_json_parse(&doc, snug_buf_text(&text), text.len, path, err) < 0 ||
	    snug_runtime_state_read(doc, runtime, &state, err) < 0)
		return -1;
	/* Numbers are used again: without that start it is another process. */
	if (state.pid <= 0 || !snug_process_lives(state.pid, state.start))
		return 0;
	one->runtime = runtime;
	one->engine = entry->engine;
	one->pid = state.pid;
	one->start = state.start;
	one->own_cgroup = state.own_cgroup;
	/* Both runtimes let `start` take it away. */
	one->created = faccessat(entry->folder, "exec.fifo", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return set_strings(entry, state.bundle, one, err) < 0 ? -1 : 1;
}

static bool is_listed(const struct snug_containers *found, const struct snug_container *one)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->at[i].pid == one->pid)
			return true;
	return false;
}

static int add_container(const struct search *search, const struct entry *entry,
			 struct snug_error *err)
{
	for (enum snug_runtime runtime = 0; runtime <= SNUG_RUNTIME_CRUN; runtime++) {
		SNUG_AUTO(container_clear) struct snug_container one = { 0 };
		struct snug_error bad;
		bool there = false;
		int result = read_container(entry, runtime, &there, &one, &bad);

		if (result < 0) {
			note_problem(search, &bad);
			return 0;
		}
		if (!there || !result || is_listed(search->found, &one))
			continue;
		if (snug_vec_push(search->found, one) < 0)
			return snug_fail_memory(err);
		one = (struct snug_container){ 0 };
		return 0;
	}
	return 0;
}

/* ---- a state folder ---- */

static int find_below(const struct search *search, const char *root, const char *engine, DIR *dir,
		      struct snug_error *err)
{
	for (const struct dirent *one; (errno = 0, one = readdir(dir));) {
		struct entry entry = { .root = root, .id = one->d_name, .engine = engine };
		SNUG_AUTO_FD int folder = -1;

		if (one->d_name[0] == '.')
			continue;
		if (search->found->count >= SNUG_CONTAINERS_MAX)
			return snug_fail(err, SNUG_INPUT, "%s: more than %u containers", root,
					 SNUG_CONTAINERS_MAX);
		folder = openat(dirfd(dir), one->d_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		entry.folder = folder;
		if (folder >= 0 && add_container(search, &entry, err) < 0)
			return -1;
	}
	return errno ? snug_fail_errno(err, errno, "%s", root) : 0;
}

static int find_in(const struct search *search, const char *root, const char *engine, bool asked,
		   struct snug_error *err)
{
	DIR *dir = opendir(root);
	struct snug_error bad;
	int result;

	if (!dir) {
		if (asked || errno != ENOENT) {
			(void)snug_fail_errno(&bad, errno, "%s", root);
			note_problem(search, &bad);
		}
		return 0;
	}
	result = find_below(search, root, engine, dir, err);
	closedir(dir);
	return result;
}

static int find_at(const struct search *search, const struct place *place, struct snug_error *err)
{
	glob_t paths = { 0 };
	int result = 0;

	/* No match, or a folder that is not for us: nothing is there. */
	if (glob(place->pattern, GLOB_ONLYDIR, NULL, &paths) == 0)
		for (size_t i = 0; i < paths.gl_pathc && !result; i++)
			result = find_in(search, paths.gl_pathv[i], place->engine, false, err);
	globfree(&paths);
	return result;
}

int snug_containers_find(char *const *roots, size_t count, struct snug_containers *ret,
			 struct snug_buf *ret_problems, struct snug_error *err)
{
	const struct search search = { ret, ret_problems };

	for (size_t i = 0; i < count; i++)
		if (find_in(&search, roots[i], NULL, true, err) < 0)
			return -1;
	for (size_t i = 0; !count && i < sizeof(places) / sizeof(places[0]); i++)
		if (find_at(&search, &places[i], err) < 0)
			return -1;
	return 0;
}
