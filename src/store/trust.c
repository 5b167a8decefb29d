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

static ssize_t read_map(char *ret, size_t size)
{
	SNUG_AUTO_FD int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = -1;

	while (fd >= 0 && len < size && (n = read(fd, ret + len, size - len)) > 0)
		len += (size_t)n;
	return n < 0 ? -1 : (ssize_t)len;
}

/* user_namespaces(7): lines of "inside outside count"; the first namespace has all in one. */
bool snug_in_user_namespace(uid_t *ret_outer)
{
	unsigned inside, outside, count, self = geteuid();
	char text[MAP_BYTES];
	ssize_t len = read_map(text, sizeof(text) - 1);
	const char *at = text;
	int used = 0;

	*ret_outer = OVERFLOW_UID; /* whom the map does not name */
	if (len <= 0)
		return false;
	text[len] = '\0';
	for (; sscanf(at, "%u %u %u%n", &inside, &outside, &count, &used) == 3; at += used) {
		if (count == ALL_UIDS)
			return false;
		if (self >= inside && self - inside < count)
			*ret_outer = outside + (self - inside);
	}
	return true;
}

bool snug_trusts_child(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

bool snug_trusts_owner(uid_t owner)
{
	struct stat top;
	uid_t outer;

	return snug_trusts_child(owner) ||
	       (owner == OVERFLOW_UID && snug_in_user_namespace(&outer) && stat("/", &top) == 0 &&
		top.st_uid == OVERFLOW_UID);
}
