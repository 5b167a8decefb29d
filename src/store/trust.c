/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trust.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVERFLOW_UID 65534u
#define ALL_UIDS     4294967295u

#define MAP_BYTES 16384u /* 340 lines, which is what the kernel takes */

/* ret: with a NUL behind it. */
static bool read_text(const char *path, char *ret, size_t size)
{
	SNUG_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = -1;

	while (fd >= 0 && len < size - 1 && (n = read(fd, ret + len, size - 1 - len)) > 0)
		len += (size_t)n;
	ret[len] = '\0';
	return n >= 0;
}

enum place { UNREADABLE, FIRST_NAMESPACE, USER_NAMESPACE };

/* user_namespaces(7): lines of "inside outside count"; the first namespace has all in one, and one
 * that was just made has none. */
static enum place find_place(uid_t *ret_outer)
{
	unsigned inside, outside, count, self = geteuid();
	char text[MAP_BYTES];
	const char *at = text;
	int used = 0;

	*ret_outer = OVERFLOW_UID; /* whom the map does not name */
	if (!read_text("/proc/self/uid_map", text, sizeof(text)))
		return UNREADABLE;
	for (; sscanf(at, "%u %u %u%n", &inside, &outside, &count, &used) == 3; at += used) {
		if (count == ALL_UIDS)
			return FIRST_NAMESPACE;
		if (self >= inside && self - inside < count)
			*ret_outer = outside + (self - inside);
	}
	return USER_NAMESPACE;
}

bool snug_in_user_namespace(uid_t *ret_outer)
{
	return find_place(ret_outer) == USER_NAMESPACE;
}

/* proc(5): as whom those are shown whom the namespace does not know. */
static bool read_overflow_uid(uid_t *ret)
{
	char text[16];

	return read_text("/proc/sys/kernel/overflowuid", text, sizeof(text)) &&
	       sscanf(text, "%u", ret) == 1;
}

/* Any user that this namespace does not know, for all that can be told? */
static bool is_anybody(uid_t owner)
{
	uid_t unknown, outer;

	return (!read_overflow_uid(&unknown) || owner == unknown) &&
	       find_place(&outer) != FIRST_NAMESPACE;
}

bool snug_trusts_child(uid_t owner)
{
	return owner == 0 || (owner == geteuid() && !is_anybody(owner));
}

bool snug_trusts_owner(uid_t owner)
{
	uid_t unknown, outer;
	struct stat top;

	if (owner == 0 || owner == geteuid())
		return snug_trusts_child(owner);
	return read_overflow_uid(&unknown) && owner == unknown && snug_in_user_namespace(&outer) &&
	       stat("/", &top) == 0 && top.st_uid == owner;
}
