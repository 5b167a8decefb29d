/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into the programs of trees with sanitizers or gcov alone (Makefile), never into what is
 * installed. Hooks, tracers and helpers have no environment and no terminal of the test's: what is
 * found in them must reach it all the same.
 */
#ifdef SNUG_REPORTS
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	/* A limit that says "no memory" is the program's to answer, not the sanitizer's. */
	return "allocator_may_return_null=1:log_exe_name=1:log_path='" SNUG_REPORTS "/sanitizer'";
}

/* The search for leaks traces its own process, which strace, or what makes calls fail, has taken
 * where tests run it. What cannot be told, for this call was made to fail, is taken for that. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	char status[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *tracer;

	if (fd < 0 || read(fd, status, sizeof(status) - 1) < 0)
		status[0] = '\0';
	if (fd >= 0)
		close(fd);
	tracer = strstr(status, "\nTracerPid:\t");
	return !tracer || strncmp(tracer, "\nTracerPid:\t0\n", 14) != 0;
}
#endif

#ifdef SNUG_COVERAGE
extern void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

/* gcov writes when main returns; what forks in snug ends by _exit. */
void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
#endif
