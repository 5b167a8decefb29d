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
#include <fnmatch.h>
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
	const char *engine; /* whose place it is; NULL: not known */
};

static void note_problem(const struct search *search, const struct snug_error *err)
{
	char line[1024];

	snug_error_line(err, line, sizeof(line));
	snug_buf_addf(search->problems, "%s\n", line);
}

static void note_errno(const struct search *search, int number, const char *path)
{
	struct snug_error bad;

	(void)snug_fail_errno(&bad, number, "%s", path);
	note_problem(search, &bad);
}

/* Who is not there, or no folder, is no container; what else cannot be opened may be one. */
static void note_unopened(const struct search *search, int number, const char *path)
{
	if (number != ENOENT && number != ENOTDIR)
		note_errno(search, number, path);
}

/* ---- one container ---- */

struct entry {
	const char *root, *id;
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
		one.engine = search->engine;
		if (snug_vec_push(search->found, one) < 0)
			return snug_fail_memory(err);
		one = (struct snug_container){ 0 };
		return 0;
	}
	return 0;
}

/* ---- a state folder ---- */

static void note_unopened_below(const struct search *search, int number, const char *root,
				const char *id)
{
	char path[PATH_MAX + 512];

	snprintf(path, sizeof(path), "%s/%s", root, id);
	note_unopened(search, number, path);
}

static int find_below(const struct search *search, const char *root, DIR *dir,
		      struct snug_error *err)
{
	for (const struct dirent *one; (errno = 0, one = readdir(dir));) {
		struct entry entry = { .root = root, .id = one->d_name };
		SNUG_AUTO_FD int folder = -1;

		if (one->d_name[0] == '.')
			continue;
		if (search->found->count >= SNUG_CONTAINERS_MAX)
			return snug_fail(err, SNUG_INPUT, "%s: more than %u containers", root,
					 SNUG_CONTAINERS_MAX);
		folder = openat(dirfd(dir), one->d_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		entry.folder = folder;
		if (folder < 0)
			note_unopened_below(search, errno, root, one->d_name);
		else if (add_container(search, &entry, err) < 0)
			return -1;
	}
	return errno ? snug_fail_errno(err, errno, "%s", root) : 0;
}

/* asked: it was named, so it has to be there. */
static int find_in(const struct search *search, const char *root, bool asked,
		   struct snug_error *err)
{
	DIR *dir = opendir(root);
	int result;

	if (!dir) {
		(asked ? note_errno : note_unopened)(search, errno, root);
		return 0;
	}
	result = find_below(search, root, dir, err);
	closedir(dir);
	return result;
}

/* ---- the usual places ---- */

static int find_at(const struct search *search, const char *path, const char *pattern,
		   struct snug_error *err);

static int find_one_at(const struct search *search, const char *path, const char *name,
		       const char *pattern, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *below = NULL;

	if (asprintf(&below, "%s/%s", path, name) < 0) {
		below = NULL;
		return snug_fail_memory(err);
	}
	return find_at(search, below, pattern, err);
}

static int find_matching(const struct search *search, const char *path, const char *names,
			 const char *pattern, struct snug_error *err)
{
	struct dirent **list;
	int result = 0, count = scandir(path, &list, NULL, alphasort);

	if (count < 0) {
		note_unopened(search, errno, path);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;

		if (!result && fnmatch(names, name, FNM_PERIOD) == 0)
			result = find_one_at(search, path, name, pattern, err);
		free(list[i]);
	}
	free(list);
	return result;
}

/* What matches the pattern, which goes on behind path. glob(3) is silent of what it cannot look at.
 */
static int find_at(const struct search *search, const char *path, const char *pattern,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *part = NULL;
	size_t len;

	if (!*pattern)
		return find_in(search, path, false, err);
	len = strcspn(++pattern, "/");
	part = strndup(pattern, len);
	if (!part)
		return snug_fail_memory(err);
	return strchr(part, '*') ? find_matching(search, path, part, pattern + len, err)
				 : find_one_at(search, path, part, pattern + len, err);
}

int snug_containers_find(char *const *roots, size_t count, struct snug_containers *ret,
			 struct snug_buf *ret_problems, struct snug_error *err)
{
	struct search search = { .found = ret, .problems = ret_problems };

	for (size_t i = 0; i < count; i++)
		if (find_in(&search, roots[i], true, err) < 0)
			return -1;
	for (size_t i = 0; !count && i < sizeof(places) / sizeof(places[0]); i++) {
		search.engine = places[i].engine;
		if (find_at(&search, "", places[i].pattern, err) < 0)
			return -1;
	}
	return 0;
}
