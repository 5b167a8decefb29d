/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/confine_notes.h"

#include "base/cleanup.h"
#include "flow/process.h"
#include "flow/run_folder.h"
#include "store/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER	       "apparmor"
#define LOADED	       "loaded"
#define POLICY	       "policy"
#define NOTE_BYTES_MAX ((size_t)8192)

/* ---- the lock ---- */

void snug_notes_close(struct snug_notes *notes)
{
	snug_close_fd(&notes->folder); /* and with it the lock */
	snug_freep(&notes->path);
	*notes = (struct snug_notes)SNUG_NOTES_NONE;
}

int snug_notes_open(const struct snug_store *store, struct snug_notes *ret, struct snug_error *err)
{
	struct snug_notes notes = SNUG_NOTES_NONE;

	notes.folder = snug_run_lock(store->root, FOLDER, &notes.path, err);
	if (notes.folder < 0)
		return -1;
	*ret = notes;
	return 0;
}

int snug_notes_adopt(const struct snug_store *store, int given, struct snug_notes *ret,
		     struct snug_error *err)
{
	struct snug_notes notes = SNUG_NOTES_NONE;

	notes.folder = snug_run_lock_adopt(store->root, FOLDER, given, &notes.path, err);
	if (notes.folder < 0)
		return -1;
	*ret = notes;
	return 0;
}

bool snug_notes_exist(const struct snug_store *store)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/run/snug/" FOLDER, store->root);
	return access(path, R_OK | X_OK) == 0;
}

/* ---- folders ---- */

static void close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	errno = saved;
}

static DIR *open_dir(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		snug_close_fd(&fd);
	return dir;
}

static int fail(const struct snug_notes *notes, const char *label, const char *name,
		struct snug_error *err)
{
	return snug_fail_errno(err, errno, "%s/%s%s%s", notes->path, label, *name ? "/" : "", name);
}

/* malloc'ed; NULL: no memory. */
static char *path_of(const struct snug_notes *notes, const char *label, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s/%s", notes->path, label, name) < 0 ? NULL : path;
}

char *snug_notes_policy_path(const struct snug_notes *notes, const char *label)
{
	return path_of(notes, label, POLICY);
}

int snug_notes_labels(const struct snug_notes *notes, struct snug_paths *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = open_dir(notes->folder, ".");

	if (!dir)
		return snug_fail_errno(err, errno, "%s", notes->path);
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		char *copy;

		if (!snug_label_is_ours(entry->d_name))
			continue;
		copy = strdup(entry->d_name);
		if (!copy || snug_vec_push(ret, copy) < 0) {
			free(copy);
			return snug_fail_memory(err);
		}
	}
	return errno ? snug_fail_errno(err, errno, "%s", notes->path) : 0;
}

int snug_notes_drop(const struct snug_notes *notes, const char *label, struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = open_dir(notes->folder, label);

	if (!dir)
		return errno == ENOENT ? 0 : fail(notes, label, "", err);
	/* The note first: a policy without one counts for nothing. */
	(void)unlinkat(dirfd(dir), LOADED, 0);
	for (struct dirent *entry; (entry = readdir(dir));)
		(void)unlinkat(dirfd(dir), entry->d_name, 0); /* not "." and ".." */
	if (unlinkat(notes->folder, label, AT_REMOVEDIR) < 0)
		return fail(notes, label, "", err);
	return 0;
}

/* ---- what was loaded ---- */

#define BOOT_SIZE 40u /* a UUID */

/* "": this kernel does not say. Where it could not be asked, a note would be of no boot for good.
 */
static int read_boot(char ret[BOOT_SIZE], struct snug_error *err)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

	if ((access(path, F_OK) == 0 || errno != ENOENT) &&
	    snug_file_read(path, BOOT_SIZE - 1, &text, err) < 0)
		return -1;
	snprintf(ret, BOOT_SIZE, "%.*s", (int)strcspn(snug_buf_text(&text), "\n"),
		 snug_buf_text(&text));
	return 0;
}

/* The next line of *at, which has to begin with word and a space. */
static bool take_line(const char **at, const char *word, char *ret, size_t size)
{
	size_t head = strlen(word), len = strcspn(*at, "\n");

	if (len < head + 1 || strncmp(*at, word, head) != 0 || (*at)[head] != ' ' ||
	    len - head > size || (*at)[len] != '\n')
		return false;
	snprintf(ret, size, "%.*s", (int)(len - head - 1), *at + head + 1);
	*at += len + 1;
	return true;
}

