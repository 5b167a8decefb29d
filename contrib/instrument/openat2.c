/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For `make valgrind` alone: valgrind 3.19 does not know openat2 and answers ENOSYS, which would
 * leave the store unlooked at. The same by openat, for the one use that snug has of it: below a
 * folder, through no symlink. (A race between two of its steps is one that the kernel's openat2 has
 * not; nobody races here.)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* openat names a last component that is a symlink ENOTDIR where a folder is wanted, openat2 ELOOP.
 */
static int step(int folder, const char *name, int flags, mode_t mode)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	return openat(folder, name, flags | O_NOFOLLOW, mode);
}

static int open_below(int folder, const char *name, const struct open_how *how)
{
	char path[4096], *part = path, *slash;
	int at = folder, next, saved;

	if (snprintf(path, sizeof(path), "%s", name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (; part[0] != '/' && (slash = strchr(part, '/')); part = slash + 1) {
		*slash = '\0';
		next = strcmp(part, "..") == 0
			       ? -1
			       : step(at, part, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		saved = errno;
		if (at != folder)
			close(at);
		errno = saved;
		if (next < 0)
			return -1;
		at = next;
	}
	errno = EXDEV;
	next = part[0] == '/' || strcmp(part, "..") == 0
		       ? -1
		       : step(at, part, (int)how->flags, (mode_t)how->mode);
	saved = errno;
	if (at != folder)
		close(at);
	errno = saved;
	return next;
}

long __wrap_syscall(long number, ...)
{
	long argument[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2)
		return open_below((int)argument[0], (const char *)argument[1],
				  (const struct open_how *)argument[2]);
	return __real_syscall(number, argument[0], argument[1], argument[2], argument[3],
			      argument[4], argument[5]);
}
