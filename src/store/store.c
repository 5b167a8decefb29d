/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings and profiles by name. */
#include "store/internal.h"

#include "base/cleanup.h"
#include "base/near.h"
#include "json/json.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define RECORDINGS  "/var/lib/snug/recordings"
#define PROFILES    "/var/lib/snug/profiles"
#define PUBLIC	    3u /* of RECORDINGS' folders: /var/lib/snug */
#define LOCK	    ".lock"
#define STARTED_MAX 40u
#define STALE_SECS  60 /* older temporaries are nobody's */
#define SHOWN_MAX   8u /* names in a remedy */

/* What `make install` puts into one of the last two, by its PREFIX, is found without a word. */
static const char *const profile_places[] = { "/etc/snug/profiles", PROFILES,
					      "/usr/local/share/snug/profiles",
					      "/usr/share/snug/profiles" };
#define PLACES		(sizeof(profile_places) / sizeof(profile_places[0]))
#define FIRST_INSTALLED 2u

static int check_name(const char *name, struct snug_error *err)
{
	if (snug_name_is_valid(name))
		return 0;
	snug_fail(err, SNUG_USAGE, "'%.80s' is not a name", name);
	return snug_remedy(err,
			   "letters, digits, '.', '_' and '-', at most %u, a letter or digit first",
			   SNUG_NAME_MAX);
}

static int join(char **ret, struct snug_error *err, const char *fmt, ...) SNUG_PRINTF(3, 4);
static int join(char **ret, struct snug_error *err, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(ret, fmt, args);
	va_end(args);
	if (len >= 0)
		return 0;
	*ret = NULL;
	return snug_fail_memory(err);
}

void snug_paths_clear(struct snug_paths *paths)
{
	int saved = errno;

	for (size_t i = 0; i < paths->count; i++)
		free(paths->at[i]);
	snug_vec_clear(paths);
	errno = saved;
}

static bool is_data(const char *name)
{
	return name[0] != '.' && snug_name_is_path(name);
}

/* Recordings */

/* A name's folder; -1 if it is missing and not to be made. */
static int open_recordings(const struct snug_store *store, const char *name, bool create, int *ret,
			   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	struct snug_folder folder = { .root = store->root,
				      .create = create,
				      .open_levels = PUBLIC };

	if (join(&path, err, RECORDINGS "%s%s", *name ? "/" : "", name) < 0)
		return -1;
	folder.path = path;
	return snug_folder_open(&folder, ret, err);
}

/* "2026-11-23T21:08:00Z" to "20261123T210800Z": a colon in a file name is a nuisance. */
static int file_time(const char *started, char *ret, struct snug_error *err)
{
	size_t n = 0;

	for (; *started && n < STARTED_MAX; started++) {
		if (isalnum((unsigned char)*started) || *started == '.')
			ret[n++] = *started;
		else if (*started != '-' && *started != ':')
			break;
	}
	ret[n] = '\0';
	if (!*started && isdigit((unsigned char)ret[0]))
		return 0;
	return snug_fail(err, SNUG_INPUT, "a recording that started at '%.40s', which is no time",
			 started);
}

int snug_store_put_recording(const struct snug_store *store, const char *name, const char *started,
			     uint64_t run, const struct snug_buf *text, char **ret_path,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int folder = -1;
	struct snug_file file = { 0 };
	char when[STARTED_MAX + 1];

	if (check_name(name, err) < 0 || file_time(started, when, err) < 0 ||
	    join(&path, err, "%s" RECORDINGS "/%s/%s-%08x.json", store->root, name, when,
		 (unsigned)(run >> 32)) < 0 ||
	    open_recordings(store, name, true, &folder, err) < 0)
		return -1;
	file = (struct snug_file){ .folder = folder, .name = strrchr(path, '/') + 1, .path = path };
	if (snug_file_put(&file, 0600, false, text, err) < 0)
		return -1;
	*ret_path = SNUG_TAKE(path);
	return 0;
}

int snug_store_check_recordings(const struct snug_store *store, const char *name,
				struct snug_error *err)
{
	const char *const below[] = { "", name };

