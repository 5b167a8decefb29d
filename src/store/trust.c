/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trust.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define OVERFLOW_UID 65534u
#define ALL_UIDS     4294967295u

/* user_namespaces(7): lines of "inside outside count"; the first namespace has all in one. */
bool snug_in_user_namespace(uid_t *ret_outer)
{
	SNUG_AUTO_FD int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	unsigned inside, outside, count, self = geteuid();
	char text[4096];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *at = text;
	int used = 0;

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

bool snug_trusts_owner(uid_t owner)
{
	uid_t outer;

	return owner == 0 || owner == geteuid() ||
	       (owner == OVERFLOW_UID && snug_in_user_namespace(&outer));
}
