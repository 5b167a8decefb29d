/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/pins.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define BPFFS	     "/sys/fs/bpf"
#define LINK	     "link_"
#define PATH_MAX_PIN (SNUG_PINS_PATH_MAX + 64)

int snug_pins_path(const char *root, char ret[SNUG_PINS_PATH_MAX], struct snug_error *err)
{
	struct stat st;

	if (!root[0]) {
		snprintf(ret, SNUG_PINS_PATH_MAX, BPFFS "/snug");
		return 0;
	}
	if (stat(root, &st) < 0)
		return snug_fail_errno(err, errno, "%s", root);
	snprintf(ret, SNUG_PINS_PATH_MAX, BPFFS "/snug-%x-%llu", (unsigned)st.st_dev,
		 (unsigned long long)st.st_ino);
	return 0;
}

static void name_pin(char ret[PATH_MAX_PIN], const char *folder, const char *prefix,
		     const char *name)
{
	snprintf(ret, PATH_MAX_PIN, "%s/%s%s", folder, prefix, name);
}

/* Has the folder heads? What cannot be looked at is not missing: one without is removed. */
static int is_whole(const char *folder, bool *ret, struct snug_error *err)
{
	char path[PATH_MAX_PIN];

	name_pin(path, folder, "", snug_map_names[SNUG_MAP_HEADS]);
	*ret = access(path, F_OK) == 0;
	return *ret || errno == ENOENT || errno == ENOTDIR
		       ? 0
		       : snug_fail_errno(err, errno, "%s", path);
}

/* heads first: from then on the folder is a half-made one. */
static int remove_all(const char *folder, struct snug_error *err)
{
	char path[PATH_MAX_PIN];
	DIR *dir;

	name_pin(path, folder, "", snug_map_names[SNUG_MAP_HEADS]);
	(void)unlink(path);
	dir = opendir(folder);
	if (!dir)
		return errno == ENOENT ? 0 : snug_fail_errno(err, errno, "%s", folder);
	for (struct dirent *entry; (entry = readdir(dir));)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	if (rmdir(folder) < 0 && errno != ENOENT)
		return snug_fail_errno(err, errno, "cannot remove %s", folder);
	return 0;
}

int snug_pins_open(const char *path, struct snug_maps *maps, bool *there, struct snug_error *err)
{
	*maps = (struct snug_maps)SNUG_MAPS_NONE;
	maps->pins = path;
	if (is_whole(path, there, err) < 0)
		return -1;
	if (*there)
		return snug_maps_open(maps, err);
	return remove_all(path, err);
}

static int pin(int fd, const char *folder, const char *prefix, const char *name,
	       struct snug_error *err)
{
	char path[PATH_MAX_PIN];

	name_pin(path, folder, prefix, name);
	return snug_bpf_pin(fd, path) < 0 ? snug_fail_errno(err, errno, "cannot pin %s", path) : 0;
}

static int pin_all(const char *path, const struct snug_maps *loaded, struct snug_error *err)
{
	for (enum snug_rec_prog i = 0; i < SNUG_PROG_MAX; i++)
		if (loaded->prog[i] >= 0 &&
		    pin(loaded->prog[i], path, "", snug_prog_names[i], err) < 0)
			return -1;
	/* From the last to the first, which is heads. */
	for (enum snug_rec_map i = SNUG_MAP_MAX; i-- > 0;)
		if (loaded->map[i] >= 0 &&
		    pin(loaded->map[i], path, "", snug_map_names[i], err) < 0)
			return -1;
	return 0;
}

int snug_pins_make(const char *path, struct snug_maps *loaded, struct snug_error *err)
{
	struct snug_error ignored;
	struct statfs fs;

	_Static_assert(SNUG_MAP_HEADS == 0, "heads is pinned last");
	if (statfs(BPFFS, &fs) < 0 || fs.f_type != BPF_FS_MAGIC) {
		snug_fail(err, SNUG_HOST, BPFFS " is no bpf file system");
		return snug_remedy(err, "mount -t bpf bpf " BPFFS);
	}
	if (mkdir(path, 0700) < 0)
		return snug_fail_errno(err, errno, "cannot make %s", path);
	if (pin_all(path, loaded, err) == 0)
		return 0;
	(void)remove_all(path, &ignored);
	return -1;
}

/* ---- what is attached ---- */

/* What the folder has of each program that attaches: asked for one by one it would be a hundred
 * calls, in each container's start. */
struct pinned {
	bool program[SNUG_PROG_SEED];
	bool link[SNUG_PROG_SEED];
};

static void take_name(const char *name, struct pinned *ret)
{
	bool is_link = strncmp(name, LINK, sizeof(LINK) - 1) == 0;

	if (is_link)
		name += sizeof(LINK) - 1;
	for (enum snug_rec_prog i = 0; i < SNUG_PROG_SEED; i++)
		if (strcmp(name, snug_prog_names[i]) == 0)
			*(is_link ? &ret->link[i] : &ret->program[i]) = true;
}

static int list(const char *folder, struct pinned *ret, struct snug_error *err)
{
	DIR *dir = opendir(folder);
	int failed;

	*ret = (struct pinned){ 0 };
	if (!dir)
		return snug_fail_errno(err, errno, "%s", folder);
	errno = 0;
	for (struct dirent *entry; (entry = readdir(dir));)
		take_name(entry->d_name, ret);
	failed = errno;
	closedir(dir);
	return failed ? snug_fail_errno(err, failed, "%s", folder) : 0;
}

static int attach(const char *path, struct snug_maps *maps, enum snug_rec_prog prog,
		  struct snug_error *err)
{
	SNUG_AUTO_FD int link = -1;
	int fd = snug_prog_fd(maps, prog);

	link = fd < 0 ? -1 : snug_bpf_attach(fd);
	if (link < 0)
		return snug_fail_errno(err, errno, "cannot attach %s", snug_prog_names[prog]);
	return pin(link, path, LINK, snug_prog_names[prog], err);
}

static void detach(const char *path, enum snug_rec_prog prog)
{
	char link[PATH_MAX_PIN];

	name_pin(link, path, LINK, snug_prog_names[prog]);
	(void)unlink(link);
}

int snug_pins_settle(const char *path, struct snug_maps *maps, struct snug_error *err)
{
	struct pinned pinned;
	__u32 taken = 0;

	for (unsigned i = 0; i < maps->count; i++)
		taken |= maps->heads[i].taken;
	if (!taken)
		return remove_all(path, err);
	if (list(path, &pinned, err) < 0)
		return -1;
	for (enum snug_rec_prog i = 0; i < SNUG_PROG_SEED; i++) {
		bool wanted = i != SNUG_PROG_SYS_EXIT || taken == SNUG_TAKEN_WATCHING;

		/* A program that is not there: this kernel has no such tracepoint, or no use for
		 * it. */
		if (!pinned.program[i] || pinned.link[i] == wanted)
			continue;
		if (!wanted)
			detach(path, i);
		else if (attach(path, maps, i, err) < 0)
			return -1;
	}
	return 0;
}
