/* SPDX-License-Identifier: Apache-2.0 */
#include "self/landlock.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h, of which older headers have less. */
#define CREATE_RULESET	  444
#define ADD_RULE	  445
#define RESTRICT_SELF	  446
#define VERSION		  1u
#define PATH_BENEATH	  1
#define EXECUTE		  (1u << 0)
#define WRITE_FILE	  (1u << 1)
#define READ_FILE	  (1u << 2)
#define READ_DIR	  (1u << 3)
#define REMOVE_DIR	  (1u << 4)
#define REMOVE_FILE	  (1u << 5)
#define MAKE_DIR	  (1u << 7)
#define MAKE_REG	  (1u << 8)
#define FIRST_ABI	  ((1u << 13) - 1)
#define REFER		  (1u << 13) /* ABI 2 */
#define TRUNCATE	  (1u << 14) /* ABI 3 */
#define BIND_AND_CONNECT  3u	     /* TCP; ABI 4 */
#define SOCKET_AND_SIGNAL 3u	     /* abstract sockets and signals to others; ABI 6 */

#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE)
#define TO_WRITE                                                                                   \
	(WRITE_FILE | READ_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE)

/* A kernel that knows less takes it where the rest is 0. */
struct ruleset {
	uint64_t files, net, scoped;
};
struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

int snug_landlock_abi(void)
{
	long abi = syscall(CREATE_RULESET, NULL, 0, VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t files_of(int abi)
{
	return FIRST_ABI | (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0);
}

static int add(int set, uint64_t known, int fd, uint64_t allowed, struct snug_error *err)
{
	struct beneath beneath = { .parent = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return snug_fail_errno(err, errno, "fstat");
	beneath.allowed = allowed & known & (S_ISDIR(st.st_mode) ? ~UINT64_C(0) : OF_FILES);
	if (syscall(ADD_RULE, set, PATH_BENEATH, &beneath, 0) < 0)
		return snug_fail_errno(err, errno, "a Landlock rule");
	return 0;
}

/* The path; to write, the first folder above that is there. -1: none. */
static int open_nearest(const char *path, bool write)
{
	char name[PATH_MAX];
	char *slash;
	int fd;

	snprintf(name, sizeof(name), "%s", path[0] ? path : ".");
	while ((fd = open(name, O_PATH | O_CLOEXEC)) < 0 && write && errno == ENOENT) {
		slash = strrchr(name, '/');
		if (slash == name && !name[1])
			return -1;
		if (!slash)
			strcpy(name, ".");
		else
			slash[slash == name] = '\0';
	}
	return fd;
}

static int add_rule(int set, uint64_t known, const struct snug_landlock_rule *rule,
		    struct snug_error *err)
{
	SNUG_AUTO_FD int fd = open_nearest(rule->path, rule->write);

	/* What cannot be opened now cannot be opened later; whoever tries has the better words. */
	return fd < 0 ? 0 : add(set, known, fd, rule->write ? TO_WRITE : READ_FILE, err);
}

static int list_everywhere(int set, struct snug_error *err)
{
	SNUG_AUTO_FD int fd = open("/", O_PATH | O_CLOEXEC);

	return fd < 0 ? snug_fail_errno(err, errno, "/") : add(set, READ_DIR, fd, READ_DIR, err);
}

int snug_landlock(const struct snug_landlock_rule *rules, size_t count, struct snug_error *err)
{
	const int abi = snug_landlock_abi();
	const struct ruleset wish = { .files = files_of(abi),
				      .net = abi >= 4 ? BIND_AND_CONNECT : 0,
				      .scoped = abi >= 6 ? SOCKET_AND_SIGNAL : 0 };
	SNUG_AUTO_FD int set = -1;

	if (!abi)
		return 0;
	set = (int)syscall(CREATE_RULESET, &wish, sizeof(wish), 0);
	if (set < 0)
		return snug_fail_errno(err, errno, "Landlock");
	if (list_everywhere(set, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add_rule(set, wish.files, &rules[i], err) < 0)
			return -1;
	if (syscall(RESTRICT_SELF, set, 0) < 0)
		return snug_fail_errno(err, errno, "Landlock");
	return 0;
}