	if (check_name(name, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		SNUG_AUTO(snug_freep) char *path = NULL;
		SNUG_AUTO_FD int folder = -1;

		if (open_recordings(store, below[i], false, &folder, err) < 0)
			return -1;
		if (folder < 0)
			return 0;
		if (join(&path, err, "%s" RECORDINGS "%s%s", store->root, i ? "/" : "", below[i]) <
		    0)
			return -1;
		if (faccessat(folder, ".", W_OK, AT_EACCESS) < 0)
			return snug_file_fail(err, errno, path, "cannot write below it");
	}
	return 0;
}

static bool has_recordings(const struct snug_store *store, const char *name)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths found = { 0 };
	SNUG_AUTO_FD int folder = -1;
	struct snug_error ignored;

	return open_recordings(store, name, false, &folder, &ignored) == 0 && folder >= 0 &&
	       snug_names_list(folder, is_data, name, &found, &ignored) == 0 && found.count;
}

/* Says what there is instead. */
static int fail_no_recording(const struct snug_store *store, const char *name,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths names = { 0 };
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	SNUG_AUTO_FD int folder = -1;
	unsigned shown = 0;

	if (open_recordings(store, "", false, &folder, err) < 0 ||
	    (folder >= 0 &&
	     snug_names_list(folder, snug_name_is_valid, RECORDINGS, &names, err) < 0))
		return -1;
	snug_names_sort(&names);
	for (size_t i = 0; i < names.count && shown < SHOWN_MAX; i++)
		if (has_recordings(store, names.at[i]))
			snug_buf_addf(&text, "%s%s", shown++ ? ", " : "", names.at[i]);
	snug_fail(err, SNUG_INPUT, "there is no recording of '%s' in %s" RECORDINGS, name,
		  store->root);
	if (!shown)
		return snug_remedy(err, "make one: snug learn BUNDLE --name %s", name);
	return snug_remedy(err, "there are: %s%s", snug_buf_text(&text),
			   shown == SHOWN_MAX ? ", …" : "");
}

/* Checks a recording and puts its path in place of its name. */
static int to_path(const struct snug_store *store, const char *name, int folder, char **entry,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = -1;
	struct snug_file file = { .folder = folder, .name = *entry };

	if (join(&path, err, "%s" RECORDINGS "/%s/%s", store->root, name, *entry) < 0)
		return -1;
	file.path = path;
	if (snug_folder_file(&file, &fd, err) < 0)
		return -1;
	free(*entry);
	*entry = SNUG_TAKE(path);
	return 0;
}

int snug_store_list_recordings(const struct snug_store *store, const char *name,
			       struct snug_paths *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };
	SNUG_AUTO_FD int folder = -1;

	if (check_name(name, err) < 0 || open_recordings(store, name, false, &folder, err) < 0 ||
	    (folder >= 0 && snug_names_list(folder, is_data, name, &paths, err) < 0))
		return -1;
	if (!paths.count)
		return fail_no_recording(store, name, err);
	for (size_t i = 0; i < paths.count; i++)
		if (to_path(store, name, folder, &paths.at[i], err) < 0)
			return -1;
	snug_names_sort(&paths);
	*ret = paths;
	paths = (struct snug_paths){ 0 };
	return 0;
}

struct each {
	const struct snug_store *store;
	const char *name;
	int folder;
	snug_recording_visit visit;
	void *context;
	struct snug_buf text; /* of one after the other */
	size_t count;
};

static void each_clear(struct each *each)
{
	snug_buf_clear(&each->text);
}

static int read_each(void *context, const char *entry, struct snug_error *err)
{
	struct each *each = context;
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = -1;
	struct snug_file file = { .folder = each->folder, .name = entry };

	if (join(&path, err, "%s" RECORDINGS "/%s/%s", each->store->root, each->name, entry) < 0)
		return -1;
	file.path = path;
	if (snug_folder_file(&file, &fd, err) < 0)
		return -1;
	if (fd < 0) /* gone since the folder was read */
		return 0;
	each->count++;
	snug_buf_clear(&each->text);
	if (snug_file_take(fd, path, SNUG_JSON_BYTES_MAX, &each->text, err) < 0)
		return -1;
	return each->visit(each->context, &each->text, path, err);
}

int snug_store_each_recording(const struct snug_store *store, const char *name,
			      snug_recording_visit visit, void *context, struct snug_error *err)
{
	SNUG_AUTO(each_clear)
	struct each each = { .store = store, .name = name, .visit = visit, .context = context };
	SNUG_AUTO_FD int folder = -1;
	struct snug_names names = { .wanted = is_data, .path = name };

	if (check_name(name, err) < 0 || open_recordings(store, name, false, &folder, err) < 0)
		return -1;
	names.folder = each.folder = folder;
	if (folder >= 0 && snug_names_each(&names, read_each, &each, err) < 0)
		return -1;
	return each.count ? 0 : fail_no_recording(store, name, err);
}

