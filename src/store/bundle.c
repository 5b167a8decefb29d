/* SPDX-License-Identifier: Apache-2.0 */
#include "store/bundle.h"

#include "base/cleanup.h"
#include "store/internal.h"
#include "store/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE	       "/var/lib/snug/bundles"
#define OPEN_LEVELS    3u /* var, lib, snug */
#define NOTE_BYTES_MAX 8192
#define PRUNE_MAX      4u /* notes that are looked at when one is written */
#define HEAD	       "snug bundle 1"

static int open_place(const struct snug_store *store, bool create, int *ret, struct snug_error *err)
{
	const struct snug_folder place = {
		.root = store->root, .path = PLACE, .create = create, .open_levels = OPEN_LEVELS
	};

	return snug_folder_open(&place, ret, err);
}

/* ---- the note's text ---- */

/* The rest of the line at *at if it begins with word; *at is behind it then. */
static bool take_line(const char **at, const char *word, char *ret, size_t size)
{
	size_t head = strlen(word), len = strcspn(*at, "\n");

	if (strncmp(*at, word, head) != 0 || (*at)[head] != ' ' || len - head - 1 >= size ||
	    (*at)[len] != '\n')
		return false;
	memcpy(ret, *at + head + 1, len - head - 1);
	ret[len - head - 1] = '\0';
	*at += len + 1;
	return true;
}

static bool parse(const char *at, struct snug_bundle_note *ret)
{
	if (strncmp(at, HEAD "\n", strlen(HEAD "\n")) != 0)
		return false;
	at += strlen(HEAD "\n");
	if (!take_line(&at, "config", ret->config, sizeof(ret->config)) ||
	    !take_line(&at, "wrote", ret->wrote, sizeof(ret->wrote)) ||
	    !take_line(&at, "key", ret->key, sizeof(ret->key)))
		return false;
	ret->profile_count = 0;
	while (ret->profile_count < SNUG_BUNDLE_PROFILES_MAX &&
	       take_line(&at, "profile", ret->profiles[ret->profile_count],
			 sizeof(ret->profiles[0])))
		ret->profile_count++;
	return !*at;
}

static void render(const struct snug_bundle_note *note, struct snug_buf *ret)
{
	snug_buf_addf(ret, HEAD "\nconfig %s\nwrote %s\nkey %s\n", note->config, note->wrote,
		      note->key);
	for (unsigned i = 0; i < note->profile_count; i++)
		snug_buf_addf(ret, "profile %s\n", note->profiles[i]);
}

/* ---- on disk ---- */

static int read_note(int folder, const char *name, bool *ret_there, struct snug_bundle_note *ret,
		     struct snug_error *err)
{
	const struct snug_file file = { .folder = folder, .name = name, .path = PLACE };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO_FD int fd = -1;

	*ret_there = false;
	if (snug_folder_file(&file, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (snug_file_take(fd, PLACE, NOTE_BYTES_MAX, &text, err) < 0)
		return -1;
	*ret_there = parse(snug_buf_text(&text), ret);
	return 0;
}

int snug_store_read_bundle(const struct snug_store *store, const char *config, bool *ret_there,
			   struct snug_bundle_note *ret, struct snug_error *err)
{
	char name[SNUG_DIGEST_SIZE];
	SNUG_AUTO_FD int folder = -1;

	*ret_there = false;
	snug_digest(config, strlen(config), name);
	if (open_place(store, false, &folder, err) < 0)
		return -1;
	if (folder < 0)
		return 0;
	if (read_note(folder, name, ret_there, ret, err) < 0)
		return -1;
	*ret_there = *ret_there && strcmp(ret->config, config) == 0;
	return 0;
}

/* ---- notes of bundles that are gone ---- */

/* The names that come next in order, sorted. */
struct next {
	char name[PRUNE_MAX][SNUG_DIGEST_SIZE];
	unsigned count;
};

/* Around the circle: what is behind `from` comes before what is ahead of it. */
static bool comes_before(const char *a, const char *b, const char *from)
{
	bool is_behind[2] = { strcmp(a, from) >= 0, strcmp(b, from) >= 0 };

	return is_behind[0] == is_behind[1] ? strcmp(a, b) < 0 : is_behind[0];
}

static void take_next(struct next *next, const char *name, const char *from)
{
	unsigned at = next->count;

	while (at > 0 && comes_before(name, next->name[at - 1], from))
		at--;
	if (at == PRUNE_MAX)
		return;
	next->count += next->count < PRUNE_MAX;
	memmove(next->name[at + 1], next->name[at], (next->count - at - 1) * sizeof(next->name[0]));
	memcpy(next->name[at], name, sizeof(next->name[0]));
}

static void find_next(int folder, const char *from, struct next *ret)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	ret->count = 0;
	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == SNUG_DIGEST_SIZE - 1)
			take_next(ret, entry->d_name, from);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

/*
 * Names are digests, so those behind a new one's are any. Whoever adds one note looks at a few, and
 * not at all of them: what a container's start costs does not grow with how many there are, and of
 * those that are there few are stale.
 */
static void prune(int folder, const char *from)
{
	struct snug_bundle_note note;
	struct snug_error ignored;
	struct next next;
	bool there;

	find_next(folder, from, &next);
	for (unsigned i = 0; i < next.count; i++)
		if (read_note(folder, next.name[i], &there, &note, &ignored) == 0 && there &&
		    access(note.config, F_OK) != 0 && errno == ENOENT)
			(void)unlinkat(folder, next.name[i], 0);
}

int snug_store_put_bundle(const struct snug_store *store, const struct snug_bundle_note *note,
			  struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char name[SNUG_DIGEST_SIZE];
	SNUG_AUTO_FD int folder = -1;
	struct snug_file file;

	/* A line each: such a path would not be read as it was written. */
	if (strchr(note->config, '\n'))
		return snug_fail(err, SNUG_INPUT, "%s: a line's end in a bundle's path",
				 note->config);
	render(note, &text);
	if (snug_buf_check(&text, err) < 0 || open_place(store, true, &folder, err) < 0)
		return -1;
	snug_digest(note->config, strlen(note->config), name);
	prune(folder, name);
	/* What is lost leaves a config that counts as the new original. */
	file = (struct snug_file){ .folder = folder, .name = name, .path = PLACE, .brief = true };
	return snug_file_put(&file, 0600, false, &text, err);
}

int snug_store_drop_bundle(const struct snug_store *store, const char *config,
			   struct snug_error *err)
{
	char name[SNUG_DIGEST_SIZE];
	SNUG_AUTO_FD int folder = -1;

