/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/guard_use.h"

#include "base/cleanup.h"
#include "learn/bpf_call.h"
#include "learn/pins.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH	     64u
#define PIN_PATH_MAX (SNUG_GUARD_PATH_MAX + 32)

int snug_guard_path(const char *root, char ret[SNUG_GUARD_PATH_MAX], struct snug_error *err)
{
	char pins[SNUG_PINS_PATH_MAX];

	if (snug_pins_path(root, pins, err) < 0)
		return -1;
	snprintf(ret, SNUG_GUARD_PATH_MAX, "%s-guard%d", pins, SNUG_GUARD_LAYOUT);
	return 0;
}

static void name_pin(char ret[PIN_PATH_MAX], const char *path, const char *name)
{
	snprintf(ret, PIN_PATH_MAX, "%s/%s", path, name);
}

int snug_guard_is_there(const char *path, bool *ret, struct snug_error *err)
{
	char last[PIN_PATH_MAX];

	name_pin(last, path, SNUG_GUARD_LAST_PIN);
	*ret = access(last, F_OK) == 0;
	/* What cannot be looked at is no half-made one, which anybody may remove. */
	return *ret || errno == ENOENT || errno == ENOTDIR
		       ? 0
		       : snug_fail_errno(err, errno, "%s", last);
}

int snug_guard_remove(const char *path, struct snug_error *err)
{
	char last[PIN_PATH_MAX];
	DIR *dir;

	/* What says that it is whole goes first. */
	name_pin(last, path, SNUG_GUARD_LAST_PIN);
	(void)unlink(last);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : snug_fail_errno(err, errno, "%s", path);
	for (struct dirent *entry; (entry = readdir(dir));)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	if (rmdir(path) < 0 && errno != ENOENT)
		return snug_fail_errno(err, errno, "cannot remove %s", path);
	return 0;
}

static int open_pin(const char *path, const char *name, struct snug_error *err)
{
	char pin[PIN_PATH_MAX];
	int fd;

	name_pin(pin, path, name);
	fd = snug_bpf_get(pin);
	return fd < 0 ? snug_fail_errno(err, errno, "%s", pin) : fd;
}

/* From the last to the first, as they are attached the other way round: a promise that is kept ends
 * with its container. */
static const struct {
	const char *prog, *link;
} attached[] = { { "on_exit", "link_exit" }, { "on_exec", "link_exec" } };
#define ATTACHED (sizeof(attached) / sizeof(attached[0]))

static int attach(const char *path, const char *prog, const char *link, struct snug_error *err)
{
	char pin[PIN_PATH_MAX];
	SNUG_AUTO_FD int prog_fd = -1;
	SNUG_AUTO_FD int fd = -1;

	name_pin(pin, path, link);
	if (access(pin, F_OK) == 0)
		return 0;
	prog_fd = open_pin(path, prog, err);
	if (prog_fd < 0)
		return -1;
	fd = snug_bpf_attach(prog_fd);
	if (fd < 0 || snug_bpf_pin(fd, pin) < 0)
		return snug_fail_errno(err, errno, "cannot attach the guard");
	return 0;
}

static int attach_all(const char *path, struct snug_error *err)
{
	for (size_t i = 0; i < ATTACHED; i++)
		if (attach(path, attached[i].prog, attached[i].link, err) < 0)
			return -1;
	return 0;
}

static void detach_all(const char *path)
{
	char pin[PIN_PATH_MAX];

	for (size_t i = ATTACHED; i-- > 0;) {
		name_pin(pin, path, attached[i].link);
		(void)unlink(pin);
	}
}

int snug_guard_enlist(const char *path, const struct snug_guard_wish *wish, int pidfd,
		      struct snug_error *err)
{
	struct snug_guard_wish answer;
	SNUG_AUTO_FD int wanted = open_pin(path, "wanted", err);
	SNUG_AUTO_FD int enlist = wanted < 0 ? -1 : open_pin(path, "enlist", err);
	const __u32 zero = 0;