static bool is_ours(const char *name)
{
	return is_data(name) || !strncmp(name, TEMPORARY, strlen(TEMPORARY));
}

int snug_store_old_recordings(const struct snug_store *store, const char *name,
			      struct snug_paths *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths names = { 0 };
	SNUG_AUTO_FD int folder = -1;

	if (check_name(name, err) < 0 || open_recordings(store, name, false, &folder, err) < 0 ||
	    (folder >= 0 && snug_names_list(folder, is_ours, name, &names, err) < 0))
		return -1;
	*ret = names;
	names = (struct snug_paths){ 0 };
	return 0;
}

/* A temporary that is young may be what another learner writes right now. */
static bool is_in_use(int folder, const char *name)
{
	struct stat st;

	return !is_data(name) && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mtime > time(NULL) - STALE_SECS;
}

int snug_store_drop_recordings(const struct snug_store *store, const char *name,
			       const struct snug_paths *old, struct snug_error *err)
{
	SNUG_AUTO_FD int folder = -1;

	if (check_name(name, err) < 0 || open_recordings(store, name, false, &folder, err) < 0)
		return -1;
	if (folder < 0)
		return 0;
	for (size_t i = 0; i < old->count; i++)
		if (!is_in_use(folder, old->at[i]) && unlinkat(folder, old->at[i], 0) < 0 &&
		    errno != ENOENT)
			return snug_file_fail(err, errno, old->at[i],
					      "cannot remove this recording");
	if (fsync(folder) < 0 && errno != EINVAL)
		return snug_file_fail(err, errno, name, "cannot remove its recordings");
	return 0;
}

/* Profiles */

#define SUFFIX ".json"

/* Opens NAME.json in one of the places; -1: not there. */
static int open_profile(const struct snug_store *store, const char *place, const char *name,
			int *ret, char **ret_path, struct snug_error *err)
{
	struct snug_folder folder = { .root = store->root, .path = place };
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int fd = -1;
	struct snug_file file = { 0 };

	*ret = -1;
	if (snug_folder_open(&folder, &fd, err) < 0 ||
	    join(&path, err, "%s%s/%s.json", store->root, place, name) < 0)
		return -1;
	if (fd < 0)
		return 0;
	file = (struct snug_file){ .folder = fd, .name = strrchr(path, '/') + 1, .path = path };
	if (snug_folder_file(&file, ret, err) < 0)
		return -1;
	*ret_path = *ret < 0 ? NULL : SNUG_TAKE(path);
	return 0;
}

static bool is_profile(const char *name)
{
	size_t len = strlen(name), end = sizeof(SUFFIX) - 1;

	return name[0] != '.' && len > end && strcmp(name + len - end, SUFFIX) == 0;
}

/* The names of all profiles; as far as they can be listed. */
static void list_profiles(const struct snug_store *store, struct snug_paths *ret)
{
	struct snug_error ignored;

	for (unsigned i = 0; i < PLACES; i++) {
		const struct snug_folder place = { .root = store->root, .path = profile_places[i] };
		SNUG_AUTO_FD int folder = -1;

		if (snug_folder_open(&place, &folder, &ignored) < 0 || folder < 0 ||
		    snug_names_list(folder, is_profile, place.path, ret, &ignored) < 0)
			continue;
	}
	for (size_t i = 0; i < ret->count; i++)
		ret->at[i][strlen(ret->at[i]) - (sizeof(SUFFIX) - 1)] = '\0';
}

/* What came with snug lies in the host's folders, and --root DIR means DIR's. */
static bool find_on_host(const struct snug_store *store, const char *name, char ret[PATH_MAX])
{
	for (unsigned i = FIRST_INSTALLED; store->root[0] && i < PLACES; i++) {
		snprintf(ret, PATH_MAX, "%s/%s" SUFFIX, profile_places[i], name);
		if (access(ret, F_OK) == 0)
			return true;
	}
	return false;
}