	snug_digest(config, strlen(config), name);
	if (open_place(store, false, &folder, err) < 0)
		return -1;
	if (folder >= 0 && unlinkat(folder, name, 0) < 0 && errno != ENOENT)
		return snug_file_fail(err, errno, PLACE, "cannot take a note away");
	return 0;
}

/* In a user namespace somebody's (store/trust.h) may be any other user's. */
static int check_owners(int folder, int fd, const char *config, struct snug_error *err)
{
	struct stat st[2];

	if (fstat(folder, &st[0]) < 0 || fstat(fd, &st[1]) < 0)
		return snug_file_fail(err, errno, config, "cannot look at it");
	if (snug_trusts_child(st[0].st_uid) && snug_trusts_child(st[1].st_uid))
		return 0;
	return snug_fail(err, SNUG_INPUT,
			 "%s: it, or its folder, is somebody else's, who could change it", config);
}

int snug_store_check_bundle(const char *config, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = strdup(config);
	struct snug_folder place = { .root = "", .path = path };
	SNUG_AUTO_FD int folder = -1, fd = -1;
	struct snug_file file = { .path = config };
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash)
		return path ? snug_fail(err, SNUG_INPUT, "%s: not an absolute path", config)
			    : snug_fail_memory(err);
	file.name = config + (slash - path) + 1;
	*slash = '\0';
	if (snug_folder_open(&place, &folder, err) < 0)
		return -1;
	file.folder = folder;
	if (folder >= 0 && snug_folder_file(&file, &fd, err) < 0)
		return -1;
	return fd < 0 ? snug_file_fail(err, ENOENT, config, "cannot open it")
		      : check_owners(folder, fd, config, err);
}

/* ---- symlinks on the way ---- */

#define LINKS_MAX 40u /* as the kernel follows */

static int check_way(const char *path, unsigned depth, struct snug_error *err);

static int check_folder_of(const char *path, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *above = strdup(path), *folder = NULL;
	struct snug_folder place = { .root = "" };
	SNUG_AUTO_FD int fd = -1;

	if (!above)
		return snug_fail_memory(err);
	above[strrchr(path, '/') ? strrchr(path, '/') - path + 1 : 0] = '\0';
	folder = realpath(above[0] ? above : ".", NULL);
	place.path = folder;
	return folder ? snug_folder_open(&place, &fd, err)
		      : snug_file_fail(err, errno, path, "cannot open its folder");
}

/* Where the link leads to, from where we are. */
static int target_of(const char *path, char **ret, struct snug_error *err)
{
	const char *slash = strrchr(path, '/');
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	int folder_len = len > 0 && target[0] != '/' && slash ? (int)(slash - path) + 1 : 0;

	*ret = NULL;
	if (len < 0)
		return snug_file_fail(err, errno, path, "cannot read it");
	target[len] = '\0';
	if (asprintf(ret, "%.*s%s", folder_len, path, target) >= 0)
		return 0;
	*ret = NULL;
	return snug_fail_memory(err);
}

/* path: one name on the way, with all before it. */
static int check_link(const char *path, unsigned depth, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *target = NULL;
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return 0;
	if (!snug_trusts_owner(st.st_uid))
		return snug_fail(err, SNUG_INPUT, "%s: a symlink of user %u's, who could change it",
				 path, st.st_uid);
	if (check_folder_of(path, err) < 0 || target_of(path, &target, err) < 0 || !target)
		return -1;
	return check_way(target, depth + 1, err);
}

static int check_way(const char *path, unsigned depth, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *part = strdup(path);

	if (!part)
		return snug_fail_memory(err);
	if (depth > LINKS_MAX)
		return snug_file_fail(err, ELOOP, path, "cannot follow it");
	for (size_t at = 1; part[0] && part[at]; at++) {
		char was = part[at];

		if (was != '/' && part[at + 1])
			continue;
		if (was == '/')
			part[at] = '\0';
		if (check_link(part, depth, err) < 0)
			return -1;
		part[at] = was;
	}
	return 0;
}

int snug_store_check_links(const char *path, struct snug_error *err)
{
	return path ? check_way(path, 0, err) : 0;
}