	if (wanted < 0 || enlist < 0 || attach_all(path, err) < 0)
		return -1;
	if (snug_bpf_update(wanted, &zero, wish) < 0 || snug_bpf_iterate(enlist, pidfd) < 0 ||
	    snug_bpf_lookup(wanted, &zero, &answer) < 0)
		return snug_fail_errno(err, errno, "the guard");
	if (answer.done)
		return 0;
	snug_fail(err, SNUG_HOST,
		  "the guard cannot tell this container (no cgroup and no mount namespace of its "
		  "own), or has %u already",
		  SNUG_GUARD_MAX);
	return snug_remedy(err, "give it a cgroup or a mount namespace, or add --without-guard to "
				"the hook: then `exec` is not confined");
}

int snug_guard_confirm(const char *path, int pidfd, struct snug_error *err)
{
	SNUG_AUTO_FD int confirm = open_pin(path, "confirm", err);
	int said = confirm < 0 ? -1 : snug_bpf_iterate(confirm, pidfd);

	if (confirm < 0)
		return -1;
	if (said < 0)
		return snug_fail_errno(err, errno, "the guard");
	return said ? 0 : snug_fail(err, SNUG_SYSTEM, "the guard has no promise of it any more");
}

struct inits {
	__u32 init[BATCH];
	struct snug_guard_key key[BATCH];
};

/* Up to BATCH of them. *ret_more false: there are none behind these. */
static int next_inits(int map, bool first, uint32_t *cursor, struct inits *ret, uint32_t *count,
		      bool *ret_more, struct snug_error *err)
{
	*count = BATCH;
	*ret_more = snug_bpf_batch(map, first, cursor, ret->init, ret->key, count) == 0;
	return *ret_more || errno == ENOENT ? 0
					    : snug_fail_errno(err, errno, "the guard's containers");
}

/* How many live; those that do not are taken out. */
static int sweep(int inits, int promises, bool (*lives)(uint32_t init), unsigned *ret_living,
		 struct snug_error *err)
{
	uint32_t cursor = 0, count = 0;
	struct inits some;
	bool more = true;

	*ret_living = 0;
	for (bool first = true; more; first = false) {
		if (next_inits(inits, first, &cursor, &some, &count, &more, err) < 0)
			return -1;
		for (uint32_t i = 0; i < count; i++) {
			if (lives(some.init[i])) {
				++*ret_living;
				continue;
			}
			(void)snug_bpf_delete(promises, &some.key[i]);
			(void)snug_bpf_delete(inits, &some.init[i]);
		}
	}
	return 0;
}

int snug_guard_settle(const char *path, bool keep, bool (*lives)(uint32_t init),
		      struct snug_error *err)
{
	SNUG_AUTO_FD int inits = -1;
	SNUG_AUTO_FD int promises = -1;
	unsigned living;
	bool there;

	if (snug_guard_is_there(path, &there, err) < 0)
		return -1;
	if (!there)
		return snug_guard_remove(path, err); /* half-made */
	inits = open_pin(path, "inits", err);
	promises = inits < 0 ? -1 : open_pin(path, "promises", err);
	if (inits < 0 || promises < 0)
		return -1;
	if (sweep(inits, promises, lives, &living, err) < 0)
		return -1;
	if (living)
		return 0;
	if (!keep)
		return snug_guard_remove(path, err);
	detach_all(path);
	return 0;
}

int snug_guard_list(const char *path, struct snug_guard_list *ret, struct snug_error *err)
{
	struct snug_guard_key keys[BATCH];
	struct snug_guard_promise some[BATCH];
	SNUG_AUTO_FD int promises = -1;
	uint32_t cursor = 0, count;
	bool more = true, there;

	if (snug_guard_is_there(path, &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	promises = open_pin(path, "promises", err);
	if (promises < 0)
		return -1;
	for (bool first = true; more; first = false) {
		count = BATCH;
		more = snug_bpf_batch(promises, first, &cursor, keys, some, &count) == 0;
		if (!more && errno != ENOENT)
			return snug_fail_errno(err, errno, "the guard's promises");
		for (uint32_t i = 0; i < count; i++)
			if (snug_vec_push(ret, some[i]) < 0)
				return snug_fail_memory(err);
	}
	return 0;
}