/* Says what the user may have meant: a path, a profile yet to be made, another name. */
static int fail_no_profile(const struct snug_store *store, const char *name, struct snug_error *err)
{
	SNUG_AUTO(snug_paths_clear) struct snug_paths names = { 0 };
	char installed[PATH_MAX];
	const char *near;

	snug_fail(err, SNUG_INPUT, "there is no profile '%s' in %s%s, %s, %s or %s", name,
		  store->root, profile_places[0], profile_places[1], profile_places[2],
		  profile_places[PLACES - 1]);
	if (access(name, F_OK) == 0)
		return snug_remedy(err, "for the file or folder of that name write ./%s", name);
	if (find_on_host(store, name, installed))
		return snug_remedy(err, "below --root the host's are not looked for: name %s",
				   installed);
	if (has_recordings(store, name))
		return snug_remedy(err, "make it from its recordings: snug generate %s", name);
	list_profiles(store, &names);
	near = snug_near(name, (const char *const *)names.at, names.count);
	if (near)
		return snug_remedy(err, "did you mean %s?", near);
	return snug_remedy(err, "make it: snug learn BUNDLE --name %s, then snug generate %s", name,
			   name);
}

int snug_store_read_profile(const struct snug_store *store, const char *name, struct snug_buf *ret,
			    char **ret_path, struct snug_error *err)
{
	if (check_name(name, err) < 0)
		return -1;
	for (size_t i = 0; i < PLACES; i++) {
		SNUG_AUTO(snug_freep) char *path = NULL;
		SNUG_AUTO_FD int fd = -1;

		if (open_profile(store, profile_places[i], name, &fd, &path, err) < 0)
			return -1;
		if (fd < 0)
			continue;
		if (snug_file_take(fd, path, SNUG_JSON_BYTES_MAX, ret, err) < 0)
			return -1;
		*ret_path = SNUG_TAKE(path);
		return 0;
	}
	return fail_no_profile(store, name, err);
}

/* What somebody wrote is not ours to replace; nor is what cannot be read. */
static int check_generated(const struct snug_file *file, struct snug_error *err)
{
	SNUG_AUTO(snug_json_freep) struct snug_json *doc = NULL;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	const struct snug_json_node *origin;
	SNUG_AUTO_FD int fd = -1;
	const char *value = "";

	if (snug_folder_file(file, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (snug_file_take(fd, file->path, SNUG_JSON_BYTES_MAX, &text, err) < 0)
		return -1;
	if (snug_json_parse(&doc, snug_buf_text(&text), text.len, file->path, err) == 0) {
		origin = snug_json_member(snug_json_root(doc), "origin");
		if (origin && snug_json_string(origin, &value, err) == 0 &&
		    !strcmp(value, "generated"))
			return 0;
	}
	snug_fail(err, SNUG_INPUT, "snug did not generate this profile and does not overwrite it");
	strncpy(err->file, file->path, sizeof(err->file) - 1);
	return snug_remedy(err, "move it away, or use another name or --output PATH");
}

/* A file that others cannot open, as they can the folder: whoever can open something can lock it.
 */
static int lock_profiles(int folder, const char *path, int *ret, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = openat(folder, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return snug_file_fail(err, errno, path, "cannot open its folder's " LOCK);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return snug_file_fail(err, errno, path, "cannot lock its folder");
	*ret = fd;
	fd = -1;
	return 0;
}

int snug_store_put_profile(const struct snug_store *store, const char *name,
			   const struct snug_buf *text, char **ret_path, struct snug_error *err)
{
	struct snug_folder place = {
		.root = store->root, .path = PROFILES, .create = true, .open_levels = PUBLIC + 1
	};
	SNUG_AUTO(snug_freep) char *path = NULL;
	SNUG_AUTO_FD int folder = -1, lock = -1;
	struct snug_file file = { 0 };

	if (check_name(name, err) < 0 ||
	    join(&path, err, "%s" PROFILES "/%s.json", store->root, name) < 0 ||
	    snug_folder_open(&place, &folder, err) < 0)
		return -1;
	/* between the look at the old one and the rename nobody else writes */
	if (lock_profiles(folder, path, &lock, err) < 0)
		return -1;
	file = (struct snug_file){ .folder = folder, .name = strrchr(path, '/') + 1, .path = path };
	if (check_generated(&file, err) < 0 || snug_file_put(&file, 0644, false, text, err) < 0)
		return -1;
	*ret_path = SNUG_TAKE(path);
	return 0;
}