int snug_notes_read(const struct snug_notes *notes, const char *label, struct snug_loaded *ret,
		    struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = path_of(notes, label, LOADED);
	char by[8], boot[BOOT_SIZE], now[BOOT_SIZE];
	struct snug_loaded loaded = { 0 };
	const char *at;

	if (!path)
		return snug_fail_memory(err);
	if (read_boot(now, err) < 0)
		return -1;
	if (access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (snug_file_read(path, NOTE_BYTES_MAX, &text, err) < 0)
		return -1;
	at = snug_buf_text(&text);
	if (!take_line(&at, "boot", boot, sizeof(boot)) || strcmp(boot, now) != 0)
		return 0; /* below a --root it may outlive what it is about */
	if (!take_line(&at, "sha1", loaded.sha1, sizeof(loaded.sha1)) ||
	    !take_line(&at, "sha256", loaded.sha256, sizeof(loaded.sha256)) ||
	    !take_line(&at, "by", by, sizeof(by)) ||
	    !take_line(&at, "at", loaded.path, sizeof(loaded.path)))
		return 0; /* whoever wrote this, it says nothing that could be believed */
	loaded.by_hand = strcmp(by, "hand") == 0;
	*ret = loaded;
	return 1;
}

int snug_notes_write(const struct snug_notes *notes, const char *label,
		     const struct snug_loaded *loaded, struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO(snug_freep) char *path = path_of(notes, label, LOADED);
	char boot[BOOT_SIZE];

	if (read_boot(boot, err) < 0)
		return -1;
	snug_buf_addf(&text, "boot %s\nsha1 %s\nsha256 %s\nby %s\nat %s\n", boot, loaded->sha1,
		      loaded->sha256, loaded->by_hand ? "hand" : "hook", loaded->path);
	if (!path)
		return snug_fail_memory(err);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	if (mkdirat(notes->folder, label, 0700) < 0 && errno != EEXIST)
		return fail(notes, label, "", err);
	return snug_file_write(path, 0600, text.data, text.len, err);
}

/* Of a file that says it in one line. */
static bool says(const char *folder, const char *name, const char *digits, bool *ret_there)
{
	SNUG_AUTO_FD int fd = -1;
	char path[PATH_MAX + 16], text[80];
	size_t want = strlen(digits);
	ssize_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (len <= 0)
		return false;
	*ret_there = true;
	return (size_t)len >= want && want && memcmp(text, digits, want) == 0 &&
	       ((size_t)len == want || text[want] == '\n');
}

/*
 * The digest of what was loaded: sha1, sha256 in newer kernels. One that keeps none has the
 * folder's name, which no other profile gets until the next boot.
 */
bool snug_loaded_is(const struct snug_loaded *loaded, const char *folder)
{
	bool there = false;

	if (!folder[0])
		return false;
	if (says(folder, "raw_sha256", loaded->sha256, &there) ||
	    says(folder, "raw_sha1", loaded->sha1, &there))
		return true;
	return !there && strcmp(folder, loaded->path) == 0 && access(folder, F_OK) == 0;
}

/* ---- who uses it ---- */

/* "PID-START" */
static bool parse_user(const char *name, struct snug_confined_user *ret)
{
	int pid, end = 0;

	if (sscanf(name, "%d-%" SCNu64 "%n", &pid, &ret->start, &end) < 2 || !end || name[end] ||
	    pid <= 0)
		return false;
	ret->pid = pid;
	return true;
}

static void read_id(int folder, const char *name, struct snug_confined_user *ret)
{
	SNUG_AUTO_FD int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, ret->id, sizeof(ret->id) - 1);

	ret->id[len > 0 ? len : 0] = '\0';
}

int snug_notes_users(const struct snug_notes *notes, const char *label,
		     struct snug_confined_users *ret, struct snug_error *err)
{
	SNUG_AUTO(close_dir) DIR *dir = open_dir(notes->folder, label);

	if (!dir)
		return errno == ENOENT ? 0 : fail(notes, label, "", err);
	for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
		struct snug_confined_user user;

		if (!parse_user(entry->d_name, &user))
			continue;
		read_id(dirfd(dir), entry->d_name, &user);
		if (snug_vec_push(ret, user) < 0)
			return snug_fail_memory(err);
	}
	return errno ? fail(notes, label, "", err) : 0;
}

static void name_user(const char *label, const struct snug_confined_user *user, char *ret,
		      size_t size)
{
	snprintf(ret, size, "%s/%d-%" PRIu64, label, user->pid, user->start);
}

int snug_notes_add_user(const struct snug_notes *notes, const char *label,
			const struct snug_confined_user *user, struct snug_error *err)
{
	char name[SNUG_LABEL_SIZE + 48];
	SNUG_AUTO_FD int fd = -1;
	size_t len = strlen(user->id);

	name_user(label, user, name, sizeof(name));
	fd = openat(notes->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0 || write(fd, user->id, len) != (ssize_t)len)
		return snug_fail_errno(err, errno, "%s/%s", notes->path, name);
	return 0;
}

int snug_notes_sweep(const struct snug_notes *notes, const char *label, unsigned *ret_left,
		     struct snug_error *err)
{
	struct snug_confined_users users = { 0 };
	int result = snug_notes_users(notes, label, &users, err);

	*ret_left = 0;
	for (size_t i = 0; result == 0 && i < users.count; i++) {
		char name[SNUG_LABEL_SIZE + 48];

		if (snug_process_lives(users.at[i].pid, users.at[i].start)) {
			++*ret_left;
			continue;
		}
		name_user(label, &users.at[i], name, sizeof(name));
		if (unlinkat(notes->folder, name, 0) < 0 && errno != ENOENT)
			result = snug_fail_errno(err, errno, "%s/%s", notes->path, name);
	}
	snug_vec_clear(&users);
	return result;
}
